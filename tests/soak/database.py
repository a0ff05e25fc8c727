"""PostgreSQL stopped, killed and started again while everybody works."""

import asyncio
import time

from tests.soak.aftermath import comes_out_well
from tests.soak.report import Report
from tests.soak.siege import IN_TIME, besieged
from tests.support.postgres import PostgresServer

LONGEST_WORK = 2.0
LONGEST_AWAY = 2.0
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
