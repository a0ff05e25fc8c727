"""Every role × every operation of each preset, against the tables of the product as they are written."""

from datetime import UTC, datetime

import pytest

from domain.model import Organization, Plan, Preset
from domain.operations import OPERATION_NAMES, Access, Operation
from domain.permissions import (
    ROLES,
    TABLE,
    Outcome,
    Rank,
    Standing,
    access,
    choosable_roles,
    default_role,
    owner_role,
    privileged,
    role_for,
    roles_of,
    roles_that_may,
    standing,
)


def organization(preset: Preset, plan: Plan = Plan.STANDARD) -> Organization:
    return Organization(
        id="o",
        team_id="T1",
        name="Team",
        preset=preset,
        plan=plan,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


STEWARD = """
see_team               F F F F
see_details            F F S O
invite                 F F S A
manage_members         F F S M
departments            F F S -
custom_roles           F F - -
settings               F F - L
view_subscription      F F - -
manage_subscription    F - - -
view_api_keys          F F - -
generate_api_keys      F F - -
view_usage             F F S O
audit                  F F S O
define_applications    F F - -
assign_applications    F F S M
mailboxes              F F - O
approval_policy        F - - -
recovery               - F - -
transfer_ownership     F - - -
delete_organization    F - - -
white_label            F F - -
email_templates        F F - -
integrations           F F - -
file_manager           F F - -
session_recording      - - - -
"""
SEED_ROWS = {
    Preset.PORTAL: """
view_api_keys          F F - F
view_subscription      F F - F
view_usage             F F - F
generate_api_keys      F F - -
white_label            F F - -
manage_subscription    F F - -
manage_members         F F S M
transfer_ownership     F - - -
delete_organization    F - - -
""",
    Preset.SUPPORT: """
view_subscription      F - - -
manage_subscription    F - - -
session_recording      F F - -
settings               F F - L
audit                  F F S O
""",
    Preset.ANALYTICS: "",
    Preset.SUITE: "",
}
CELLS = {
    "F": Access.FULL,
    "S": Access.SCOPE,
    "O": Access.OWN,
    "L": Access.LIMITED,
    "A": Access.ASKS,
    "M": Access.ASKS_FOR_SELF,
    "-": Access.NONE,
}
RANKS = (Rank.OWNER, Rank.ADMIN, Rank.SCOPED, Rank.ORDINARY)


def rows(text: str) -> dict[str, tuple[str, ...]]:
    return {line.split()[0]: tuple(line.split()[1:]) for line in text.strip().splitlines()}


EXPECTED = [
    (
        preset,
        role.slug,
        operation,
        CELLS[(rows(STEWARD) | rows(SEED_ROWS[preset]))[operation][RANKS.index(role.rank)]],
    )
    for preset in Preset
    for role in ROLES[preset].values()
    for operation in Operation
]


@pytest.mark.parametrize(("preset", "slug", "operation", "cell"), EXPECTED)
def test_every_role_holds_what_the_tables_say(
    preset: Preset, slug: str, operation: Operation, cell: Access
) -> None:
    team = organization(preset)
    assert access(team, roles_of(team)[slug], operation) is cell


def test_every_operation_has_a_name_and_every_preset_a_row_or_none() -> None:
    assert set(OPERATION_NAMES) == set(Operation)
    assert all(set(table) <= set(Operation) for table in TABLE.values())


@pytest.mark.parametrize(
    ("preset", "holder", "may_grant"),
    [
        (Preset.PORTAL, "super_admin", {"admin", "developer"}),
        (Preset.PORTAL, "admin", {"admin", "developer"}),
        (Preset.PORTAL, "developer", set()),
        (Preset.SUPPORT, "admin", {"admin", "technician"}),
        (Preset.SUPPORT, "technician", set()),
        (
            Preset.ANALYTICS,
            "account_administrator",
            {"organization_administrator", "workspace_administrator", "user", "viewer"},
        ),
        (Preset.ANALYTICS, "organization_administrator", {"workspace_administrator", "user", "viewer"}),
        (Preset.ANALYTICS, "user", set()),
        (Preset.SUITE, "organization_owner", {"organization_admin", "application_admin", "member"}),
        (Preset.SUITE, "organization_admin", {"application_admin", "member"}),
        (Preset.SUITE, "member", set()),
    ],
)
def test_a_role_grants_only_what_the_rules_say(preset: Preset, holder: str, may_grant: set[str]) -> None:
    assert ROLES[preset][holder].may_grant == may_grant


@pytest.mark.parametrize("preset", Preset)
def test_nobody_may_grant_the_owner_role(preset: Preset) -> None:
    team = organization(preset)
    outcome = Outcome(gives=frozenset({owner_role(team).slug}))
    assert roles_that_may(team, Operation.MANAGE_MEMBERS, outcome) == frozenset()


@pytest.mark.parametrize("preset", Preset)
def test_each_preset_has_one_owner_role_and_one_default(preset: Preset) -> None:
    team = organization(preset)
    assert [role.rank for role in roles_of(team).values()].count(Rank.OWNER) == 1
    assert default_role(team).rank is Rank.ORDINARY
    assert owner_role(team) not in choosable_roles(team)


def test_an_organization_administrator_does_not_touch_a_peer() -> None:
    team = organization(Preset.ANALYTICS)
    role = roles_of(team)["organization_administrator"]
    peer = Outcome(concerned=frozenset({"m2"}), takes=frozenset({"organization_administrator"}))
    answer = standing(
        organization=team, role=role, operation=Operation.MANAGE_MEMBERS, outcome=peer, holder_id="m1"
    )
    assert answer is Standing.NO_GRANT


def test_on_a_free_plan_an_administrator_acts_as_user_and_gets_the_role_back_on_upgrade() -> None:
    free, standard = organization(Preset.ANALYTICS, Plan.FREE), organization(Preset.ANALYTICS)
    assert role_for(free, "organization_administrator").slug == "user"
    assert role_for(standard, "organization_administrator").slug == "organization_administrator"
    assert {role.slug for role in choosable_roles(free)} == {"user", "viewer"}


def test_an_ordinary_member_asks_for_themself_but_not_for_another() -> None:
    team = organization(Preset.PORTAL)
    role = roles_of(team)["developer"]
    for concerned, expected in (({"me"}, Standing.MAY_ASK), ({"you"}, Standing.NO_PERMISSION)):
        outcome = Outcome(concerned=frozenset(concerned))
        answer = standing(
            organization=team, role=role, operation=Operation.MANAGE_MEMBERS, outcome=outcome, holder_id="me"
        )
        assert answer is expected


def test_only_admin_and_owner_roles_are_privileged() -> None:
    team = organization(Preset.SUITE)
    assert privileged(team, roles_of(team)) == {"organization_owner", "organization_admin"}
