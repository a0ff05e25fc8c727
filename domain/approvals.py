"""Approvals: what the policy asks, who are the right approvers, what their votes amount to (product §10)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from domain import changes
from domain.askers import Asker, asker
from domain.audit import Event, record
from domain.authority import is_owner, owner
from domain.changes import Change
from domain.errors import AlreadyAsked, NobodyCanDecide, TooManyOpenRequests
from domain.handling import handling_of
from domain.model import (
    APPROVERS_TOLD,
    OPEN_REQUESTS_PER_PERSON,
    Actor,
    Approvers,
    Member,
    Outsider,
    Request,
    RequestStatus,
    Requirement,
    Step,
    System,
    Vote,
    email_key,
    new_id,
)
from domain.notices import (
    ApprovalAsked,
    HomeStale,
    RequestDecided,
    RequestEscalates,
    RequestExpires,
    RequestFiled,
    RequestReminds,
    to_channel,
    to_member,
)
from domain.operations import Operation
from domain.permissions import Outcome, Standing, owner_role, roles_that_may, standing_of
from domain.policies import facts_of, requirement_of
from domain.ports import Transaction
from domain.tally import Tally as Tally
from domain.tally import tally as tally
from domain.texts import clean_reason


def requirement_for(
    tx: Transaction, actor: Actor, standing: Standing, outcome: Outcome, *, tag: str
) -> Requirement | None:
    """Return what must be approved before `outcome`, or None when the actor may bring it about directly.

    Args:
        tag: that of the change which brings it about.
    """
    if isinstance(actor, System):
        return None
    facts = facts_of(tx.organization, tag, outcome)
    asking = actor.id if isinstance(actor, Member) and is_owner(tx, actor) else None
    return requirement_of(tx.organization, facts, may=standing is Standing.MAY, owner=asking)


def may_decide(
    tx: Transaction,
    member: Member,
    request: Request,
    change: Change,
    outcome: Outcome,
    *,
    voted: bool = False,
) -> bool:
    """Return whether `member` may decide the request's current step: their own authority, asked now.

    Never the requester, never the person concerned, never somebody who could not do it themselves.

    Args:
        voted: it is about a vote that was taken, the owner's only once they were asked too.
    """
    if change.operation is None or asked_by(request, member) or concerns(outcome, member):
        return False
    asked_too = is_owner(tx, member) and (voted or request.escalated(tx.now))
    if not (asked_too or named(tx, member, request.requirement.steps[request.step])):
        return False
    return standing_of(tx.organization, member, change.operation, outcome) is Standing.MAY


def valid_votes(
    tx: Transaction,
    request: Request,
    votes: Sequence[Vote],
    voters: Mapping[str, Member],
    change: Change,
    outcome: Outcome,
) -> tuple[Vote, ...]:
    """Return the votes whose voters still have the authority; the others drop."""
    return tuple(
        vote
        for vote in votes
        if vote.voter_id in voters
        and may_decide(
            tx, voters[vote.voter_id], replace(request, step=vote.step), change, outcome, voted=True
        )
    )


def named(tx: Transaction, member: Member, step: Step) -> bool:
    """Return whether a step's words mean this member."""
    match step.approvers:
        case Approvers.OWNER:
            return is_owner(tx, member)
        case Approvers.ROLE:
            return member.role == step.role
        case Approvers.PEOPLE:
            return member.id in step.people
        case Approvers.ANYONE_WHO_MAY:
            return True


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


async def others_could(tx: Transaction, actor: Member, operation: Operation, outcome: Outcome) -> bool:
    """Return whether anybody else could decide an outcome for the actor."""
    slugs = roles_that_may(tx.organization, operation, outcome)
    holders = await tx.members.holding(slugs, linked=True, limit=min(len(outcome.concerned), 50) + 2)
    return any(one.id != actor.id and not concerns(outcome, one) for one in holders)


async def right_approvers(
    tx: Transaction, request: Request, change: Change, outcome: Outcome, *, limit: int = APPROVERS_TOLD
) -> tuple[Member, ...]:
    """Return the members to ask for the current step: active, linked to Slack, allowed; oldest first."""
    excluded = min(len(outcome.concerned), 50) + 1
    candidates = await _candidates(tx, request, change, outcome, limit=limit + excluded)
    right = [one for one in candidates if may_decide(tx, one, request, change, outcome)][:limit]
    if not request.escalated(tx.now) or any(is_owner(tx, one) for one in right):
        return tuple(right)
    above = await owner(tx)
    asked_too = above.slack_user_id is not None and may_decide(tx, above, request, change, outcome)
    return (*right[: limit - 1], above) if asked_too else tuple(right)


async def _candidates(
    tx: Transaction, request: Request, change: Change, outcome: Outcome, *, limit: int
) -> tuple[Member, ...]:
    """Return those among whom the right approvers of the current step are, linked to Slack."""
    assert change.operation is not None  # such a change is never asked for
    step = request.requirement.steps[request.step]
    if step.approvers is Approvers.PEOPLE:
        known = await tx.members.many(step.people)
        return tuple(known[one] for one in step.people if one in known and known[one].slack_user_id)
    slugs = roles_that_may(tx.organization, change.operation, outcome)
    if step.approvers is Approvers.OWNER:
        slugs = frozenset({owner_role(tx.organization).slug})
    elif step.approvers is Approvers.ROLE:
        slugs &= {step.role}
    return await tx.members.holding(slugs, linked=True, limit=limit)


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
        expires_at=tx.now + timedelta(hours=requirement.deadlines.expire),
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
    request = await _staffed(tx, request, change, outcome)
    approvers = await right_approvers(tx, request, change, outcome)
    request = await asking(tx, request, approvers)
    await tx.requests.add(request)
    await record(tx, _filed(request), actor=requester)
    await tx.outbox.add(RequestExpires(request_id=request.id), run_at=request.expires_at)
    await set_timers(tx, request)
    await tell(tx, request)
    return request, approvers


async def asking(
    tx: Transaction, request: Request, approvers: Sequence[Member], *, aloud: bool = False
) -> Request:
    """Return the request with these asked too, silently where they or the policy do not want messages.

    When nobody at all would hear of it, everybody does.

    Args:
        aloud: they hear in any case.
    """
    new = [one for one in approvers if one.id not in request.asked or (aloud and one.id in request.silent)]
    silent = set() if aloud else {one.id for one in new if not _hears(one, request.requirement)}
    heard = {one for one in request.asked if one not in request.silent} | {one.id for one in new} - silent
    asked = dict.fromkeys((*request.asked, *(one.id for one in new)))
    if not heard & {one.id for one in approvers}:
        silent = set()
    loud = {one.id for one in new} - silent
    kept = dict.fromkeys((*request.silent, *(one.id for one in new if one.id in silent)))
    return replace(request, asked=tuple(asked), silent=tuple(one for one in kept if one not in loud))


def _hears(member: Member, requirement: Requirement) -> bool:
    return member.pinged and (not requirement.pinged or member.id in requirement.pinged)


async def set_timers(tx: Transaction, request: Request) -> None:
    """Set the clock of the request's current step."""
    reminds = RequestReminds(request_id=request.id, step=request.step)
    escalates = RequestEscalates(request_id=request.id, step=request.step)
    for timer, at in ((reminds, request.reminded_at), (escalates, request.escalated_at)):
        if at is not None:
            await tx.outbox.add(timer, run_at=at)


def _filed(request: Request) -> Event:
    return Event(
        tag="request.filed",
        subject=f"request:{request.id}",
        facts={"change": request.tag, "asked": list(request.asked), "rule": request.requirement.rule},
        personal={"reason": request.reason} if request.reason else {},
    )


async def or_owner(tx: Transaction, request: Request, change: Change, outcome: Outcome) -> Request:
    """Return the request with its current step given to the owner, where nobody else may decide it."""
    if await right_approvers(tx, request, change, outcome, limit=1):
        return request
    number, requirement = request.step, request.requirement
    # One yes of the owner's is enough, also where a later step asks them as well.
    after = [step for step in requirement.steps[number + 1 :] if step.approvers is not Approvers.OWNER]
    steps = (*requirement.steps[:number], Step(approvers=Approvers.OWNER), *after)
    moved = replace(request, requirement=replace(requirement, steps=steps))
    return moved if await right_approvers(tx, moved, change, outcome, limit=1) else request


async def _staffed(tx: Transaction, request: Request, change: Change, outcome: Outcome) -> Request:
    """Return the request with as many approvers in every step as it needs yeses.

    Raises:
        NobodyCanDecide: they are too few, and there is no level above them.
    """
    number = 0
    while number < len(request.requirement.steps):
        at = await or_owner(tx, replace(request, step=number), change, outcome)
        request, number = replace(at, step=0), number + 1
        least = at.requirement.steps[at.step].needed or 1
        there = await right_approvers(tx, at, change, outcome, limit=least)
        if len(there) < least:
            raise NobodyCanDecide(
                request.requirement.rule,
                fact="Too few who may decide this are active, in Slack, and not yourself or concerned."
                if there
                else "Nobody who may decide this is active, in Slack, and not yourself or concerned.",
                remedy="Ask the owner to invite or activate an admin first.",
            )
    return request


async def _check_room(tx: Transaction, request: Request) -> None:
    asked = await tx.requests.open_by(member_id=request.requester_id, user_id=request.requester_user_id)
    open_ones = [other for other in asked if not other.on_behalf]
    change = changes.from_json(request.change)
    if any(changes.from_json(other.change) == change for other in open_ones):
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
    places = [to_member(member_id) for member_id in request.asked if member_id not in request.silent]
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


async def ask_again(tx: Transaction, request: Request, approvers: Sequence[Member]) -> Request:
    """Ask those who may decide now besides those asked before."""
    moved = await asking(tx, request, approvers)
    await tx.requests.save(moved)
    await tell(tx, moved)
    return moved
