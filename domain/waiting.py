"""What waits for somebody: the open requests they may decide, page by page, told of them or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain import changes
from domain.approvals import may_decide
from domain.errors import Refusal
from domain.handling import handling_of
from domain.model import Actor, Member, Request, RequestStatus
from domain.operations import Access
from domain.permissions import access, role_for
from domain.ports import Transaction

CHUNK = 100
COUNTED_AMONG = 200
"""Open requests looked at to count those that wait for somebody."""
MOST_EXAMINED = 1000
"""Open requests looked at for one page; the next page goes on behind them."""

_ASKED_FOR = frozenset(kind.operation for kind in changes.CHANGES.values() if kind.operation is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """Some requests that wait for somebody, oldest first.

    Args:
        next_after: the id of the request behind which the next page begins, None on the last.
    """

    requests: tuple[Request, ...]
    next_after: str | None


async def may_decide_now(tx: Transaction, actor: Actor, request: Request) -> bool:
    """Return whether the actor may decide this request now (the card shows buttons only then)."""
    if not isinstance(actor, Member) or request.status_at(tx.now) is not RequestStatus.WAITING:
        return False
    change = changes.from_json(request.change)
    try:
        outcome = await handling_of(change).outcome(tx, change)
    except Refusal:
        return actor.active and actor.id in request.asked  # the click ends it with the reason
    return may_decide(tx, actor, request, change, outcome)


async def has_voted(tx: Transaction, member: Member, request: Request) -> bool:
    """Whether the member has voted on the current step; a single yes would have ended it."""
    if _takes_one_yes(request):
        return False
    votes = await tx.requests.votes(request.id)
    return any(vote.voter_id == member.id and vote.step == request.step for vote in votes)


def _takes_one_yes(request: Request) -> bool:
    return [step.needed for step in request.requirement.steps] == [1]


async def waiting_for(
    tx: Transaction, member: Member, *, limit: int, after: str | None = None, among: int = MOST_EXAMINED
) -> WaitingPage:
    """Return a page of the open requests the member may decide and has not voted on.

    Args:
        after: `next_after` of the page before.
        among: how many open requests are looked at.
    """
    if not _decides_anything(tx, member):
        return WaitingPage(requests=(), next_after=None)
    found: list[Request] = []
    behind = await tx.requests.get(after) if after else None
    for _ in range(among // CHUNK):
        chunk = await tx.requests.open(limit=CHUNK, after=behind)
        await meet(tx, chunk)
        for request in chunk:
            if await may_decide_now(tx, member, request) and not await has_voted(tx, member, request):
                if len(found) == limit:
                    return WaitingPage(requests=tuple(found), next_after=behind.id if behind else None)
                found.append(request)
            behind = request
        if len(chunk) < CHUNK:
            return WaitingPage(requests=tuple(found), next_after=None)
    return WaitingPage(requests=tuple(found), next_after=behind.id if behind else None)


def _decides_anything(tx: Transaction, member: Member) -> bool:
    role = role_for(tx.organization, member.role)
    return member.active and any(access(tx.organization, role, one) is Access.FULL for one in _ASKED_FOR)


async def meet(tx: Transaction, requests: Sequence[Request], *, shown: bool = False) -> None:
    """Read what requests are about together, so that none of it is read by itself.

    Args:
        shown: they are shown to people, with everybody they name and every vote.
    """
    ids = {str(one) for request in requests if (one := request.change.get("member_id"))}
    if shown:
        ids |= {one for request in requests for one in people_of(request)}
    invitations = {str(one) for request in requests if (one := request.change.get("invitation_id"))}
    voted = [request.id for request in requests if shown or not _takes_one_yes(request)]
    if ids:
        await tx.members.many(ids)
    if invitations:
        await tx.invitations.many(invitations)
    if voted:
        await tx.requests.read_votes(voted)


def people_of(request: Request) -> tuple[str, ...]:
    """Return the ids of the members a request names: asked, by its rule, its requester, its decider."""
    by_rule = (one for step in request.requirement.steps for one in step.people)
    named = (*request.asked, *by_rule, request.requester_id, request.decided_by)
    return tuple(dict.fromkeys(one for one in named if one))
