"""The page's JSON: what one person sees, and what they can do from there."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import aiosmtplib
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.server import STATIC
from tests.sandbox.bots import RecordingBot, button, field, modal, section
from tests.sandbox.conftest import MANIFEST

Json = dict[str, Any]


class Page:
    """The page of one person, as the browser talks to the server."""

    def __init__(self, slack: LocalSlack, http: aiohttp.ClientSession, handle: str) -> None:
        self._slack, self._http = slack, http
        self.user = slack.person(handle).id

    async def state(self) -> Json:
        async with self._http.get("/page/state", params={"as": self.user}) as response:
            assert response.status == 200
            state: Json = await response.json()
            return state

    async def post(self, path: str, **body: Any) -> Json:
        async with self._http.post(f"/page/{path}", json={"as": self.user, **body}) as response:
            assert response.status == 200
            answer: Json = await response.json()
            return answer


@pytest.fixture
async def http(slack: LocalSlack) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser's connection."""
    async with aiohttp.ClientSession(slack.core.base_url) as session:
        yield session


@pytest.fixture
def dana(slack: LocalSlack, http: aiohttp.ClientSession) -> Page:
    """Dana's page."""
    return Page(slack, http, "dana")


async def test_the_state_has_the_agreed_fields(slack: LocalSlack, dana: Page) -> None:
    state = await dana.state()
    assert set(state) == {
        *("team", "clock", "app", "people", "people_hidden", "me", "channels", "dms", "conversations"),
        *("home", "views", "notice", "mail", "faults", "limits", "version", "workspaces"),
    }
    assert state["team"] == {
        "id": slack.workspace.team.id,
        "name": "Northwind Labs",
        "domain": "northwind-labs",
    }
    assert state["clock"]["movable"] is False
    assert [command["command"] for command in state["app"]["commands"]] == ["/help-me", "/escape"]
    assert [person["handle"] for person in state["people"]] == [
        "olivia",
        "adam",
        "dana",
        "devi",
        "nora",
        "sam",
    ]
    assert [channel["name"] for channel in state["channels"]] == ["general"]
    assert state["dms"] == [
        {"id": slack.person("dana").dm.id, "app": slack.core.app.id, "name": "Helper", "unread": 0}
    ]
    assert state["me"]["id"] == dana.user


async def test_a_stranger_has_only_mail(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    sam = Page(slack, http, "sam")
    state = await sam.state()
    assert state["me"]["in_slack"] is False
    assert state["channels"] == state["dms"] == []
    answer = await sam.post("command", channel=slack.channel("general").id, command="/help-me", text="")
    assert answer == {"ok": False, "error": "Sam Stone cannot use this Slack."}


async def test_a_page_that_knows_nobody_yet_sees_the_first_of_the_team(
    slack: LocalSlack, http: aiohttp.ClientSession
) -> None:
    async with http.get("/page/state") as response:
        assert (await response.json())["me"]["handle"] == "olivia"


async def test_nobody_has_no_state(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    async with http.get("/page/state", params={"as": "U0NOBODY"}) as response:
        assert response.status == 404


async def test_a_command_from_the_page_reaches_the_bot(
    slack: LocalSlack, dana: Page, bot: RecordingBot
) -> None:
    bot.answer("hello")
    general = slack.channel("general").id
    assert await dana.post("command", channel=general, command="/help-me", text="x") == {"ok": True}
    [message] = (await dana.state())["conversations"][general]
    assert (message["text"], message["ephemeral"], message["bot"]) == (
        "hello",
        True,
        slack.workspace.bot.user,
    )


async def test_words_of_an_error_come_once_in_the_answer(
    slack: LocalSlack, dana: Page, bot: RecordingBot
) -> None:
    bot.answer(status=500)
    general = slack.channel("general").id
    answer = await dana.post("command", channel=general, command="/help-me", text="")
    assert answer == {"ok": False, "error": '/help-me failed with the error "dispatch_failed"'}
    state = await dana.state()
    assert state["notice"] is None
    assert state["conversations"][general] == []


async def test_a_notice_is_what_nobody_else_was_told_until_the_next_act(
    slack: LocalSlack, dana: Page, bot: RecordingBot
) -> None:
    await slack.person("dana").command("/other")
    assert str((await dana.state())["notice"]).startswith("/other is not a valid command.")
    await dana.post("message", channel=slack.channel("general").id, text="next")
    assert (await dana.state())["notice"] is None


async def test_a_form_is_filled_and_sent_from_the_page(
    slack: LocalSlack, dana: Page, api: AsyncWebClient, bot: RecordingBot
) -> None:
    await dana.post("command", channel=slack.channel("general").id, command="/help-me", text="")
    view = modal(field("Name", "name"))
    opened = (await api.views_open(trigger_id=bot.forms[0]["trigger_id"], view=view))["view"]
    [shown] = (await dana.state())["views"]
    assert (shown["id"], shown["hash"], shown["busy"], shown["errors"]) == (
        opened["id"],
        opened["hash"],
        False,
        {},
    )
    empty = await dana.post("submit", view_id=shown["id"], values={})
    assert empty == {"ok": True, "errors": {"name": "Please complete this required field."}}
    assert (await dana.state())["views"][0]["errors"] == empty["errors"]
    values = {"name": {"typed": {"type": "plain_text_input", "value": "Ann"}}}
    assert await dana.post("submit", view_id=shown["id"], values=values) == {"ok": True, "errors": {}}
    assert bot.payloads[-1]["view"]["state"]["values"] == values
    assert (await dana.state())["views"] == []
    assert (await dana.post("submit", view_id=shown["id"], values={}))[
        "error"
    ] == "That form is no longer open."


async def test_buttons_work_in_messages_forms_and_home(
    slack: LocalSlack, dana: Page, api: AsyncWebClient, bot: RecordingBot
) -> None:
    actions = {"type": "actions", "block_id": "b", "elements": [button("Go", "go")]}
    posted = await api.chat_postMessage(channel=dana.user, text="card", blocks=[actions])
    await api.views_publish(user_id=dana.user, view={"type": "home", "blocks": [actions]})
    await dana.post("command", channel=slack.channel("general").id, command="/help-me", text="")
    opened = await api.views_open(trigger_id=bot.forms[0]["trigger_id"], view=modal(actions))
    places = [
        {"type": "message", "channel": posted["channel"], "ts": posted["ts"]},
        {"type": "home"},
        {"type": "view", "view_id": opened["view"]["id"]},
    ]
    for place in places:
        pressed = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
        answer = await dana.post("action", container=place, block_id="b", action_id="go", action=pressed)
        assert answer == {"ok": True}
    kinds = [payload.get("view", {"type": "message"})["type"] for payload in bot.payloads]
    assert kinds == ["message", "home", "modal"]


async def test_nobody_acts_in_anothers_form_or_conversation(
    slack: LocalSlack, dana: Page, api: AsyncWebClient, bot: RecordingBot
) -> None:
    await api.views_publish(user_id=slack.person("devi").id, view={"type": "home", "blocks": []})
    home = slack.person("devi").home
    assert home is not None
    answer = await dana.post("close", view_id=home.id)
    assert answer["error"] == "That form is no longer open."
    elsewhere = slack.channel("team-admins").id
    assert (await dana.post("message", channel=elsewhere, text="x"))[
        "error"
    ] == "You are not in that conversation."


async def test_type_ahead_gives_the_bots_options(
    slack: LocalSlack, dana: Page, api: AsyncWebClient, bot: RecordingBot
) -> None:
    options = [{"text": {"type": "plain_text", "text": "Ann"}, "value": "ann"}]
    posted = await api.chat_postMessage(channel=dana.user, text="x", blocks=[section("x")])
    place = {"type": "message", "channel": posted["channel"], "ts": posted["ts"]}
    bot.answer({"options": options})
    answer = await dana.post("options", container=place, block_id="b", action_id="a", value="an")
    assert answer == {"ok": True, "options": options}


async def test_people_write_to_each_other_and_unread_counts(
    slack: LocalSlack, dana: Page, http: aiohttp.ClientSession
) -> None:
    devi = Page(slack, http, "devi")
    await dana.post("message", channel=devi.user, text="hi")
    await dana.post("message", channel=slack.channel("general").id, text="all")
    state = await devi.state()
    [talk] = [each for each in state["dms"] if each.get("user") == dana.user]
    assert (talk["name"], talk["unread"]) == ("Dana Diaz", 1)
    assert state["me"]["unread"] == 2
    await devi.post("read", channel=talk["id"])
    assert (await devi.state())["me"]["unread"] == 1
    assert (await dana.state())["me"]["unread"] == 0


async def test_home_and_shortcuts_are_told(slack: LocalSlack, dana: Page, bot: RecordingBot) -> None:
    assert (await dana.post("home"))["ok"]
    assert (await dana.post("shortcut", callback_id="ask"))["ok"]
    assert (await dana.post("shortcut", callback_id="other"))["error"] == "There is no shortcut other."
    await slack.settle()
    assert {payload["type"] for payload in bot.payloads} == {"event_callback", "shortcut"}


async def test_mail_is_listed_and_marked_read(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    sam = Page(slack, http, "sam")
    await aiosmtplib.send(
        b"From: a@b.example\nSubject: Hi\n\nSee http://127.0.0.1/x\n",
        sender="a@b.example",
        recipients=["sam@elsewhere.example"],
        hostname="127.0.0.1",
        port=int(slack.smtp_url.rpartition(":")[2]),
    )
    state = await sam.state()
    [mail] = state["mail"]
    assert (mail["subject"], mail["links"], mail["read"], state["me"]["unread"]) == (
        "Hi",
        ["http://127.0.0.1/x"],
        False,
        1,
    )
    await sam.post("mail/read", id=mail["id"])
    assert (await sam.state())["me"]["unread"] == 0


async def test_a_file_is_uploaded_from_the_page(
    slack: LocalSlack, dana: Page, http: aiohttp.ClientSession
) -> None:
    form = aiohttp.FormData({"as": dana.user})
    form.add_field("file", b"a,b\n", filename="list.csv", content_type="text/csv")
    async with http.post("/page/upload", data=form) as response:
        answer = await response.json()
    assert answer["ok"]
    assert {key: answer["file"][key] for key in ("name", "mimetype", "size")} == {
        "name": "list.csv",
        "mimetype": "text/csv",
        "size": 4,
    }
    assert slack.workspace.files[answer["file"]["id"]].content == b"a,b\n"


async def test_faults_and_limits_are_set_from_the_page(
    slack: LocalSlack, dana: Page, http: aiohttp.ClientSession
) -> None:
    async with http.post("/page/faults", json={"deliver_twice": 2, "api_slow": 0.5}) as response:
        assert (await response.json())["faults"]["deliver_twice"] == 2
    async with http.post("/page/faults", json={"gravity": True}) as response:
        assert await response.json() == {"ok": False, "error": "There is no fault called gravity."}
    async with http.post("/page/limits", json={"on": True}) as response:
        assert await response.json() == {"ok": True}
    state = await dana.state()
    assert (state["faults"]["api_slow"], state["limits"], slack.limits) == (0.5, True, True)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    async def advance(self, delta: timedelta) -> None:
        self.time += delta


async def test_the_clock_moves_forward_where_it_can() -> None:
    clock = MovableClock()
    async with (
        LocalSlack(manifest=MANIFEST, clock=clock) as slack,
        aiohttp.ClientSession(slack.core.base_url) as http,
    ):
        async with http.post("/page/clock", json={"advance_seconds": 86_400}) as response:
            assert await response.json() == {"ok": True, "now": "2026-01-02T00:00:00+00:00"}
        async with http.post("/page/clock", json={"advance_seconds": -1}) as response:
            assert not (await response.json())["ok"]
        assert (await Page(slack, http, "dana").state())["clock"] == {
            "now": "2026-01-02T00:00:00+00:00",
            "movable": True,
        }


async def test_a_clock_that_cannot_be_moved_says_so(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    async with http.post("/page/clock", json={"advance_seconds": 1}) as response:
        assert await response.json() == {"ok": False, "error": "The clock of this Slack cannot be moved."}


@pytest.mark.parametrize("body", ["{", "[]", "null"])
async def test_nonsense_from_the_page_is_answered_in_words(
    slack: LocalSlack, http: aiohttp.ClientSession, body: str
) -> None:
    for path in ("command", "faults", "limits"):
        async with http.post(f"/page/{path}", data=body) as response:
            assert (await response.json())["ok"] is False


async def test_a_change_is_told_to_the_page(
    slack: LocalSlack, dana: Page, http: aiohttp.ClientSession
) -> None:
    async with asyncio.timeout(5), http.get("/page/events", params={"as": dana.user}) as stream:
        assert stream.content_type == "text/event-stream"
        first = json.loads((await stream.content.readuntil(b"\n\n"))[6:])
        await dana.post("message", channel=slack.channel("general").id, text="x")
        second = json.loads((await stream.content.readuntil(b"\n\n"))[6:])
    assert second["version"] > first["version"]


async def test_many_people_are_counted_not_sent(slack: LocalSlack, dana: Page) -> None:
    for number in range(300):
        slack.add_person(name=f"P {number}", handle=f"p{number}", email=f"p{number}@northwind.example")
    state = await dana.state()
    assert (len(state["people"]), state["people_hidden"]) == (200, 106)


async def test_the_page_itself_is_served(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    if not (STATIC / "index.html").exists():
        pytest.fail("bot/sandbox/static/index.html is missing")
    async with http.get("/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
