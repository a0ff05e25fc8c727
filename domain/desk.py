"""The desk: one way in for every change — submit, decide, withdraw, preview."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain import (
    answers,
    departments,
    imports,
    invitations,
    joining,
    members,
    pinging,
    policy_changes,
    settings,
)
from domain.approvals import asked_by, close, file_request, others_could, requirement_for
from domain.audit import Event, record
from domain.authority import is_owner, standing_on
from domain.changes import Change
from domain.decisions import decide as decide
from domain.decisions import lack_seat as lack_seat
from domain.decisions import load_request as load_request
from domain.decisions import reconsider as reconsider
from domain.decisions import requester_of as requester_of
from domain.errors import NotYourRequest, Refusal, RequestOver
from domain.handling import handling_of
from domain.model import Actor, Member, RequestStatus, Requirement
from domain.notices import DEADLINES, Notice
from domain.permissions import Outcome, Standing
from domain.policies import facts_of, watched
from domain.ports import Transaction
from domain.results import Applied as Applied
from domain.results import Ended as Ended
from domain.results import Waiting as Waiting
from domain.seats import Seats, seats_now
from domain.texts import clean_reason

FEATURES = (answers, departments, imports, invitations, joining, members, pinging, policy_changes, settings)
"""The modules whose handlers the desk knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen: from the same code, rolled back.

    Args:
        requirement: what must be approved first; None when it would be direct.
        approvers: who would be asked.
        notices: what would be sent.
        refusal: why it would be refused; then the rest is empty.
    """

    change: Change
    requirement: Requirement | None = None
    approvers: tuple[Member, ...] = ()
    notices: tuple[Notice, ...] = ()
    before: Seats | None = None
    after: Seats | None = None
    refusal: Refusal | None = None


async def submit(
    tx: Transaction, actor: Actor, change: Change, *, reason: str = "", asking: bool = False
) -> Applied | Waiting:
    """Make `change` true, or ask those who may.

    Args:
        reason: why, in the actor's words; approvers see it.
        asking: the actor chose to ask for what their own role may not grant.

    Raises:
        Refusal: nothing was done; it says which rule refused, what is missing, who could.
    """
    handling = handling_of(change)
    outcome = await handling.outcome(tx, change)
    standing = await standing_on(tx, actor, change, outcome, asking=asking)
    requirement = await required(tx, actor, standing, change, outcome)
    if requirement is None:
        made = await handling.apply(tx, change, actor=actor, authority=actor)
        await _note(tx, actor, change, outcome, reason)
        return Applied(change=change, made=made)
    await _could_be_applied(tx, actor, change)
    request, approvers = await file_request(tx, actor, change, outcome, requirement, reason=reason)
    return Waiting(request=request, approvers=approvers)


async def required(
    tx: Transaction, actor: Actor, standing: Standing, change: Change, outcome: Outcome
) -> Requirement | None:
    """Return what must be approved before the change; an owner beside whom nobody could decide acts alone."""
    if change.operation is None:
        return None
    requirement = requirement_for(tx, actor, standing, outcome, tag=change.tag)
    if requirement is not None and isinstance(actor, Member) and is_owner(tx, actor):
        return requirement if await others_could(tx, actor, change.operation, outcome) else None
    return requirement


async def _note(tx: Transaction, actor: Actor, change: Change, outcome: Outcome, reason: str) -> None:
    """Keep why a direct change was made, and that the owner alone decided what others need a yes for."""
    alone = is_owner(tx, actor) and watched(tx.organization, facts_of(tx.organization, change.tag, outcome))
    said = clean_reason(reason)
    if alone or said:
        event = Event(
            tag="change.noted",
            subject=f"organization:{tx.organization.id}",
            facts={"change": change.tag, "owner_alone": alone},
            personal={"reason": said} if said else {},
        )
        await record(tx, event, actor=actor)


class _RolledBack(Exception):
    """Leaves a savepoint so that what was tried in it is undone."""


async def _could_be_applied(tx: Transaction, actor: Actor, change: Change) -> None:
    """Try the change and take it back, so that nobody is asked to approve the impossible."""
    try:
        async with tx.savepoint():
            await handling_of(change).apply(tx, change, actor=actor, authority=actor)
            raise _RolledBack
    except _RolledBack:
        return


async def withdraw(tx: Transaction, actor: Actor, request_id: str) -> Ended:
    """Take back one's own request.

    Raises:
        NotYourRequest: somebody else asked.
        RequestOver: it is decided already.
    """
    request = await load_request(tx, request_id)
    if request.on_behalf or not asked_by(request, actor):
        raise NotYourRequest("Only who asked can withdraw a request.")
    if (status := request.status_at(tx.now)) is not RequestStatus.WAITING:
        raise RequestOver("Only an open request can be withdrawn.", fact=f"This one is {status}.")
    return Ended(request=await close(tx, request, RequestStatus.WITHDRAWN, actor=actor))


async def _what_would_be_asked(tx: Transaction, actor: Actor, change: Change, asking: bool) -> Waiting | None:
    """File the request and take it back, so that what it would apply does not meet it."""
    asked: Waiting | None = None
    try:
        async with tx.savepoint():
            answer = await submit(tx, actor, change, asking=asking)
            asked = answer if isinstance(answer, Waiting) else None
            raise _RolledBack
    except _RolledBack:
        return asked


class _Recorder:
    """Stands in for the outbox during a preview: notes what would leave."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def add(self, notice: Notice, *, run_at: datetime | None = None, bulk: bool = False) -> None:
        if not isinstance(notice, DEADLINES):
            self.notices.append(notice)


async def preview(tx: Transaction, actor: Actor, change: Change, *, asking: bool = False) -> Preview:
    """Return what submitting `change` would bring about; nothing stays.

    Args:
        asking: as for `submit`.
    """
    outbox, recorder = tx.outbox, _Recorder()
    before = await seats_now(tx)
    tx.outbox = recorder
    result = Preview(change=change, before=before)
    try:
        async with tx.savepoint():
            outcome = await handling_of(change).outcome(tx, change)
            standing = await standing_on(tx, actor, change, outcome, asking=asking)
            requirement = await required(tx, actor, standing, change, outcome)
            if requirement is not None and (asked := await _what_would_be_asked(tx, actor, change, asking)):
                requirement, approvers = asked.request.requirement, asked.approvers
                result = replace(result, requirement=requirement, approvers=approvers)
            recorder.notices.clear()
            await handling_of(change).apply(tx, change, actor=actor, authority=actor)
            result = replace(result, notices=tuple(recorder.notices), after=await seats_now(tx))
            raise _RolledBack
    except _RolledBack:
        return result
    except Refusal as refusal:
        return Preview(change=change, before=before, refusal=refusal)
    finally:
        tx.outbox = outbox
