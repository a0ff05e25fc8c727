"""Ten thousand people invited from a CSV file by a real `steward run`, and other commands meanwhile."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.bench.children import environment_of
from tests.bench.crowds import Crowd, as_json
from tests.bench.databases import Databases
from tests.bench.figures import MEGABYTES, MILLISECONDS, SECONDS, Figure, Goal, at_most, percentile
from tests.bench.lab import Lab
from tests.bench.real import Real, steward_run
from tests.bench.traffic import Line, Sender

LINES = 10_000
PAUSE = 0.03
LOOK = 0.02
LONGEST = 120.0


@dataclass(slots=True)
class Run:
    """What one file took: seconds, megabytes, and the milliseconds of commands meanwhile."""

    shown: float = 0.0
    reviewed: float = 0.0
    sent: float = 0.0
    weight: float = 0.0
    commands: list[float] = field(default_factory=list)


async def measure(lab: Lab) -> list[Figure]:
    """Return the figures."""
    figures: list[Figure] = []
    for databases in lab.engines:
        figures += _figures(databases.engine, await _run(lab, databases))
    return figures


async def _run(lab: Lab, databases: Databases) -> Run:
    workspace = await lab.workspace(f"T1IMPORT{databases.engine.upper()}")
    url = await databases.fresh()
    await Crowd(workspace=workspace, members=10).settle_in(databases, url)
    content = "email,role,name\n" + "".join(f"p{n}@far.example,Developer,P {n}\n" for n in range(LINES))
    file = await lab.slacks.ask("attach", team_id=workspace.team_id, content=content)
    values = {
        "file": {"file": {"type": "file_input", "files": [file]}},
        "role": {"role": {"type": "static_select", "selected_option": {"value": "developer"}}},
    }
    environment = environment_of(as_json(workspace), url, mail=False)
    async with steward_run(environment, log=lab.log) as real:
        sender, line = Sender(workspace), await Line.open(real.url, workspace.signing_secret)
        other, before, run = await Line.open(real.url, workspace.signing_secret), await real.settled(), Run()
        meanwhile = asyncio.create_task(_work(run, real, other, sender, before))
        begun = time.perf_counter()
        await line.send(sender.submitted("invite", values, {}))
        run.shown = time.perf_counter() - begun
        await _stands(databases, url, "reviewed")
        run.reviewed = time.perf_counter() - begun
        job = await databases.one(url, "SELECT id FROM imports")
        begun = time.perf_counter()
        await line.send(sender.submitted("import_review", {}, {"job": job, "page": 1}))
        await _stands(databases, url, "done")
        run.sent = time.perf_counter() - begun
        meanwhile.cancel()
        await asyncio.gather(meanwhile, return_exceptions=True)
        line.close()
        other.close()
    return run


async def _stands(databases: Databases, url: str, wanted: str) -> None:
    for _ in range(int(LONGEST / LOOK)):
        if await databases.one(url, f"SELECT count(*) FROM imports WHERE state = '{wanted}'"):
            return
        await asyncio.sleep(LOOK)
    raise TimeoutError(f"the file is not {wanted} after {LONGEST} s")


async def _work(run: Run, real: Real, line: Line, sender: Sender, before: float) -> None:
    """Another client's commands, and what the process weighs meanwhile."""
    for number in count():
        begun = time.perf_counter()
        await line.send(sender.command(f"invite guest-{number}@near.example"))
        run.commands.append(1000 * (time.perf_counter() - begun))
        run.weight = max(run.weight, real.megabytes() - before)
        await asyncio.sleep(PAUSE)


def _figures(engine: str, run: Run) -> list[Figure]:
    goal: Callable[[float], Goal | None] = at_most if engine == "SQLite" else lambda _: None
    return [
        Figure(
            name=f"{LINES:,} lines: progress shown, {engine}", value=run.shown, unit=SECONDS, goal=at_most(1)
        ),
        Figure(
            name=f"{LINES:,} lines: reviewed, {engine}", value=run.reviewed, unit=SECONDS, goal=at_most(5)
        ),
        Figure(name=f"{LINES:,} lines: sent, {engine}", value=run.sent, unit=SECONDS, goal=goal(10)),
        Figure(
            name=f"{LINES:,} lines: memory added, {engine}",
            value=run.weight,
            unit=MEGABYTES,
            goal=at_most(100),
        ),
        Figure(
            name=f"invite one person while a file is sent: p99, {engine}",
            value=percentile(run.commands, 0.99),
            unit=MILLISECONDS,
            reference="its own p50",
            reference_value=percentile(run.commands, 0.5),
            goal=at_most(250),
        ),
    ]
