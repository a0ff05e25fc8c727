"""What the page of an invitation says: where the invitation stands, read from the database each time."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.model import Invitation, InvitationStatus, Invitee
from domain.operations import OPERATION_NAMES, Access
from domain.overview import allowed
from domain.permissions import role_for, roles_of
from domain.ports import Transaction
from domain.seats import seats_now
from domain.texts import LONGEST_NAME


class LinkState(StrEnum):
    """Which page the holder of a link sees."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WAITS_FOR_SEAT = "waits_for_seat"
    WAITS_FOR_APPROVAL = "waits_for_approval"
    DECLINED = "declined"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


HTTP_STATUS = {LinkState.REVOKED: 410, LinkState.REPLACED: 410, LinkState.EXPIRED: 410}
"""Links that lead nowhere any more; the others answer 200."""

_STATES = {
    InvitationStatus.PENDING: LinkState.OPEN,
    InvitationStatus.ACCEPTED: LinkState.ACCEPTED,
    InvitationStatus.DECLINED: LinkState.DECLINED,
    InvitationStatus.REVOKED: LinkState.REVOKED,
    InvitationStatus.EXPIRED: LinkState.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """The facts of the page.

    Args:
        inviter_email: only while the invitation is open.
        abilities: what the role may do in Steward, in words.
        full: no seat is free for whoever accepts now.
        mail: whether the invitee hears by mail.
    """

    state: LinkState
    organization: str
    inviter: str
    inviter_email: str
    email: str
    name: str
    role: str
    abilities: tuple[str, ...]
    departments: tuple[str, ...]
    now: datetime
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    full: bool
    mail: bool

    @property
    def monogram(self) -> str:
        """The organization in one letter."""
        return next((sign.upper() for sign in self.organization if sign.isalnum()), "·")


async def invitation_page(tx: Transaction, holder: Invitee) -> InvitationPage:
    """Return the page for the holder of a link."""
    invitation, organization = holder.invitation, tx.organization
    state = state_of_link(holder, tx.now)
    inviter = await tx.members.get(invitation.inviter_id)
    role = roles_of(organization)[invitation.role]
    departments = await tx.departments.all() if invitation.departments else ()
    is_open = state is LinkState.OPEN
    return InvitationPage(
        state=state,
        organization=organization.name,
        inviter=inviter.name or inviter.email if inviter else "",
        inviter_email=inviter.email if inviter and is_open else "",
        email=invitation.email,
        name=invitation.name or await _likely_name(tx, invitation),
        role=role.name,
        abilities=_abilities(tx, invitation) if is_open else (),
        departments=tuple(one.name for one in departments if one.id in invitation.departments),
        now=tx.now,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        answered_at=invitation.answered_at,
        full=is_open and await _full(tx),
        mail=tx.facilities.mail,
    )


def state_of_link(holder: Invitee, now: datetime) -> LinkState:
    """Return where the invitation stands for who holds this very link."""
    invitation = holder.invitation
    status = invitation.status_at(now)
    if status is InvitationStatus.WAITING:
        waits_for_seat = invitation.waits_for == "seat"
        return LinkState.WAITS_FOR_SEAT if waits_for_seat else LinkState.WAITS_FOR_APPROVAL
    if status is InvitationStatus.PENDING and holder.token_hash != invitation.token_hash:
        return LinkState.REPLACED
    return _STATES[status]


async def _likely_name(tx: Transaction, invitation: Invitation) -> str:
    """Return what Slack calls the person, or what the address lets one guess; the form offers it."""
    person = await tx.people.get(invitation.slack_user_id) if invitation.slack_user_id else None
    if person and person.name:
        return person.name[:LONGEST_NAME]
    words = re.split(r"[._+\d-]+", invitation.email.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)[:LONGEST_NAME]


def _abilities(tx: Transaction, invitation: Invitation) -> tuple[str, ...]:
    role = role_for(tx.organization, invitation.role)
    return tuple(OPERATION_NAMES[operation] for operation, cell in allowed(tx, role) if cell is Access.FULL)


async def _full(tx: Transaction) -> bool:
    """Whether who accepts now would wait: where invitations hold a seat, theirs is kept."""
    return not tx.organization.pending_holds_seat and not (await seats_now(tx)).available(1)
