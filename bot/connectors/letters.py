"""Renders notices as letters, from what the database says at the moment of sending."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import jinja2

from bot.connectors.invitation_letters import (
    invitation_answered,
    invitation_mailed,
    link_ready,
    seat_awaited,
)
from bot.connectors.letter import Letter
from bot.connectors.member_letters import access_changed, link_code_mailed, member_welcomed, role_changed
from bot.connectors.request_letters import approval_asked, approval_reminded, request_decided, request_filed
from bot.connectors.words import Words
from domain.notices import (
    AccessChanged,
    ApprovalAsked,
    ApprovalReminded,
    InvitationAnswered,
    InvitationMailed,
    LinkCodeMailed,
    LinkReady,
    MemberWelcomed,
    Notice,
    RequestDecided,
    RequestFiled,
    RoleChanged,
    SeatAwaited,
)
from domain.ports import Transaction

_WORDS: dict[type[Notice], Callable[[Transaction, Any], Awaitable[Words | None]]] = {
    InvitationMailed: invitation_mailed,
    LinkReady: link_ready,
    InvitationAnswered: invitation_answered,
    SeatAwaited: seat_awaited,
    MemberWelcomed: member_welcomed,
    RoleChanged: role_changed,
    AccessChanged: access_changed,
    LinkCodeMailed: link_code_mailed,
    RequestFiled: request_filed,
    RequestDecided: request_decided,
    ApprovalAsked: approval_asked,
    ApprovalReminded: approval_reminded,
}

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("bot.connectors", "templates"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


async def render_letter(tx: Transaction, notice: Notice) -> Letter | None:
    """Return the letter a notice calls for; None when nothing is left to say, or it is none for the mail."""
    write = _WORDS.get(type(notice))
    addressee = await _addressee(tx, notice) if write else None
    if write is None or addressee is None:
        return None
    words = await write(tx, notice)
    if words is None:
        return None
    address, name = addressee
    return Letter(
        to=address,
        to_name=name,
        subject=words.subject,
        text=_templates.get_template("letter.txt").render(words=words),
        html=_templates.get_template("letter.html").render(words=words),
        message_id=message_id(tx, notice, words.state),
        from_name=f"{tx.organization.name} (Steward)",
        reply_to=words.reply_to,
    )


def message_id(tx: Transaction, notice: Notice, state: str = "") -> str:
    """Return one identifier for the same thing said to the same person, under the public host."""
    said = "\n".join((tx.organization.id, notice.key, state))
    host = urlsplit(tx.facilities.public_url).hostname or "localhost"
    if not host.isascii():
        host = host.encode("idna").decode()
    if ":" in host:
        host = f"[{host}]"
    return f"{hashlib.sha256(said.encode()).hexdigest()[:40]}@{host}"


async def _addressee(tx: Transaction, notice: Notice) -> tuple[str, str] | None:
    """Return the address and name a letter goes to."""
    if isinstance(notice, InvitationMailed):
        invitation = await tx.invitations.get(notice.invitation_id)
        return (invitation.email, invitation.name) if invitation else None
    if isinstance(notice, LinkCodeMailed):
        return await _member(tx, notice.member_id)
    kind, _, name = str(getattr(notice, "to", "")).partition(":")
    if kind == "member":
        return await _member(tx, name)
    person = await tx.people.get(name) if kind == "user" else None
    return (person.email, person.name) if person and person.email_confirmed and person.email else None


async def _member(tx: Transaction, member_id: str) -> tuple[str, str] | None:
    member = await tx.members.get(member_id)
    return (member.email, member.name) if member else None
