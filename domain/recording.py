"""Refusals as they are kept, and whose they are."""

from domain import changes
from domain.changes import Change
from domain.errors import Refusal
from domain.model import Actor, Member, Outsider, RecordedRefusal, new_id
from domain.ports import Transaction
from domain.texts import clean_reason


def recorded_of(
    tx: Transaction, actor: Actor, refusal: Refusal, change: Change | None, reason: str
) -> RecordedRefusal:
    """Return a refusal as it is kept."""
    return RecordedRefusal(
        id=new_id(),
        organization_id=tx.organization.id,
        member_id=actor.id if isinstance(actor, Member) else None,
        user_id=actor.person.user_id if isinstance(actor, Outsider) else None,
        code=refusal.code,
        rule=refusal.rule,
        fact=refusal.fact,
        remedy=refusal.remedy,
        who=refusal.who,
        can_ask=refusal.can_ask and change is not None,  # without a change there is nothing to ask for
        change=changes.to_json(change) if change else None,
        reason=clean_reason(reason),
        at=tx.now,
    )


def own(recorded: RecordedRefusal, actor: Actor) -> bool:
    """Return whether the refusal met this person."""
    match actor:
        case Member(id=member_id):
            return recorded.member_id == member_id
        case Outsider(person=person):
            return recorded.user_id == person.user_id
        case _:
            return False
