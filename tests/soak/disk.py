"""The disk under SQLite full while everybody works, and with room again, without a restart."""

import asyncio
import time
from pathlib import Path

import aiohttp

from tests.soak.aftermath import comes_out_well
from tests.soak.report import Report
from tests.soak.siege import IN_TIME, PAUSE, Siege, besieged
from tests.support.disks import Disk, small_disk
from tests.worker.processes import Process

ACTS = 5
MOST_TRIES = 1000
"""Changes for which the room that the log has already may do."""
MOST_ASKED = 500
REFUSED = "could not reach its database"


async def full_disks(folder: Path, *, times: int, seed: int, patience: float = IN_TIME) -> Report:
    """Fill the disk so often under a Steward that goes on running."""
    report, begun = Report(), time.monotonic()
    with small_disk(folder) as disk:
        url = f"sqlite:///{folder}/steward.db"
        async with besieged(url, report=report, seed=seed, patience=patience) as siege:
            async with siege.running() as process:
                for _ in range(times):
                    await _filled(siege, process, disk)
                    async with siege.working():
                        await siege.busy(ACTS)
                    report.count("full disks")
                alive = process.process.returncode is None
                report.hold(alive, f"Steward ended with its disk: {process.errors[-5:]}")
            await comes_out_well(siege)
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


async def _filled(siege: Siege, process: Process, disk: Disk) -> None:
    async with siege.working():
        await siege.busy(ACTS)
        with disk.full(process.process.pid):
            await _refused(siege)
            await siege.busy(ACTS)
            if disk.real:
                await _told(siege, process, "is full")
    await _told(siege, process, "ok")


async def _refused(siege: Siege) -> None:
    """Go on until there is no room for a change, and hear it in words."""
    for _ in range(MOST_TRIES):
        handle = siege.newcomer()
        said = (await siege.invites(siege.slack.person("olivia"), handle)).text
        if REFUSED in said:
            siege.report.hold("Nothing was done" in said, f"a refusal leaves open what was done: {said}")
            siege.report.count("refusals heard")
            return
    siege.report.broke("a full disk refuses nothing")


async def _told(siege: Siege, process: Process, words: str) -> None:
    """The operator is told so; an answer is kept for a second."""
    address, said = (await process.says("Steward listens on")).split()[-1], ""
    async with aiohttp.ClientSession() as session:
        for _ in range(MOST_ASKED):
            async with session.get(f"{address}/readyz") as answer:
                said = str((await answer.json())["checks"]["database"])
            if words in said:
                return
            await asyncio.sleep(PAUSE)
    siege.report.broke(f"the operator is not told {words!r} but {said!r}")
