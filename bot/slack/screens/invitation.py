"""Answering an invitation in Slack, and letting in who waits (product §4)."""

from bot.slack import home, text
from bot.slack.answers import Answer, Publish, Replace, Say, Screen, Several
from bot.slack.blocks import message, section
from bot.slack.messages.invitation import invitation_card
from bot.slack.refusals import refusal_message
from bot.slack.results import result_words
from bot.slack.screens.ids import INVITATION_ACCEPT, INVITATION_ADMIT, INVITATION_DECLINE
from bot.slack.text import md
from bot.slack.visit import Visit
from domain.changes import AcceptInvitation, AdmitInvitee, DeclineInvitation
from domain.errors import AlreadyDone, AlreadyMember, InvitationOver
from domain.invitations import load
from domain.overview import invitation_facts


async def accept(visit: Visit) -> Answer:
    """Become a member."""
    return await _answered(visit, AcceptInvitation(invitation_id=visit.value))


async def decline(visit: Visit) -> Answer:
    """Decline."""
    return await _answered(visit, DeclineInvitation(invitation_id=visit.value))


async def _answered(visit: Visit, change: AcceptInvitation | DeclineInvitation) -> Answer:
    """Answer, and bring the card or Home up to date; one from an old card hears what happened."""
    await visit.meet(visit.who.user_id)
    refusal: AlreadyDone | AlreadyMember | InvitationOver | None = None
    try:
        await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    except (AlreadyDone, AlreadyMember, InvitationOver) as over:
        refusal = over
    async with visit.reading() as (tx, _):
        shown: Answer
        if visit.view.get("type") == "home":
            shown = Publish(await home.render(tx, visit.who.user_id))
        else:
            shown = Replace(invitation_card(await invitation_facts(tx, await load(tx, visit.value))))
        if refusal is None or isinstance(refusal, AlreadyDone):
            return shown
        return Several((shown, Say(await refusal_message(tx, refusal))))


async def admit(visit: Visit) -> Answer:
    """Let in somebody who accepted and waits."""
    change = AdmitInvitee(invitation_id=visit.value)
    answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    async with visit.reading() as (tx, _):
        invitation = await load(tx, visit.value)
        whom = text.person(user_id=invitation.slack_user_id, named=invitation.name, address=invitation.email)
        words = await result_words(tx, answer, done=md("*{whom} is a member now.*", whom=whom))
    return Replace(message(words, [section(words)]))


SCREEN = Screen(actions={INVITATION_ACCEPT: accept, INVITATION_DECLINE: decline, INVITATION_ADMIT: admit})
