"""Told to stop, `steward run` ends soon in every state, and what it had begun is taken up by the next one."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from bot.manifest import manifest
from bot.sandbox import LocalSlack, PersonSpec
from tests.worker.killing import settings
from tests.worker.processes import Process, steward

IN_THE_END = 60.0
"""Far beyond what a stop may take, for a machine with other work; what hangs never ends."""


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack with so many people that mirroring them takes several pages."""
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as local:
        for number in range(900):
            spec = PersonSpec(
                handle=f"p{number}", name=f"Person {number}", email=f"p{number}@northwind.example"
            )
            local.workspace.join(spec)
        yield local


async def ends(process: Process, number: signal.Signals = signal.SIGTERM) -> int:
    """Tell the process to stop once, and wait for its end."""
    if process.process.returncode is None:
        process.process.send_signal(number)
    return await process.ends(seconds=IN_THE_END)


@asynccontextmanager
async def listening(slack: LocalSlack, url: str) -> AsyncIterator[Process]:
    async with steward("run", env=settings(slack, url)) as process:
        line = await process.says("Steward listens on")
        slack.connect(request_url=f"{line.split()[-1]}/slack/events")
        yield process


async def test_it_stops_at_any_moment_of_its_start_and_while_people_are_mirrored(
    slack: LocalSlack, sqlite_url: str
) -> None:
    pick = random.Random(5)
    for number in range(6):
        async with listening(slack, sqlite_url) as process:
            await asyncio.sleep(pick.random() * 0.5)
            assert await ends(process, pick.choice([signal.SIGTERM, signal.SIGINT])) == 0, number


async def test_it_stops_while_slack_hangs(slack: LocalSlack, database_url: str) -> None:
    slack.faults.api_slow = 300
    async with listening(slack, database_url) as process:
        assert await ends(process) == 0


async def test_it_stops_while_its_start_waits_for_the_database(
    slack: LocalSlack, postgresql_url: str
) -> None:
    holder, watcher = [await asyncpg.connect(postgresql_url.replace("+asyncpg", "")) for _ in range(2)]
    try:
        await holder.execute("BEGIN; LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        async with steward("run", env=settings(slack, postgresql_url)) as process:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            async with asyncio.timeout(IN_THE_END):
                while not await watcher.fetchval(waits):  # noqa: ASYNC110 - another process makes it true
                    await asyncio.sleep(0.05)
            assert await ends(process) == 0
    finally:
        await holder.close()
        await watcher.close()


async def test_it_stops_while_the_database_hangs(slack: LocalSlack, postgresql_url: str) -> None:
    async with listening(slack, postgresql_url) as process:
        watcher = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
        rows = await watcher.fetch(
            "SELECT pid FROM pg_stat_activity"
            " WHERE application_name = 'steward' AND datname = current_database()"
        )
        for row in rows:
            os.kill(row["pid"], signal.SIGSTOP)
        try:
            await asyncio.sleep(1.2)  # the worker looks at the outbox meanwhile
            # 1 where the time for finishing ran out: the process then leaves what hangs.
            assert await ends(process) in (0, 1)
        finally:
            for row in rows:
                os.kill(row["pid"], signal.SIGCONT)
            await watcher.close()
