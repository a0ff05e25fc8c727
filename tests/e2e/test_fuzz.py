"""Forged, torn, copied and garbled requests to every endpoint: a short form of `make soak`."""

from tests.soak.fuzz import fuzz

GARBLED, ACTS = 100, 15


async def test_nothing_sent_to_any_endpoint_fails_changes_or_tells_what_it_must_not(
    database_url: str,
) -> None:
    report = await fuzz(database_url, seed=7, garbled=GARBLED, acts=ACTS)
    assert report.broken == []
    assert report.figures["requests"] > 300
