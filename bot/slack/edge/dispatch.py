"""Gives a delivery to Bolt and waits for its listener; knows what is under way."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.edge import late
from bot.slack.edge.incidents import kind_of, nothing
from bot.slack.edge.shapes import documented

log = structlog.get_logger("steward.slack")
T = TypeVar("T")

SLOW = 2.5
"""Seconds after which an answer may reach Slack too late; it waits for three."""

LATEST = 2.7
"""Seconds after which Slack is answered in any case, while the listener goes on."""

PASSED_ON = ("x-slack-retry-num", "x-slack-retry-reason")
"""The headers Bolt gets; among the others are some by which it would run other code."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery went: what `kind` it was, `via` http or socket, the answer's status, seconds taken."""

    kind: str
    via: str
    status: int
    seconds: float


Observe = Callable[[Outcome], None]


class Dispatcher:
    """Runs deliveries.

    Args:
        app: a Bolt app that processes before it answers.
        via: `http` or `socket`.
        observe: told of every delivery, for metrics.

    Raises:
        ValueError: the app would answer before its listeners have run.
    """

    def __init__(self, app: AsyncApp, *, via: str, observe: Observe | None = None) -> None:
        if not app.process_before_response:
            raise ValueError("the app must process before it answers")
        self._app = app
        self._via = via
        self._observe = observe
        self._under_way: set[asyncio.Task[Any]] = set()

    async def run(self, payload: dict[str, Any], headers: Mapping[str, str]) -> BoltResponse:
        """The answer to a delivery, in time; the work goes on after that, or when the caller is cancelled."""
        task = self._begun(self._run(payload, headers))
        done, _ = await asyncio.wait({task}, timeout=LATEST)
        meanwhile = None if done else late.meanwhile(payload)
        if meanwhile is None:
            return await asyncio.shield(task)
        log.warning("slack.answered_meanwhile", kind=kind_of(payload))
        _ = self._begun(self._follow(task, payload))
        return meanwhile

    def _begun(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _follow(self, task: asyncio.Task[BoltResponse], payload: Mapping[str, Any]) -> None:
        await late.afterwards(await asyncio.shield(task), payload, self._app.client)

    async def _run(self, payload: dict[str, Any], headers: Mapping[str, str]) -> BoltResponse:
        started = time.perf_counter()
        response = await self._dispatch(payload, headers)
        outcome = Outcome(kind_of(payload), self._via, response.status, time.perf_counter() - started)
        if outcome.seconds > SLOW:
            log.warning("slack.slow", kind=outcome.kind, seconds=round(outcome.seconds, 2))
        if self._observe is not None:
            self._observe(outcome)
        return response

    async def _dispatch(self, payload: dict[str, Any], headers: Mapping[str, str]) -> BoltResponse:
        if not documented(payload):
            # Slack would only send it again, so it is acknowledged; Bolt never sees it and cannot stumble.
            log.warning("slack.misshapen", kind=kind_of(payload))
            return nothing(payload)
        passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
        try:
            # Given as an object, the payload is taken as it is: Bolt's own reading of forms mistakes some.
            request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=dict(passed_on))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("slack.misshapen", kind=kind_of(payload), error=type(error).__name__)
            return nothing(payload)
        try:
            return await self._app.async_dispatch(request)
        except Exception as error:  # answering the error failed as well: the delivery still gets an answer
            log.error("slack.undispatched", kind=kind_of(payload), error=type(error).__name__)
            return BoltResponse(status=500)

    @property
    def under_way(self) -> int:
        """How many deliveries are being worked on."""
        return len(self._under_way)

    async def drain(self, seconds: float) -> bool:
        """Waits until nothing is under way, for at most so long; says whether that was so."""
        deadline = time.monotonic() + seconds
        while self._under_way:
            left = deadline - time.monotonic()
            if left <= 0:
                log.warning("slack.not_drained", under_way=len(self._under_way))
                return False
            await asyncio.wait(set(self._under_way), timeout=left)
        return True
