"""Long forms of the tests about faults and attacks: `python -m tests.soak [--only NAME] [--share 0.1]`."""

import argparse
import asyncio
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
from rich.table import Table

from tests.soak.database import restarts
from tests.soak.fuzz import fuzz
from tests.soak.kills import kills
from tests.soak.machine import drive
from tests.soak.outages import outages
from tests.soak.report import Report
from tests.support.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.support.postgres import PostgresServer

KILLS, RESTARTS, GARBLED, EXAMPLES, STEPS = 200, 50, 20_000, 300, 50
ROUNDS, UNDER_A_FAULT = 5, 60
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


def _kills(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(kills(url, times=place.part(KILLS), seed=place.seed))


def _outages(place: Place, engine: str) -> Report:
    url, acts = place.databases(engine).fresh(), place.part(UNDER_A_FAULT)
    return asyncio.run(outages(url, rounds=place.part(ROUNDS), acts=acts, seed=place.seed))


def _restarts(place: Place, engine: str) -> Report:
    url = place.databases(engine).fresh()
    return asyncio.run(restarts(place.server, url, times=place.part(RESTARTS), seed=place.seed))


RUNS: dict[str, tuple[str, tuple[str, ...], Callable[[Place, str], Report]]] = {
    "machine": ("Anything in any order", BOTH, _machine),
    "fuzz": ("Every endpoint attacked", BOTH, _fuzz),
    "kills": ("Killed at any moment", BOTH, _kills),
    "outages": ("Slack misbehaves", BOTH, _outages),
    "restarts": ("The database restarts", (POSTGRESQL,), _restarts),
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
    """Run what was asked for; 1 if a promise broke or something could not be run."""
    typed = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"seed {typed.seed} · share {typed.share:g}", highlight=False)
    broken = 0
    with place(typed.share, typed.seed) as made:
        for name in typed.only or list(RUNS):
            _, engines, _ = RUNS[name]
            for engine in engines:
                broken += _run(console, made, name, engine)
    console.print(f"{broken} promises broke." if broken else "Every promise held.", style="bold")
    return 1 if broken else 0


def _run(console: Console, made: Place, name: str, engine: str) -> int:
    """Run one, print its figures, and return how many promises broke; one that ends early breaks one."""
    title, _, run = RUNS[name]
    try:
        report = run(made, engine)
    except Exception:  # the other runs are still of use
        traceback.print_exc()
        report = Report(broken=["it could not be run to its end"])
    late = report.figures.get("answered too late", 0)
    report.hold(not late, f"{late:g} answers came after Slack's three seconds")
    table = Table(show_header=False)
    for figure, value in report.figures.items():
        table.add_row(figure, f"{value:,.2f}".rstrip("0").rstrip("."))
    console.print(f"{title} · {engine}", style="bold")
    console.print(table)
    for words in report.shown():
        console.print(f"broken: {words}", style="red", markup=False, highlight=False)
    return len(report.broken)


if __name__ == "__main__":
    sys.exit(main())
