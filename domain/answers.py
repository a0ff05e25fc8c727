"""What ends an invitation: accepted, declined, taken back, expired (product §4; seed 002)."""

from dataclasses import replace

from domain import seats
from domain.admissions import end, let_in, may_still_grant, seat_for, wait_for_approval, wait_for_seat
from domain.changes import (
    AcceptInvitation,
    AdmitInvitee,
    DeclineInvitation,
    RevokeInvitation,
)
from domain.errors import (
    AlreadyMember,
    InvitationOver,
    MemberIsDeactivated,
    NotYourInvitation,
    OutsidersNever,
)
from domain.handling import handles
from domain.invitations import OVER, about, load, require_pending
from domain.model import (
    Actor,
    Invitation,
    InvitationStatus,
    Invitee,
    Member,
    Outsider,
    Via,
    email_key,
)
from domain.notices import (
    InvitationAnswered,
    to_member,
)
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.texts import clean_name


async def _taking_back(tx: Transaction, change: RevokeInvitation) -> Outcome:
    """Whoever could not have offered the role does not take the offer back either."""
    invitation = await load(tx, change.invitation_id)
    return Outcome(concerned=frozenset({email_key(invitation.email)}), offers=frozenset({invitation.role}))


@handles(RevokeInvitation, _taking_back)
async def revoke(
    tx: Transaction, change: RevokeInvitation, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Take an open invitation back; the seat it held is free."""
    invitation = await load(tx, change.invitation_id)
    if invitation.status_at(tx.now) is not InvitationStatus.WAITING:
        require_pending(tx, invitation, actor=actor)
    await end(tx, invitation, InvitationStatus.REVOKED, actor=actor, authority=authority)
    return (invitation.id,)


async def _answering(tx: Transaction, change: AcceptInvitation | DeclineInvitation) -> Outcome:
    await load(tx, change.invitation_id)
    return Outcome()


def _require_addressee(actor: Actor, invitation: Invitation) -> None:
    """Check that the actor is the person invited: by link, Slack id or confirmed address."""
    match actor:
        case Invitee(invitation=own, token_hash=token_hash) if own.id == invitation.id:
            if token_hash != invitation.token_hash:
                raise InvitationOver(
                    "This link was replaced.",
                    fact="A newer invitation was sent to the same address.",
                    remedy="Use the link in the newest one.",
                )
        case Outsider(person=person) if not person.belongs:
            raise OutsidersNever("Guests, bots and people of other workspaces cannot accept in Slack.")
        case Outsider(person=person) if person.user_id == invitation.slack_user_id:
            return
        case Outsider(person=person) if person.email_confirmed and email_key(person.email) == email_key(
            invitation.email
        ):
            return
        case Member(active=True):
            raise AlreadyMember("You are a member already.", fact="There is nothing left to accept.")
        case Member():
            raise MemberIsDeactivated(
                "Your membership is deactivated.", remedy="An admin can activate it again."
            )
        case _:
            raise NotYourInvitation(
                "Only the person invited can answer an invitation.",
                remedy="Ask for one of your own with /team join.",
            )


@handles(AcceptInvitation, _answering)
async def accept(
    tx: Transaction, change: AcceptInvitation, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Become a member, or wait when the inviter may no longer grant the role or no seat is left."""
    invitation = await load(tx, change.invitation_id)
    _require_addressee(actor, invitation)
    require_pending(tx, invitation, actor=actor)
    answered = replace(
        invitation,
        name=_name(change.name, actor, invitation),
        slack_user_id=actor.person.user_id if isinstance(actor, Outsider) else invitation.slack_user_id,
        answered_at=tx.now,
        answered_via=_via(actor, invitation),
    )
    granter = await tx.members.get(invitation.authority_id)
    if granter is None or not may_still_grant(tx, granter, invitation):
        await wait_for_approval(tx, answered, actor=actor)
        return (invitation.id,)
    if not await seat_for(tx, answered):
        await wait_for_seat(tx, answered, actor=actor)
        return (invitation.id,)
    return await let_in(tx, answered, actor=actor, authority=granter)


def _name(given: str, actor: Actor, invitation: Invitation) -> str:
    known = actor.person.name if isinstance(actor, Outsider) else ""
    names = (given, known, invitation.name, invitation.email.partition("@")[0])
    return next((name for name in map(clean_name, names) if name), invitation.email)


def _via(actor: Actor, invitation: Invitation) -> Via:
    if isinstance(actor, Outsider):
        return Via.SLACK
    return Via.LINK if invitation.passed_on else Via.MAIL


@handles(DeclineInvitation, _answering)
async def decline(
    tx: Transaction, change: DeclineInvitation, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Decline; the inviter hears and the seat is free."""
    invitation = await load(tx, change.invitation_id)
    _require_addressee(actor, invitation)
    require_pending(tx, invitation, actor=actor)
    await end(
        tx,
        replace(invitation, answered_via=_via(actor, invitation)),
        InvitationStatus.DECLINED,
        actor=actor,
        authority=authority,
    )
    to = to_member(invitation.inviter_id)
    await tx.outbox.add(InvitationAnswered(invitation_id=invitation.id, to=to))
    return (invitation.id,)


async def _turn_away(tx: Transaction, change: AdmitInvitee, *, actor: Actor) -> None:
    """The admission was not approved: the invitation ends; the inviter hears, card and page say so."""
    invitation = await load(tx, change.invitation_id)
    if invitation.status is InvitationStatus.WAITING:
        await end(tx, invitation, InvitationStatus.REVOKED, actor=actor, authority=actor)
        to = to_member(invitation.inviter_id)
        await tx.outbox.add(InvitationAnswered(invitation_id=invitation.id, to=to))


@handles(AdmitInvitee, about, abandon=_turn_away)
async def admit(tx: Transaction, change: AdmitInvitee, *, actor: Actor, authority: Actor) -> tuple[str, ...]:
    """Let in somebody who accepted and waited."""
    invitation = await load(tx, change.invitation_id)
    if invitation.status is not InvitationStatus.WAITING:
        raise InvitationOver(
            "Nobody waits behind this invitation any more.", fact=OVER.get(invitation.status, "")
        )
    if not await seat_for(tx, invitation):
        raise await seats.no_seat_left(tx, await seats.seats_now(tx), 1)
    return await let_in(tx, invitation, actor=actor, authority=authority)


async def expire(
    tx: Transaction, invitation_id: str, generation: int, *, actor: Actor, told: bool = True
) -> None:
    """Announce that an invitation's time is over, unless it was answered, revoked or renewed meanwhile.

    Args:
        told: the inviter hears of it.
    """
    invitation = await tx.invitations.get(invitation_id)
    if invitation is None or invitation.generation != generation:
        return
    stored_as_pending = invitation.status is InvitationStatus.PENDING
    if stored_as_pending and invitation.status_at(tx.now) is InvitationStatus.EXPIRED:
        await end(tx, invitation, InvitationStatus.EXPIRED, actor=actor, authority=actor)
        to = to_member(invitation.inviter_id)
        if told:
            await tx.outbox.add(InvitationAnswered(invitation_id=invitation.id, to=to))
