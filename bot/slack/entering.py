"""Who came: a member goes in, somebody unknown is recognised or told how to join."""

from bot.slack.answers import Answer
from bot.slack.screens.linking import unlinked
from bot.slack.screens.setup import form_for
from bot.slack.visit import Visit
from domain.authority import no_permission, not_a_member
from domain.errors import AccountNotLinked, NotSetUp, OutsidersNever
from domain.model import Actor, Member, Outsider
from domain.operations import Operation
from domain.permissions import Outcome
from domain.ports import Transaction

STRANGERS = "Guests, bots and people of other workspaces take no part in Steward."


async def enter(visit: Visit, *, open_to_all: bool = False, before_set_up: bool = False) -> Answer:
    """Return what to answer instead of the screen, None when the person may go in.

    Args:
        open_to_all: the screen is also for people who are no active members.
        before_set_up: the screen answers by itself where there is no organization yet.

    Raises:
        Refusal: they are not a member, not an active one, or never will be.
    """
    try:
        async with visit.reading() as (tx, actor):
            if not isinstance(actor, Outsider):
                if not open_to_all:
                    await require_active(tx, actor)
                return None
    except NotSetUp:
        return None if before_set_up else await form_for(visit)
    await visit.meet(visit.who.user_id)
    try:
        await visit.services.front_desk.recognise(visit.who)
    except AccountNotLinked as refusal:
        return await unlinked(visit, refusal)
    if not open_to_all:
        async with visit.reading() as (tx, actor):
            await require_active(tx, actor)
    return None


async def never_outsiders(visit: Visit) -> None:
    """Check that a click is of somebody who could take part; cards in a conversation of their own are theirs.

    Raises:
        OutsidersNever: a guest or bot found a card in a channel.
    """
    if (visit.channel or "").startswith("D"):
        return
    async with visit.reading() as (_, actor):
        if not isinstance(actor, Outsider):
            return
    await visit.meet(visit.who.user_id)
    async with visit.reading() as (_, actor):
        if isinstance(actor, Outsider) and not actor.person.belongs:
            raise OutsidersNever(STRANGERS)


async def require_active(tx: Transaction, actor: Actor) -> Member:
    """Return the actor as an active member.

    Raises:
        NotAMember, OutsidersNever, NoPermission: they are none.
    """
    if isinstance(actor, Outsider) and not actor.person.belongs:
        raise OutsidersNever("Guests, bots and people of other workspaces take no part here.")
    if not isinstance(actor, Member):
        raise await not_a_member(tx)
    if not actor.active:
        raise await no_permission(tx, actor, Operation.MANAGE_MEMBERS, Outcome())
    return actor
