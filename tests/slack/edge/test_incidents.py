"""What people are told when a listener fails, and what the log says of it."""

import json
import re
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.slack.edge import SlackEdge, StewardApp, build_bolt
from bot.slack.edge.incidents import NOT_INSTALLED, OUTDATED, UNKNOWN_COMMAND
from tests.slack.edge.slack import (
    SECRET,
    TEAM,
    TOKEN,
    WebApi,
    Wire,
    click,
    command,
    event,
    form,
    shortcut,
    signed,
    submission,
    suggestion,
    wire,
)

NUMBER = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
WHO = {
    "type": "input",
    "block_id": "who",
    "label": {"type": "plain_text", "text": "Who"},
    "element": {"type": "plain_text_input", "action_id": "who"},
}
NOTE = {"type": "section", "block_id": "note", "text": {"type": "mrkdwn", "text": "Sure?"}}


@pytest.fixture
def broken(app: StewardApp) -> StewardApp:
    """Every listener fails with something private in the error."""

    async def fail(body: dict[str, Any]) -> None:
        secret = "xoxb-123-secret"
        typed = body.get("text") or body.get("value") or "nothing"
        raise RuntimeError(f"no row for ann@example.com with {secret} in {typed}\n[parameters: ann]")

    app.command("/team")(fail)
    app.action("approve")(fail)
    app.view("invite")(fail)
    app.options("member")(fail)
    app.shortcut("invite_people")(fail)
    app.event("team_join")(fail)
    return app


def incident(logs: list[Any]) -> str:
    """The number in the log."""
    entries = [entry for entry in logs if entry["event"] == "slack.incident"]
    assert len(entries) == 1
    return str(entries[0]["incident"])


@pytest.mark.usefixtures("broken")
async def test_a_failed_command_is_answered_in_words_with_a_number(slack: Wire) -> None:
    with capture_logs() as logs:
        answer = await slack.command("invite somebody")
    said = await answer.json()
    assert (answer.status, said["response_type"]) == (200, "ephemeral")
    assert "Something went wrong" in said["text"]
    assert NUMBER.findall(said["text"]) == [incident(logs)]


@pytest.mark.usefixtures("broken")
async def test_a_failed_form_keeps_what_was_typed_and_says_so_on_its_first_field(slack: Wire) -> None:
    answer = await slack.interact(submission(blocks=[NOTE, WHO]))
    said = await answer.json()
    assert said["response_action"] == "errors"
    assert list(said["errors"]) == ["who"]
    assert NUMBER.search(said["errors"]["who"])


@pytest.mark.usefixtures("broken")
async def test_a_failed_form_without_fields_becomes_the_words(slack: Wire) -> None:
    answer = await slack.interact(submission(blocks=[NOTE]))
    said = await answer.json()
    assert said["response_action"] == "update"
    assert said["view"]["type"] == "modal"
    assert NUMBER.search(said["view"]["blocks"][0]["text"]["text"])


@pytest.mark.usefixtures("broken")
async def test_a_failed_button_is_answered_beside_its_message(slack: Wire, api: WebApi) -> None:
    answer = await slack.interact(click(response_url=f"{api.url}response/1"))
    assert (answer.status, await answer.text()) == (200, "")
    (said,) = api.named("response")
    assert NUMBER.search(said["text"])
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(("view", "method"), [("modal", "views.push"), ("home", "views.open")])
async def test_a_failed_button_of_a_view_opens_the_words(
    slack: Wire, api: WebApi, view: str, method: str
) -> None:
    opened = {"id": "V1", "type": view, "callback_id": "x", "team_id": TEAM, "blocks": []}
    assert (await slack.interact(click(view=opened))).status == 200
    (said,) = api.named(method)
    assert said["trigger_id"] == "1.2.3"
    assert NUMBER.search(str(said["view"]))


@pytest.mark.usefixtures("broken")
async def test_a_failed_shortcut_opens_the_words(slack: Wire, api: WebApi) -> None:
    assert (await slack.interact(shortcut())).status == 200
    assert NUMBER.search(str(api.named("views.open")))


@pytest.mark.usefixtures("broken")
async def test_words_that_cannot_be_delivered_fail_nothing(slack: Wire, api: WebApi) -> None:
    api.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    with capture_logs() as logs:
        assert (await slack.interact(shortcut())).status == 200
    assert [entry["event"] for entry in logs] == ["slack.incident", "slack.could_not_tell"]


@pytest.mark.usefixtures("broken")
async def test_a_failed_event_is_left_to_slack_to_deliver_again(slack: Wire) -> None:
    assert (await slack.event(event())).status == 500


async def test_a_failed_event_is_let_in_again_even_in_the_same_second(app: StewardApp, slack: Wire) -> None:
    tries = 0

    @app.event("team_join")
    async def fail_once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise RuntimeError

    body = json.dumps(event()).encode()
    sent = signed(body)
    statuses = [(await slack.client.post("/slack/events", data=body, headers=sent)).status for _ in range(3)]
    assert statuses == [500, 200, 401]


@pytest.mark.usefixtures("broken")
async def test_a_failed_search_does_not_claim_that_nothing_was_found(slack: Wire) -> None:
    assert (await slack.interact(suggestion())).status == 500


@pytest.mark.usefixtures("broken")
async def test_an_incident_is_logged_with_its_place_and_nothing_private(slack: Wire) -> None:
    with capture_logs() as logs:
        await slack.command("invite the whole board")
    (entry,) = logs
    assert (entry["kind"], entry["error"]) == ("command", "RuntimeError")
    assert entry["says"] == "no row for [address] with [secret] in [typed]"
    assert any("test_incidents.py" in place and place.endswith(" fail") for place in entry["where"])
    assert not re.search(r"ann@|xoxb|board|parameters", repr(entry))


async def test_the_cause_of_an_error_is_logged_too(app: StewardApp, slack: Wire) -> None:
    def connect() -> None:
        raise ConnectionError("database gone")

    @app.command("/team")
    async def fail() -> None:
        try:
            connect()
        except ConnectionError as error:
            raise RuntimeError("no answer") from error

    with capture_logs() as logs:
        await slack.command()
    places = " ".join(logs[0]["where"])
    assert re.search(r" connect ConnectionError .* fail RuntimeError$", places)


async def test_a_half_given_answer_does_not_hide_the_failure(app: StewardApp, slack: Wire) -> None:
    @app.command("/team")
    async def fail(ack: Any) -> None:
        await ack("all done")
        raise RuntimeError

    assert "Something went wrong" in await (await slack.command()).text()


async def test_errors_in_middleware_are_answered_too(app: StewardApp, slack: Wire) -> None:
    @app.middleware
    async def fail() -> None:
        raise RuntimeError

    assert "Something went wrong" in await (await slack.command()).text()


async def test_two_incidents_have_two_numbers(broken: StewardApp, slack: Wire) -> None:
    numbers = {NUMBER.findall(await (await slack.command(str(n))).text())[0] for n in range(5)}
    assert len(numbers) == 5


# Refusals


class NoSeatLeft(Exception):
    """A refusal of the domain."""


async def test_incidents_are_counted_and_refusals_are_not(client: AsyncWebClient) -> None:
    counted: list[int] = []
    app = build_bolt(
        signing_secret=SECRET,
        bot_token=TOKEN,
        web_client=client,
        explain=lambda error: "No seat is left." if isinstance(error, NoSeatLeft) else None,
        count_incident=lambda: counted.append(1),
    )
    errors: list[Exception] = [NoSeatLeft(), RuntimeError()]

    @app.command("/team")
    async def fail() -> None:
        raise errors.pop(0)

    application = web.Application()
    SlackEdge(app, SECRET).add_to(application)
    slack = await wire(application)
    await slack.command()
    assert counted == []
    await slack.command(text="again")
    await slack.client.close()
    assert counted == [1]


async def explained(client: AsyncWebClient) -> tuple[StewardApp, Wire]:
    def explain(error: Exception) -> str | None:
        return "No seat is left & <everybody> waits." if isinstance(error, NoSeatLeft) else None

    app = build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client, explain=explain)
    application = web.Application()
    SlackEdge(app, SECRET).add_to(application)
    return app, await wire(application)


async def test_a_refusal_is_answered_with_its_words_and_is_no_incident(client: AsyncWebClient) -> None:
    app, slack = await explained(client)

    @app.command("/team")
    async def refuse() -> None:
        raise NoSeatLeft

    with capture_logs() as logs:
        said = await (await slack.command()).json()
    await slack.client.close()
    assert said["text"] == "No seat is left &amp; &lt;everybody&gt; waits."
    assert [entry["event"] for entry in logs] == ["slack.refused"]


async def test_a_refused_event_is_not_delivered_again(client: AsyncWebClient) -> None:
    app, slack = await explained(client)

    @app.event("team_join")
    async def refuse() -> None:
        raise NoSeatLeft

    answer = await slack.event(event())
    await slack.client.close()
    assert answer.status == 200


# Nobody listens


async def test_an_unknown_command_is_answered(slack: Wire) -> None:
    said = await (await slack.command(command="/team-nothing")).json()
    assert (said["response_type"], said["text"]) == ("ephemeral", UNKNOWN_COMMAND)


async def test_a_button_of_an_older_version_is_answered(slack: Wire, api: WebApi) -> None:
    assert (await slack.interact(click("gone", response_url=f"{api.url}response/1"))).status == 200
    assert api.named("response")[0]["text"] == OUTDATED


async def test_a_button_that_opens_a_link_needs_no_listener(slack: Wire, api: WebApi) -> None:
    action = {"type": "button", "action_id": "open", "block_id": "b", "action_ts": "1.1"}
    answer = await slack.interact(click(actions=[action], response_url=f"{api.url}response/1"))
    assert answer.status == 200
    assert api.named("response") == []


async def test_a_form_of_an_older_version_says_so(slack: Wire) -> None:
    said = await (await slack.interact(submission("gone", [WHO]))).json()
    assert said["errors"] == {"who": OUTDATED}


async def test_an_event_nobody_listens_to_is_not_delivered_again(slack: Wire) -> None:
    assert (await slack.event(event("channel_rename"))).status == 200


async def test_a_signed_payload_of_no_sensible_shape_is_passed_over(slack: Wire) -> None:
    body = form({"payload": '{"type": "shortcut", "callback_id": "x", "user": 5, "team": 7}'})
    with capture_logs() as logs:
        answer = await slack.send(body)
    assert answer.status == 200
    assert [entry["event"] for entry in logs] == ["slack.misshapen"]


async def test_another_workspace_is_told_that_steward_is_not_there(app: StewardApp, slack: Wire) -> None:
    @app.command("/team")
    async def never(ack: Any) -> None:
        await ack("ran")

    said = await (await slack.send(form({**command(), "team_id": "T0OTHER"}))).json()
    assert said["text"] == NOT_INSTALLED
