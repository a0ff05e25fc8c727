"""Whether an actor may do a thing, asked of the table in the transaction that uses the answer."""

from collections.abc import Collection

from domain.changes import Change, JoinOrganization, LinkMember
from domain.errors import (
    NoPermission,
    NoSuchRole,
    NotAMember,
    OutsidersNever,
    Refusal,
    RoleNotYoursToGrant,
)
from domain.model import Actor, Invitee, Member, Organization, Outsider, System, email_key
from domain.operations import OPERATION_NAMES, Operation
from domain.permissions import (
    Outcome,
    Rank,
    Standing,
    choosable_roles,
    owner_role,
    role_for,
    roles_of,
    roles_that_may,
    standing_of,
)
from domain.ports import Transaction


def is_owner(tx: Transaction, actor: Actor) -> bool:
    """Return whether the actor is the organization's owner."""
    return isinstance(actor, Member) and actor.active and actor.role == owner_role(tx.organization).slug


async def owner(tx: Transaction) -> Member:
    """Return the organization's one owner."""
    (member,) = await tx.members.holding([owner_role(tx.organization).slug], limit=1)
    return member


async def those_who_may(
    tx: Transaction, operation: Operation, outcome: Outcome, *, limit: int = 5
) -> tuple[Member, ...]:
    """Return active members who may do this themselves, oldest first."""
    return await tx.members.holding(roles_that_may(tx.organization, operation, outcome), limit=limit)


async def standing_on(
    tx: Transaction, actor: Actor, change: Change, outcome: Outcome, *, asking: bool = False
) -> Standing:
    """Return `MAY` or `MAY_ASK`.

    Args:
        asking: the actor pressed the button that asks others for what their own role may not grant.

    Raises:
        NotAMember: an outsider asks for more than to join, or to be known as a member.
        OutsidersNever: guests, bots and people of other workspaces.
        NoPermission: the role does not include the operation.
        RoleNotYoursToGrant: the outcome gives or takes a role above the actor's right.
    """
    if change.operation is None or isinstance(actor, System):
        return Standing.MAY
    if isinstance(actor, Outsider) and not actor.person.belongs:
        raise OutsidersNever("Guests, bots and people of other workspaces take no part here.")
    if isinstance(actor, Outsider | Invitee):
        if isinstance(actor, Outsider) and await _about_oneself(tx, actor, change):
            return Standing.MAY_ASK
        raise await not_a_member(tx)
    answer = standing_of(tx.organization, actor, change.operation, outcome)
    if answer is Standing.NO_PERMISSION:
        raise await no_permission(tx, actor, change.operation, outcome)
    if answer is Standing.NO_GRANT and not asking:
        raise await no_grant(tx, actor, change.operation, outcome)
    return Standing.MAY_ASK if answer is Standing.NO_GRANT else answer


async def _about_oneself(tx: Transaction, actor: Outsider, change: Change) -> bool:
    """Whether a Slack user asks to join, or to be known as the member who has their confirmed address."""
    person = actor.person
    if not isinstance(change, JoinOrganization | LinkMember) or change.slack_user_id != person.user_id:
        return False
    if isinstance(change, JoinOrganization):
        email = change.email
    else:
        member = await tx.members.get(change.member_id)
        email = member.email if member else ""
    return person.email_confirmed and _same(tx, person.email, email)


def _same(tx: Transaction, written: str, email: str) -> bool:
    try:
        return email_key(tx.facilities.normalise_email(written)) == email_key(email)
    except ValueError:
        return False


async def not_a_member(tx: Transaction) -> Refusal:
    """Return the refusal for a person outside the organization."""
    admins = await those_who_may(tx, Operation.INVITE, Outcome())
    return NotAMember(
        f"Only members of {tx.organization.name} can do this.",
        fact="You are not a member yet.",
        remedy="Ask to become one with /team join.",
        who=[member.id for member in admins],
    )


async def no_permission(tx: Transaction, actor: Member, operation: Operation, outcome: Outcome) -> Refusal:
    """Return the refusal for want of the operation."""
    could = await those_who_may(tx, operation, outcome)
    if not actor.active:
        return NoPermission(
            "Only active members can do this.",
            fact="Your membership is deactivated.",
            remedy="An admin can activate it again.",
            who=[member.id for member in could],
        )
    role = role_for(tx.organization, actor.role)
    return NoPermission(
        f"The role {role.name} does not include: {OPERATION_NAMES[operation]}.",
        fact=_as_user(tx, actor),
        remedy="Ask somebody who may." if could else "Nobody here may do this.",
        who=[member.id for member in could],
    )


def _as_user(tx: Transaction, actor: Member) -> str:
    held = roles_of(tx.organization)[actor.role]
    role = role_for(tx.organization, actor.role)
    if held == role:
        return f"You are {role.name}."
    return f"You hold {held.name}, which the {tx.organization.plan} plan does not include."


async def no_grant(tx: Transaction, actor: Member, operation: Operation, outcome: Outcome) -> Refusal:
    """Return the refusal for a role the actor may not grant, change or take away."""
    own = role_for(tx.organization, actor.role)
    beyond = names_of(tx, outcome.roles - own.may_grant)
    could = await those_who_may(tx, operation, outcome)
    return RoleNotYoursToGrant(
        f"{own.name} may not give, change or take away the role {beyond}.",
        fact=f"You are {own.name}.",
        remedy="You can ask those who may."
        if could
        else "Nobody may: ownership is transferred, not granted.",
        who=[member.id for member in could],
        can_ask=bool(could),
        field="role",
    )


def names_of(tx: Transaction, slugs: Collection[str]) -> str:
    """Return role names for a sentence, highest first."""
    roles = roles_of(tx.organization)
    return " or ".join(role.name for slug, role in roles.items() if slug in slugs)


def no_such_role(organization: Organization, slug: str) -> NoSuchRole | None:
    """Return why a role cannot be given to anybody here, None when it can."""
    role = roles_of(organization).get(slug)
    choosable = choosable_roles(organization)
    if role in choosable:
        return None
    if role is not None and role.rank is Rank.OWNER:
        rule = f"The role {role.name} is never given: its holder transfers it."
        return NoSuchRole(rule, remedy="Choose another role.", field="role")
    said = role.name if role else slug
    names = ", ".join(other.name for other in choosable)
    return NoSuchRole(
        f"The role {said} cannot be given here.", remedy=f"Choose one of: {names}.", field="role"
    )
