"""Deliveries that are under way, and a stop that waits for them."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.slack.edge import Dispatcher, Outcome, SlackEdge, StewardApp, dispatch
from tests.slack.edge.slack import SECRET, Wire, click, command, event, shortcut, submission, suggestion, wire


class Slowly:
    """A listener that waits to be let go."""

    def __init__(self, app: StewardApp) -> None:
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.finished = 0
        app.command("/team")(self.listen)

    async def listen(self, ack: Any) -> None:
        self.begun.set()
        await self.let_go.wait()
        self.finished += 1
        await ack("finished")


async def test_a_stop_waits_for_what_is_under_way(app: StewardApp, edge: SlackEdge, slack: Wire) -> None:
    slowly = Slowly(app)
    answer = asyncio.create_task(slack.command())
    await slowly.begun.wait()
    stop = asyncio.create_task(edge.drain(5))
    await asyncio.sleep(0.02)
    assert not stop.done()
    slowly.let_go.set()
    assert await stop
    answered = await answer
    assert await answered.text() == "finished"
    assert answered.headers["Connection"] == "close"


async def test_a_stop_does_not_wait_for_ever(app: StewardApp, edge: SlackEdge, slack: Wire) -> None:
    slowly = Slowly(app)
    answer = asyncio.create_task(slack.command())
    await slowly.begun.wait()
    with capture_logs() as logs:
        assert not await edge.drain(0.02)
    assert [entry["event"] for entry in logs] == ["slack.not_drained"]
    slowly.let_go.set()
    assert await (await answer).text() == "finished"


async def test_a_stop_with_nothing_under_way_is_at_once(edge: SlackEdge) -> None:
    async with asyncio.timeout(1):
        assert await edge.drain(60)


async def test_a_listener_finishes_although_slack_hung_up(
    app: StewardApp, edge: SlackEdge, slack: Wire
) -> None:
    slowly = Slowly(app)
    answer = asyncio.create_task(slack.command())
    await slowly.begun.wait()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    slowly.let_go.set()
    assert await edge.drain(5)
    assert slowly.finished == 1


async def test_a_listener_finishes_although_its_server_was_cancelled(app: StewardApp) -> None:
    slowly = Slowly(app)
    dispatcher = Dispatcher(app, via="http")
    run = asyncio.create_task(dispatcher.run(dict(command()), {}))
    await slowly.begun.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert dispatcher.under_way == 1
    slowly.let_go.set()
    assert await dispatcher.drain(5)
    assert slowly.finished == 1


async def test_every_delivery_is_observed(app: StewardApp) -> None:
    seen: list[Outcome] = []

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/team")(acknowledge)
    app.action("approve")(acknowledge)
    app.view("invite")(acknowledge)
    app.options("member")(acknowledge)
    app.shortcut("invite_people")(acknowledge)
    app.event("team_join")(acknowledge)
    application = web.Application()
    SlackEdge(app, SECRET, observe=seen.append).add_to(application)
    slack = await wire(application)
    await slack.command()
    for payload in (click(), submission(), suggestion(), shortcut()):
        await slack.interact(payload)
    await slack.event(event())
    await slack.client.close()
    assert [(each.kind, each.via, each.status) for each in seen] == [
        (kind, "http", 200)
        for kind in (
            "command",
            "block_actions",
            "view_submission",
            "block_suggestion",
            "shortcut",
            "event team_join",
        )
    ]


async def test_a_slow_answer_is_noticed(
    app: StewardApp, slack: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.command("/team")
    async def acknowledge(ack: Any) -> None:
        await ack()

    monkeypatch.setattr(dispatch, "SLOW", 0.0)
    with capture_logs() as logs:
        await slack.command()
    assert [(entry["event"], entry["kind"]) for entry in logs] == [("slack.slow", "command")]


async def test_an_app_that_answers_first_is_refused(client: AsyncWebClient) -> None:
    with pytest.raises(ValueError, match="process before"):
        SlackEdge(AsyncApp(client=client, signing_secret=SECRET), SECRET)


async def test_a_delivery_is_answered_even_if_bolt_itself_fails(app: StewardApp) -> None:
    @app.error
    async def fail_again() -> None:
        raise RuntimeError

    with capture_logs() as logs:
        answer = await Dispatcher(app, via="http").run(dict(command()), {})
    assert answer.status == 500
    assert [entry["event"] for entry in logs] == ["slack.undispatched"]


async def test_the_app_knows_what_it_listens_to(app: StewardApp) -> None:
    async def listen() -> None: ...

    pattern = re.compile("^member:")
    app.command("/team")(listen)
    app.shortcut("invite_people")(listen)
    app.global_shortcut("approvals")(listen)
    app.action(pattern)(listen)
    app.block_action("approve")(listen)
    app.view("invite")(listen)
    app.view_closed("invite")(listen)
    app.options("member")(listen)
    app.event("team_join")(listen)
    app.message("hello")(listen)
    heard = app.listeners
    assert heard.commands == ["/team"]
    assert heard.shortcuts == ["invite_people", "approvals"]
    assert heard.actions == [pattern, "approve"]
    assert heard.views == ["invite", "invite"]
    assert heard.options == ["member"]
    assert heard.events == ["app_uninstalled", "tokens_revoked", "team_join", "message"]
