"""Forged, stale and garbled ids and values: every button, form and menu answers in words and does nothing."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from bot.sandbox import payloads
from bot.sandbox.acts import Place
from bot.sandbox.dispatch import Delivery
from bot.sandbox.ids import Json
from bot.sandbox.person import Person
from domain.front_desk import SlackUser
from domain.model import Preset
from tests.soak.listening import BUTTONS, FORMS, MENUS
from tests.support.attack import INCIDENT, Watched, blank, chosen, watched_steward

GARBAGE = ["", "<!channel>", "²", "-1", "9" * 30, "a" * 2000, "deactivate:", "nothing:nothing", "{}"]


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        yield started


async def busy_team(whole: Watched) -> list[str]:
    """A team with a request, a pending invitation and a department; returns ids of every kind."""
    await whole.set_up(seats="50")
    await whole.staff(adam="admin", dana="developer", devi="developer")
    olivia, dana = whole.person("olivia"), whole.person("dana")
    await dana.command("/team", "invite sam@elsewhere.example")
    await olivia.command("/team", "invite pat@elsewhere.example")
    await olivia.command("/team", "settings")
    await olivia.click("settings_open:departments")
    await olivia.click("New department")
    await olivia.fill("Name", "Support")
    assert await olivia.submit() == {}
    await olivia.close(everything=True)
    pending = await whole.invitation("pat@elsewhere.example")
    assert pending is not None
    async with whole.reading() as tx:
        (department,) = await tx.departments.all()
    return [(await whole.requests())[0].id, (await whole.member("devi")).id, pending.id, department.id]


def clear(person: Person, whole: Watched) -> None:
    """Close the forms in front of somebody and forget what only they see."""
    whole.slack.workspace.views.close_all(person.id)
    person.dm.whispers.clear()


@pytest.mark.parametrize("handle", ["olivia", "dana", "nora"])
async def test_every_button_with_garbage_in_it_answers_in_words_and_does_nothing(
    whole: Watched, handle: str
) -> None:
    await busy_team(whole)
    person, before, wrong = whole.person(handle), await whole.tags(), []
    for action_id in BUTTONS:
        for value in GARBAGE:
            said = await whole.press(person, action_id, value)
            clear(person, whole)
            opened = whole.slack.workspace.views.open(person.id, blank("members"))
            in_form = await whole.press(
                person, action_id, value, place=Place(view=opened), kind="static_select"
            )
            clear(person, whole)
            if INCIDENT in said + in_form:
                wrong.append((action_id, value[:20]))
    whole.expected |= {"slack.incident"}  # each is reported below, with its button
    assert await whole.tags() == before
    assert wrong == []


def mixed(ids: list[str]) -> Iterator[str]:
    """Ids in each other's places, alone and as menus carry them."""
    yield from ids
    for act in ("change_role", "deactivate", "activate", "resend", "revoke", "admit", "rename", "retire"):
        yield from (f"{act}:{one}" for one in ids)


async def test_ids_of_one_thing_in_the_buttons_of_another_do_nothing(whole: Watched) -> None:
    request, member, invitation, department = await busy_team(whole)
    olivia, before = whole.person("olivia"), await whole.tags()
    elsewhere = {
        "request_approve": (member, invitation, department),
        "request_withdraw": (member, invitation, department, request),
        "request_details": (member, invitation, department),
        "invitation_accept": (member, request, department),
        "invitation_decline": (member, request, department),
        "invitation_admit": (member, request, department, invitation),
        "invite_activate": (request, invitation, department),
        "invite_again": (member, request, department),
        "ask_for_refusal": (member, request, invitation, department),
    }
    for action_id, ids in elsewhere.items():
        for one in ids:
            said = await whole.press(olivia, action_id, one)
            assert said, (action_id, one)
            assert INCIDENT not in said, (action_id, one)
            clear(olivia, whole)
    for value in mixed([request, department]):
        if not value.startswith(("rename", "retire")) and ":" in value:
            said = await whole.press(olivia, "members_act", value)
            assert "not known here" in said or "not a member here" in said, (value, said)
            clear(olivia, whole)
    assert await whole.tags() == before


@pytest.mark.parametrize("handle", ["dana", "nora"])
async def test_real_ids_in_buttons_that_were_never_shown_to_somebody_do_nothing(
    whole: Watched, handle: str
) -> None:
    request, member, invitation, department = await busy_team(whole)
    person, before = whole.person(handle), await whole.tags()
    for action_id in ("request_approve", "request_decline", "request_details"):
        said = await whole.press(person, action_id, request)
        assert "can decide it" in said or (handle == "dana" and said), (action_id, said)
        clear(person, whole)
    for action_id in ("invitation_accept", "invitation_decline", "invitation_admit", "invite_again"):
        assert await whole.press(person, action_id, invitation), action_id
        clear(person, whole)
    for value in mixed([member, invitation]):
        await whole.press(person, "members_act", value)
        if person.view and person.view.view["submit"]:
            await person.submit()
        clear(person, whole)
    said = await whole.press(person, "department_act", f"rename:{department}")
    assert "Support" not in said
    assert (await whole.tags())[: len(before)] == before
    assert set((await whole.tags())[len(before) :]) <= {"request.filed"}
    assert (await whole.member("devi")).active


@pytest.mark.parametrize("handle", ["dana", "nora"])
async def test_the_departments_are_shown_to_nobody_who_may_not_manage_them(
    whole: Watched, handle: str
) -> None:
    department = (await busy_team(whole))[3]
    person = whole.person(handle)
    for action_id, value in {
        "departments_page:next": "1",
        "department_new": "new",
        "department_act": f"retire:{department}",
    }.items():
        said = await whole.press(person, action_id, value)
        assert "Support" not in said, action_id
        assert "New department" not in said, action_id
        clear(person, whole)


METADATA = [
    "", "garbage", "[]", "1", "null", "{}", '{"act":"nothing"}', '{"act":5,"subject":[]}', '{"page":"x"}',
    '{"trail":5,"page":{},"cleared":"z"}', '{"request":{}}', '{"department":["x"],"page":-1}',
    '{"reviewed":7,"page":"x"}', '{"members":5,"act":"deactivate","subject":"x"}',
]  # fmt: skip


FIELDS = (
    "email", "users", "role", "departments", "reason", "name", "seat_limit", "plan", "preset", "code",
    "operation", "member", "typed", "search:0", "allowed_domains", "approvals_channel", "audit_channel",
    "invoice_email", "pending_holds_seat",
)  # fmt: skip
HELD: list[Json] = [
    {"type": "plain_text_input", "value": "<!channel>"},
    {"type": "plain_text_input", "value": "9" * 30},
    {"type": "plain_text_input", "value": "1e400"},
    {"type": "static_select", "selected_option": chosen("nothing")},
    {"type": "multi_static_select", "selected_options": [chosen("nothing"), chosen("nothing")]},
    {"type": "multi_users_select", "selected_users": ["U0NOBODY", "<!channel>", ""]},
    {"type": "conversations_select", "selected_conversation": "<!channel>"},
]


async def test_every_form_with_choices_it_never_offered_answers_in_words(whole: Watched) -> None:
    await busy_team(whole)
    olivia, wrong = whole.person("olivia"), []
    usual: Json = {"name": {"x": {"type": "plain_text_input", "value": "Northwind Labs"}}}
    for callback_id in FORMS:
        for held in HELD:
            values = {name: {"x": held} for name in FIELDS}
            for given in (values, usual | {"approvals_channel": {"x": held}, "plan": {"x": held}}):
                body = await whole.hand_in(olivia, callback_id, '{"act":"change_role","pick":true}', given)
                if INCIDENT in json.dumps(body):
                    wrong.append((callback_id, next(iter(held.values())), held[list(held)[1]]))
    whole.expected |= {"slack.incident", "worker.parked"}
    assert wrong == []


async def test_a_switch_handed_in_without_a_choice_is_refused_on_the_field_and_changes_nothing(
    whole: Watched,
) -> None:
    await busy_team(whole)
    olivia, before = whole.person("olivia"), await whole.tags()
    left: Json = {"pending_holds_seat": {"x": {"type": "radio_buttons", "selected_option": None}}}
    for values in (left, {}):
        body = await whole.hand_in(olivia, "settings_holding", "{}", values)
        assert not values or body["errors"] == {"pending_holds_seat": "Choose one of these."}
        assert await whole.tags() == before


async def test_every_menu_that_searches_is_empty_for_nonsense_and_closed_to_strangers(whole: Watched) -> None:
    await busy_team(whole)
    for handle in ("olivia", "nora"):
        person = whole.person(handle)
        for action_id in MENUS:
            for typed in ("<!channel>", "%%%", "___", "x" * 500, "'; --", "\u0000"):
                payload = payloads.suggestion_payload(
                    whole.slack.workspace,
                    person.account,
                    block_id="b",
                    action_id=action_id,
                    value=typed,
                    place={},
                )
                answer = await whole.send(Delivery.INTERACTIVE, payload)
                assert answer.failure is None, (action_id, typed)
                assert not (answer.body or {}).get("options"), (handle, action_id, typed)


async def test_what_belongs_to_another_organization_is_not_known_here(whole: Watched) -> None:
    ours = await busy_team(whole)
    theirs = await another_team(whole)
    olivia, before = whole.person("olivia"), await whole.tags()
    for action_id in ("request_approve", "request_decline", "request_details", "invitation_accept",
                      "invitation_admit", "invite_again", "invite_activate"):  # fmt: skip
        for one in theirs:
            said = await whole.press(olivia, action_id, one)
            assert said, (action_id, one)
            assert "Elsewhere" not in said, (action_id, said)
            clear(olivia, whole)
    for value in mixed(theirs):
        said = await whole.press(olivia, "members_act", value)
        assert "Elsewhere" not in said
        clear(olivia, whole)
    for metadata in ({"act": "deactivate", "subject": theirs[0]}, {"act": "revoke", "subject": theirs[1]}):
        await whole.hand_in(olivia, "member_act", json.dumps(metadata), {})
    assert await whole.tags() == before
    assert len(ours) == 4


async def another_team(whole: Watched) -> list[str]:
    """A second workspace's organization in the same database; returns ids of its owner and an invitation."""
    from bot.slack.directory import person_from_slack
    from domain.changes import InvitationLine
    from domain.founding import SetUp
    from domain.front_desk import FrontDesk

    desk, who = FrontDesk(whole.steward.store), SlackUser("T0ELSEWHERE", "U0ELSEWHERE")
    account = whole.person("olivia").account.to_json(with_email=True)
    known = person_from_slack(who.team_id, account | {"id": who.user_id, "team_id": who.team_id})
    await desk.learn(replace(known, email="mia@elsewhere.example", name="Mia Elsewhere"))
    code = whole.steward.setup_code
    await desk.set_up(who, SetUp(name="Elsewhere", preset=Preset.PORTAL, seat_limit=5, code=code))
    sending = await desk.invite(who, [InvitationLine(email="kim@elsewhere.example", role="admin")])
    assert sending.sent is not None
    async with whole.steward.store.reading(who.team_id) as tx:
        owner = await tx.members.by_user(who.user_id)
    assert owner is not None
    return [owner.id, *sending.sent.made]
