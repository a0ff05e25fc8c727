"""Deciding a request: votes are counted with today's authority, the deciding one applies the change."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from domain import changes
from domain.approvals import (
    Tally,
    ask_again,
    asked_by,
    close,
    concerns,
    may_decide,
    named,
    or_owner,
    right_approvers,
    set_timers,
    tally,
    tell,
    valid_votes,
)
from domain.audit import Event, record
from domain.changes import Change
from domain.errors import (
    AlreadyVoted,
    NoSeatLeft,
    NoSuchRequest,
    NotFound,
    NotYourRequest,
    Refusal,
)
from domain.handling import handling_of
from domain.model import (
    CLOCK,
    Actor,
    Member,
    Outsider,
    Person,
    Request,
    RequestStatus,
    Verdict,
    Vote,
)
from domain.operations import Operation
from domain.permissions import Outcome, Standing, role_for, standing_of
from domain.ports import Transaction
from domain.results import Applied, Ended, Waiting
from domain.texts import clean_reason

MOST_VOTERS = 1000


async def load_request(tx: Transaction, request_id: str) -> Request:
    """Return a request of this organization.

    Raises:
        NoSuchRequest: there is none of that id.
    """
    request = await tx.requests.get(request_id)
    if request is None:
        raise NoSuchRequest("This request is not known here.", remedy="See /team approvals for what is open.")
    return request


async def decide(
    tx: Transaction, actor: Actor, request_id: str, verdict: Verdict, *, reason: str = ""
) -> Applied | Waiting | Ended:
    """Record one approver's vote and, on the deciding one, apply the stored change in the same transaction.

    Authority and facts are asked again now. A click on what is over answers with what happened.

    Raises:
        NoSuchRequest: it is not of this organization.
        NotYourRequest: the actor may not decide it.
        AlreadyVoted: one person, one vote.
        NoSeatLeft: nothing was recorded; the request stays waiting.
    """
    request = await load_request(tx, request_id)
    if request.status_at(tx.now) is not RequestStatus.WAITING:
        return Ended(request=request)
    change = changes.from_json(request.change)
    try:
        outcome = await handling_of(change).outcome(tx, change)
    except Refusal as refusal:
        if not (isinstance(actor, Member) and actor.active and actor.id in request.asked):
            raise await may_not_decide(tx, actor, request) from refusal
        return await _fail(tx, request, actor, refusal)
    if not isinstance(actor, Member) or not may_decide(tx, actor, request, change, outcome):
        raise await may_not_decide(tx, actor, request)
    vote = Vote(
        request_id=request.id,
        step=request.step,
        voter_id=actor.id,
        verdict=verdict,
        reason=clean_reason(reason),
        at=tx.now,
    )
    request = _with_voter(request, actor)
    before = await tx.requests.votes(request.id)
    if any(other.voter_id == actor.id and other.step == request.step for other in before):
        raise already_voted()
    await tx.requests.add_vote(vote)
    case = _Case(tx, request, change, outcome, (*before, vote))
    return await case.after(vote, actor)


def already_voted() -> AlreadyVoted:
    """Return the refusal of a second vote."""
    return AlreadyVoted("One person has one vote.", fact="You have voted on this request already.")


def _with_voter(request: Request, voter: Member) -> Request:
    """Return the request with its voter among those asked, so that it is counted again should they leave."""
    if voter.id in request.asked:
        return request
    return replace(request, asked=(*request.asked, voter.id), silent=(*request.silent, voter.id))


async def may_not_decide(tx: Transaction, actor: Actor, request: Request) -> NotYourRequest:
    """Return the refusal for somebody who may not decide this request: by which rule, and who may."""
    change = changes.from_json(request.change)
    outcome, could = None, tuple[Member, ...]()
    with suppress(Refusal):  # what it is about may be gone
        outcome = await handling_of(change).outcome(tx, change)
        could = await right_approvers(tx, request, change, outcome)
    return NotYourRequest(
        _why_not(tx, actor, request, change, outcome),
        fact=request.requirement.rule,
        remedy="These people can decide it." if could else "Nobody can decide it now; it will expire.",
        who=[member.id for member in could],
    )


def _why_not(tx: Transaction, actor: Actor, request: Request, change: Change, outcome: Outcome | None) -> str:
    """Return which rule keeps somebody from deciding a request; its outcome is None when it can have none."""
    if not isinstance(actor, Member):
        return f"Only members of {tx.organization.name} decide."
    if not actor.active:
        return "A deactivated member decides nothing."
    if asked_by(request, actor):
        return "Nobody decides their own request."
    if outcome and concerns(outcome, actor):
        return "Nobody decides a request about themselves."
    if outcome and change.operation and _could(tx, actor, change.operation, outcome):
        return "The rule asks others for this yes."
    role = role_for(tx.organization, actor.role)
    return f"Nobody approves what they could not do themselves, and {role.name} could not."


def _could(tx: Transaction, actor: Member, operation: Operation, outcome: Outcome) -> bool:
    return standing_of(tx.organization, actor, operation, outcome) is Standing.MAY


async def reconsider(tx: Transaction, request_id: str) -> None:
    """Somebody who could decide a request no longer can: count again, ask others, or end it."""
    request = await tx.requests.get(request_id)
    if request is None or request.status_at(tx.now) is not RequestStatus.WAITING:
        return
    change = changes.from_json(request.change)
    request = replace(request, lacks_seat=False)
    try:
        outcome = await handling_of(change).outcome(tx, change)
        await _Case(tx, request, change, outcome, await tx.requests.votes(request.id)).again()
    except NoSeatLeft:
        await lack_seat(tx, request_id)  # it stays waiting, as for a click
    except Refusal as refusal:
        await _fail(tx, request, CLOCK, refusal)


async def lack_seat(tx: Transaction, request_id: str) -> None:
    """Note that the deciding yes found no seat, on every card; when one is free it is looked at again."""
    request = await tx.requests.get(request_id)
    if request is not None and request.status_at(tx.now) is RequestStatus.WAITING:
        lacking = replace(request, lacks_seat=True)
        await tx.requests.save(lacking)
        await tell(tx, lacking)


class _Case:
    """One open request with all that its counting needs."""

    def __init__(
        self, tx: Transaction, request: Request, change: Change, outcome: Outcome, votes: Sequence[Vote]
    ) -> None:
        self._tx, self._request, self._change, self._outcome = tx, request, change, outcome
        self._votes = votes

    async def after(self, vote: Vote, actor: Member) -> Applied | Waiting | Ended:
        """What the newest vote leads to."""
        step, counted, _ = await self._first_unfinished()
        if counted is Tally.DECLINED:
            status, tx = RequestStatus.DECLINED, self._tx
            ended = await close(tx, self._request, status, actor=actor, decided_by=actor, reason=vote.reason)
            return Ended(request=ended)
        if step is None:
            return await self._apply(actor, vote.reason)
        facts = {"verdict": str(vote.verdict), "step": vote.step}
        event = Event(tag="request.voted", subject=f"request:{self._request.id}", facts=facts)
        await record(self._tx, event, actor=actor)
        return await self._wait_at(step)

    async def again(self) -> None:
        """What the votes amount to now that somebody lost the authority."""
        step, counted, approving = await self._first_unfinished()
        if counted is Tally.DECLINED:
            reason = "Too few are left who could still approve it."
            await close(self._tx, self._request, RequestStatus.DECLINED, actor=CLOCK, reason=reason)
        elif step is not None:
            await self._wait_or_end(step)
        elif approving is not None:
            await self._apply(approving, "")

    async def _wait_or_end(self, step: int) -> None:
        """Ask who is left, or else the owner, unless they are too few for the yeses the step needs."""
        at = await or_owner(self._tx, replace(self._request, step=step), self._change, self._outcome)
        needed = at.requirement.steps[step].needed or 1
        left = await right_approvers(self._tx, at, self._change, self._outcome, limit=needed)
        if len(left) >= needed or not left:
            await self._wait_at(step)
            return
        reason = "Too few are left who may decide it."
        await close(self._tx, self._request, RequestStatus.VOID, actor=CLOCK, reason=reason)

    async def _first_unfinished(self) -> tuple[int | None, Tally, Member | None]:
        """The first step whose yeses do not suffice with today's authority, and who said the last yes."""
        approving: Member | None = None
        for step in range(len(self._request.requirement.steps)):
            at = replace(self._request, step=step)
            votes, voters = await self._valid(at)
            able = await right_approvers(self._tx, at, self._change, self._outcome, limit=MOST_VOTERS)
            counted = tally(
                self._request.requirement,
                step,
                votes,
                eligible=len({one.id for one in able} | {vote.voter_id for vote in votes}),
                everyone=sum(named(self._tx, one, at.requirement.steps[step]) for one in able),
            )
            if counted is not Tally.APPROVED:
                return step, counted, approving
            yeses = [vote for vote in votes if vote.verdict is Verdict.APPROVE]
            approving = voters[yeses[-1].voter_id]
        return None, Tally.APPROVED, approving

    async def _valid(self, at: Request) -> tuple[list[Vote], dict[str, Member]]:
        """The votes of a step whose voters still have the authority."""
        votes = [vote for vote in self._votes if vote.step == at.step]
        voters = await self._tx.members.many({vote.voter_id for vote in votes})
        return list(valid_votes(self._tx, at, votes, voters, self._change, self._outcome)), voters

    async def _wait_at(self, step: int) -> Waiting | Ended:
        moved = replace(self._request, step=step)
        if step != self._request.step:
            moved = replace(moved, stepped_at=self._tx.now)
        moved = await or_owner(self._tx, moved, self._change, self._outcome)
        approvers = await right_approvers(self._tx, moved, self._change, self._outcome)
        if not approvers:
            reason = "Nobody is left who may decide it."
            ended = await close(self._tx, self._request, RequestStatus.VOID, actor=CLOCK, reason=reason)
            return Ended(request=ended)
        asked = await ask_again(self._tx, moved, approvers)
        if step != self._request.step:
            await set_timers(self._tx, asked)
        return Waiting(request=asked, approvers=approvers)

    async def _apply(self, authority: Member, reason: str) -> Applied | Ended:
        """Close the request and make its change true; both or neither."""
        tx, request = self._tx, self._request
        try:
            async with tx.savepoint():
                requester = await requester_of(tx, request)
                closed = await close(
                    tx, request, RequestStatus.APPLIED, actor=authority, decided_by=authority, reason=reason
                )
                apply = handling_of(self._change).apply
                made = await apply(tx, self._change, actor=requester, authority=authority)
        except NoSeatLeft as refusal:
            refusal.remedy = f"The request stays waiting. {refusal.remedy} Then approve again."
            raise
        except Refusal as refusal:
            return await _fail(tx, request, authority, refusal)
        return Applied(change=self._change, made=made, request=closed)


async def _fail(tx: Transaction, request: Request, actor: Actor, refusal: Refusal) -> Ended:
    status = RequestStatus.VOID if isinstance(refusal, NotFound) else RequestStatus.FAILED
    return Ended(request=await close(tx, request, status, actor=actor, reason=str(refusal)))


async def requester_of(tx: Transaction, request: Request) -> Member | Outsider:
    """Return who asked: a member, or a Slack user from outside."""
    if request.requester_id:
        member = await tx.members.get(request.requester_id)
        assert member is not None  # members keep a tombstone
        return member
    user_id = request.requester_user_id or ""
    person = await tx.people.get(user_id) or Person(team_id=tx.team_id, user_id=user_id)
    return Outsider(person=person)
