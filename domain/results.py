"""What the desk answers."""

from dataclasses import dataclass

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
