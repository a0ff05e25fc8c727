"""Members: roles, deactivation and return (seed 002, "Managing Users in Your Organization")."""

from dataclasses import replace

from domain import seats
from domain.admissions import admit_waiting
from domain.audit import Event, record
from domain.authority import no_such_role
from domain.changes import ActivateMember, ChangeRole, DeactivateMember, LinkMember
from domain.errors import AccountNotLinked, AlreadySo, NoSuchMember, OutsidersNever, OwnerMustStay
from domain.handling import handles
from domain.model import Actor, Member, MemberStatus
from domain.notices import AccessChanged, HomeStale, MemberWelcomed, RoleChanged, to_member
from domain.permissions import Outcome, owner_role, roles_of
from domain.ports import Transaction
from domain.rerouting import reroute, withdraw_all


async def load(tx: Transaction, member_id: str) -> Member:
    """Return a member of this organization who was not removed.

    Raises:
        NoSuchMember: there is none of that id.
    """
    member = await tx.members.get(member_id)
    if member is None or member.status is MemberStatus.REMOVED:
        raise NoSuchMember("This person is not a member here.", remedy="See /team members.", field="member")
    return member


def _require_not_owner(tx: Transaction, member: Member) -> None:
    role = owner_role(tx.organization)
    if member.role == role.slug:
        raise OwnerMustStay(
            f"The {role.name} cannot be demoted, deactivated or removed by anyone, themself included.",
            remedy="Ownership is transferred first.",
            who=[member.id],
        )


async def _changing_role(tx: Transaction, change: ChangeRole) -> Outcome:
    member = await load(tx, change.member_id)
    _require_not_owner(tx, member)
    if refusal := no_such_role(tx.organization, change.role):
        raise refusal
    return Outcome(
        concerned=frozenset({member.id}), gives=frozenset({change.role}), takes=frozenset({member.role})
    )


@handles(ChangeRole, _changing_role)
async def change_role(
    tx: Transaction, change: ChangeRole, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Give a member another role; it takes effect immediately."""
    member = await load(tx, change.member_id)
    if member.role == change.role:
        name = roles_of(tx.organization)[change.role].name
        raise AlreadySo(f"{member.name} is {name} already.", field="role")
    changed = replace(member, role=change.role)
    await tx.members.save(changed)
    facts = {"before": member.role, "after": change.role}
    event = Event(tag="member.role_changed", subject=f"member:{member.id}", facts=facts)
    await record(tx, event, actor=actor, authority=authority)
    await reroute(tx, changed)
    notice = RoleChanged(
        member_id=member.id, role=change.role, version=member.version + 1, to=to_member(member.id)
    )
    await tx.outbox.add(notice)
    await _home(tx, changed)
    return (member.id,)


async def _suspending(tx: Transaction, change: DeactivateMember) -> Outcome:
    member = await load(tx, change.member_id)
    _require_not_owner(tx, member)
    return Outcome(concerned=frozenset({member.id}), takes=frozenset({member.role}))


@handles(DeactivateMember, _suspending)
async def deactivate(
    tx: Transaction, change: DeactivateMember, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """End access at once; role and departments are kept for a return, the seat is free."""
    member = await load(tx, change.member_id)
    if not member.active:
        raise AlreadySo(f"{member.name} is deactivated already.")
    gone = replace(member, status=MemberStatus.DEACTIVATED, status_at=tx.now)
    await tx.members.save(gone)
    seats.release(tx)
    event = Event(tag="member.deactivated", subject=f"member:{member.id}", facts={"role": member.role})
    await record(tx, event, actor=actor, authority=authority)
    await withdraw_all(tx, gone, actor=actor)
    await reroute(tx, gone)
    await _tell_access(tx, gone)
    await admit_waiting(tx)
    return (member.id,)


async def _returning(tx: Transaction, change: ActivateMember) -> Outcome:
    member = await load(tx, change.member_id)
    if member.active:
        raise AlreadySo(f"{member.name} is active already.")
    return Outcome(concerned=frozenset({member.id}), gives=frozenset({member.role}))


@handles(ActivateMember, _returning)
async def activate(
    tx: Transaction, change: ActivateMember, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Give access again with the role they had; it needs a seat."""
    member = await load(tx, change.member_id)
    await seats.require_seats(tx, 1)
    back = replace(member, status=MemberStatus.ACTIVE, status_at=tx.now)
    await tx.members.save(back)
    seats.take(tx)
    event = Event(tag="member.activated", subject=f"member:{member.id}", facts={"role": member.role})
    await record(tx, event, actor=actor, authority=authority)
    await _tell_access(tx, back)
    return (member.id,)


async def _tell_access(tx: Transaction, member: Member) -> None:
    notice = AccessChanged(
        member_id=member.id, active=member.active, version=member.version + 1, to=to_member(member.id)
    )
    await tx.outbox.add(notice)
    await _home(tx, member)


async def _home(tx: Transaction, member: Member) -> None:
    if member.slack_user_id:
        await tx.outbox.add(HomeStale(user_id=member.slack_user_id))


async def require_belonging(tx: Transaction, user_id: str) -> None:
    """Check that a Slack user is, today, a full member of the workspace.

    Raises:
        OutsidersNever: a guest, a bot, from elsewhere, or gone.
    """
    person = await tx.people.get(user_id)
    if person is not None and not person.belongs:
        raise OutsidersNever(
            "Guests, bots and people of other workspaces cannot become members.",
            remedy="A Slack admin can make them a full member of the workspace first.",
        )


async def _linking(tx: Transaction, change: LinkMember) -> Outcome:
    member = await load(tx, change.member_id)
    return Outcome(concerned=frozenset({member.id}), gives=frozenset({member.role}))


@handles(LinkMember, _linking)
async def link(tx: Transaction, change: LinkMember, *, actor: Actor, authority: Actor) -> tuple[str, ...]:
    """Say that a member is this Slack user."""
    member = await load(tx, change.member_id)
    await require_belonging(tx, change.slack_user_id)
    if member.slack_user_id:
        raise AccountNotLinked("This member is linked to a Slack user already.")
    if await tx.members.by_user(change.slack_user_id):
        raise AccountNotLinked("This Slack user is linked to another member.")
    linked = replace(member, slack_user_id=change.slack_user_id)
    await tx.members.save(linked)
    event = Event(
        tag="member.linked",
        subject=f"member:{member.id}",
        facts={"role": member.role},
        personal={"user": change.slack_user_id},
    )
    await record(tx, event, actor=actor, authority=authority)
    await tx.outbox.add(MemberWelcomed(member_id=member.id, to=to_member(member.id)))
    await _home(tx, linked)
    return (member.id,)
