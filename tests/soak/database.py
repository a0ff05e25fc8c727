"""PostgreSQL stopped, killed, started again and failed over to its standby while everybody works."""

import asyncio
import time

from tests.soak.aftermath import comes_out_well
from tests.soak.report import Report
from tests.soak.siege import IN_TIME, besieged
from tests.support.postgres import PostgresServer
from tests.support.standby import Pair

LONGEST_WORK = 1.0
LONGEST_AWAY = 1.0
ACTS_AFTERWARDS = 5


async def restarts(
    server: PostgresServer, url: str, *, times: int, seed: int, patience: float = IN_TIME
) -> Report:
    """Take the database away so often from a Steward that goes on running."""
    report, begun = Report(), time.monotonic()
    async with besieged(url, report=report, seed=seed, patience=patience) as siege:
        async with siege.running() as process, siege.working():
            for number in range(times):
                await asyncio.sleep(siege.chance.uniform(0.2, LONGEST_WORK))
                await asyncio.to_thread(server.stop if number % 2 else server.kill)
                await asyncio.sleep(siege.chance.uniform(0, LONGEST_AWAY))
                await asyncio.to_thread(server.start)
                report.count("PostgreSQL restarted")
            await siege.busy(ACTS_AFTERWARDS)
            alive = process.process.returncode is None
            report.hold(alive, f"Steward ended with its database: {process.errors[-5:]}")
        await comes_out_well(siege)
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


async def failovers(pair: Pair, *, times: int, seed: int, patience: float = IN_TIME) -> Report:
    """Lose the primary so often, under load; what was acknowledged is on the standby that takes over."""
    report, begun = Report(), time.monotonic()
    async with besieged(pair.url, report=report, seed=seed, patience=patience) as siege:
        async with siege.running() as process, siege.working():
            for _ in range(times):
                await siege.busy(ACTS_AFTERWARDS)
                await asyncio.sleep(siege.chance.uniform(0, LONGEST_WORK))
                await asyncio.to_thread(pair.fail_over)
                report.count("failovers")
                await siege.busy(ACTS_AFTERWARDS)
                await asyncio.to_thread(pair.follow_again)
            alive = process.process.returncode is None
            report.hold(alive, f"Steward ended with its database: {process.errors[-5:]}")
        await comes_out_well(siege)
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report
