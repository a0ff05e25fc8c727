"""Slack or the database away from a `steward run` under load: short forms of `make soak`."""

from pathlib import Path

import pytest

from tests.soak.database import failovers, restarts
from tests.soak.disk import full_disks
from tests.soak.outages import outages
from tests.support.postgres import PostgresServer
from tests.support.standby import Pair

pytestmark = pytest.mark.long

PATIENCE = 30.0


async def test_what_people_do_while_slack_misbehaves_arrives_once_and_in_order(sqlite_url: str) -> None:
    report = await outages(sqlite_url, rounds=1, acts=3, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["acknowledged"]


async def test_what_was_said_to_be_done_outlives_restarts_of_the_database(
    postgres: PostgresServer, postgresql_url: str
) -> None:
    report = await restarts(postgres, postgresql_url, times=2, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["acknowledged"]


async def test_what_was_said_to_be_done_is_on_the_standby_that_takes_over() -> None:
    with Pair() as pair:
        report = await failovers(pair, times=1, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["acknowledged"]


async def test_a_disk_that_fills_up_refuses_in_words_and_is_used_again_without_a_restart(
    tmp_path: Path,
) -> None:
    report = await full_disks(tmp_path, times=1, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["refusals heard"]
