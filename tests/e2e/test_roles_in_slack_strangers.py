"""Guests, bots, strangers and people gone from Slack: whatever they type or click, they take no part."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox import payloads
from bot.sandbox.acts import Place
from bot.sandbox.dispatch import Delivery
from bot.sandbox.finding import words_of
from bot.sandbox.person import Person
from tests.support.attack import INCIDENT, Watched, card, shown, watched_steward
from tests.support.whole import has_button

GUS = "gus@northwind.example"


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.set_up(seats="50")
        await started.staff(adam="admin", dana="developer")
        yield started


async def stranger(whole: Watched, kind: str) -> Person:
    """Somebody of Slack who never belongs, and whom Steward knows; `gone` was deactivated in Slack."""
    member = "member" if kind == "gone" else kind
    person = whole.slack.add_person(name="Gus Guest", email=GUS, handle="gus", kind=member)
    await whole.slack.settle()
    if kind == "gone":
        person.change(deleted=True)
        await whole.slack.settle()
    return person


KINDS = ("guest", "single_channel_guest", "external", "bot", "gone")
each_kind = pytest.mark.parametrize("kind", KINDS)

TYPED = (
    "invite", "invite a@elsewhere.example", "join", "join because I want to", "members", "role",
    "role @dana admin", "deactivate @dana", "activate @dana", "can invite", "who can invite", "settings",
    "preview join", "preview role @dana admin", "preview invite a@elsewhere.example",
)  # fmt: skip


async def typed(whole: Watched, person: Person, text: str) -> str:
    """What Slack is answered when somebody types this whom its own client would not let."""
    channel = whole.slack.channel("general")
    command = payloads.command_form(whole.slack.workspace, person.account, channel, "/team", text)
    answer = await whole.send(Delivery.COMMAND, command)
    assert answer.failure is None, (text, answer)
    said = words_of(answer.body) + str(answer.body or "") + shown(person)
    whole.slack.workspace.views.close_all(person.id)
    return said


@each_kind
async def test_every_verb_is_refused_to_who_never_belongs_without_sending_them_to_join(
    whole: Watched, kind: str
) -> None:
    person = await stranger(whole, kind)
    before = await whole.tags()
    for text in TYPED:
        said = await typed(whole, person, text)
        assert "Guests, bots and people of other workspaces" in said, (text, said)
        assert "/team join" not in said, (text, said)
        assert INCIDENT not in said, text
    for text in ("", "help", "why", "approvals", "nonsense"):
        said = await typed(whole, person, text)
        assert said.strip(), text
        assert INCIDENT not in said, text
    assert await whole.tags() == before


@each_kind
async def test_every_button_of_a_card_in_a_channel_is_refused_to_who_never_belongs(
    whole: Watched, kind: str
) -> None:
    dana, olivia, person = whole.person("dana"), whole.person("olivia"), await stranger(whole, kind)
    await dana.command("/team", "invite sam@elsewhere.example")
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.command("/team", f"invite {GUS}")
    before, invitation = await whole.tags(), await whole.invitation(GUS)
    assert invitation is not None
    request = (await whole.requests())[0].id
    place = Place(channel=olivia.dm, message=card(olivia, "asks to"))
    for action_id, value in {
        "request_approve": request,
        "request_decline": request,
        "request_details": request,
        "request_withdraw": request,
        "invitation_accept": invitation.id,
        "invitation_decline": invitation.id,
        "invitation_admit": invitation.id,
        "invite_again": invitation.id,
        "invite_open": "x",
        "join_open": "x",
        "department_new": "x",
        "departments_page:next": "1",
        "settings_open:settings_team": "settings_team",
        "home_open:invite": "invite",
    }.items():
        await whole.press(person, action_id, value, place=place)
        words = "\n".join(message.words for message in olivia.dm.whispers.pop(person.id, ()))
        said = words + shown(person)
        assert said, (kind, action_id)
        assert "sam@elsewhere.example" not in said, (kind, action_id, said)
        assert INCIDENT not in said, (kind, action_id)
        assert person.view is None or "Guests" in said or "request" in said, (kind, action_id, said)
        whole.slack.workspace.views.close_all(person.id)
    assert await whole.tags() == before


@each_kind
async def test_the_home_of_who_never_belongs_says_only_that(whole: Watched, kind: str) -> None:
    person = await stranger(whole, kind)
    event = {"type": "app_home_opened", "user": person.id, "channel": person.dm.id, "tab": "home"}
    whole.slack.dispatcher.tell(payloads.event_payload(whole.slack.workspace, event))
    await person.until(lambda: person.home is not None)
    assert person.home is not None
    words = words_of(person.home.view)
    assert "Guests, bots and people of other workspaces" in words
    assert "Olivia" not in words


async def test_a_member_who_becomes_a_guest_in_slack_is_told_apart_by_their_membership_alone(
    whole: Watched,
) -> None:
    dana = whole.person("dana")
    dana.change(kind="guest")
    await whole.slack.settle()
    reply = await dana.command("/team", "members")
    assert reply.error is None
    assert reply.text or reply.view
    assert (await whole.member("dana")).active


async def test_nobody_sets_steward_up_as_a_guest_or_stranger_even_with_the_code(sqlite_url: str) -> None:
    async with watched_steward(sqlite_url) as whole:
        for kind in KINDS:
            person = whole.slack.add_person(name=kind, email=f"{kind}@northwind.example", handle=kind,
                                            kind="guest" if kind == "gone" else kind)  # fmt: skip
            await whole.slack.settle()
            values = {
                "name": {"name": {"type": "plain_text_input", "value": "Mine now"}},
                "preset": {"preset": {"type": "radio_buttons", "selected_option": {"value": "portal"}}},
                "seat_limit": {"seats": {"type": "number_input", "value": "5"}},
                "code": {"code": {"type": "plain_text_input", "value": whole.steward.setup_code}},
            }
            body = await whole.hand_in(person, "setup", "", values)
            assert "Guests, bots and people of other workspaces" in str(body), (kind, body)
        async with whole.reading() as tx:
            assert not tx.is_set_up
