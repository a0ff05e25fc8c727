"""Whether somebody gets requests for approval as messages: their own choice (product §10)."""

from dataclasses import replace

from domain.audit import Event, record
from domain.authority import not_a_member
from domain.changes import SetPinging
from domain.errors import AlreadySo
from domain.handling import handles
from domain.model import Actor, Member
from domain.notices import HomeStale
from domain.permissions import Outcome
from domain.ports import Transaction


async def _oneself(tx: Transaction, change: SetPinging) -> Outcome:
    return Outcome()


@handles(SetPinging, _oneself)
async def set_pinging(
    tx: Transaction, change: SetPinging, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Turn one's own approval messages on or off."""
    if not isinstance(actor, Member) or not actor.active:
        raise await not_a_member(tx)
    if actor.pinged == change.pinged:
        raise AlreadySo(f"Your approval messages are {'on' if change.pinged else 'off'} already.")
    await tx.members.save(replace(actor, pinged=change.pinged))
    event = Event(tag="member.pinging_changed", subject=f"member:{actor.id}", facts={"pinged": change.pinged})
    await record(tx, event, actor=actor, authority=authority)
    if actor.slack_user_id:
        await tx.outbox.add(HomeStale(user_id=actor.slack_user_id))
    return (actor.id,)
