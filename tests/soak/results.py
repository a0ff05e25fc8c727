"""The figures of the long runs: a table for the reader, `build/soak.json` for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.soak.report import Report
from tests.support.machine import ROOT

FILE = ROOT / "build" / "soak.json"
EVIDENCE = ROOT / "build" / "soak-broken"
"""What SQLite had written when a promise broke."""
_BESIDE = ("seconds", "slowest acknowledgement (s)")
_LINES_SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run on one engine came to."""

    name: str
    title: str
    engine: str
    seed: int
    share: float
    report: Report


def written(results: Sequence[Result]) -> None:
    """Write all figures; of a run that broke a promise also the end of Steward's log."""
    FILE.parent.mkdir(exist_ok=True)
    rows = [
        {
            "name": result.name,
            "engine": result.engine,
            "seed": result.seed,
            "share": result.share,
            "figures": result.report.figures,
            "broken": result.report.broken,
            "log": result.report.heard if result.report.broken else [],
        }
        for result in results
    ]
    FILE.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def shown(console: Console, results: Sequence[Result], *, again: str) -> None:
    """Print a row for each run, and all there is to know about one that broke a promise.

    Args:
        again: the arguments that do the same again.
    """
    table = Table("Run", "Database", "Seconds", "Slowest answer", "Figures", "Broken")
    for result in results:
        figures = result.report.figures
        slowest = figures.get("slowest acknowledgement (s)")
        rest = " · ".join(f"{name} {value:g}" for name, value in figures.items() if name not in _BESIDE)
        row = [result.title, result.engine, f"{figures['seconds']:g}", f"{slowest:g} s" if slowest else ""]
        table.add_row(*row, rest, str(len(result.report.broken) or ""))
    console.print(table)
    for result in results:
        if result.report.broken:
            _explain(console, result, again)
    held = not any(result.report.broken for result in results)
    console.print("Every promise held." if held else "A promise broke.", style="bold")
    console.print(f"Figures: {FILE}", highlight=False)


def _explain(console: Console, result: Result, again: str) -> None:
    for words in result.report.shown():
        console.print(f"broken: {words}", style="red", markup=False, highlight=False)
    for line in result.report.heard[-_LINES_SHOWN:]:
        console.print(line, style="dim", markup=False, highlight=False)
    console.print(f"Again: make soak ARGS='--only {result.name} {again}'", highlight=False)
    console.print(f"The log is in {FILE}, what SQLite had written in {EVIDENCE}.", highlight=False)
