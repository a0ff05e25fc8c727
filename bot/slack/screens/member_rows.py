"""One line of the list of members: who, role, status, and the menu of what the reader may do."""

from bot.slack.blocks import Block, Option, button, option, overflow, section
from bot.slack.screens.ids import INVITE_AGAIN
from bot.slack.text import Mrkdwn, date, email, escape, lines, md, person
from domain.descriptions import role_name
from domain.model import INVITATION_LIFETIME, Member
from domain.offers import Act, Offer, Way, may_invite_again, offers
from domain.ports import RosterRow, Transaction

ACT = "members_act"
"""The menu of a line; its values are "act:id"."""

_AT_ONCE = {
    Act.CHANGE_ROLE: "Change role",
    Act.DEACTIVATE: "Deactivate",
    Act.ACTIVATE: "Activate",
    Act.RESEND: "Resend",
    Act.REVOKE: "Revoke",
    Act.ADMIT: "Admit",
}
_BY_ASKING = {
    Act.CHANGE_ROLE: "Ask to change role",
    Act.DEACTIVATE: "Ask to deactivate",
    Act.ACTIVATE: "Ask to activate",
    Act.RESEND: "Ask to resend",
    Act.REVOKE: "Ask to revoke",
    Act.ADMIT: "Ask to admit",
}
_FOR_SELF = {
    Act.CHANGE_ROLE: "Ask for another role",
    Act.DEACTIVATE: "Ask to be deactivated",
}
_STATUSES = {
    "active": "Active",
    "deactivated": "Deactivated",
    "waiting": "Accepted, waiting to be let in",
}


def member_line(tx: Transaction, actor: Member, row: RosterRow) -> Block:
    """The line, with its menu or button; without one where the reader may do nothing."""
    menu = [_option(actor, row, offer) for offer in offers(tx, actor, row)]
    accessory = overflow(ACT, menu) if menu else None
    if may_invite_again(tx, actor, row):
        accessory = button("Invite again", INVITE_AGAIN, value=row.id)
    return section(lines(_title(tx, actor, row), _below(row)), accessory=accessory)


def _title(tx: Transaction, actor: Member, row: RosterRow) -> Mrkdwn:
    return md(
        "*{who}*{you} · {role}",
        who=who_in(row),
        you=" (you)" if row.id == actor.id else "",
        role=role_name(tx.organization, row.role),
    )


def who_in(row: RosterRow) -> Mrkdwn:
    """The person of a line: a mention, else the name, else the address."""
    return person(user_id=row.slack_user_id, named=row.name, address=row.email)


def _below(row: RosterRow) -> Mrkdwn:
    address = escape(email(row.email)) if row.email and (row.slack_user_id or row.name.strip()) else None
    return Mrkdwn(" · ").join(part for part in (_status(row), address) if part)


def _status(row: RosterRow) -> Mrkdwn:
    if row.status == "pending":
        return md("Pending, until {until}", until=date(row.since + INVITATION_LIFETIME))
    if row.status == "expired":
        return md("Expired {at}", at=date(row.since + INVITATION_LIFETIME))
    return escape(_STATUSES[row.status])


def _option(actor: Member, row: RosterRow, offer: Offer) -> Option:
    return option(act_words(offer, own=row.id == actor.id), f"{offer.act}:{row.id}")


def act_words(offer: Offer, *, own: bool) -> str:
    """What an act is called, on menus and forms."""
    if offer.way is Way.AT_ONCE:
        return _AT_ONCE[offer.act]
    return _FOR_SELF.get(offer.act, _BY_ASKING[offer.act]) if own else _BY_ASKING[offer.act]
