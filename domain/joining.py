"""Joining without an invitation, and finding out which member a Slack user is (product §12)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain import seats
from domain.audit import Event, record
from domain.authority import those_who_may
from domain.changes import JoinOrganization, LinkMember
from domain.errors import (
    AccountNotLinked,
    AlreadyInvited,
    AlreadyMember,
    BadValue,
    MemberIsDeactivated,
    OutsidersNever,
)
from domain.handling import handles
from domain.members import link, require_belonging
from domain.model import Actor, Member, MemberStatus, Outsider, Person, Via, email_key, new_id
from domain.notices import HomeStale, LinkCodeMailed, MemberWelcomed, to_member
from domain.operations import Operation
from domain.permissions import Outcome, default_role
from domain.ports import Transaction
from domain.texts import clean_name

CODE_WINDOW = timedelta(hours=1)


async def join_of(tx: Transaction, actor: Actor) -> JoinOrganization:
    """Return the change by which a Slack user asks to become a member.

    Raises:
        AlreadyMember, MemberIsDeactivated: there is nothing to join.
        OutsidersNever: guests, bots and people of other workspaces.
        BadValue: Slack does not vouch for an e-mail address.
    """
    if not isinstance(actor, Outsider):
        if isinstance(actor, Member) and not actor.active:
            raise await _deactivated(tx)
        raise AlreadyMember("You are a member already.", fact="There is nothing to ask for.")
    person = actor.person
    if not person.belongs:
        raise OutsidersNever("Guests, bots and people of other workspaces cannot become members this way.")
    if not person.email or not person.email_confirmed:
        raise BadValue(
            "A member is known by an e-mail address that Slack has confirmed.",
            fact="Slack shows none for you.",
            remedy="Confirm your address in your Slack profile, or ask an admin to invite you.",
        )
    try:
        email = tx.facilities.normalise_email(person.email)
    except ValueError as error:
        raise BadValue("Slack shows an address for you that cannot be used.", fact=str(error)) from error
    return JoinOrganization(slack_user_id=person.user_id, email=email, name=person.name)


async def _deactivated(tx: Transaction) -> MemberIsDeactivated:
    could = await those_who_may(tx, Operation.MANAGE_MEMBERS, Outcome())
    return MemberIsDeactivated(
        "Your membership is deactivated.",
        remedy="An admin can activate it again.",
        who=[admin.id for admin in could],
    )


async def _joining(tx: Transaction, change: JoinOrganization) -> Outcome:
    return Outcome(
        concerned=frozenset({email_key(change.email)}), gives=frozenset({default_role(tx.organization).slug})
    )


@handles(JoinOrganization, _joining)
async def join(
    tx: Transaction, change: JoinOrganization, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Make the Slack user an active member with the default role."""
    await require_belonging(tx, change.slack_user_id)
    former = await tx.members.by_email(change.email)
    await _require_newcomer(tx, change, former)
    await seats.require_seats(tx, 1)
    member = Member(
        id=former.id if former else new_id(),
        organization_id=tx.organization.id,
        email=change.email,
        name=clean_name(change.name) or change.email.partition("@")[0],
        role=default_role(tx.organization).slug,
        slack_user_id=change.slack_user_id,
        joined_via=Via.SLACK,
        joined_at=tx.now,
        status_at=tx.now,
        version=former.version if former else 1,
    )
    await (tx.members.save(member) if former else tx.members.add(member))
    seats.take(tx)
    event = Event(
        tag="member.joined",
        subject=f"member:{member.id}",
        facts={"role": member.role, "via": "request"},
        personal={"email": member.email, "name": member.name},
    )
    await record(tx, event, actor=actor, authority=authority)
    await tx.outbox.add(MemberWelcomed(member_id=member.id, to=to_member(member.id)))
    await tx.outbox.add(HomeStale(user_id=change.slack_user_id))
    return (member.id,)


async def _require_newcomer(tx: Transaction, change: JoinOrganization, former: Member | None) -> None:
    known = await tx.members.by_user(change.slack_user_id)
    standing = {one.status for one in (former, known) if one is not None}
    if MemberStatus.ACTIVE in standing:
        raise AlreadyMember("You are a member already.", fact="There is nothing to ask for.")
    if MemberStatus.DEACTIVATED in standing:
        raise await _deactivated(tx)
    if email_key(change.email) in await tx.invitations.open_for([change.email]):
        raise AlreadyInvited(
            "You are invited already.", remedy="Accept the invitation; resending it is an admin's click away."
        )


async def unlinked_member(tx: Transaction, person: Person) -> Member | None:
    """Return the one member without a Slack user who has this person's confirmed address.

    Raises:
        AccountNotLinked: more than one Slack user has that address.
    """
    if not person.belongs or not person.email or not person.email_confirmed:
        return None
    member = await tx.members.by_email(person.email)
    if member is None or member.slack_user_id or not member.active:
        return None
    alike = (await tx.people.by_emails([person.email])).get(email_key(person.email), ())
    if sum(other.belongs for other in alike) > 1:
        raise AccountNotLinked(
            "A member is linked to one Slack user.",
            fact=f"More than one Slack user has the address {person.email}.",
            remedy="Ask an admin to sort out the addresses in Slack.",
            who=[admin.id for admin in await those_who_may(tx, Operation.INVITE, Outcome())],
        )
    return member


async def recognise(tx: Transaction, person: Person) -> Member | None:
    """Link a Slack user to their member if that is safe: once, by confirmed e-mail, into the default role.

    Raises:
        AccountNotLinked: the member holds more than the default role, or the address is ambiguous.
    """
    member = await unlinked_member(tx, person)
    if member is None:
        return None
    if member.role != default_role(tx.organization).slug:
        raise AccountNotLinked(
            f"{member.email} belongs to a member with more than the default role.",
            fact="An address alone is not proof enough for that.",
            remedy="Enter the code sent to the address, or ask an admin to confirm it is you.",
            who=[admin.id for admin in await those_who_may(tx, Operation.MANAGE_MEMBERS, Outcome())],
            can_ask=True,
        )
    change = LinkMember(member_id=member.id, slack_user_id=person.user_id)
    actor = Outsider(person=person)
    await link(tx, change, actor=actor, authority=actor)
    return replace(member, slack_user_id=person.user_id, version=member.version + 1)


async def _member_to_link(tx: Transaction, person: Person) -> Member:
    member = await unlinked_member(tx, person)
    if member is None:
        raise AccountNotLinked(
            "There is nobody to link you to any more.",
            fact="No active member without a Slack account has your address now.",
            remedy="Ask to become a member with /team join.",
        )
    return member


def _window(now: datetime) -> int:
    return int(now.timestamp() // CODE_WINDOW.total_seconds())


async def send_code(tx: Transaction, person: Person) -> None:
    """Mail the code that proves the Slack user owns the member's address; valid for an hour or two.

    Raises:
        AccountNotLinked: there is no member to link, or no mail is set up.
    """
    member = await _member_to_link(tx, person)
    if not tx.facilities.mail:
        raise AccountNotLinked(
            "No code can be sent.", remedy="Ask an admin to confirm it is you.", can_ask=True
        )
    notice = LinkCodeMailed(member_id=member.id, slack_user_id=person.user_id, window=_window(tx.now))
    await tx.outbox.add(notice)


async def link_with_code(tx: Transaction, person: Person, code: str) -> Member:
    """Link the Slack user to their member with the code from the mail.

    Raises:
        AccountNotLinked: there is no such member, or the code is wrong or too old.
    """
    member = await _member_to_link(tx, person)
    typed = "".join(code.split()).upper()
    keys, now = tx.facilities.keys, _window(tx.now)
    if typed not in {keys.link_code(member.id, person.user_id, window) for window in (now, now - 1)}:
        raise AccountNotLinked(
            "The code is wrong or too old.", remedy="Ask for a new one with any /team command.", field="code"
        )
    actor = Outsider(person=person)
    change = LinkMember(member_id=member.id, slack_user_id=person.user_id)
    await link(tx, change, actor=actor, authority=actor)
    return replace(member, slack_user_id=person.user_id, version=member.version + 1)
