"""Every form says what it was built with: `parse(build(x)) == x`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bot.slack.blocks import option
from bot.slack.screens import asking, decisions, departments, members, policy_form, preview
from bot.slack.screens.asking import Asking
from bot.slack.screens.departments import Named
from bot.slack.screens.member_forms import Around, Draft
from bot.slack.screens.member_forms import build as build_act
from bot.slack.screens.member_forms import parse as parse_act
from bot.slack.screens.member_query import Query, parse
from bot.slack.screens.questions import Question
from bot.slack.screens.questions import build as build_question
from bot.slack.screens.questions import parse as parse_question
from bot.slack.screens.settings_forms import (
    build_holding,
    build_subscription,
    build_team,
    parse_holding,
    parse_subscription,
    parse_team,
)
from bot.slack.text import Mrkdwn
from domain.changes import ChangeSeatHolding, ChangeSettings, ChangeSubscription
from domain.errors import BadValue
from domain.model import Deadlines, Department, Kind, Plan, Preset
from domain.offers import Act, Way
from domain.operations import Operation
from domain.permissions import ROLES
from tests.slack.local import Local

ID = "01m810txwz984fm42h2hyqn73s"
ROLES_HERE = [(role, Way.BY_ASKING) for role in ROLES[Preset.PORTAL].values()]


@pytest.mark.parametrize(
    "team",
    [
        ChangeSettings(name="Northwind"),
        ChangeSettings(
            name="Söhne & <!channel>",
            allowed_domains=("a.example", "bücher.example"),
            approvals_channel="C0A",
            audit_channel="G0B",
        ),
        ChangeSettings(name="x" * 80, audit_channel="C0B"),
    ],
)
def test_the_form_of_the_team_is_read_back(team: ChangeSettings) -> None:
    assert parse_team(build_team(team)) == team


@pytest.mark.parametrize("plans", [True, False])
@pytest.mark.parametrize("seats", [None, 1, 10_000_000])
@pytest.mark.parametrize("plan", list(Plan))
def test_the_form_of_the_subscription_is_read_back(seats: int | None, plan: Plan, plans: bool) -> None:
    now = ChangeSubscription(seat_limit=seats, plan=plan, invoice_email="billing@northwind.example")
    assert parse_subscription(build_subscription(now, used="", plans=plans), plan=plan) == now


def handed_in(view: dict[str, Any], **instead: Any) -> dict[str, Any]:
    """The form as Slack hands it in, with other values in some fields; None: the field is not there."""
    held = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            initial = next((element[key] for key in element if key.startswith("initial_")), None)
            held[block["block_id"]] = {element["action_id"]: {KEYS[element["type"]]: initial}}
    for block_id, value in instead.items():
        if value is None:
            del held[block_id]
        else:
            held[block_id] = {next(iter(held[block_id])): value}
    return {**view, "state": {"values": held}}


KEYS = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "conversations_select": "selected_conversation",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
}
FULL_TEAM = build_team(ChangeSettings(name="Northwind", allowed_domains=("a.b",), audit_channel="C0B"))
FULL_SUBSCRIPTION = build_subscription(
    ChangeSubscription(seat_limit=9, plan=Plan.STANDARD, invoice_email="a@b.co"), used="", plans=True
)
FULL_HOLDING = build_holding(ChangeSeatHolding(pending_holds_seat=True))
WITHOUT_CHOICE = {"type": "radio_buttons", "selected_option": None}
OTHER_CHOICE = {"type": "radio_buttons", "selected_option": option("Maybe", "maybe")}


@pytest.mark.parametrize(
    ("parse", "view", "field", "value"),
    [
        *((parse_team, FULL_TEAM, field, None) for field in ("name", "allowed_domains")),
        *((parse_team, FULL_TEAM, field, None) for field in ("approvals_channel", "audit_channel")),
        *(
            (partial(parse_subscription, plan=Plan.FREE), FULL_SUBSCRIPTION, field, None)
            for field in ("seat_limit", "invoice_email", "plan")
        ),
        (partial(parse_subscription, plan=Plan.FREE), FULL_SUBSCRIPTION, "plan", WITHOUT_CHOICE),
        *(
            (parse_holding, FULL_HOLDING, "pending_holds_seat", value)
            for value in (None, WITHOUT_CHOICE, OTHER_CHOICE)
        ),
        (departments.parse_name, departments.build_name(departments.Named(name="Sales")), "name", None),
    ],
)
def test_a_setting_that_did_not_arrive_is_refused_on_its_field(
    parse: Callable[[Any], object], view: dict[str, Any], field: str, value: Any
) -> None:
    parse(handed_in(view))
    with pytest.raises(BadValue) as refused:
        parse(handed_in(view, **{field: value}))
    assert refused.value.field == field


@pytest.mark.parametrize("holds", [True, False])
def test_the_form_of_held_seats_is_read_back(holds: bool) -> None:
    holding = ChangeSeatHolding(pending_holds_seat=holds)
    assert parse_holding(build_holding(holding)) == holding


@pytest.mark.parametrize(
    "rule",
    [
        policy_form.Draft(),
        policy_form.Draft(
            kind=Kind.ADMIN_ROLE,
            role="admin",
            people=50,
            department=ID,
            steps=(
                policy_form.StepDraft(who="role:admin", needed=2),
                policy_form.StepDraft(who="people", users=("U0A", "W0B"), needed=None),
                policy_form.StepDraft(who="owner"),
            ),
            deadlines=Deadlines(remind=0, escalate=1, expire=2160),
            pinged=("U0A",),
            basis=7,
            original=("admin_role", "admin", "50", ID),
        ),
    ],
)
def test_the_form_of_a_rule_is_read_back(rule: policy_form.Draft) -> None:
    roles = [role for role in ROLES[Preset.PORTAL].values() if role.slug != "super_admin"]
    department = option("Sales", ID) if rule.department else None
    around = policy_form.Around(roles=roles, department=department)
    assert policy_form.parse(policy_form.build(rule, around)) == rule


@pytest.mark.parametrize(
    ("draft", "around"),
    [
        (Draft(act=Act.DEACTIVATE, subject_id=ID), {}),
        (Draft(act=Act.REVOKE, subject_id=ID), {"members": {"page": 2}}),
        (Draft(act=Act.ACTIVATE), {"pick": True}),
        (Draft(act=Act.ACTIVATE, subject_id=ID), {"pick": True, "chosen": option("Ann", ID)}),
        (
            Draft(act=Act.CHANGE_ROLE, subject_id=ID, role="admin", reason="She <leads> & ü"),
            {"roles": ROLES_HERE, "way": Way.BY_ASKING},
        ),
        (Draft(act=Act.CHANGE_ROLE, subject_id=ID), {"roles": ROLES_HERE}),
    ],
)
def test_the_form_of_an_act_is_read_back(draft: Draft, around: dict[str, Any]) -> None:
    assert parse_act(build_act(draft, Around(words=Mrkdwn("About them."), **around))) == draft


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question(operation=Operation.INVITE),
        Question(member_id=ID, operation=Operation.AUDIT),
        Question(member_id=ID),
    ],
)
def test_the_form_of_questions_is_read_back(question: Question) -> None:
    chosen = option("Ann", question.member_id) if question.member_id else None
    assert parse_question(build_question(question, tuple(Operation), chosen=chosen)) == question


@pytest.mark.parametrize("form", [Asking(refusal_id=ID), Asking(refusal_id=ID, reason="She <leads> & ü")])
def test_the_form_that_asks_is_read_back(form: Asking) -> None:
    assert asking.parse(asking.build(form, Mrkdwn("You ask."))) == form


@pytest.mark.parametrize("typed", ["", "invite ann@example.com as admin", "role <ann> & ü"])
def test_the_form_of_previews_is_read_back(typed: str) -> None:
    assert preview.parse(preview.build(typed)) == typed


@pytest.mark.parametrize(
    "named", [Named(), Named(name="Sales & <b>"), Named(name="x" * 60, department_id=ID)]
)
def test_the_form_of_a_departments_name_is_read_back(named: Named) -> None:
    assert departments.parse_name(departments.build_name(named, page=3)) == named


def test_the_question_before_retiring_is_read_back() -> None:
    department = Department(id=ID, organization_id=ID, name="Sales")
    assert departments.parse_retire(departments.build_retire(department)) == ID


@pytest.mark.parametrize(
    "declining",
    [
        decisions.Declining(request_id=ID),
        decisions.Declining(request_id=ID, below="approvals_list", reason="No <seat>\nto spare"),
    ],
)
def test_the_form_of_a_decline_is_read_back(declining: decisions.Declining) -> None:
    assert decisions.parse_reason(decisions.build_reason(declining, title="invite Ann")) == declining


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(text="ann <b>", status="pending", role="developer", cleared=3),
        Query(text="ß", status="active", page=2, trail=(ID,)),
    ],
)
async def test_the_list_is_read_back(northwind: Local, query: Query) -> None:
    async with northwind.store.reading(northwind.team_id) as tx:
        olivia = await tx.members.by_user(northwind.person("olivia").id)
        assert olivia is not None
        view = await members.build(tx, olivia, query)
    # A page that is empty by now shows the first instead.
    assert parse(view) == (query.first() if query.trail else query)
