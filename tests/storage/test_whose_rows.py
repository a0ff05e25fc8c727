"""Whose rows of the outbox a process claims, and that no workspace crowds out another."""

from collections import Counter

from domain.deliveries import Serves
from domain.installations import Ended
from domain.notices import HomeStale
from storage.store import SqlStore
from tests.storage.examples import Clock
from tests.storage.test_installations import installation, of, opened


async def queued(store: SqlStore, team: str, rows: int) -> None:
    async with store.transaction(team) as tx:
        for number in range(rows):
            await tx.outbox.add(HomeStale(user_id=f"U{number}"))


async def claimed(store: SqlStore, limit: int, **under_way: int) -> Counter[str]:
    return Counter(parcel.team_id for parcel in await store.queue.claim(limit=limit, under_way=under_way))


async def test_one_workspaces_token_claims_no_row_of_another(database_url: str) -> None:
    store = opened(database_url)
    await queued(store, "T1", 3)
    await queued(store, "T2", 3)
    store.queue.serve("T2")
    assert await store.queue.next_due() is not None
    assert await claimed(store, 10) == {"T2": 3}
    store.queue.serve("T3")
    assert await store.queue.next_due() is None
    assert await claimed(store, 10) == {}
    await store.close()


async def test_nobody_is_served_before_slack_has_said_who(database_url: str) -> None:
    store = opened(database_url)
    await queued(store, "T1", 1)
    store.queue.serve(Serves.NOBODY)
    assert await claimed(store, 10) == {}
    assert await store.queue.next_due() is None
    await store.close()


async def test_only_installed_workspaces_are_served_and_the_others_rows_are_kept(database_url: str) -> None:
    store = opened(database_url)
    store.queue.serve(Serves.INSTALLED)
    await of(store).install(installation("T1"))
    await of(store).install(installation("T2"))
    for team in ("T1", "T2", "T3"):
        await queued(store, team, 2)
    assert await of(store).end("T2", Ended.UNINSTALLED)
    assert await store.queue.next_due() is not None
    assert await claimed(store, 10) == {"T1": 2}
    assert await store.queue.depth() == {"due": 4, "scheduled": 0, "leased": 2, "parked": 0}
    await of(store).install(installation("T2"))
    assert await claimed(store, 10) == {"T2": 2}
    await store.close()


async def test_a_workspace_with_many_rows_leaves_room_for_the_others(database_url: str) -> None:
    store = opened(database_url)
    store.queue.serve(Serves.INSTALLED)
    for team in ("T1", "T2", "T3"):
        await of(store).install(installation(team))
    await queued(store, "T1", 300)
    assert await claimed(store, 32) == {"T1": 24}
    assert await claimed(store, 8, T1=24) == {}
    await queued(store, "T2", 2)
    await queued(store, "T3", 40)
    assert await claimed(store, 8, T1=24) == {"T2": 2, "T3": 6}
    assert await claimed(store, 30) == {"T1": 15, "T3": 15}
    await store.close()


async def test_every_workspace_gets_its_turn(database_url: str) -> None:
    store = opened(database_url)
    store.queue.serve(Serves.INSTALLED)
    teams = [f"T{number}" for number in range(6)]
    for team in teams:
        await of(store).install(installation(team))
        await queued(store, team, 5)
    served = Counter[str]()
    for _ in range(6):
        served += await claimed(store, 2)
    assert served == dict.fromkeys(teams, 2)
    await store.close()


async def test_rows_of_a_worker_that_died_are_taken_up_in_any_installed_workspace(
    database_url: str, clock: Clock
) -> None:
    store = opened(database_url)
    store.queue._lease *= 0
    store.queue.serve(Serves.INSTALLED)
    await of(store).install(installation("T1"))
    await queued(store, "T1", 2)
    assert await claimed(store, 5) == {"T1": 2}
    assert await claimed(store, 5) == {"T1": 2}
    await store.close()
