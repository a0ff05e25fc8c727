"""`steward run`, killed by SIGKILL between a post and its commit or anywhere, loses and repeats nothing."""

import random
import signal
from collections import Counter

import pytest

from tests.soak.kills import kills
from tests.worker.killing import (
    INVITED,
    PEOPLE,
    kill_after,
    make_due,
    running,
    set_up,
    undelivered,
    until_delivered,
    workspace,
)

pytestmark = pytest.mark.long

KILLS, PATIENCE = 4, 30.0


async def test_a_steward_killed_again_and_again_loses_nothing_and_says_nothing_twice(
    database_url: str,
) -> None:
    report = await kills(database_url, times=KILLS, seed=7, patience=PATIENCE)
    assert report.broken == []
    assert report.figures["kills"] == KILLS
    assert report.figures["kills between post and commit"]


async def test_a_steward_killed_between_post_and_commit_invites_everybody_exactly_once(
    database_url: str,
) -> None:
    chance, killed = random.Random(7), 0
    async with workspace() as slack:
        async with running(slack, database_url):
            await set_up(slack)
        slack.faults.clear()
        while await undelivered(database_url):
            await make_due(database_url)
            async with running(slack, database_url) as process:
                if killed < KILLS:
                    kill_after(chance.randint(1, 3), slack, process)
                    assert await process.ends() == -signal.SIGKILL
                    killed += 1
                else:
                    await until_delivered(database_url)
        counts = Counter(len(slack.person(handle).messages()) for handle in INVITED)
    assert counts == {1: PEOPLE}
    assert killed == KILLS
