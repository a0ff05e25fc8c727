"""Measures, prints, and writes build/bench.json: `python -m tests.bench [--quick] [--only NAME]`."""

import argparse
import asyncio
import os
import platform
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench import acts, imports, outbox, rest, sizes
from tests.bench.figures import Figure, show, write
from tests.bench.lab import Lab, laboratory

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "build" / "bench.json"
LOG = ROOT / "build" / "bench.log"
STOPPED = 130
SAMPLES, QUICK_SAMPLES = 2000, 200
WINDOW, QUICK_WINDOW = 0.4, 0.3

GROUPS: dict[str, tuple[str, Callable[[Lab], Awaitable[list[Figure]]]]] = {
    "acts": ("A change and a vote, 10 members, one client unless said", acts.measure),
    "sizes": ("Larger teams, one client", sizes.measure),
    "outbox": ("Delivering", outbox.measure),
    "imports": ("A file of 10,000 people to invite", imports.measure),
    "rest": ("At rest", rest.measure),
}


def arguments() -> argparse.Namespace:
    """Return what was typed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SAMPLES} samples, not {SAMPLES}")
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="one group; may be repeated")
    return parser.parse_args()


async def run(names: list[str], *, quick: bool, console: Console) -> tuple[list[Figure], list[str]]:
    """Return every figure, and the groups that could not be measured."""
    task = asyncio.current_task()
    assert task is not None
    # Told to end, it takes its servers and files with it.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    figures: list[Figure] = []
    failed: list[str] = []
    samples, window = (QUICK_SAMPLES, QUICK_WINDOW) if quick else (SAMPLES, WINDOW)
    async with laboratory(samples=samples, window=window, log=LOG) as lab:
        for name in names:
            title, measure = GROUPS[name]
            begun = time.monotonic()
            try:
                with console.status(f"{title} ..."):
                    found = await measure(lab)
            except Exception:  # the other groups are still of use
                traceback.print_exc()
                failed.append(name)
                continue
            show(f"{title} ({time.monotonic() - begun:.0f} s)", found, console)
            figures += found
    return figures, failed


def main() -> int:
    """Measure what was asked for; 1 if a group could not be measured, 130 if it was stopped."""
    typed = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(
        f"{os.cpu_count()} processors · Python {platform.python_version()} · SQLite {sqlite3.sqlite_version}"
        f" · {QUICK_SAMPLES if typed.quick else SAMPLES} samples in three rounds, medians"
        f" · load before: {os.getloadavg()[0]:.1f}",
        highlight=False,
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            work = run(typed.only or list(GROUPS), quick=typed.quick, console=console)
            figures, failed = runner.run(work)
    except (asyncio.CancelledError, KeyboardInterrupt):
        console.print("Stopped; nothing was written.")
        return STOPPED
    write(figures, RESULT)
    missed = sum(figure.ok is False for figure in figures)
    console.print(f"{len(figures)} figures in {RESULT.relative_to(ROOT)}; {missed} miss their goal.")
    if failed:
        console.print(f"Could not be measured: {', '.join(failed)}. See {LOG.relative_to(ROOT)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
