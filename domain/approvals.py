"""Approvals: what the policy asks, who are the right approvers, what their votes amount to (product §10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain import changes
from domain.audit import Event, record
from domain.authority import is_owner
from domain.changes import Change
from domain.errors import AlreadyAsked, NobodyCanDecide, TooManyOpenRequests
from domain.handling import handling_of
from domain.model import (
    APPROVERS_TOLD,
    OPEN_REQUESTS_PER_PERSON,
    REQUEST_LIFETIME,
    Actor,
    Approvers,
    Member,
    Outsider,
    Request,
    RequestStatus,
    Requirement,
    Step,
    System,
    Verdict,
    Vote,
    email_key,
    new_id,
)
from domain.notices import (
    ApprovalAsked,
    HomeStale,
    RequestDecided,
    RequestExpires,
    RequestFiled,
    RequestReconsidered,
    to_channel,
    to_member,
    to_user,
)
from domain.permissions import Outcome, Standing, owner_role, privileged, roles_that_may, standing_of
from domain.ports import Transaction
from domain.texts import clean_reason

OWNER_DECIDES = "Giving, taking or suspending an admin role needs the owner's approval."
MOST_REROUTED = 10_000
ANYONE_DECIDES = "Whoever may do this themselves can approve it."


def requirement_for(
    tx: Transaction, actor: Actor, standing: Standing, outcome: Outcome
) -> Requirement | None:
    """Return what must be approved before `outcome`, or None when the actor may bring it about directly."""
    organization = tx.organization
    if isinstance(actor, System):
        return None
    if watched(tx, outcome) and not is_owner(tx, actor):
        steps, rule = (Step(approvers=Approvers.OWNER),), OWNER_DECIDES
    elif standing is Standing.MAY_ASK:
        steps, rule = (Step(approvers=Approvers.ANYONE_WHO_MAY),), ANYONE_DECIDES
    else:
        return None
    return Requirement(steps=steps, policy_version=organization.policy_version, rule=rule)


def watched(tx: Transaction, outcome: Outcome) -> bool:
    """Return whether the policy wants the owner's approval for `outcome`."""
    roles = privileged(tx.organization, outcome.gives | outcome.takes)
    return bool(roles) and not tx.organization.admin_roles_direct


def may_decide(tx: Transaction, member: Member, request: Request, change: Change, outcome: Outcome) -> bool:
    """Return whether `member` may decide the request's current step: their own authority, asked now.

    Never the requester, never the person concerned, never somebody who could not do it themselves.
    """
    if change.operation is None or asked_by(request, member):
        return False
    if concerns(outcome, member):
        return False
    if request.requirement.steps[request.step].approvers is Approvers.OWNER and not is_owner(tx, member):
        return False
    return standing_of(tx.organization, member, change.operation, outcome) is Standing.MAY


def asked_by(request: Request, actor: Actor) -> bool:
    """Return whether the actor asked, as themself or before they became a member."""
    match actor:
        case Member(id=member_id, slack_user_id=user_id):
            as_outsider = user_id is not None and user_id == request.requester_user_id
            return member_id == request.requester_id or as_outsider
        case Outsider(person=person):
            return person.user_id == request.requester_user_id
        case _:
            return False


def concerns(outcome: Outcome, member: Member) -> bool:
    """Return whether the outcome is about this member."""
    return bool({member.id, email_key(member.email)} & outcome.concerned)


async def right_approvers(
    tx: Transaction, request: Request, change: Change, outcome: Outcome, *, limit: int = APPROVERS_TOLD
) -> tuple[Member, ...]:
    """Return the members to ask for the current step: active, linked to Slack, allowed; oldest first."""
    assert change.operation is not None  # such a change is never asked for
    organization = tx.organization
    if request.requirement.steps[request.step].approvers is Approvers.OWNER:
        slugs = frozenset({owner_role(organization).slug})
    else:
        slugs = roles_that_may(organization, change.operation, outcome)
    excluded = min(len(outcome.concerned), 50) + 1
    holders = await tx.members.holding(slugs, linked=True, limit=limit + excluded)
    right = [member for member in holders if may_decide(tx, member, request, change, outcome)]
    return tuple(right[:limit])


class Tally(StrEnum):
    """What the votes of a step amount to."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


def tally(requirement: Requirement, step: int, votes: Sequence[Vote], *, eligible: int) -> Tally:
    """Return what the votes on `step` amount to.

    A decline ends *any*, *all* and a requirement of several steps at once; N of M when N is out of reach.

    Args:
        votes: those on this step whose voters still have the authority.
        eligible: how many may vote on it, those who have voted included.
    """
    needed = requirement.steps[step].needed
    wanted = eligible if needed is None else needed
    approved = sum(vote.verdict is Verdict.APPROVE for vote in votes)
    declined = len(votes) - approved
    if approved >= max(1, wanted):
        return Tally.APPROVED
    one_no_ends = needed is None or needed == 1 or len(requirement.steps) > 1
    if declined and (one_no_ends or eligible - declined < wanted):
        return Tally.DECLINED
    return Tally.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: a member, or a Slack user outside the organization."""

    member_id: str | None
    user_id: str | None

    @property
    def address(self) -> str:
        return to_member(self.member_id) if self.member_id else to_user(self.user_id or "")


def asker(actor: Actor) -> Asker:
    """Return how a request names its requester."""
    match actor:
        case Member(id=member_id):
            return Asker(member_id=member_id, user_id=None)
        case Outsider(person=person):
            return Asker(member_id=None, user_id=person.user_id)
        case _:
            raise TypeError(f"{actor!r} files no requests")


def _new_request(
    tx: Transaction, requester: Actor, change: Change, requirement: Requirement, reason: str
) -> Request:
    who = asker(requester)
    return Request(
        id=new_id(),
        organization_id=tx.organization.id,
        change=changes.to_json(change),
        tag=change.tag,
        requester_id=who.member_id,
        requester_user_id=who.user_id,
        reason=clean_reason(reason),
        requirement=requirement,
        channel=tx.organization.approvals_channel,
        created_at=tx.now,
        expires_at=tx.now + REQUEST_LIFETIME,
    )


async def file_request(
    tx: Transaction,
    requester: Actor,
    change: Change,
    outcome: Outcome,
    requirement: Requirement,
    *,
    reason: str,
    on_behalf: bool = False,
) -> tuple[Request, tuple[Member, ...]]:
    """Store the request, ask the right approvers, start its clock.

    Args:
        on_behalf: Steward asks in the requester's name, so their number of open requests does not count.

    Raises:
        TooManyOpenRequests: ten of this person are open.
        AlreadyAsked: this person's same change is waiting.
        NobodyCanDecide: no approver is left, not even the owner.
    """
    request = replace(_new_request(tx, requester, change, requirement, reason), on_behalf=on_behalf)
    if not on_behalf:
        await _check_room(tx, request)
    await _check_enough(tx, request, change, outcome)
    approvers = await right_approvers(tx, request, change, outcome)
    request = replace(request, asked=tuple(member.id for member in approvers))
    await tx.requests.add(request)
    await record(tx, _filed(request), actor=requester)
    await tx.outbox.add(RequestExpires(request_id=request.id), run_at=request.expires_at)
    await tell(tx, request)
    return request, approvers


def _filed(request: Request) -> Event:
    return Event(
        tag="request.filed",
        subject=f"request:{request.id}",
        facts={"change": request.tag, "asked": list(request.asked), "rule": request.requirement.rule},
        personal={"reason": request.reason} if request.reason else {},
    )


async def _check_enough(tx: Transaction, request: Request, change: Change, outcome: Outcome) -> None:
    """Check that every step has as many approvers as it needs yeses."""
    for number, step in enumerate(request.requirement.steps):
        least = step.needed or 1
        there = await right_approvers(tx, replace(request, step=number), change, outcome, limit=least)
        if len(there) < least:
            raise NobodyCanDecide(
                request.requirement.rule,
                fact="Too few who may decide this are active, in Slack, and not yourself or concerned."
                if there
                else "Nobody who may decide this is active, in Slack, and not yourself or concerned.",
                remedy="Ask the owner to invite or activate an admin first.",
            )


async def _check_room(tx: Transaction, request: Request) -> None:
    asked = await tx.requests.open_by(member_id=request.requester_id, user_id=request.requester_user_id)
    open_ones = [other for other in asked if not other.on_behalf]
    if any(other.change == request.change for other in open_ones):
        raise AlreadyAsked(
            "The same thing is asked for once at a time.",
            fact="Your request is waiting for a decision already.",
            remedy="See it, or withdraw it, in /team approvals.",
        )
    if len(open_ones) >= OPEN_REQUESTS_PER_PERSON:
        raise TooManyOpenRequests(
            f"One person may have {OPEN_REQUESTS_PER_PERSON} open requests.",
            fact=f"You have {len(open_ones)}.",
            remedy="Withdraw one in /team approvals, or wait for a decision.",
        )


async def tell(tx: Transaction, request: Request) -> None:
    """Bring every copy of the request's card up to date: the approvers', the requester's, and their Homes."""
    who = Asker(member_id=request.requester_id, user_id=request.requester_user_id)
    await tx.outbox.add(RequestFiled(request_id=request.id, to=who.address))
    places = [to_member(member_id) for member_id in request.asked]
    if request.channel:
        places.append(to_channel(request.channel))
    for place in places:
        await tx.outbox.add(ApprovalAsked(request_id=request.id, to=place))
    known = await tx.members.many([*request.asked, *([who.member_id] if who.member_id else [])])
    users = [member.slack_user_id for member in known.values()] + [who.user_id]
    for user_id in users:
        if user_id:
            await tx.outbox.add(HomeStale(user_id=user_id))


async def close(
    tx: Transaction,
    request: Request,
    status: RequestStatus,
    *,
    actor: Actor,
    decided_by: Member | None = None,
    reason: str = "",
) -> Request:
    """End a request: store, audit, and edit every card."""
    closed = replace(
        request,
        status=status,
        decided_at=tx.now,
        decided_by=decided_by.id if decided_by else None,
        decision_reason=clean_reason(reason),
    )
    await tx.requests.save(closed)
    event = Event(
        tag=f"request.{status}",
        subject=f"request:{request.id}",
        facts={"change": request.tag},
        personal={"reason": closed.decision_reason} if closed.decision_reason else {},
    )
    await record(tx, event, actor=actor)
    if status is not RequestStatus.APPLIED:
        await _without_it(tx, closed, actor=actor)
    await tell(tx, closed)
    if status is not RequestStatus.WITHDRAWN and not request.on_behalf:
        who = Asker(member_id=request.requester_id, user_id=request.requester_user_id)
        await tx.outbox.add(RequestDecided(request_id=request.id, to=who.address))
    return closed


async def _without_it(tx: Transaction, request: Request, *, actor: Actor) -> None:
    change = changes.from_json(request.change)
    handling = handling_of(change)
    if request.on_behalf and handling.abandon is not None:
        await handling.abandon(tx, change, actor=actor)
    if handling.ended is not None:
        await handling.ended(tx, change, request=request, actor=actor)


async def expire(tx: Transaction, request_id: str, *, actor: Actor) -> None:
    """Announce that a request's time is over; one that was decided meanwhile is left alone."""
    request = await tx.requests.get(request_id)
    if request is None or request.status is not RequestStatus.WAITING:
        return
    if request.status_at(tx.now) is RequestStatus.EXPIRED:
        await close(tx, request, RequestStatus.EXPIRED, actor=actor)


async def withdraw_all(tx: Transaction, member: Member, *, actor: Actor) -> None:
    """Withdraw the open requests of somebody who leaves (product §7)."""
    for request in await tx.requests.open_by(member_id=member.id, user_id=member.slack_user_id):
        if not request.on_behalf:
            reason = "The requester was deactivated."
            await close(tx, request, RequestStatus.WITHDRAWN, actor=actor, reason=reason)


async def reroute(tx: Transaction, member: Member) -> None:
    """Have every request looked at again that waited for somebody who may have lost the authority."""
    for request in await tx.requests.open_asked(member.id, limit=MOST_REROUTED):
        await tx.outbox.add(RequestReconsidered(request_id=request.id), run_at=tx.now)


async def ask_again(tx: Transaction, request: Request, approvers: Sequence[Member]) -> Request:
    """Ask those who may decide now besides those asked before."""
    asked = dict.fromkeys((*request.asked, *(approver.id for approver in approvers)))
    moved = replace(request, asked=tuple(asked))
    await tx.requests.save(moved)
    await tell(tx, moved)
    return moved
