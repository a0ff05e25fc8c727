"""What a member hears about themself: welcome, another role, access ended or back."""

from collections.abc import Sequence

from bot.slack import text
from bot.slack.blocks import Message, actions, button, section
from bot.slack.messages.rendering import Renderer, said
from bot.slack.refusals import people
from bot.slack.screens.ids import HELP, INVITE_OPEN
from bot.slack.text import Mrkdwn, md
from domain.authority import is_owner, those_who_may
from domain.descriptions import role_name
from domain.model import Member
from domain.notices import AccessChanged, MemberWelcomed, Notice, RoleChanged
from domain.operations import OPERATION_NAMES, Access, Operation
from domain.overview import allowed
from domain.permissions import Outcome, access, role_for
from domain.ports import Transaction

SHOWN = 5
"""Operations named in a message; Home lists all."""


async def welcomed(tx: Transaction, notice: MemberWelcomed) -> Message | None:
    """Welcome, the role, what it allows, and what to do first."""
    member = await tx.members.get(notice.member_id)
    if member is None or not member.active:
        return None
    title = md(
        "*Welcome to {name}!* You are {role}.",
        name=text.name(tx.organization.name),
        role=role_name(tx.organization, member.role),
    )
    allows, steps = _allows(tx, member), _steps(tx, member)
    row = [button("What you can type", HELP, value="help")]
    if _invites(tx, member):
        row.insert(0, button("Invite people", INVITE_OPEN, style="primary"))
    return said([title, allows, steps], [section(title), section(text.lines(allows, steps)), actions(*row)])


def _allows(tx: Transaction, member: Member) -> Mrkdwn:
    if is_owner(tx, member):
        return Mrkdwn("You own the team, so you may do everything Steward can.")
    role = role_for(tx.organization, member.role)
    names = [OPERATION_NAMES[one] for one, cell in allowed(tx, role) if cell is Access.FULL]
    asks = [OPERATION_NAMES[one] for one, cell in allowed(tx, role) if cell is Access.ASKS]
    may = md("*You may:* {names}.", names=_some(names)) if names else None
    ask = md("*You may ask to:* {names}.", names=_some(asks)) if asks else None
    return text.lines(may, ask)


def _some(names: Sequence[str]) -> str:
    more = f"; and {len(names) - SHOWN} more, listed in the Home tab" if len(names) > SHOWN else ""
    return "; ".join(names[:SHOWN]) + more


def _invites(tx: Transaction, member: Member) -> bool:
    cell = access(tx.organization, role_for(tx.organization, member.role), Operation.INVITE)
    return cell in (Access.FULL, Access.ASKS)


def _steps(tx: Transaction, member: Member) -> Mrkdwn:
    if is_owner(tx, member):
        return Mrkdwn(
            "*First steps:* invite people with `/team invite`, give somebody an admin role so that two can "
            "decide, and look at `/team settings`. The *Home* tab shows your team at a glance."
        )
    return Mrkdwn(
        "The *Home* tab shows your role and what waits for you. `/team help` lists all you can type."
    )


async def role_changed(tx: Transaction, notice: RoleChanged) -> Message | None:
    """The new role; nothing when it has changed again since."""
    member = await tx.members.get(notice.member_id)
    if member is None or not member.active or member.role != notice.role:
        return None
    title = md(
        "*You are {role} of {name} now.*",
        role=role_name(tx.organization, member.role),
        name=text.name(tx.organization.name),
    )
    allows = _allows(tx, member)
    return said([title, allows], [section(title), section(allows)])


async def access_changed(tx: Transaction, notice: AccessChanged) -> Message | None:
    """Deactivated or active again; nothing when it has changed again since."""
    member = await tx.members.get(notice.member_id)
    if member is None or member.active != notice.active:
        return None
    name = text.name(tx.organization.name)
    if member.active:
        words = md(
            "*You are an active member of {name} again*, as {role}.",
            name=name,
            role=role_name(tx.organization, member.role),
        )
        return said([words], [section(words)])
    could = await those_who_may(tx, Operation.MANAGE_MEMBERS, Outcome())
    words = md(
        "*Your membership of {name} was deactivated.* Your role is kept. {who} can activate it again.",
        name=name,
        who=people(could),
    )
    return said([words], [section(words)])


RENDERERS: dict[type[Notice], Renderer] = {
    MemberWelcomed: welcomed,
    RoleChanged: role_changed,
    AccessChanged: access_changed,
}
