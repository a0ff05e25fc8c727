"""Invitations: sent, and sent again (product §4; seeds 001, 002)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.audit import Concealed, Event, conceal, record
from domain.changes import (
    AdmitInvitee,
    InvitationLine,
    InvitePeople,
    ResendInvitation,
)
from domain.errors import (
    InvitationOver,
    NobodyNamed,
    NoSuchInvitation,
    NotYourInvitation,
)
from domain.handling import handles
from domain.keys import KeyRing, hash_token
from domain.model import (
    INVITATION_LIFETIME,
    Actor,
    Invitation,
    InvitationStatus,
    Member,
    email_key,
    new_id,
)
from domain.notices import (
    HomeStale,
    InvitationExpires,
    InvitationMailed,
    InvitationSent,
    LinkReady,
    to_member,
    to_user,
)
from domain.permissions import Outcome, places
from domain.ports import Transaction
from domain.reviews import review, wrong_domain


async def _inviting(tx: Transaction, change: InvitePeople) -> Outcome:
    if not change.lines:
        raise NobodyNamed("Nobody is named.", remedy="Give at least one e-mail address.", field="email")
    return outcome_of(change.lines, among=change.among)


def outcome_of(lines: Sequence[InvitationLine], *, among: int) -> Outcome:
    """Return what inviting these brings about.

    Args:
        among: how many people the list they stand in invites; 0: these alone.
    """
    return Outcome(
        concerned=frozenset(email_key(line.email) for line in lines),
        gives=frozenset(line.role for line in lines),
        people=len(lines),
        among=among,
        places=frozenset().union(*(places(line.role, line.departments) for line in lines)),
    )


@handles(InvitePeople, _inviting)
async def invite(tx: Transaction, change: InvitePeople, *, actor: Actor, authority: Actor) -> tuple[str, ...]:
    """Send every line's invitation; a problem of any line refuses all (the review left those out)."""
    rows = await review(tx, change.lines)
    for row in rows:
        if row.problem is not None:
            raise row.problem
    drafts = [(row.line, draft(tx.facilities.keys, row.line)) for row in rows]
    made = await send_lines(tx, drafts, actor=actor, authority=authority)
    return tuple(invitation.id for invitation in made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an invitation has of its own, made ready before the organization is locked."""

    id: str
    token_hash: str
    concealed: Concealed


def draft(keys: KeyRing, line: InvitationLine) -> Draft:
    """Return the beginning of a line's invitation."""
    invitation_id = new_id()
    return Draft(
        id=invitation_id,
        token_hash=hash_token(keys.invitation_token(invitation_id, 1)),
        concealed=conceal(_named(line.email, line.name)),
    )


async def send_lines(
    tx: Transaction,
    drafts: Sequence[tuple[InvitationLine, Draft]],
    *,
    actor: Actor,
    authority: Actor,
    together: bool = False,
) -> tuple[Invitation, ...]:
    """Send the invitations of reviewed lines.

    Args:
        drafts: each line with the draft that was made of its address and name.
        together: they come from a file, whose sender hears of links and ends for all of them at once.
    """
    inviter, granter = _id(actor), _id(authority)
    made = [_new(tx, line, draft, inviter=inviter, authority=granter) for line, draft in drafts]
    await tx.invitations.add_all(made)
    events = [_sent(one, draft) for one, (_, draft) in zip(made, drafts, strict=True)]
    await record(tx, *events, actor=actor, authority=authority)
    for invitation in made:
        await _announce(tx, invitation, together=together)
    return tuple(made)


def _sent(invitation: Invitation, draft: Draft) -> Event:
    return replace(event_of("invitation.sent", invitation), concealed=draft.concealed)


def _id(actor: Actor) -> str:
    if not isinstance(actor, Member):
        raise NotYourInvitation("Only members send invitations.")
    return actor.id


def _new(tx: Transaction, line: InvitationLine, draft: Draft, *, inviter: str, authority: str) -> Invitation:
    return Invitation(
        id=draft.id,
        organization_id=tx.organization.id,
        email=line.email,
        name=line.name,
        role=line.role,
        departments=line.departments,
        slack_user_id=line.slack_user_id,
        inviter_id=inviter,
        authority_id=authority,
        token_hash=draft.token_hash,
        passed_on=not tx.facilities.mail and line.slack_user_id is None,
        sent_at=tx.now,
        expires_at=tx.now + INVITATION_LIFETIME,
    )


def event_of(tag: str, invitation: Invitation, **facts: object) -> Event:
    """Return what the audit keeps of an invitation."""
    return Event(
        tag=tag,
        subject=f"invitation:{invitation.id}",
        facts={"role": invitation.role, "departments": list(invitation.departments), **facts},
        personal=_named(invitation.email, invitation.name),
    )


def _named(email: str, name: str) -> dict[str, str]:
    return {"email": email} | ({"name": name} if name else {})


async def _announce(tx: Transaction, invitation: Invitation, *, together: bool = False) -> None:
    """Reach the invitee in Slack, by mail, or both; else give the inviter the link to pass on."""
    expires = InvitationExpires(
        invitation_id=invitation.id, generation=invitation.generation, together=together
    )
    await tx.outbox.add(expires, run_at=invitation.expires_at, bulk=together)
    if invitation.slack_user_id:
        to = to_user(invitation.slack_user_id)
        card = InvitationSent(invitation_id=invitation.id, generation=invitation.generation, to=to)
        await tx.outbox.add(card, bulk=together)
        await tx.outbox.add(HomeStale(user_id=invitation.slack_user_id), bulk=together)
    if tx.facilities.mail:
        mailed = InvitationMailed(invitation_id=invitation.id, generation=invitation.generation)
        await tx.outbox.add(mailed, bulk=together)
    if invitation.passed_on and not together:
        await tx.outbox.add(_link(invitation))


async def load(tx: Transaction, invitation_id: str) -> Invitation:
    """Return an invitation of this organization.

    Raises:
        NoSuchInvitation: there is none of that id.
    """
    invitation = await tx.invitations.get(invitation_id)
    if invitation is None:
        raise NoSuchInvitation(
            "This invitation is not known here.", remedy="See /team members for who is invited."
        )
    return invitation


async def about(tx: Transaction, change: ResendInvitation | AdmitInvitee) -> Outcome:
    """Return what an invitation would give."""
    invitation = await load(tx, change.invitation_id)
    return Outcome(
        concerned=frozenset({email_key(invitation.email)}),
        gives=frozenset({invitation.role}),
        places=places(invitation.role, invitation.departments),
    )


OVER = {
    InvitationStatus.WAITING: "It was accepted and waits to be completed.",
    InvitationStatus.ACCEPTED: "It was accepted already.",
    InvitationStatus.DECLINED: "It was declined.",
    InvitationStatus.REVOKED: "It was taken back.",
    InvitationStatus.EXPIRED: "It has expired: an invitation is valid for seven days.",
}


def require_pending(tx: Transaction, invitation: Invitation, *, actor: Actor) -> None:
    """Check that the invitation is still open.

    Raises:
        InvitationOver: says how it ended, and what this actor can do about it.
    """
    status = invitation.status_at(tx.now)
    if status is not InvitationStatus.PENDING:
        member = isinstance(actor, Member)
        raise InvitationOver(
            "Only a pending invitation can be changed or answered.",
            fact=OVER[status],
            remedy="Send a new one with /team invite."
            if member
            else "Ask whoever invited you for a new one.",
        )


@handles(ResendInvitation, about)
async def resend(
    tx: Transaction, change: ResendInvitation, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Send a new generation with a new link and seven new days; the old link and card say so."""
    invitation = await load(tx, change.invitation_id)
    require_pending(tx, invitation, actor=actor)
    if refusal := wrong_domain(tx.organization, invitation.email):
        raise refusal
    generation = invitation.generation + 1
    renewed = replace(
        invitation,
        generation=generation,
        token_hash=hash_token(tx.facilities.keys.invitation_token(invitation.id, generation)),
        passed_on=not tx.facilities.mail and invitation.slack_user_id is None,
        inviter_id=_id(actor),
        authority_id=_id(authority),
        sent_at=tx.now,
        expires_at=tx.now + INVITATION_LIFETIME,
    )
    await tx.invitations.save(renewed)
    await edit_card(tx, invitation)
    event = event_of("invitation.resent", renewed, generation=generation)
    await record(tx, event, actor=actor, authority=authority)
    await _announce(tx, renewed)
    return (invitation.id,)


async def pass_on(tx: Transaction, invitation_id: str, *, actor: Actor) -> None:
    """Neither Slack nor mail took an invitation: the inviter gets the link to pass on."""
    invitation = await tx.invitations.get(invitation_id)
    if invitation is None or invitation.passed_on:
        return
    if invitation.status_at(tx.now) is not InvitationStatus.PENDING:
        return
    passed = replace(invitation, passed_on=True)
    await tx.invitations.save(passed)
    await record(tx, event_of("invitation.undeliverable", passed), actor=actor)
    await tx.outbox.add(_link(passed))


def _link(invitation: Invitation) -> LinkReady:
    return LinkReady(
        invitation_id=invitation.id,
        generation=invitation.generation,
        to=to_member(invitation.inviter_id),
    )


async def edit_card(tx: Transaction, invitation: Invitation) -> None:
    """Bring the card and the Home tab of the invited Slack user up to date."""
    if invitation.slack_user_id:
        to = to_user(invitation.slack_user_id)
        card = InvitationSent(invitation_id=invitation.id, generation=invitation.generation, to=to)
        await tx.outbox.add(card)
        await tx.outbox.add(HomeStale(user_id=invitation.slack_user_id))
        return
    # Whoever has the address finds the invitation in Home, though no card was sent to them.
    for person in (await tx.people.by_emails([invitation.email])).get(email_key(invitation.email), ()):
        if person.home_opened:
            await tx.outbox.add(HomeStale(user_id=person.user_id))
