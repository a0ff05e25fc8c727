"""Socket Mode against a WebSocket server of our own."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.slack import socket as module
from bot.slack.edge import Outcome, StewardApp, build_bolt, web_client
from bot.slack.socket import SocketMode
from tests.slack.edge.slack import (
    NONSENSE,
    SECRET,
    TOKEN,
    WHO_I_AM,
    click,
    command,
    event,
    submission,
    suggestion,
)

APP_TOKEN = "xapp-1-the-app"


@dataclass
class Gateway:
    """Slack's end: gives out addresses that serve once, and sends envelopes."""

    url: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: dict[str, Any] = field(default_factory=dict)
    via: dict[str, int] = field(default_factory=dict)
    issued: set[str] = field(default_factory=set)
    opened: int = 0
    refusals: int = 0
    nonsense: list[tuple[int, str, str]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: Any = field(default_factory=itertools.count)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/api/auth.test", self._who)
        application.router.add_post("/api/apps.connections.open", self._open)
        application.router.add_get("/link", self._link)
        return application

    async def _who(self, _request: web.Request) -> web.Response:
        return web.json_response(WHO_I_AM)

    async def _open(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {APP_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        self.opened += 1
        if self.nonsense:
            status, content_type, text = self.nonsense.pop(0)
            return web.Response(status=status, content_type=content_type, text=text)
        ticket = str(next(self.numbers))
        self.issued.add(ticket)
        return web.json_response({"ok": True, "url": f"{self.url}link?ticket={ticket}"})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query["ticket"]
        if ticket not in self.issued or self.refusals:
            self.issued.discard(ticket)
            self.refusals = max(0, self.refusals - 1)
            return web.Response(status=408)
        self.issued.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        place = len(self.sockets)
        self.sockets.append(socket)
        await self._notify()
        await socket.send_json({"type": "hello", "num_connections": place + 1})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                answer = json.loads(frame.data)
                self.acknowledged[answer["envelope_id"]] = answer.get("payload")
                self.via[answer["envelope_id"]] = place
                await self._notify()
        await self._notify()
        return socket

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, ready: Any) -> None:
        """Waits for something to be so."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(ready)

    async def send(self, payload: dict[str, Any] | None, kind: str = "slash_commands", **more: Any) -> str:
        """Sends an envelope; returns its id."""
        envelope = f"e{next(self.numbers)}"
        await self.sockets[-1].send_json(
            {
                "envelope_id": envelope,
                "type": kind,
                "accepts_response_payload": kind != "events_api",
                "payload": payload,
                **more,
            }
        )
        return envelope

    async def answer(self, payload: dict[str, Any] | None, kind: str = "slash_commands", **more: Any) -> Any:
        """Sends an envelope; returns what it is acknowledged with."""
        envelope = await self.send(payload, kind, **more)
        await self.until(lambda: envelope in self.acknowledged)
        return self.acknowledged[envelope]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with TestServer(gateway.application()) as server:
        gateway.url = str(server.make_url("/"))
        yield gateway
        for socket in gateway.sockets:
            await socket.close()


@pytest.fixture
async def client(gateway: Gateway, session: aiohttp.ClientSession) -> AsyncWebClient:
    return web_client(token=TOKEN, session=session, base_url=f"{gateway.url}api")


@pytest.fixture
async def app(client: AsyncWebClient) -> StewardApp:
    return build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client)


@pytest.fixture
async def socket(app: StewardApp, client: AsyncWebClient) -> AsyncIterator[SocketMode]:
    socket = SocketMode(app, app_token=APP_TOKEN, web_client=client, concurrency=4)
    await socket.start()
    yield socket
    await socket.stop(1)


async def acknowledge(ack: Any) -> None:
    await ack("done")


@pytest.mark.usefixtures("socket")
async def test_a_command_is_acknowledged_with_its_words(app: StewardApp, gateway: Gateway) -> None:
    app.command("/team")(acknowledge)
    assert await gateway.answer(dict(command())) == {"text": "done"}


@pytest.mark.usefixtures("socket")
async def test_an_acknowledgement_carries_errors_and_options(app: StewardApp, gateway: Gateway) -> None:
    @app.view("invite")
    async def refuse(ack: Any) -> None:
        await ack(response_action="errors", errors={"who": "No such address."})

    @app.options("member")
    async def offer(ack: Any) -> None:
        await ack(options=[])

    @app.action("approve")
    async def approve(ack: Any) -> None:
        await ack()

    assert await gateway.answer(submission(), "interactive") == {
        "response_action": "errors",
        "errors": {"who": "No such address."},
    }
    assert await gateway.answer(suggestion(), "interactive") == {"options": []}
    assert await gateway.answer(click(), "interactive") is None


@pytest.mark.usefixtures("socket")
async def test_nothing_is_acknowledged_before_its_listener_has_run(app: StewardApp, gateway: Gateway) -> None:
    let_go, begun = asyncio.Event(), asyncio.Event()

    @app.event("team_join")
    async def slowly() -> None:
        begun.set()
        await let_go.wait()

    envelope = await gateway.send(event(), "events_api")
    await begun.wait()
    assert envelope not in gateway.acknowledged
    let_go.set()
    await gateway.until(lambda: envelope in gateway.acknowledged)


@pytest.mark.usefixtures("socket")
async def test_a_failed_event_is_not_acknowledged_so_that_it_comes_again(
    app: StewardApp, gateway: Gateway
) -> None:
    tries: list[str] = []

    @app.event("team_join")
    async def fail_once(request: Any) -> None:
        tries.append(request.headers.get("x-slack-retry-num", ["0"])[0])
        if len(tries) == 1:
            raise RuntimeError

    first = await gateway.send(event(), "events_api")
    assert await gateway.answer(event(), "events_api", retry_attempt=1, retry_reason="timeout") is None
    assert tries == ["0", "1"]
    assert first not in gateway.acknowledged


@pytest.mark.usefixtures("socket")
async def test_a_failed_command_is_answered_in_words(app: StewardApp, gateway: Gateway) -> None:
    @app.command("/team")
    async def fail() -> None:
        raise RuntimeError

    said = await gateway.answer(dict(command()))
    assert said["response_type"] == "ephemeral"
    assert "Something went wrong" in said["text"]


@pytest.mark.usefixtures("socket")
async def test_what_is_no_envelope_is_passed_over(app: StewardApp, gateway: Gateway) -> None:
    app.command("/team")(acknowledge)
    for nonsense in (
        "{not json",
        "[]",
        '{"type": "x", "envelope_id": "e", "payload": []}',
        "hello",
        '{"a": 1}',
    ):
        await gateway.sockets[-1].send_str(nonsense)
    await gateway.sockets[-1].send_bytes(b"\xff")
    assert await gateway.answer(dict(command("a\x00b"))) == {"text": "done"}


async def test_only_so_many_deliveries_are_worked_on_at_once(
    app: StewardApp, gateway: Gateway, socket: SocketMode
) -> None:
    assert socket.connected
    let_go, full = asyncio.Event(), asyncio.Event()
    running = most = 0

    @app.command("/team")
    async def slowly(ack: Any) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 4:
            full.set()
        await let_go.wait()
        running -= 1
        await ack()

    envelopes = [await gateway.send(dict(command(str(number)))) for number in range(10)]
    await full.wait()
    await asyncio.sleep(0.05)
    let_go.set()
    await gateway.until(lambda: set(envelopes) <= gateway.acknowledged.keys())
    assert most == 4


async def test_a_stop_finishes_and_acknowledges_what_was_begun(
    app: StewardApp, gateway: Gateway, socket: SocketMode
) -> None:
    let_go, begun = asyncio.Event(), asyncio.Event()

    @app.command("/team")
    async def slowly(ack: Any) -> None:
        begun.set()
        await let_go.wait()
        await ack("finished")

    envelope = await gateway.send(dict(command()))
    await begun.wait()
    stop = asyncio.create_task(socket.stop(5))
    await asyncio.sleep(0.02)
    assert not stop.done()
    let_go.set()
    assert await stop
    await gateway.until(lambda: gateway.sockets[-1].closed)
    assert gateway.acknowledged[envelope] == {"text": "finished"}
    assert not socket.connected


async def test_a_stop_does_not_wait_for_ever(app: StewardApp, gateway: Gateway, socket: SocketMode) -> None:
    let_go, begun = asyncio.Event(), asyncio.Event()

    @app.command("/team")
    async def slowly(ack: Any) -> None:
        begun.set()
        await let_go.wait()
        await ack()

    await gateway.send(dict(command()))
    await begun.wait()
    assert not await socket.stop(0.02)
    let_go.set()


async def test_a_lost_connection_is_replaced(app: StewardApp, gateway: Gateway, socket: SocketMode) -> None:
    app.command("/team")(acknowledge)
    await gateway.until(lambda: len(gateway.sockets) == 1)
    await gateway.sockets[0].close()
    await gateway.until(lambda: len(gateway.sockets) == 2)
    assert await gateway.answer(dict(command())) == {"text": "done"}
    assert socket.connected


async def test_a_connection_slack_wants_to_replace_goes_only_when_the_next_is_there(
    app: StewardApp, gateway: Gateway, socket: SocketMode
) -> None:
    let_go, begun = asyncio.Event(), asyncio.Event()

    @app.command("/team")
    async def slowly(ack: Any) -> None:
        begun.set()
        await let_go.wait()
        await ack("finished")

    app.command("/team-invite")(acknowledge)
    await gateway.until(lambda: len(gateway.sockets) == 1)
    envelope = await gateway.send(dict(command()))
    await begun.wait()
    await gateway.sockets[0].send_json({"type": "disconnect", "reason": "warning"})
    await gateway.until(lambda: len(gateway.sockets) == 2)
    assert not gateway.sockets[0].closed
    assert await gateway.answer(dict(command(command="/team-invite"))) == {"text": "done"}
    let_go.set()
    await gateway.until(lambda: envelope in gateway.acknowledged)
    assert gateway.via[envelope] == 0


async def test_an_answer_finds_another_way_when_its_connection_is_gone(
    app: StewardApp, gateway: Gateway, socket: SocketMode
) -> None:
    let_go, begun = asyncio.Event(), asyncio.Event()

    @app.command("/team")
    async def slowly(ack: Any) -> None:
        begun.set()
        await let_go.wait()
        await ack("finished")

    await gateway.until(lambda: len(gateway.sockets) == 1)
    envelope = await gateway.send(dict(command()))
    await begun.wait()
    await gateway.sockets[0].close()
    await gateway.until(lambda: len(gateway.sockets) == 2)
    let_go.set()
    await gateway.until(lambda: envelope in gateway.acknowledged)
    assert gateway.via[envelope] == 1


async def test_one_connection_too_many_is_closed_at_once(gateway: Gateway, socket: SocketMode) -> None:
    await gateway.until(lambda: len(gateway.sockets) == 1)
    await gateway.sockets[0].send_json({"type": "disconnect", "reason": "too_many_websockets"})
    await gateway.until(lambda: gateway.sockets[0].closed)
    assert socket is not None


async def test_every_attempt_to_connect_asks_for_a_new_address(
    app: StewardApp, gateway: Gateway, socket: SocketMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_pauses", lambda: itertools.repeat(0.001))
    await gateway.until(lambda: len(gateway.sockets) == 1)
    gateway.refusals = 3
    with capture_logs() as logs:
        await gateway.sockets[0].close()
        await gateway.until(lambda: len(gateway.sockets) == 2)
    assert gateway.opened == 5
    failures = [entry for entry in logs if entry["event"] == "slack.socket_not_connected"]
    assert [entry["error"] for entry in failures] == ["WSServerHandshakeError"] * 3
    app.command("/team")(acknowledge)
    assert await gateway.answer(dict(command())) == {"text": "done"}


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_an_answer_that_is_none_of_slacks_is_tried_again(
    app: StewardApp,
    gateway: Gateway,
    socket: SocketMode,
    monkeypatch: pytest.MonkeyPatch,
    nonsense: tuple[int, str, str],
) -> None:
    monkeypatch.setattr(module, "_pauses", lambda: itertools.repeat(0.001))
    await gateway.until(lambda: len(gateway.sockets) == 1)
    gateway.nonsense = [nonsense]
    with capture_logs() as logs:
        await gateway.sockets[0].close()
        await gateway.until(lambda: len(gateway.sockets) == 2)
    assert [entry["event"] for entry in logs].count("slack.socket_not_connected") == 1
    app.command("/team")(acknowledge)
    assert await gateway.answer(dict(command())) == {"text": "done"}
    assert socket.connected


@pytest.mark.usefixtures("socket")
async def test_an_envelope_around_nothing_is_acknowledged(gateway: Gateway) -> None:
    assert await gateway.answer(None, "interactive") is None


@pytest.mark.usefixtures("socket")
async def test_a_payload_slack_would_not_send_is_acknowledged(gateway: Gateway) -> None:
    assert await gateway.answer(click(actions=[]), "interactive") is None
    assert await gateway.answer({**event(), "event": None}, "events_api") is None


async def test_slacks_own_client_still_repeats_an_address_that_is_used_up(
    gateway: Gateway, client: AsyncWebClient
) -> None:
    own = SocketModeClient(app_token=APP_TOKEN, web_client=client, ping_interval=0.02)
    gateway.refusals = 1
    connecting = asyncio.create_task(own.connect())
    await asyncio.sleep(0.3)
    assert gateway.opened == 1
    assert gateway.sockets == []
    own.closed = True
    await connecting
    await own.close()


def test_pauses_grow_to_half_a_minute() -> None:
    pauses = list(itertools.islice(module._pauses(), 12))
    assert all(0 < pause <= module.LONGEST_PAUSE for pause in pauses)
    assert pauses[0] <= 0.5
    assert pauses[-1] >= module.LONGEST_PAUSE / 2


async def test_a_wrong_app_token_stops_the_start(app: StewardApp, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await SocketMode(app, app_token="xapp-wrong", web_client=client).start()


async def test_an_empty_app_token_is_refused(app: StewardApp, client: AsyncWebClient) -> None:
    with pytest.raises(ValueError, match="SLACK_APP_TOKEN"):
        SocketMode(app, app_token=" ", web_client=client)


async def test_a_socket_that_never_started_stops_at_once(app: StewardApp, client: AsyncWebClient) -> None:
    assert await SocketMode(app, app_token=APP_TOKEN, web_client=client).stop()


async def test_deliveries_over_the_socket_are_observed(
    app: StewardApp, client: AsyncWebClient, gateway: Gateway
) -> None:
    seen: list[Outcome] = []
    app.command("/team")(acknowledge)
    socket = SocketMode(app, app_token=APP_TOKEN, web_client=client, observe=seen.append)
    await socket.start()
    await gateway.until(lambda: len(gateway.sockets) == 1)
    await gateway.answer(dict(command()))
    await socket.stop()
    assert [(each.kind, each.via, each.status) for each in seen] == [("command", "socket", 200)]
