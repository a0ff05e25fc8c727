"""Letting people in: when they may, when a seat is there, when one becomes free (product §3, §4)."""

from dataclasses import replace

from domain import seats
from domain.approvals import file_request, requirement_for
from domain.audit import Event, record
from domain.authority import those_who_may
from domain.changes import AdmitInvitee
from domain.errors import AlreadyMember, NobodyCanDecide
from domain.invitations import about, edit_card, event_of
from domain.model import (
    CLOCK,
    Actor,
    Invitation,
    InvitationStatus,
    Member,
    MemberStatus,
    Via,
    new_id,
)
from domain.notices import (
    HomeStale,
    InvitationAnswered,
    MemberWelcomed,
    SeatAwaited,
    SeatsFreed,
    to_member,
)
from domain.operations import Operation
from domain.permissions import Outcome, Standing, places, standing_of
from domain.ports import Transaction
from domain.rerouting import reroute_lacking_seat

AT_ONCE = 50
"""Waiting people let in by one transaction; a timer lets in the rest."""


def may_still_grant(tx: Transaction, granter: Member, invitation: Invitation) -> bool:
    """Return whether `granter` could give the invitation's role directly now."""
    outcome = Outcome(
        gives=frozenset({invitation.role}), places=places(invitation.role, invitation.departments)
    )
    standing = standing_of(tx.organization, granter, Operation.INVITE, outcome)
    if standing is not Standing.MAY or invitation.authority_id != invitation.inviter_id:
        return standing is Standing.MAY  # what was approved is not approved again
    return requirement_for(tx, granter, standing, outcome, tag=AdmitInvitee.tag) is None


async def seat_for(tx: Transaction, invitation: Invitation) -> bool:
    """Return whether the invitee finds a seat: the one promised to them, or a free one."""
    now = await seats.seats_now(tx)
    pending = invitation.status is InvitationStatus.PENDING
    promised = tx.organization.pending_holds_seat and (pending or invitation.waits_for == "approval")
    return replace(now, held=now.held - 1).available(1) if promised and now.held else now.available(1)


async def let_in(
    tx: Transaction, invitation: Invitation, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Make the invitee an active member and tell everybody concerned; the caller checked seat and right.

    Raises:
        AlreadyMember: the address or the Slack user belongs to a member by now.
    """
    former = await tx.members.by_email(invitation.email)
    via = invitation.answered_via or Via.LINK
    user_id = invitation.slack_user_id if via is Via.SLACK else None
    linked = await tx.members.by_user(user_id) if user_id else None
    for known in (former, linked):
        if known is not None and known.status is not MemberStatus.REMOVED:
            raise AlreadyMember(f"{invitation.email} is a member already.", fact="Nothing is left to accept.")
    fresh = await _fresh(tx, invitation, former, user_id, via)
    await (tx.members.save(fresh) if former else tx.members.add(fresh))
    seats.take(tx)
    accepted = replace(
        invitation, status=InvitationStatus.ACCEPTED, waits_for="", member_id=fresh.id, answered_at=tx.now
    )
    await tx.invitations.save(accepted)
    await record(tx, *_joined(accepted, fresh), actor=actor, authority=authority)
    await _tell_admitted(tx, accepted, fresh)
    return (fresh.id,)


async def _fresh(
    tx: Transaction, invitation: Invitation, former: Member | None, user_id: str | None, via: Via
) -> Member:
    still: set[str] = set()
    if invitation.departments:
        still = {department.id for department in await tx.departments.all()}
    return Member(
        id=former.id if former else new_id(),
        organization_id=tx.organization.id,
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,
        slack_user_id=user_id,
        joined_via=via,
        joined_at=tx.now,
        status_at=tx.now,
        departments=tuple(one for one in invitation.departments if one in still),
        version=former.version if former else 1,
    )


def _joined(invitation: Invitation, member: Member) -> tuple[Event, Event]:
    joined = Event(
        tag="member.joined",
        subject=f"member:{member.id}",
        facts={"role": member.role, "via": str(member.joined_via), "departments": list(member.departments)},
        personal={"email": member.email, "name": member.name},
    )
    return event_of("invitation.accepted", invitation, member=member.id), joined


async def _tell_admitted(tx: Transaction, invitation: Invitation, member: Member) -> None:
    await edit_card(tx, invitation)
    await tx.outbox.add(MemberWelcomed(member_id=member.id, to=to_member(member.id)))
    await tx.outbox.add(InvitationAnswered(invitation_id=invitation.id, to=to_member(invitation.inviter_id)))
    inviter = await tx.members.get(invitation.inviter_id)
    for user_id in (member.slack_user_id, inviter.slack_user_id if inviter else None):
        if user_id:
            await tx.outbox.add(HomeStale(user_id=user_id))


async def end(
    tx: Transaction, invitation: Invitation, status: InvitationStatus, *, actor: Actor, authority: Actor
) -> None:
    """End an invitation that brings nobody in; a seat it held goes to whoever waits for one."""
    await _close(tx, invitation, status, actor=actor, authority=authority)
    if tx.organization.pending_holds_seat:
        await admit_waiting(tx)


async def _close(
    tx: Transaction, invitation: Invitation, status: InvitationStatus, *, actor: Actor, authority: Actor
) -> None:
    ended = replace(invitation, status=status, answered_at=tx.now, waits_for="")
    await tx.invitations.save(ended)
    await record(tx, event_of(f"invitation.{status}", ended), actor=actor, authority=authority)
    await edit_card(tx, ended)


async def wait_for_seat(tx: Transaction, answered: Invitation, *, actor: Actor) -> None:
    """Keep an acceptance until a seat is free, and tell the admins."""
    waiting = replace(answered, status=InvitationStatus.WAITING, waits_for="seat")
    await tx.invitations.save(waiting)
    await record(tx, event_of("invitation.waits", waiting, waits_for="seat"), actor=actor)
    await edit_card(tx, waiting)
    for admin in await those_who_may(tx, Operation.INVITE, Outcome(), limit=10):
        await tx.outbox.add(SeatAwaited(invitation_id=waiting.id, to=to_member(admin.id)))


async def wait_for_approval(tx: Transaction, answered: Invitation, *, actor: Actor) -> None:
    """Keep an acceptance until somebody who may gives the role, and ask them in the inviter's name."""
    waiting = replace(answered, status=InvitationStatus.WAITING, waits_for="approval")
    await tx.invitations.save(waiting)
    await record(tx, event_of("invitation.waits", waiting, waits_for="approval"), actor=actor)
    await edit_card(tx, waiting)
    inviter = await tx.members.get(waiting.inviter_id)
    assert inviter is not None  # members keep a tombstone
    change = AdmitInvitee(invitation_id=waiting.id)
    outcome = await about(tx, change)
    # The policy is asked as for somebody who may only ask: the inviter's own right is what is missing.
    powerless = replace(inviter, status=MemberStatus.DEACTIVATED)
    requirement = requirement_for(tx, powerless, Standing.MAY_ASK, outcome, tag=change.tag)
    assert requirement is not None
    reason = "They accepted, but whoever invited them may no longer give this role."
    try:
        await file_request(tx, inviter, change, outcome, requirement, reason=reason, on_behalf=True)
    except NobodyCanDecide:
        for admin in await those_who_may(tx, Operation.INVITE, outcome):
            await tx.outbox.add(SeatAwaited(invitation_id=waiting.id, to=to_member(admin.id)))
    await tx.outbox.add(InvitationAnswered(invitation_id=waiting.id, to=to_member(waiting.inviter_id)))


async def admit_waiting(tx: Transaction) -> None:
    """A seat became free: let in those who accepted and waited for one, oldest first; then ask again."""
    await reroute_lacking_seat(tx)
    queue = await tx.invitations.waiting(limit=AT_ONCE)
    for invitation in queue:
        if not (await seats.seats_now(tx)).available(1):
            return
        await _admit_or_end(tx, invitation)
    if len(queue) == AT_ONCE:
        await tx.outbox.add(SeatsFreed())


async def _admit_or_end(tx: Transaction, invitation: Invitation) -> None:
    granter = await tx.members.get(invitation.authority_id)
    if granter is None or not may_still_grant(tx, granter, invitation):
        await wait_for_approval(tx, invitation, actor=CLOCK)
        return
    try:
        async with tx.savepoint():
            await let_in(tx, invitation, actor=CLOCK, authority=granter)
    except AlreadyMember:
        await _close(tx, invitation, InvitationStatus.REVOKED, actor=CLOCK, authority=CLOCK)
        to = to_member(invitation.inviter_id)
        await tx.outbox.add(InvitationAnswered(invitation_id=invitation.id, to=to))
