"""Parked deliveries in words: what each is, for whom, why it failed and since when it waits."""

from bot.doctor.findings import span
from bot.slack.calls import ACCOUNT_ERRORS
from domain.deliveries import Parked
from domain.model import Member
from domain.ports import Transaction

KINDS = {
    "approval_asked": "card that asks to approve",
    "request_filed": "card of a request, for who asked",
    "request_decided": "news of a decided request",
    "invitation_sent": "invitation in Slack",
    "invitation_mailed": "invitation by mail",
    "link_ready": "link to pass on",
    "invitation_answered": "news of an answered invitation",
    "seat_awaited": "news that somebody waits for a seat",
    "member_welcomed": "welcome",
    "role_changed": "news of a role",
    "access_changed": "news of ended or restored access",
    "link_code_mailed": "code by mail",
    "audit_posted": "audit entries in a channel",
    "home_stale": "Home tab",
    "invitation_expires": "end of an invitation",
    "request_expires": "end of a request",
    "request_reconsidered": "second look at a request",
    "approval_reminded": "reminder to approve",
    "channel_chosen": "first words in a chosen channel",
    "channel_closed": "news that a chosen channel is closed to Steward",
    "request_reminds": "time to remind of a request",
    "request_escalates": "time to ask the owner about a request",
    "seats_freed": "seats for those who wait",
    "import_told": "card of an attached file",
    "import_finished": "news of a finished file",
    "import_lapsed": "news of who of a file has not answered",
    "import_begun": "review of an attached file",
    "import_sends": "sending of a part of a file",
    "import_listed": "lines of a file, as a file",
}
"""What each notice is, for who runs Steward."""


async def described(tx: Transaction, parked: Parked) -> str:
    """Return one parked delivery in a line."""
    kind = KINDS.get(parked.tag, parked.tag)
    whom = await _whom(tx, parked) if tx.is_set_up else ""
    age = span(tx.now - parked.created_at)
    return f"{parked.id}: {kind}{whom}, {age} old: {_why(parked.error)}"


def _why(error: str) -> str:
    if error in ACCOUNT_ERRORS:
        return f"{error}. {ACCOUNT_ERRORS[error]}"
    return error.rstrip(".") + "." if error else "no reason was kept."


async def _whom(tx: Transaction, parked: Parked) -> str:
    body = parked.body
    kind, _, ident = str(body.get("to") or "").partition(":")
    if kind == "channel" or body.get("channel"):
        return f" for the channel {ident or body['channel']}"
    user_id = ident if kind == "user" else body.get("user_id") or body.get("slack_user_id")
    if user_id:
        return await _of_user(tx, str(user_id))
    member_id = ident if kind == "member" else str(body.get("member_id") or "")
    if member_id:
        return _of_member(await tx.members.get(member_id))
    return await _of_invitation(tx, str(body.get("invitation_id") or ""))


async def _of_user(tx: Transaction, user_id: str) -> str:
    person = await tx.people.get(user_id)
    return f" for {person.name} ({user_id})" if person and person.name else f" for the Slack user {user_id}"


def _of_member(member: Member | None) -> str:
    if member is None:
        return " for a member who is gone"
    return f" for {member.name} ({member.email})" if member.name else f" for {member.email}"


async def _of_invitation(tx: Transaction, invitation_id: str) -> str:
    invitation = await tx.invitations.get(invitation_id) if invitation_id else None
    return f" for {invitation.email}" if invitation else ""
