"""Letters about invitations: the link itself, and what became of it."""

from bot.connectors.words import Words, said, team, why_member, zone_of
from bot.moments import moment
from domain.model import Invitation, InvitationStatus
from domain.notices import InvitationAnswered, InvitationMailed, LinkReady, SeatAwaited
from domain.overview import InvitationFacts, invitation_facts
from domain.ports import Transaction


async def invitation_mailed(tx: Transaction, notice: InvitationMailed) -> Words | None:
    """The invitation, with its link; nothing once it was answered, taken back, renewed or has expired."""
    facts = await _pending(tx, notice.invitation_id, notice.generation)
    if facts is None:
        return None
    invitation = facts.invitation
    inviter = said(facts.inviter.name or facts.inviter.email) if facts.inviter else team(tx)
    until = moment(facts.expires_at, await zone_of(tx, invitation.slack_user_id))
    return Words(
        subject=f"{inviter} invites you to {team(tx)}",
        heading=f"Join {team(tx)}",
        before=(f"{inviter} invites you to become a member of {team(tx)} as {facts.role}.",),
        facts=(*_departments(facts), ("Valid until", until)),
        link=("See the invitation", _link(tx, invitation)),
        after=("You accept or decline on that page. The link is meant for you alone: do not pass it on.",),
        why=(
            f"You get this mail because {inviter} entered your address in Steward, "
            f"which runs the membership of {team(tx)}. "
            "Not expecting it? Ignore it: nothing happens unless you accept."
        ),
        reply_to=facts.inviter.email if facts.inviter and facts.inviter.active else "",
    )


async def link_ready(tx: Transaction, notice: LinkReady) -> Words | None:
    """The link for the inviter to pass on; nothing once it leads nowhere."""
    facts = await _pending(tx, notice.invitation_id, notice.generation)
    if facts is None:
        return None
    invitee = said(facts.invitation.email)
    request = (
        f"Steward could not reach {invitee} itself. Please send them this link, "
        f"by which they join {team(tx)} as {facts.role}."
    )
    return Words(
        subject=f"Pass on the invitation for {invitee}",
        heading=f"A link for {invitee}",
        before=(request,),
        facts=(*_departments(facts), ("Valid until", moment(facts.expires_at))),
        link=("Open the invitation", _link(tx, facts.invitation)),
        after=("Whoever has the link can accept, so send it to nobody else. It works once.",),
        why=why_member(tx),
    )


async def invitation_answered(tx: Transaction, notice: InvitationAnswered) -> Words | None:
    """What became of an invitation, for its inviter; nothing while it is open."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None:
        return None
    facts = await invitation_facts(tx, invitation)
    status = invitation.status_at(tx.now)
    told = _told(facts, status, team(tx))
    if told is None:
        return None
    subject, before, after = told
    return Words(
        state=f"{status}:{invitation.waits_for}",
        subject=subject,
        heading=subject,
        before=(before,),
        after=(after,) if after else (),
        why=why_member(tx),
    )


def _told(facts: InvitationFacts, status: InvitationStatus, organization: str) -> tuple[str, str, str] | None:
    """Return subject, what happened and what to do next."""
    invitation = facts.invitation
    who, email = said(invitation.name or invitation.email), said(invitation.email)
    again = "Invite them again in Slack: /team invite."
    match status:
        case InvitationStatus.ACCEPTED:
            return f"{who} accepted", f"{who} ({email}) is a member of {organization} as {facts.role}.", ""
        case InvitationStatus.DECLINED:
            return f"{who} declined", f"{who} ({email}) will not join {organization}.", ""
        case InvitationStatus.EXPIRED:
            return (
                f"The invitation of {who} expired",
                f"{email} did not answer within seven days. The link works no more.",
                again,
            )
        case InvitationStatus.REVOKED:
            return (
                f"{who} was not let in",
                f"The invitation of {email} was taken back, or accepted and then not approved.",
                again,
            )
        case InvitationStatus.WAITING if invitation.waits_for == "seat":
            before = f"{who} ({email}) accepted, but every seat is taken."
            return f"{who} waits for a seat", before, "They come in as soon as one is free."
        case InvitationStatus.WAITING:
            before = f"{who} ({email}) accepted, but their inviter may no longer give the role {facts.role}."
            return f"{who} waits for approval", before, "Others are asked to approve."
        case _:
            return None


async def seat_awaited(tx: Transaction, notice: SeatAwaited) -> Words | None:
    """Somebody accepted and cannot come in, for an admin; nothing once that is settled."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None or invitation.status is not InvitationStatus.WAITING:
        return None
    facts = await invitation_facts(tx, invitation)
    who, email = said(invitation.name or invitation.email), said(invitation.email)
    if invitation.waits_for == "seat":
        subject = f"{who} waits for a seat"
        before = f"{who} ({email}) accepted to join {team(tx)} as {facts.role}, but every seat is taken."
        after = (
            "Deactivate somebody or revoke an invitation in Slack (/team members), "
            "or have the seat limit raised (/team settings). They come in as soon as a seat is free."
        )
    else:
        subject = f"{who} waits for approval"
        before = f"{who} ({email}) accepted to join {team(tx)} as {facts.role}, but nobody may approve it."
        after = "Revoke the invitation in Slack (/team members) and invite them with a role you may give."
    return Words(
        state=invitation.waits_for,
        subject=subject,
        heading=subject,
        before=(before,),
        after=(after,),
        why=why_member(tx),
    )


async def _pending(tx: Transaction, invitation_id: str, generation: int) -> InvitationFacts | None:
    invitation = await tx.invitations.get(invitation_id)
    if invitation is None or invitation.generation != generation:
        return None
    if invitation.status_at(tx.now) is not InvitationStatus.PENDING:
        return None
    return await invitation_facts(tx, invitation)


def _link(tx: Transaction, invitation: Invitation) -> str:
    keys = tx.facilities.keys
    token = keys.invitation_token(invitation.id, invitation.generation, invitation.token_hash)
    return f"{tx.facilities.public_url}/invitations/{token}"


def _departments(facts: InvitationFacts) -> tuple[tuple[str, str], ...]:
    names = ", ".join(said(name) for name in facts.departments)
    label = "Department" if len(facts.departments) == 1 else "Departments"
    return ((label, names),) if names else ()
