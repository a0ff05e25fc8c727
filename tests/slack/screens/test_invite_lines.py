"""Reading whom to invite, typed and pasted."""

from dataclasses import replace

import pytest

from bot.slack.blocks import section
from bot.slack.forms import Form
from bot.slack.screens.invite_form import Offered, build, build_review, fingerprint, parse
from bot.slack.screens.invite_lines import Choices, Draft, lines_of, typed_draft
from domain.model import Department, Person, Preset
from domain.permissions import ROLES

SALES = Department(id="d-sales", organization_id="o", name="Field Sales")
SUPPORT = Department(id="d-support", organization_id="o", name="Support")
ROLE_TABLE = ROLES[Preset.PORTAL]
CHOICES = Choices(roles=ROLE_TABLE, departments=(SALES, SUPPORT), default_role="developer")
OFFERED = Offered(
    choices=CHOICES,
    roles=[ROLE_TABLE["admin"], ROLE_TABLE["developer"]],
    needs_yes=frozenset({"admin"}),
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Draft(role="developer")),
        ("ann@x.org", Draft(addresses="ann@x.org", role="developer")),
        ("ann@x.org as admin", Draft(addresses="ann@x.org", role="admin")),
        ("ann@x.org as Admins", Draft(addresses="ann@x.org", role="admin")),
        ("ann@x.org AS super admin", Draft(addresses="ann@x.org", role="super_admin")),
        ("ann@x.org as super_admin", Draft(addresses="ann@x.org", role="super_admin")),
        ("ann@x.org as wizard", Draft(addresses="ann@x.org", role="wizard")),
        (
            "ann@x.org, <@U1|ann> as developer because she knows as much",
            Draft(addresses="ann@x.org", users=("U1",), role="developer", reason="she knows as much"),
        ),
        ("<@U1> <@U1> <@U2>", Draft(users=("U1", "U2"), role="developer")),
        (
            "<mailto:ann@x.org|ann@x.org>;bob@x.org",
            Draft(addresses="ann@x.org\nbob@x.org", role="developer"),
        ),
        ("as admin ann@x.org", Draft(addresses="ann@x.org", role="admin")),
        ("as admin", Draft(role="admin")),
        ("bob", Draft(addresses="bob", role="developer")),
        (
            "Ann Lee &lt;<mailto:ann@x.org|ann@x.org>&gt;",
            Draft(addresses="Ann Lee <ann@x.org>", role="developer"),
        ),
        ("Ann Lee &lt;ann@x.org&gt; as admin", Draft(addresses="Ann Lee <ann@x.org>", role="admin")),
        ("Ann Lee <mailto:ann@x.org|ann@x.org>", Draft(addresses="Ann Lee <ann@x.org>", role="developer")),
        (
            "mailto:<mailto:ann@x.org?subject=x|ann@x.org?subject=x>",
            Draft(addresses="ann@x.org", role="developer"),
        ),
        ("<mailto:ann%2Bme@x.org|ann+me@x.org>", Draft(addresses="ann+me@x.org", role="developer")),
        (
            '"Lee, Ann" &lt;<mailto:ann@x.org|ann@x.org>&gt;; Bob &lt;<mailto:bob@x.org|bob@x.org>&gt;',
            Draft(addresses='"Lee, Ann" <ann@x.org>\nBob <bob@x.org>', role="developer"),
        ),
        (
            "ann@x.org as super admin Bob Ray &lt;bob@x.org&gt;",
            Draft(addresses="ann@x.org\nBob Ray <bob@x.org>", role="super_admin"),
        ),
        (
            "<mailto:ann@x.org|ann@x.org> and <mailto:bob@x.org|bob@x.org>, <@U1>",
            Draft(addresses="ann@x.org\nbob@x.org", users=("U1",), role="developer"),
        ),
        ("as admin, ann@x.org", Draft(addresses="ann@x.org", role="admin")),
        ("<@U1> as admin ann@x.org", Draft(addresses="ann@x.org", users=("U1",), role="admin")),
    ],
)
def test_what_is_typed_becomes_a_draft(typed: str, expected: Draft) -> None:
    assert typed_draft(typed, CHOICES) == expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ("ann@x.org", [("ann@x.org", "developer", (), "")]),
        ("ann@x.org, bob@x.org", [("ann@x.org", "developer", (), ""), ("bob@x.org", "developer", (), "")]),
        ("ann@x.org; bob@x.org", [("ann@x.org", "developer", (), ""), ("bob@x.org", "developer", (), "")]),
        ("ann@x.org, Admin", [("ann@x.org", "admin", (), "")]),
        ("ann@x.org;Admin", [("ann@x.org", "admin", (), "")]),
        ("ann@x.org\tAdmin", [("ann@x.org", "admin", (), "")]),
        ("ann@x.org,,support", [("ann@x.org", "developer", ("d-support",), "")]),
        (
            "ann@x.org, admin, Field Sales/Support, Ann Lee",
            [("ann@x.org", "admin", ("d-sales", "d-support"), "Ann Lee")],
        ),
        ('ann@x.org, admin, , "Lee, Ann"', [("ann@x.org", "admin", (), "Lee, Ann")]),
        ("ann@x.org, wizard, Nowhere", [("ann@x.org", "wizard", ("Nowhere",), "")]),
        ("email,role\nann@x.org,admin", [("ann@x.org", "admin", (), "")]),
        ("Ann Lee <ann@x.org>", [("Ann Lee <ann@x.org>", "developer", (), "Ann Lee")]),
        ("Ann Lee <ann@x.org>, Admin", [("Ann Lee <ann@x.org>", "admin", (), "Ann Lee")]),
        (
            '"Lee, Ann" <ann@x.org>; Bob <bob@x.org>',
            [
                ('"Lee, Ann" <ann@x.org>', "developer", (), "Lee, Ann"),
                ("Bob <bob@x.org>", "developer", (), "Bob"),
            ],
        ),
        (
            'Bob <bob@x.org>\n"Lee, Ann" <ann@x.org>, Admin',
            [
                ("Bob <bob@x.org>", "developer", (), "Bob"),
                ('"Lee, Ann" <ann@x.org>', "admin", (), "Lee, Ann"),
            ],
        ),
        ("<mailto:a@x.org|a@x.org>", [("<mailto:a@x.org|a@x.org>", "developer", (), "")]),
        ("\n\nann@x.org\n\n", [("ann@x.org", "developer", (), "")]),
        ("", []),
    ],
)
def test_a_pasted_list_becomes_lines(
    addresses: str, expected: list[tuple[str, str, tuple[str, ...], str]]
) -> None:
    lines, unknown = lines_of(Draft(addresses=addresses, role="developer"), CHOICES, {})
    assert [(line.email, line.role, line.departments, line.name) for line in lines] == expected
    assert unknown == []


def test_the_forms_role_and_departments_are_for_lines_without_their_own() -> None:
    draft = Draft(
        addresses="ann@x.org\nbob@x.org, developer, Support", role="admin", departments=("d-sales",)
    )
    lines, _ = lines_of(draft, CHOICES, {})
    assert [(line.role, line.departments) for line in lines] == [
        ("admin", ("d-sales",)),
        ("developer", ("d-support",)),
    ]


def test_picked_people_are_invited_by_their_address_and_those_without_one_are_named() -> None:
    known = {
        "U1": Person(team_id="T", user_id="U1", email="ann@x.org", name="Ann"),
        "U2": Person(team_id="T", user_id="U2", name="Ben"),
    }
    lines, unknown = lines_of(Draft(users=("U1", "U2", "U3"), role="developer"), CHOICES, known)
    assert [(line.email, line.name, line.slack_user_id) for line in lines] == [("ann@x.org", "Ann", "U1")]
    assert [str(row.problem) for row in unknown] == [
        "Slack shows no e-mail address of Ben. Invite them by address instead.",
        "Slack has not said yet who this person is. Try again in a minute, or invite them by address.",
    ]


DRAFTS = [
    Draft(role="developer"),
    Draft(
        addresses="ann@x.org\nbob@x.org, Admin",
        users=("U1", "U2"),
        role="admin",
        departments=("d-sales",),
        reason="They lead <!channel> & more",
    ),
    Draft(addresses="x" * 3000, role="developer", reason="y" * 1000),
]


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_form_reads_back_what_it_was_built_from(draft: Draft) -> None:
    assert parse(Form(build(draft, OFFERED))) == draft
    review = build_review(draft, OFFERED, [section("*1 ready*")], page=1, sendable=True)
    assert parse(Form(review)) == draft


def test_more_departments_than_a_menu_holds_are_searched_for() -> None:
    many = [Department(id=f"d{n}", organization_id="o", name=f"Branch {n}") for n in range(101)]
    choices = Choices(roles=ROLE_TABLE, departments=many, default_role="developer")
    offered = Offered(choices=choices, roles=OFFERED.roles, needs_yes=frozenset())
    draft = Draft(role="developer", departments=("d100",))
    view = build(draft, offered)
    kinds = {block["block_id"]: block["element"]["type"] for block in view["blocks"]}
    assert kinds["departments"] == "multi_external_select"
    assert parse(Form(view)) == draft


def test_only_the_reason_may_change_after_the_review() -> None:
    draft = DRAFTS[1]
    assert fingerprint(draft) == fingerprint(replace(draft, reason="another"))
    others = (
        replace(draft, addresses="a@b.co"),
        replace(draft, users=()),
        replace(draft, role="developer"),
        replace(draft, departments=()),
    )
    assert all(fingerprint(draft) != fingerprint(other) for other in others)
