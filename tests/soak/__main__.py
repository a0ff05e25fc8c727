"""Long forms of the tests about faults and attacks: `python -m tests.soak [--only NAME] [--share 0.1]`."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from rich.console import Console

from tests.soak.database import failovers, restarts
from tests.soak.disk import full_disks
from tests.soak.envelopes import envelopes
from tests.soak.fuzz import fuzz
from tests.soak.kills import kills
from tests.soak.machine import drive
from tests.soak.outages import outages
from tests.soak.report import Report
from tests.soak.results import EVIDENCE, Result, shown, written
from tests.support.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.support.postgres import PostgresServer
from tests.support.standby import Pair

KILLS, RESTARTS, GARBLED, EXAMPLES, STEPS = 200, 50, 20_000, 300, 50
ROUNDS, UNDER_A_FAULT = 5, 60
FAILOVERS, FULL_DISKS = 30, 30
WIRES, ON_EACH = 10, 200
AT_ONCE = 25
"""Examples of the state machine before their databases are removed."""
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Place:
    """Where databases are made, and how much of everything is done."""

    folder: Path
    server: PostgresServer
    share: float
    seed: int

    def part(self, whole: int) -> int:
        """So many of that many."""
        return max(1, round(whole * self.share))

    def databases(self, engine: str) -> Databases:
        """What makes databases of an engine."""
        if engine == POSTGRESQL:
            return PostgresqlDatabases(self.server)
        return SqliteDatabases(folder=self.folder, template=self.folder / "template")


def _machine(place: Place, engine: str) -> Report:
    report, begun, left = Report(), time.monotonic(), place.part(EXAMPLES)
    while left > 0:
        databases = place.databases(engine)
        drive(databases, examples=min(left, AT_ONCE), steps=STEPS, shrink=True)
        report.count("organizations", min(left, AT_ONCE))
        left -= AT_ONCE
        if isinstance(databases, PostgresqlDatabases):
            databases.remove()
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


def _fuzz(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(fuzz(url, seed=place.seed, garbled=place.part(GARBLED)))


def _envelopes(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(
        envelopes(url, seed=place.seed, rounds=place.part(WIRES), garbled_each=place.part(ON_EACH))
    )


def _kills(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(kills(url, times=place.part(KILLS), seed=place.seed))


def _outages(place: Place, engine: str) -> Report:
    url, acts = place.databases(engine).fresh(), place.part(UNDER_A_FAULT)
    return asyncio.run(outages(url, rounds=place.part(ROUNDS), acts=acts, seed=place.seed))


def _restarts(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(restarts(place.server, url, times=place.part(RESTARTS), seed=place.seed))


def _failovers(place: Place, engine: str) -> Report:
    with Pair() as pair:
        return asyncio.run(failovers(pair, times=place.part(FAILOVERS), seed=place.seed))


def _full_disks(place: Place, engine: str) -> Report:
    disk = place.folder / "disk"
    disk.mkdir()
    return asyncio.run(full_disks(disk, times=place.part(FULL_DISKS), seed=place.seed))


@dataclass(frozen=True, kw_only=True)
class Run:
    """A kind of run: its title, where it goes, and about how many minutes it takes on each engine."""

    title: str
    minutes: int
    act: Callable[[Place, str], Report]
    engines: tuple[str, ...] = BOTH


RUNS = {
    "machine": Run(title="Anything in any order", minutes=8, act=_machine),
    "fuzz": Run(title="Every endpoint attacked", minutes=6, act=_fuzz),
    "socket": Run(title="Socket Mode attacked", minutes=3, act=_envelopes),
    "kills": Run(title="Killed at any moment", minutes=15, act=_kills),
    "outages": Run(title="Slack misbehaves", minutes=5, act=_outages),
    "restarts": Run(title="The database restarts", minutes=5, act=_restarts, engines=(POSTGRESQL,)),
    "failovers": Run(title="The standby takes over", minutes=5, act=_failovers, engines=(POSTGRESQL,)),
    "disk": Run(title="The disk is full", minutes=3, act=_full_disks, engines=(SQLITE,)),
}


def arguments() -> argparse.Namespace:
    """Return what was typed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(RUNS), help="one run; may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="how much of it: 0.1 is a tenth")
    parser.add_argument(
        "--seed", type=int, default=SystemRandom().randrange(10**6), help="to do the same again"
    )
    return parser.parse_args()


@contextmanager
def place(share: float, seed: int) -> Iterator[Place]:
    """A folder and a PostgreSQL server for the time of the run."""
    with tempfile.TemporaryDirectory(prefix="steward-soak-") as folder, PostgresServer() as server:
        yield Place(Path(folder), server, share, seed)


def main() -> int:
    """Run what was asked for until a promise breaks; 1 if one did or something could not be run."""
    typed = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    names = typed.only or list(RUNS)
    minutes = typed.share * sum(RUNS[name].minutes * len(RUNS[name].engines) for name in names)
    console.print(
        f"seed {typed.seed} · share {typed.share:g} · about {max(1, round(minutes))} minutes", highlight=False
    )
    results: list[Result] = []
    with place(typed.share, typed.seed) as made:
        for name, engine in [(each, engine) for each in names for engine in RUNS[each].engines]:
            results.append(_run(console, made, name, engine))
            written(results)
            if results[-1].report.broken:
                _keep(made.folder)
                break
    shown(console, results, again=f"--share {typed.share:g} --seed {typed.seed}")
    return 1 if any(result.report.broken for result in results) else 0


def _run(console: Console, made: Place, name: str, engine: str) -> Result:
    """Run one; one that ends early breaks a promise."""
    run, begun = RUNS[name], time.monotonic()
    console.print(f"{run.title} · {engine} · about {max(1, round(run.minutes * made.share))} min ...")
    try:
        report = run.act(made, engine)
    except Exception:
        report = Report(broken=[f"it could not be run to its end:\n{traceback.format_exc()}"])
    late = report.figures.get("answered too late", 0)
    report.hold(not late, f"{late:g} answers came after Slack's three seconds")
    report.figures["seconds"] = round(time.monotonic() - begun, 1)
    return Result(name=name, title=run.title, engine=engine, seed=made.seed, share=made.share, report=report)


def _keep(folder: Path) -> None:
    """Keep what SQLite had written, beside the figures."""
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    shutil.copytree(folder, EVIDENCE)


if __name__ == "__main__":
    sys.exit(main())
