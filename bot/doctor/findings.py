"""What an examination finds, and the bounds within which each part of it runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

PART_SECONDS = 15.0
"""How long one part may take; the parts run beside each other."""


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    TO_DO = "to do"
    SKIPPED = "skipped"
    """Not looked at, because of another part or because it is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's answer.

    Args:
        part: what was looked at, in a word or two.
        words: what was seen; where something is to be done, what.
        items: one line each for what it is about.
    """

    part: str
    state: State
    words: str
    items: tuple[str, ...] = ()


Part = Callable[[], Awaitable[Sequence[Finding]]]


def ok(part: str, words: str, *items: str) -> Finding:
    """Return that all is well."""
    return Finding(part=part, state=State.OK, words=words, items=items)


def to_do(part: str, words: str, *items: str) -> Finding:
    """Return that somebody has to do something."""
    return Finding(part=part, state=State.TO_DO, words=words, items=items)


def skipped(part: str, words: str) -> Finding:
    """Return that this was not looked at."""
    return Finding(part=part, state=State.SKIPPED, words=words)


async def bounded(name: str, part: Part, *, seconds: float = PART_SECONDS) -> Sequence[Finding]:
    """Return what a part finds; one that fails or takes too long is a finding itself."""
    try:
        async with asyncio.timeout(seconds):
            return await part()
    except TimeoutError:
        return (to_do(name, f"No answer in {seconds:.0f} seconds. Try again; is the network in order?"),)
    except Exception as error:  # one part must not hide the others
        first_line = str(error).partition("\n")[0]
        return (to_do(name, f"Could not be looked at ({type(error).__name__}: {first_line})."),)


def span(time: timedelta) -> str:
    """Return a length of time in its largest unit: "3 days", "1 hour"."""
    seconds = max(0, int(time.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")


def counted(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
