"""Forged, torn, copied and garbled requests to every endpoint: a short form of `make soak`."""

import pytest

from tests.soak.envelopes import envelopes
from tests.soak.fuzz import fuzz

pytestmark = pytest.mark.long

GARBLED, ACTS = 100, 15


async def test_nothing_sent_to_any_endpoint_fails_changes_or_tells_what_it_must_not(
    database_url: str,
) -> None:
    report = await fuzz(database_url, seed=7, garbled=GARBLED, acts=ACTS)
    assert report.broken == []
    assert report.figures["requests"] > 300


async def test_nothing_sent_over_socket_mode_stops_it_changes_or_tells_what_it_must_not(
    sqlite_url: str,
) -> None:
    report = await envelopes(sqlite_url, seed=7, rounds=1, garbled_each=40)
    assert report.broken == []
    assert report.figures["people invited"]
