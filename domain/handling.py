"""Which handler makes which change true: filled by the feature modules, read by the desk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from domain.changes import Change
from domain.permissions import Outcome
from domain.ports import Transaction

OutcomeOf = Callable[[Transaction, Any], Awaitable[Outcome]]
Apply = Callable[..., Awaitable[tuple[str, ...]]]
Abandon = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How one kind of change is judged and made true.

    Args:
        outcome: facts in, who would hold what afterwards out; raises a Refusal when its subject is not there.
        apply: `apply(tx, change, *, actor, authority)`; returns the ids of what it made or changed.
        abandon: what must follow when Steward's own request for it ends without it (declined, expired, void).
        ended: what must follow when any request for it ends without it; it is given the request.
    """

    outcome: OutcomeOf
    apply: Apply
    abandon: Abandon | None = None
    ended: Abandon | None = None


_HANDLERS: dict[type[Change], Handling] = {}


def handles(
    kind: type[Change],
    outcome: OutcomeOf,
    *,
    abandon: Abandon | None = None,
    ended: Abandon | None = None,
) -> Callable[[Apply], Apply]:
    """Register the decorated function as the handler of `kind`."""

    def register(apply: Apply) -> Apply:
        _HANDLERS[kind] = Handling(outcome=outcome, apply=apply, abandon=abandon, ended=ended)
        return apply

    return register


def handling_of(change: Change) -> Handling:
    """Return the handling of a change; every kind has one."""
    return _HANDLERS[type(change)]
