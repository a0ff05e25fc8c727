"""Who may do what: presets, their roles, and THE table that desk, help, Home and README read."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.model import Member, Organization, Plan, Preset
from domain.operations import Access, Operation

_F, _S, _O, _L = Access.FULL, Access.SCOPE, Access.OWN, Access.LIMITED
_A, _ME, _N = Access.ASKS, Access.ASKS_FOR_SELF, Access.NONE


class Rank(StrEnum):
    """The column of the table a role stands in."""

    OWNER = "owner"
    ADMIN = "admin"
    SCOPED = "scoped"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of operations and the set of roles its holder may grant, change or take away."""

    slug: str
    name: str
    rank: Rank
    may_grant: frozenset[str] = frozenset()
    default: bool = False
    needs_plan: Plan = Plan.FREE


def _roles(*roles: Role) -> dict[str, Role]:
    return {role.slug: role for role in roles}


ROLES: dict[Preset, dict[str, Role]] = {
    Preset.PORTAL: _roles(
        Role(
            slug="super_admin",
            name="Super Admin",
            rank=Rank.OWNER,
            may_grant=frozenset({"admin", "developer"}),
        ),
        Role(slug="admin", name="Admin", rank=Rank.ADMIN, may_grant=frozenset({"admin", "developer"})),
        Role(slug="developer", name="Developer", rank=Rank.ORDINARY, default=True),
    ),
    Preset.SUPPORT: _roles(
        Role(
            slug="super_admin",
            name="Super Admin",
            rank=Rank.OWNER,
            may_grant=frozenset({"admin", "technician"}),
        ),
        Role(slug="admin", name="Admin", rank=Rank.ADMIN, may_grant=frozenset({"admin", "technician"})),
        Role(slug="technician", name="Technician", rank=Rank.ORDINARY, default=True),
    ),
    Preset.ANALYTICS: _roles(
        Role(
            slug="account_administrator",
            name="Account Administrator",
            rank=Rank.OWNER,
            may_grant=frozenset({"organization_administrator", "workspace_administrator", "user", "viewer"}),
        ),
        Role(
            slug="organization_administrator",
            name="Organization Administrator",
            rank=Rank.ADMIN,
            may_grant=frozenset({"workspace_administrator", "user", "viewer"}),
            needs_plan=Plan.STANDARD,
        ),
        Role(
            slug="workspace_administrator",
            name="Workspace Administrator",
            rank=Rank.SCOPED,
            may_grant=frozenset({"workspace_administrator", "user"}),
            needs_plan=Plan.STANDARD,
        ),
        Role(slug="user", name="User", rank=Rank.ORDINARY, default=True),
        Role(slug="viewer", name="Viewer", rank=Rank.ORDINARY),
    ),
    Preset.SUITE: _roles(
        Role(
            slug="organization_owner",
            name="Organization Owner",
            rank=Rank.OWNER,
            may_grant=frozenset({"organization_admin", "application_admin", "member"}),
        ),
        Role(
            slug="organization_admin",
            name="Organization Admin",
            rank=Rank.ADMIN,
            may_grant=frozenset({"application_admin", "member"}),
        ),
        Role(slug="application_admin", name="Application Admin", rank=Rank.SCOPED),
        Role(slug="member", name="Member", rank=Rank.ORDINARY, default=True),
    ),
}

_RANKS = (Rank.OWNER, Rank.ADMIN, Rank.SCOPED, Rank.ORDINARY)
_Row = tuple[Access, Access, Access, Access]

_EVERY_PRESET: dict[Operation, _Row] = {
    Operation.SEE_TEAM: (_F, _F, _F, _F),
    Operation.SEE_DETAILS: (_F, _F, _S, _O),
    Operation.INVITE: (_F, _F, _S, _A),
    Operation.MANAGE_MEMBERS: (_F, _F, _S, _ME),
    Operation.DEPARTMENTS: (_F, _F, _S, _N),
    Operation.CUSTOM_ROLES: (_F, _F, _N, _N),
    Operation.SETTINGS: (_F, _F, _N, _L),
    Operation.VIEW_SUBSCRIPTION: (_F, _F, _N, _N),
    Operation.MANAGE_SUBSCRIPTION: (_F, _N, _N, _N),
    Operation.VIEW_API_KEYS: (_F, _F, _N, _N),
    Operation.GENERATE_API_KEYS: (_F, _F, _N, _N),
    Operation.VIEW_USAGE: (_F, _F, _S, _O),
    Operation.AUDIT: (_F, _F, _S, _O),
    Operation.DEFINE_APPLICATIONS: (_F, _F, _N, _N),
    Operation.ASSIGN_APPLICATIONS: (_F, _F, _S, _ME),
    Operation.MAILBOXES: (_F, _F, _N, _O),
    Operation.APPROVAL_POLICY: (_F, _N, _N, _N),
    Operation.RECOVERY: (_N, _F, _N, _N),
    Operation.TRANSFER_OWNERSHIP: (_F, _N, _N, _N),
    Operation.DELETE_ORGANIZATION: (_F, _N, _N, _N),
    Operation.WHITE_LABEL: (_F, _F, _N, _N),
    Operation.EMAIL_TEMPLATES: (_F, _F, _N, _N),
    Operation.INTEGRATIONS: (_F, _F, _N, _N),
    Operation.FILE_MANAGER: (_F, _F, _N, _N),
}

TABLE: dict[Preset, dict[Operation, _Row]] = {
    Preset.PORTAL: _EVERY_PRESET
    | {  # seed 000, "List of operations that a user can perform for each role"
        Operation.VIEW_API_KEYS: (_F, _F, _N, _F),
        Operation.VIEW_SUBSCRIPTION: (_F, _F, _N, _F),
        Operation.VIEW_USAGE: (_F, _F, _N, _F),
        Operation.MANAGE_SUBSCRIPTION: (_F, _F, _N, _N),
    },
    Preset.SUPPORT: _EVERY_PRESET
    | {  # seed 001, "Privileges": billing is the Super Admin's alone
        Operation.VIEW_SUBSCRIPTION: (_F, _N, _N, _N),
        Operation.SESSION_RECORDING: (_F, _F, _N, _N),
    },
    Preset.ANALYTICS: _EVERY_PRESET,
    Preset.SUITE: _EVERY_PRESET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a change would bring about: whom it concerns and which roles it gives or takes."""

    concerned: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    """Roles that were only offered: the grant rule judges them, no approval is needed to take them back."""
    people: int = 1
    among: int = 0
    """How many people the whole act is about, where this is a part of it."""
    places: frozenset[tuple[str, str]] = frozenset()
    """Each role that is given, with the id of a department given to the same person, or "" for none."""

    @property
    def roles(self) -> frozenset[str]:
        return self.gives | self.takes | self.offers


def places(role: str, departments: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return a role with each of the departments one person gets with it, for `Outcome.places`."""
    return frozenset((role, one) for one in tuple(departments) or ("",))


class Standing(StrEnum):
    """What the table and the grant rule say of one person and one outcome."""

    MAY = "may"
    MAY_ASK = "may_ask"
    NO_PERMISSION = "no_permission"
    NO_GRANT = "no_grant"


def roles_of(organization: Organization) -> dict[str, Role]:
    """Return the roles an organization knows, by slug, highest first."""
    return ROLES[organization.preset]


def default_role(organization: Organization) -> Role:
    """Return the role a newcomer gets when nothing else is said."""
    return next(role for role in roles_of(organization).values() if role.default)


def owner_role(organization: Organization) -> Role:
    """Return the one role that exactly one member holds."""
    return next(role for role in roles_of(organization).values() if role.rank is Rank.OWNER)


def role_for(organization: Organization, slug: str) -> Role:
    """Return the role a holder acts as: their own, or the default where the plan lacks it (product §2)."""
    role = roles_of(organization)[slug]
    return role if plan_includes(organization.plan, role.needs_plan) else default_role(organization)


_PLANS = {plan: place for place, plan in enumerate(Plan)}


def plan_includes(plan: Plan, needed: Plan) -> bool:
    """Return whether `plan` is `needed` or a higher one."""
    return _PLANS[plan] >= _PLANS[needed]


def access(organization: Organization, role: Role, operation: Operation) -> Access:
    """Return the table's cell."""
    row = TABLE[organization.preset].get(operation)
    return Access.NONE if row is None else row[_RANKS.index(role.rank)]


def standing(
    *, organization: Organization, role: Role, operation: Operation, outcome: Outcome, holder_id: str
) -> Standing:
    """Return what a holder of `role` may do about `outcome`."""
    cell = access(organization, role, operation)
    if cell is Access.FULL:
        return Standing.MAY if outcome.roles <= role.may_grant else Standing.NO_GRANT
    if cell is Access.ASKS:
        return Standing.MAY_ASK
    if cell is Access.ASKS_FOR_SELF and outcome.concerned == {holder_id}:
        return Standing.MAY_ASK
    return Standing.NO_PERMISSION


def standing_of(
    organization: Organization, member: Member, operation: Operation, outcome: Outcome
) -> Standing:
    """Return what `member` may do about `outcome`; a deactivated or removed member may nothing."""
    if not member.active:
        return Standing.NO_PERMISSION
    role = role_for(organization, member.role)
    return standing(
        organization=organization, role=role, operation=operation, outcome=outcome, holder_id=member.id
    )


def roles_that_may(organization: Organization, operation: Operation, outcome: Outcome) -> frozenset[str]:
    """Return the slugs of the roles whose holders may do this themselves (the inverse question)."""
    return frozenset(
        slug
        for slug in roles_of(organization)
        if standing(
            organization=organization,
            role=role_for(organization, slug),
            operation=operation,
            outcome=outcome,
            holder_id="",
        )
        is Standing.MAY
    )


def privileged(organization: Organization, slugs: Iterable[str]) -> frozenset[str]:
    """Return those of `slugs` that are admin roles (whose giving or taking the policy watches)."""
    roles = roles_of(organization)
    return frozenset(slug for slug in slugs if slug in roles and roles[slug].rank in (Rank.OWNER, Rank.ADMIN))


def choosable_roles(organization: Organization) -> tuple[Role, ...]:
    """Return the roles that can be given today: not the owner's, none that lacks its scope or plan."""
    return tuple(
        role
        for role in roles_of(organization).values()
        if role.rank in (Rank.ADMIN, Rank.ORDINARY) and plan_includes(organization.plan, role.needs_plan)
    )
