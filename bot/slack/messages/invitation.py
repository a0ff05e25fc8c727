"""What an invitation brings: the card of the person invited, the link to pass on, and how it ended."""

from dataclasses import replace

from bot.slack import text
from bot.slack.blocks import Block, Message, actions, button, context, section
from bot.slack.messages.rendering import Renderer, labelled, said
from bot.slack.refusals import who_is
from bot.slack.screens.ids import INVITATION_ACCEPT, INVITATION_DECLINE, INVITE_AGAIN
from bot.slack.text import Mrkdwn, md
from domain.descriptions import role_name
from domain.model import Invitation, InvitationStatus, Via
from domain.notices import InvitationAnswered, InvitationSent, LinkReady, Notice
from domain.overview import InvitationFacts, invitation_facts
from domain.ports import Transaction

_CARD_ENDS = {
    InvitationStatus.ACCEPTED: "You accepted this invitation {when}. Welcome!",
    InvitationStatus.DECLINED: "You declined this invitation {when}.",
    InvitationStatus.REVOKED: "This invitation was taken back. You can ask to join with `/team join`.",
    InvitationStatus.EXPIRED: "This invitation has expired. You can ask to join with `/team join`.",
}
_WAITS = {
    "seat": "You accepted. All seats are taken. The admins were told; you are let in as soon as one is free.",
    "approval": "You accepted. Somebody still has to approve your role; you are let in as soon as they did.",
}


async def sent(tx: Transaction, notice: InvitationSent) -> Message | None:
    """The card of the Slack user who is invited."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None:
        return None
    facts = await invitation_facts(tx, invitation)
    return invitation_card(replace(facts, newer_sent=notice.generation != invitation.generation))


def invitation_card(facts: InvitationFacts) -> Message:
    """Who invites, to what, as what, with Accept and Decline while it is open."""
    return said([_title(facts), _departments(facts), _standing(facts)], invitation_blocks(facts))


def invitation_blocks(facts: InvitationFacts) -> list[Block]:
    """The card's blocks, on a message or on Home."""
    invitation, small = facts.invitation, context(_standing(facts))
    blocks = [section(text.lines(_title(facts), _departments(facts)))]
    if facts.newer_sent or facts.status != InvitationStatus.PENDING:
        return [*blocks, small]
    answers = (
        button("Accept", INVITATION_ACCEPT, value=invitation.id, style="primary"),
        button("Decline", INVITATION_DECLINE, value=invitation.id),
    )
    return [*blocks, actions(*answers), small]


def _title(facts: InvitationFacts) -> Mrkdwn:
    return md(
        "*{inviter} invites you to {name} as {role}.*",
        inviter=who_is(facts.inviter) if facts.inviter else "Steward",
        name=text.name(facts.organization_name),
        role=facts.role,
    )


def _departments(facts: InvitationFacts) -> Mrkdwn | None:
    return labelled("Departments", ", ".join(facts.departments))


def _standing(facts: InvitationFacts) -> Mrkdwn:
    status = InvitationStatus(facts.status)
    if facts.newer_sent:
        return Mrkdwn("This invitation was sent again: the newer one below takes its place.")
    if status is InvitationStatus.PENDING:
        return md("Valid until {until}.", until=text.date(facts.expires_at))
    if status is InvitationStatus.WAITING:
        return Mrkdwn(_WAITS.get(facts.invitation.waits_for, _WAITS["approval"]))
    answered = facts.invitation.answered_at
    return md(_CARD_ENDS[status], when=text.date(answered) if answered else "")


async def link_ready(tx: Transaction, notice: LinkReady) -> Message | None:
    """The link that the inviter passes on; nothing once it is answered, over or replaced."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None or invitation.generation != notice.generation:
        return None
    if invitation.status_at(tx.now) is not InvitationStatus.PENDING:
        return None
    facts = await invitation_facts(tx, invitation)
    token = tx.facilities.keys.invitation_token(invitation.id, invitation.generation, invitation.token_hash)
    url = f"{tx.facilities.public_url}/invitations/{token}"
    title = md(
        "*Please pass this link on to {email}*, because Steward cannot reach them itself:",
        email=text.email(invitation.email),
    )
    rest = md(
        "Whoever has it can join {name} as {role} until {until}.",
        name=text.name(facts.organization_name),
        role=facts.role,
        until=text.date(facts.expires_at),
    )
    return said(
        [title, text.link(url, url), rest], [section(text.lines(title, text.link(url, url))), context(rest)]
    )


async def answered(tx: Transaction, notice: InvitationAnswered) -> Message | None:
    """What the inviter hears about the end of an invitation."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None:
        return None
    words = await _ended(tx, invitation)
    if words is None:
        return None
    blocks: list[Block] = [section(words)]
    if invitation.status_at(tx.now) in (InvitationStatus.EXPIRED, InvitationStatus.DECLINED):
        blocks.append(actions(button("Invite again", INVITE_AGAIN, value=invitation.id)))
    return said([words], blocks)


_OUTCOMES = {
    InvitationStatus.ACCEPTED: "*{whom} accepted your invitation* and is {role} now.",
    InvitationStatus.WAITING: (
        "*{whom} accepted your invitation*, but you may no longer give the role {role}. "
        "Those who may were asked."
    ),
    InvitationStatus.DECLINED: "*{whom} declined your invitation* to be {role}.",
    InvitationStatus.REVOKED: "*{whom} was not let in*; the invitation is over.",
    InvitationStatus.EXPIRED: "*Your invitation to {whom} has expired* without an answer.",
}
_NO_SEAT = "*{whom} accepted your invitation*, but no seat is free. They wait for one."
_BY_LINK = "*{whom} accepted your invitation* with the link that was passed on and is {role} now."


async def _ended(tx: Transaction, invitation: Invitation) -> Mrkdwn | None:
    status = invitation.status_at(tx.now)
    words = _OUTCOMES.get(status)
    if words is None:
        return None
    if status is InvitationStatus.WAITING and invitation.waits_for == "seat":
        words = _NO_SEAT
    if status is InvitationStatus.ACCEPTED and invitation.answered_via is Via.LINK:
        words = _BY_LINK
    return md(words, whom=await _invitee(tx, invitation), role=role_name(tx.organization, invitation.role))


async def _invitee(tx: Transaction, invitation: Invitation) -> Mrkdwn:
    member = await tx.members.get(invitation.member_id) if invitation.member_id else None
    if member is not None:
        return who_is(member)
    address = text.escape(text.email(invitation.email))
    if invitation.slack_user_id:
        return md("{user} ({email})", user=text.mention(invitation.slack_user_id), email=address)
    return address


RENDERERS: dict[type[Notice], Renderer] = {
    InvitationSent: sent,
    LinkReady: link_ready,
    InvitationAnswered: answered,
}
