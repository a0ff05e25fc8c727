"""The doctor's answer on paper: plain, in colour on a terminal, or as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import typer

from bot.doctor.findings import Finding, State

_SIGNS = {State.OK: "ok", State.TO_DO: "TO DO", State.SKIPPED: "-"}
_COLOURS = {State.OK: "green", State.TO_DO: "bold red", State.SKIPPED: "dim"}


def as_text(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, and one for each of its items below it."""
    lines = []
    for finding in findings:
        lines.append(f"{_SIGNS[finding.state]:<6}{finding.part}: {finding.words}")
        lines += [f"        {item}" for item in finding.items]
    return "\n".join([*lines, "", summary(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings for other programs."""
    well = not any(finding.state is State.TO_DO for finding in findings)
    return json.dumps({"ok": well, "findings": [asdict(finding) for finding in findings]}, indent=2)


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line."""
    count = sum(finding.state is State.TO_DO for finding in findings)
    if not count:
        return "All is well."
    return "One thing is to be done." if count == 1 else f"{count} things are to be done."


def show(text: str, *, plain: bool) -> None:
    """Print the text; in colour on a terminal, unless `plain`."""
    if plain or not sys.stdout.isatty():
        typer.echo(text)
        return
    from rich.console import Console  # only here: what no terminal reads does without
    from rich.text import Text

    words = Text(text)
    for state, sign in _SIGNS.items():
        words.highlight_regex(rf"(?m)^{sign} ", _COLOURS[state])
    Console(highlight=False).print(words)
