"""What the desk answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.changes import Change
from domain.model import Member, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The change is true now."""

    change: Change
    made: tuple[str, ...]
    """Ids of what it made or changed."""
    request: Request | None = None
    """The request it was approved by, if it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The change waits for approval (or for more of it)."""

    request: Request
    approvers: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The request ended without its change, or was over before the click."""

    request: Request


Decided = Callable[[str, str], None]
"""Told of each vote: its verdict, and `outcome_of` it, or "repeated" (the same click again), or "refused"."""


def outcome_of(answer: Applied | Waiting | Ended, *, now: datetime) -> str:
    """Return in a word what a vote at `now` led to; "over" when the request had been decided before."""
    match answer:
        case Applied():
            return "applied"
        case Waiting():
            return "waiting"
        case Ended(request=request):
            return str(request.status) if request.decided_at == now else "over"
