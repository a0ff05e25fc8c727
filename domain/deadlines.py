"""A request's clock: those asked are reminded, the owner is asked too, the request expires (product §10).

What is true follows from the clock at every read; here it is only announced.
"""

from domain import changes
from domain.approvals import asking, close, may_decide, right_approvers, tell
from domain.audit import Event, record
from domain.authority import is_owner
from domain.changes import Change
from domain.decisions import reconsider
from domain.errors import Refusal
from domain.handling import handling_of
from domain.model import Actor, Member, Request, RequestStatus
from domain.notices import (
    ApprovalReminded,
    Notice,
    RequestEscalates,
    RequestExpires,
    RequestReconsidered,
    RequestReminds,
    to_member,
)
from domain.permissions import Outcome
from domain.ports import Transaction

REQUEST_TIMERS = (RequestExpires, RequestReminds, RequestEscalates, RequestReconsidered)


async def fire(tx: Transaction, timer: Notice, *, actor: Actor) -> None:
    """A timer of a request fell due."""
    match timer:
        case RequestExpires(request_id=request_id):
            await expire(tx, request_id, actor=actor)
        case RequestReminds(request_id=request_id, step=step):
            await remind(tx, request_id, step)
        case RequestEscalates(request_id=request_id, step=step):
            await escalate(tx, request_id, step, actor=actor)
        case RequestReconsidered(request_id=request_id):
            await reconsider(tx, request_id)
        case _:
            raise TypeError(f"{timer.tag} is no timer of a request")


async def expire(tx: Transaction, request_id: str, *, actor: Actor) -> None:
    """Announce that a request's time is over; one that was decided meanwhile is left alone."""
    request = await tx.requests.get(request_id)
    if request is None or request.status is not RequestStatus.WAITING:
        return
    if request.status_at(tx.now) is RequestStatus.EXPIRED:
        await close(tx, request, RequestStatus.EXPIRED, actor=actor)


async def remind(tx: Transaction, request_id: str, step: int) -> None:
    """Remind those asked who may decide the step and have not voted on it."""
    request = await _at(tx, request_id, step)
    if request is None or request.reminded_at is None or tx.now < request.reminded_at:
        return
    for member in await _silent_so_far(tx, request):
        notice = ApprovalReminded(request_id=request.id, step=step, to=to_member(member.id))
        await tx.outbox.add(notice)
    await tell(tx, request)


async def _silent_so_far(tx: Transaction, request: Request) -> list[Member]:
    """Return those told of the request who may decide its step and have not voted on it."""
    judged = await _judged(tx, request)
    if judged is None:
        return []
    voted = {vote.voter_id for vote in await tx.requests.votes(request.id) if vote.step == request.step}
    known = await tx.members.many(request.asked)
    return [
        known[one]
        for one in request.asked
        if one in known
        and known[one].pinged
        and one not in voted
        and one not in request.silent
        and may_decide(tx, known[one], request, *judged)
    ]


async def escalate(tx: Transaction, request_id: str, step: int, *, actor: Actor) -> None:
    """Ask the owner too, whatever messages they want; those asked before keep their cards."""
    request = await _at(tx, request_id, step)
    if request is None or not request.escalated(tx.now):
        return
    judged = await _judged(tx, request)
    if judged is None:
        return
    owners = [one for one in await right_approvers(tx, request, *judged) if is_owner(tx, one)]
    moved = await asking(tx, request, owners, aloud=True)
    if moved == request:
        for member in await _silent_so_far(tx, request):
            if is_owner(tx, member):
                notice = ApprovalReminded(request_id=request.id, step=step, to=to_member(member.id))
                await tx.outbox.add(notice)
    else:
        await tx.requests.save(moved)
        facts = {"change": request.tag, "asked": [one.id for one in owners]}
        event = Event(tag="request.escalated", subject=f"request:{request.id}", facts=facts)
        await record(tx, event, actor=actor)
    await tell(tx, moved)


async def _at(tx: Transaction, request_id: str, step: int) -> Request | None:
    """Return the request while it waits at this step."""
    request = await tx.requests.get(request_id)
    waits = request is not None and request.status_at(tx.now) is RequestStatus.WAITING
    return request if request is not None and waits and request.step == step else None


async def _judged(tx: Transaction, request: Request) -> tuple[Change, Outcome] | None:
    """Return the change with its outcome, None when what it is about is gone: a click will say so."""
    change = changes.from_json(request.change)
    try:
        return change, await handling_of(change).outcome(tx, change)
    except Refusal:
        return None
