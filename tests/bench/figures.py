"""What was measured: figures beside their references, their goals, the table and the JSON."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

MILLISECONDS = "ms"
PER_SECOND = "/s"
SECONDS = "s"
MEGABYTES = "MB"
STATEMENTS = "statements"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a figure: for its own value, or for its ratio to the reference when `relative`."""

    sign: str
    bound: float
    relative: bool

    def words(self, unit: str) -> str:
        """The goal as it stands in the table."""
        return f"{self.sign} {self.bound:g} {'×' if self.relative else unit}"

    def met(self, value: float, ratio: float | None) -> bool:
        """Whether the figure keeps it."""
        judged = ratio if self.relative else value
        if judged is None:
            raise ValueError("a relative goal needs a reference")
        return judged >= self.bound if self.sign == "≥" else judged <= self.bound


def at_most(bound: float) -> Goal:
    """The value is no larger."""
    return Goal("≤", bound, relative=False)


def at_least(bound: float) -> Goal:
    """The value is no smaller."""
    return Goal("≥", bound, relative=False)


def at_most_times(bound: float) -> Goal:
    """The value is no more than so many times the reference."""
    return Goal("≤", bound, relative=True)


def at_least_times(bound: float) -> Goal:
    """The value is at least that share of the reference."""
    return Goal("≥", bound, relative=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; `reference` says what `reference_value` is, in the same unit."""

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """The value in references."""
        if not self.reference_value:
            return None
        return self.value / self.reference_value

    @property
    def ok(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        return None if self.goal is None else self.goal.met(self.value, self.ratio)

    def to_json(self) -> dict[str, Any]:
        """The figure as it stands in the JSON file."""
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "reference": self.reference or None,
            "reference_value": _rounded(self.reference_value),
            "ratio": _rounded(self.ratio),
            "goal": self.goal.words(self.unit) if self.goal else None,
            "ok": self.ok,
        }


def milliseconds(
    name: str, value: float, reference: str = "", against: float | None = None, goal: Goal | None = None
) -> Figure:
    """Return a figure that is a time."""
    return Figure(
        name=name, value=value, unit=MILLISECONDS, reference=reference, reference_value=against, goal=goal
    )


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that is not below `share` of all samples."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Series:
    """The seconds one thing took, round by round."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def p50(self) -> float:
        """Milliseconds, the median of the rounds' medians."""
        return self._middle(0.5)

    @property
    def p99(self) -> float:
        """Milliseconds, the median of the rounds' 99th percentiles."""
        return self._middle(0.99)

    def _middle(self, share: float) -> float:
        return 1000 * median(percentile(samples, share) for samples in self.rounds)


def write(figures: Iterable[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([figure.to_json() for figure in figures], indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def show(title: str, figures: Iterable[Figure], console: Console) -> None:
    """Print the figures of one group."""
    table = Table(title=title, title_justify="left", expand=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("reference")
    table.add_column("", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("")
    for figure in figures:
        table.add_row(*_cells(figure))
    console.print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    against = figure.reference_value
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        figure.reference,
        "" if against is None else f"{_number(against)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.goal.words(figure.unit) if figure.goal else "",
        {None: "", True: "[green]ok[/]", False: "[red]missed[/]"}[figure.ok],
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
