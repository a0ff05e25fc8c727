"""`steward run`, killed by SIGKILL under load: a short form of `make soak`."""

from tests.soak.kills import kills

KILLS, PATIENCE = 4, 30.0


async def test_a_steward_killed_again_and_again_loses_nothing_and_says_nothing_twice(
    database_url: str,
) -> None:
    report = await kills(database_url, times=KILLS, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["kills"] == KILLS
    assert report.figures["kills between post and commit"]
