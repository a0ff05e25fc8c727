"""Review of people to invite: every problem of every line is found before anything is sent (product §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.authority import no_such_role
from domain.changes import InvitationLine
from domain.departments import all_departments, require_open
from domain.errors import (
    AlreadyInvited,
    AlreadyMember,
    BadAddress,
    DomainNotAllowed,
    MemberIsDeactivated,
    OutsidersNever,
    Refusal,
    TwiceInList,
)
from domain.model import Department, Invitation, Member, MemberStatus, Organization, Person, email_key
from domain.permissions import roles_of
from domain.ports import Transaction
from domain.seats import no_seat_left, seats_now
from domain.texts import clean_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One reviewed line: as it would be sent, or with its problem."""

    line: InvitationLine
    problem: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the review knows of all lines together, read once."""

    organization: Organization
    members: dict[str, Member]
    invitations: dict[str, Invitation]
    people: dict[str, Person]
    taken_users: dict[str, Member]
    invited_users: dict[str, Invitation]
    departments: dict[str, Department]
    wrong_roles: dict[str, Refusal | None]


async def review(
    tx: Transaction,
    lines: Sequence[InvitationLine],
    *,
    normalised: bool = False,
    seated: bool = True,
    seen: set[str] | None = None,
) -> tuple[Row, ...]:
    """Return every line, normalised, with its first problem; when seats run out the last lines lack one.

    Args:
        normalised: the lines come from an earlier review.
        seated: seats are looked at too.
        seen: addresses and Slack users of the lines before, for a list that comes in pieces; it grows.
    """
    written = [Row(line=line) if normalised else normal(tx, line) for line in lines]
    people = await tx.people.by_emails({email_key(row.line.email) for row in written if row.problem is None})
    resolved = [_resolved(row, people) for row in written]
    known = {person.user_id: person for alike in people.values() for person in alike}
    facts = await _facts(tx, [row.line for row in resolved if row.problem is None], known)
    rows: list[Row] = []
    seen = set() if seen is None else seen
    for row in resolved:
        if row.problem is None:
            names = {email_key(row.line.email), row.line.slack_user_id or ""} - {""}
            row = _examined(facts, row.line, again=bool(names & seen))
            seen |= names
        rows.append(row)
    return await _seated(tx, rows) if seated else tuple(rows)


def normal(tx: Transaction, line: InvitationLine) -> Row:
    """Return a line with address and name in their one written form, or what is wrong with the address."""
    try:
        email = tx.facilities.normalise_email(line.email)
    except ValueError as error:
        shown = line.email if len(line.email) <= 80 else f"{line.email[:80]}…"
        problem = BadAddress(f"“{shown}” is not an e-mail address.", fact=str(error), field="email")
        return Row(line=line, problem=problem)
    return Row(line=replace(line, email=email, name=clean_name(line.name)))


def _resolved(row: Row, people: Mapping[str, Sequence[Person]]) -> Row:
    """Find the Slack user of an address, where Slack vouches for exactly one."""
    if row.problem is not None or row.line.slack_user_id:
        return row
    alike = people.get(email_key(row.line.email), ())
    sure = [person.user_id for person in alike if person.belongs and person.email_confirmed]
    return replace(row, line=replace(row.line, slack_user_id=sure[0])) if len(sure) == 1 else row


async def _facts(tx: Transaction, lines: Sequence[InvitationLine], known: Mapping[str, Person]) -> _Facts:
    keys = {email_key(line.email) for line in lines}
    users = {line.slack_user_id for line in lines if line.slack_user_id}
    return _Facts(
        organization=tx.organization,
        members=await tx.members.by_emails(keys),
        invitations=await tx.invitations.open_for(keys),
        people={**known, **await tx.people.many(users - known.keys())},
        taken_users=await tx.members.by_users(users),
        invited_users=await tx.invitations.open_for_users(users),
        departments=await all_departments(tx) if any(line.departments for line in lines) else {},
        wrong_roles={role: no_such_role(tx.organization, role) for role in {line.role for line in lines}},
    )


def _examined(facts: _Facts, line: InvitationLine, *, again: bool) -> Row:
    problem = (
        _twice(line, again=again)
        or wrong_domain(facts.organization, line.email)
        or _known(facts, line)
        or _slack_account(facts, line)
        or facts.wrong_roles[line.role]
        or _departments(facts, line)
    )
    return Row(line=line, problem=problem)


def _twice(line: InvitationLine, *, again: bool) -> Refusal | None:
    if not again:
        return None
    return TwiceInList(
        f"{line.email} stands in the list more than once.", fact="It is sent once.", field="email"
    )


def wrong_domain(organization: Organization, email: str) -> DomainNotAllowed | None:
    """Return why an address may not be invited, None when it may."""
    allowed = organization.allowed_domains
    domain = email.rpartition("@")[2].casefold()
    if not allowed or domain in allowed:
        return None
    return DomainNotAllowed(
        f"{organization.name} invites only addresses at {', '.join(allowed)}.",
        fact=f"{email} is at {domain}.",
        remedy="An admin can add the domain in /team settings.",
        field="email",
    )


def _known(facts: _Facts, line: InvitationLine) -> Refusal | None:
    key, user_id = email_key(line.email), line.slack_user_id or ""
    member = facts.members.get(key)
    if member is None or member.status is MemberStatus.REMOVED:
        member = facts.taken_users.get(user_id)
    if member is not None and member.status is MemberStatus.ACTIVE:
        role = roles_of(facts.organization)[member.role].name
        return AlreadyMember(f"{line.email} is a member already.", fact=f"The role is {role}.", field="email")
    if member is not None and member.status is MemberStatus.DEACTIVATED:
        refusal = MemberIsDeactivated(
            f"{line.email} is a deactivated member.",
            remedy="They can be activated again in /team members; nothing of theirs was lost.",
            field="email",
        )
        refusal.member_id = member.id
        return refusal
    if invitation := facts.invitations.get(key) or facts.invited_users.get(user_id):
        return AlreadyInvited(
            f"{line.email} is invited already.",
            fact=f"The invitation is {invitation.status}.",
            remedy="Resend or revoke it in /team members.",
            field="email",
        )
    return None


def _slack_account(facts: _Facts, line: InvitationLine) -> Refusal | None:
    person = facts.people.get(line.slack_user_id or "")
    if person is None or person.belongs:
        return None
    return OutsidersNever(
        "Only full members of this Slack workspace can be invited through Slack.",
        fact=f"{line.email} is a guest, a bot, from another workspace, or gone.",
        remedy="Invite a person by e-mail address instead.",
        field="email",
    )


def _departments(facts: _Facts, line: InvitationLine) -> Refusal | None:
    try:
        require_open(facts.departments, line.departments)
    except Refusal as refusal:
        return refusal
    return None


async def _seated(tx: Transaction, rows: Sequence[Row]) -> tuple[Row, ...]:
    if not tx.organization.pending_holds_seat:
        return tuple(rows)
    seats = await seats_now(tx)
    seated: list[Row] = []
    left = seats.free
    if left is None or left >= len(ready(rows)):
        return tuple(rows)
    full = await no_seat_left(tx, seats, 1)
    if left:
        full.fact += " The lines before take the rest."
    for row in rows:
        if row.problem is None:
            if left == 0:
                row = replace(row, problem=full)
            left = max(0, left - 1)
        seated.append(row)
    return tuple(seated)


def ready(rows: Sequence[Row]) -> tuple[InvitationLine, ...]:
    """Return the lines without a problem."""
    return tuple(row.line for row in rows if row.problem is None)
