"""What the votes of one step amount to (product §10)."""

from collections.abc import Sequence
from enum import StrEnum

from domain.model import Requirement, Verdict, Vote


class Tally(StrEnum):
    """What the votes of a step amount to."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


def tally(
    requirement: Requirement, step: int, votes: Sequence[Vote], *, eligible: int, everyone: int | None = None
) -> Tally:
    """Return what the votes on `step` amount to.

    A decline ends *any*, *all* and a requirement of several steps at once; N of M when N is out of reach.

    Args:
        votes: those on this step whose voters still have the authority.
        eligible: how many may vote on it, those who have voted included.
        everyone: how many *all* are, without the owner who was asked too; None: those who are eligible.
    """
    needed = requirement.steps[step].needed
    wanted = needed if needed is not None else eligible if everyone is None else everyone
    approved = sum(vote.verdict is Verdict.APPROVE for vote in votes)
    declined = len(votes) - approved
    if approved >= max(1, wanted):
        return Tally.APPROVED
    one_no_ends = needed is None or needed == 1 or len(requirement.steps) > 1
    if declined and (one_no_ends or eligible - declined < wanted):
        return Tally.DECLINED
    return Tally.OPEN
