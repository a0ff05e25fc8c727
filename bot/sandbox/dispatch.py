"""Delivers to the bot, signed over HTTP or through Socket Mode, within Slack's three seconds."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.core import Core
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.socket import SocketMode

ANSWER_SECONDS = 3.0
RETRY_DELAYS = (0.0, 60.0, 300.0)
"""Seconds before each redelivery of an event."""
HELD_SECONDS = 2.0
"""How long an event waits to be overtaken by another."""
_OVERTAKING = 0.05
_NO_RETRY = "X-Slack-No-Retry"
_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class Delivery(StrEnum):
    """What is delivered, in the words of Socket Mode."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


class Failure(StrEnum):
    """Why the bot did not answer, in the words of `x-slack-retry-reason`."""

    TIMEOUT = "http_timeout"
    STATUS = "http_error"
    CONNECTION = "connection_failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered: `body` is parsed JSON, text, or None."""

    status: int
    body: Any = None
    failure: Failure | None = None
    no_retry: bool = False


class Dispatcher:
    """The way from the local Slack to the bot."""

    def __init__(self, core: Core, socket: SocketMode) -> None:
        self._core = core
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[asyncio.Event] = []
        self.request_url: str | None = None
        self.retry_delays: tuple[float, ...] = RETRY_DELAYS
        self.answer_seconds = ANSWER_SECONDS
        core.tell = self.tell

    async def start(self) -> None:
        """Opens the connections deliveries go through."""
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": _AGENT}, connector=aiohttp.TCPConnector(limit=0)
        )

    async def stop(self) -> None:
        """Ends redeliveries and closes the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def ask(self, kind: Delivery, payload: Json) -> Answer:
        """Delivers a command or an interaction and waits for its answer, three seconds at most."""
        faults = self._core.faults
        if faults.slack_down:
            return Answer(0, failure=Failure.CONNECTION)
        if faults.deliver_late:
            await asyncio.sleep(faults.deliver_late)
        if not faults.take("deliver_twice"):
            return await self._deliver(kind, payload)
        first, _ = await asyncio.gather(self._deliver(kind, payload), self._deliver(kind, payload, shift=1))
        return first

    async def challenge(self) -> bool:
        """Whether the bot answers `url_verification` with the challenge it was sent."""
        words = fresh_id("", 52)
        payload = {
            "token": self._core.app.verification_token,
            "challenge": words,
            "type": "url_verification",
        }
        answer = await self._deliver(Delivery.EVENT, payload)
        body = answer.body.get("challenge") if isinstance(answer.body, dict) else answer.body
        return answer.failure is None and body == words

    def tell(self, payload: Json) -> None:
        """Delivers an event in the background; a failed delivery is repeated up to three times."""
        faults = self._core.faults
        if faults.slack_down:
            return
        if faults.take("out_of_order"):
            overtaken = asyncio.Event()
            self._held.append(overtaken)
            self._spawn(self._tell_after_the_next(payload, overtaken))
            return
        self._spawn(self._tell(payload))
        for earlier in self._held:
            earlier.set()

    async def settle(self) -> None:
        """Waits until every event under way was delivered or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_after_the_next(self, payload: Json, overtaken: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(HELD_SECONDS):
                await overtaken.wait()
            await asyncio.sleep(_OVERTAKING)
        except TimeoutError:
            pass  # nothing came after it
        finally:
            self._held.remove(overtaken)
        await self._tell(payload)

    async def _tell(self, payload: Json) -> None:
        await asyncio.sleep(self._core.faults.deliver_late)
        answer = await self._deliver(Delivery.EVENT, payload)
        if self._core.faults.take("deliver_twice"):
            await self._deliver(Delivery.EVENT, payload, retry=(1, Failure.TIMEOUT))
        for number, pause in enumerate(self.retry_delays, start=1):
            if answer.failure is None or answer.no_retry:
                return
            await asyncio.sleep(pause)
            answer = await self._deliver(Delivery.EVENT, payload, retry=(number, answer.failure))

    async def _deliver(
        self, kind: Delivery, payload: Json, *, retry: tuple[int, Failure] | None = None, shift: int = 0
    ) -> Answer:
        if self.request_url is None:
            return await self._by_socket(kind, payload, retry)
        return await self._by_http(kind, payload, retry, shift)

    async def _by_socket(self, kind: Delivery, payload: Json, retry: tuple[int, Failure] | None) -> Answer:
        wait = None if kind is Delivery.EVENT else self.answer_seconds
        try:
            async with asyncio.timeout(wait):
                connection = await self._socket.available()
            async with asyncio.timeout(self.answer_seconds):
                body = await self._socket.send(connection, kind.value, payload, retry)
        except TimeoutError:
            return Answer(0, failure=Failure.TIMEOUT)
        except ConnectionError:
            return Answer(0, failure=Failure.CONNECTION)
        return Answer(200, body)

    async def _by_http(
        self, kind: Delivery, payload: Json, retry: tuple[int, Failure] | None, shift: int
    ) -> Answer:
        body, content_type = _encode(kind, payload)
        headers = {"Content-Type": content_type, "Accept": "application/json,*/*"}
        headers |= signature(self._core.app.signing_secret, body, int(time.time()) + shift)
        if retry:
            headers |= {"x-slack-retry-num": str(retry[0]), "x-slack-retry-reason": retry[1].value}
        assert self._session is not None
        assert self.request_url is not None
        limit = aiohttp.ClientTimeout(total=self.answer_seconds)
        try:
            async with self._session.post(
                self.request_url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                return _answer(kind, response, await response.text())
        except TimeoutError:
            return Answer(0, failure=Failure.TIMEOUT)
        except (aiohttp.ClientError, ConnectionError):
            return Answer(0, failure=Failure.CONNECTION)


def signature(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers that prove a request comes from Slack (scheme `v0`)."""
    base = b"v0:%d:" % timestamp + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


def _encode(kind: Delivery, payload: Json) -> tuple[bytes, str]:
    if kind is Delivery.EVENT:
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind is Delivery.COMMAND else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _answer(kind: Delivery, response: aiohttp.ClientResponse, text: str) -> Answer:
    status = response.status
    taken = 200 <= status < 300 if kind is Delivery.EVENT else status == 200
    if not taken:
        return Answer(status, failure=Failure.STATUS, no_retry=response.headers.get(_NO_RETRY) == "1")
    if not text.strip():
        return Answer(status)
    if response.content_type == "application/json":
        try:
            return Answer(status, json.loads(text))
        except ValueError:
            return Answer(status, text)
    return Answer(status, text)
