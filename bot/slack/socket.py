"""Socket Mode: the same app where no public address is possible.

Slack's own client starts an unbounded number of tasks it forgets, closes a connection before it has the next,
and after a failure repeats an address that has expired; this one is small because aiohttp does the protocol.
"""

import asyncio
import json
import random
from collections.abc import Coroutine, Iterator
from typing import Any

import aiohttp
import structlog
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import word_of
from bot.slack.edge.dispatch import Dispatcher, Observe
from bot.slack.edge.guard import Refused, read

log = structlog.get_logger("steward.slack")

CONCURRENCY = 32
"""Deliveries worked on at once; further ones are read when there is room."""

HEARTBEAT = 10.0
"""Seconds between pings; a connection without an answer for half as long is replaced."""

RETIREMENT = 10.0
"""Seconds a connection may still deliver after Slack announced its end; it does so about as long before."""

LONGEST_PAUSE = 30.0
"""Seconds between two attempts to connect, at most."""

_WORDS = frozenset(
    {
        *("slash_commands", "interactive", "events_api", "hello"),
        *("warning", "refresh_requested", "link_disabled", "too_many_websockets"),
    }
)
"""Types of envelopes and reasons to disconnect."""


class SocketMode:
    """Receives deliveries over a WebSocket, and acknowledges each after its listener has run.

    Args:
        app: the Bolt app, from `build_bolt`.
        app_token: the app-level token.
        web_client: asks for the address to connect to; its session connects.
        concurrency: deliveries worked on at once.
        heartbeat: seconds between pings.
        observe: told of every delivery, for metrics.

    Raises:
        ValueError: the token is empty, the client has no session, or the app answers before listeners ran.
    """

    def __init__(
        self,
        app: AsyncApp,
        *,
        app_token: str,
        web_client: AsyncWebClient,
        concurrency: int = CONCURRENCY,
        heartbeat: float = HEARTBEAT,
        observe: Observe | None = None,
    ) -> None:
        if not app_token.strip():
            raise ValueError("SLACK_APP_TOKEN is empty")
        if web_client.session is None:
            raise ValueError("the web client needs a shared session")
        self._session = web_client.session
        self._dispatcher = Dispatcher(app, via="socket", observe=observe)
        self._app_token = app_token
        self._web_client = web_client
        self._concurrency = concurrency
        self._heartbeat = heartbeat
        self._keeping: asyncio.Task[None] | None = None
        self._readers: dict[asyncio.Task[None], ClientWebSocketResponse] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether deliveries can arrive now."""
        return any(not connection.closed for connection in self._readers.values())

    async def start(self) -> None:
        """Connects, and stays connected until `stop`.

        Raises:
            SlackApiError: Slack does not accept the app-level token, or answers nonsense; see `word_of`.
            Exception: Slack cannot be reached, or its answer cannot be read; see `NO_ANSWER`.
        """
        leaving = self._listen(await self._connect())
        self._keeping = asyncio.create_task(self._keep_connected(leaving))

    async def stop(self, seconds: float = 10.0) -> bool:
        """Reads no more, finishes and acknowledges what was read, for at most so long, and disconnects.

        Returns whether everything was finished.
        """
        readers = dict(self._readers)
        await _cancelled(*([self._keeping] if self._keeping else []), *self._retiring, *readers)
        finished = await self._finish(seconds)
        for connection in readers.values():
            await connection.close()
        return finished

    async def _finish(self, seconds: float) -> bool:
        if self._work:
            await asyncio.wait(set(self._work), timeout=seconds)
        if self._work:
            log.warning("slack.not_drained", under_way=len(self._work))
        return not self._work

    async def _connect(self) -> ClientWebSocketResponse:
        answer = await self._web_client.apps_connections_open(app_token=self._app_token)
        connection = await self._session.ws_connect(answer["url"], heartbeat=self._heartbeat)
        log.info("slack.socket_connected")
        return connection

    async def _keep_connected(self, leaving: asyncio.Event) -> None:
        while True:
            await leaving.wait()
            leaving = self._listen(await self._reconnect())

    def _listen(self, connection: ClientWebSocketResponse) -> asyncio.Event:
        """Reads a connection from now on; the event is set when another one is needed."""
        leaving = asyncio.Event()
        reader = asyncio.create_task(self._read(connection, leaving))
        self._readers[reader] = connection
        reader.add_done_callback(lambda done: self._readers.pop(done, None))
        return leaving

    async def _reconnect(self) -> ClientWebSocketResponse:
        """A new connection, however long it takes; every attempt asks for a new address."""
        for pause in _pauses():
            try:
                return await self._connect()
            except Exception as error:  # without a next attempt nothing would ever arrive again
                log.warning("slack.socket_not_connected", error=_named(error), pause=round(pause, 1))
                await asyncio.sleep(pause)
        raise AssertionError("the pauses never end")

    async def _read(self, connection: ClientWebSocketResponse, leaving: asyncio.Event) -> None:
        try:
            async for frame in connection:
                if frame.type is not WSMsgType.TEXT:
                    continue
                message = _object(frame.data)
                if message.get("type") == "disconnect":
                    leaving.set()
                    _start(self._retiring, self._retire(connection, str(message.get("reason", ""))))
                elif isinstance(message.get("envelope_id"), str):
                    _start(self._work, self._deliver(message, connection))
                await self._room()
        finally:
            leaving.set()

    async def _retire(self, connection: ClientWebSocketResponse, reason: str) -> None:
        log.info("slack.socket_replaced", reason=_word(reason))
        if reason != "too_many_websockets":
            await asyncio.sleep(RETIREMENT)
        await connection.close()

    async def _room(self) -> None:
        while len(self._work) >= self._concurrency:
            await asyncio.wait(set(self._work), return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, message: dict[str, Any], connection: ClientWebSocketResponse) -> None:
        request = SocketModeRequest.from_dict(message) if isinstance(message.get("payload"), dict) else None
        if request is None:
            log.warning("slack.socket_misshapen", kind=_word(message.get("type")))
            await self._acknowledge(SocketModeResponse(message["envelope_id"]), connection)
            return
        retry = {
            "x-slack-retry-num": request.retry_attempt,
            "x-slack-retry-reason": request.retry_reason,
        }
        headers = {name: str(value) for name, value in retry.items() if value is not None}
        response = await self._dispatcher.run(request.payload, headers)
        if response.status == 200:
            await self._acknowledge(_acknowledgement(request, response), connection)
        # Without an acknowledgement Slack delivers an event again and tells a person that it failed.

    async def _acknowledge(self, answer: SocketModeResponse, connection: ClientWebSocketResponse) -> None:
        """Answers where the delivery came from; if that connection is gone, on another."""
        words = json.dumps(answer.to_dict())
        for way in (connection, *self._readers.values()):
            if way.closed:
                continue
            try:
                await way.send_str(words)
            except (ConnectionError, aiohttp.ClientError):
                continue
            return
        log.warning("slack.socket_not_acknowledged")


def _acknowledgement(request: SocketModeRequest, response: BoltResponse) -> SocketModeResponse:
    if not response.body or not request.accepts_response_payload:
        return SocketModeResponse(request.envelope_id)
    if response.first_headers().get("content-type", "").startswith("application/json"):
        return SocketModeResponse(request.envelope_id, json.loads(response.body))
    return SocketModeResponse(request.envelope_id, {"text": response.body})


def _object(text: str) -> dict[str, Any]:
    try:
        return read(text.encode())
    except Refused:
        log.warning("slack.socket_unreadable")
        return {}


def _word(text: object) -> str:
    """A word for the log if Slack's documentation has it; what else a frame says stays out of the log."""
    return text if isinstance(text, str) and text in _WORDS else "unknown"


def _start(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _pauses() -> Iterator[float]:
    """Seconds before the next attempt: doubling, with jitter so that replicas do not come together."""
    pause = 0.5
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(2 * pause, LONGEST_PAUSE)


def _named(error: Exception) -> str:
    word = word_of(error) if isinstance(error, SlackApiError) else ""
    return word or type(error).__name__


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
