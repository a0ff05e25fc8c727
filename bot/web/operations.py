"""Pages for the operator's machines: is the process alive, can it work, what has it done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog
from aiohttp import web

from bot.metrics import Metrics
from domain.deliveries import Queue

Check = Callable[[], Awaitable[str | None]]
"""Returns None when all is well, else the problem in words; may raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits to leave: rows by state, and for how many seconds the oldest has been due (0: none is)."""

    rows: Mapping[str, int]
    oldest_seconds: float


AskBacklog = Callable[[], Awaitable[Backlog]]

CHECK_SECONDS = 3.0
FRESH_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def backlog(queue: Queue, now: Callable[[], datetime]) -> Backlog:
    """Count what waits to leave now."""
    rows, since = await queue.depth(), await queue.oldest_due()
    oldest = 0.0 if since is None else max(0.0, (now() - since).total_seconds())
    return Backlog(rows=rows, oldest_seconds=oldest)


class Readiness:
    """Asks every check, but not more than once a second however often it is asked itself."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._known: dict[str, str | None] = {}
        self._known_at: float | None = None

    async def problems(self) -> dict[str, str | None]:
        """Return for each check its problem, None for none."""
        async with self._lock:
            if self._known_at is None or monotonic() - self._known_at > FRESH_SECONDS:
                answers = await asyncio.gather(*(_ask(name, check) for name, check in self._checks.items()))
                self._known = dict(zip(self._checks, answers, strict=True))
                self._known_at = monotonic()
            return self._known


async def _ask(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer in {CHECK_SECONDS:.0f} seconds"
    except Exception as error:  # a check that fails in its own way is a problem like any other
        log.warning("web.check_failed", check=name, error=repr(error))
        return f"failed ({type(error).__name__})"


class OperationsDoor:
    """The handlers of `/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, *, readiness: Readiness, metrics: Metrics, backlog: AskBacklog) -> None:
        self._readiness, self._metrics, self._backlog = readiness, metrics, backlog

    async def health(self, request: web.Request) -> web.Response:
        """Answer that the process runs."""
        return _bare(web.Response(text="ok\n"))

    async def ready(self, request: web.Request) -> web.Response:
        """Answer 200 when every check is well, else 503, with what each said."""
        problems = await self._readiness.problems()
        well = not any(problems.values())
        checks = {name: problem or "ok" for name, problem in problems.items()}
        return _bare(web.json_response({"ready": well, "checks": checks}, status=200 if well else 503))

    async def measures(self, request: web.Request) -> web.Response:
        """Answer with the metrics; the outbox is counted now, and left out when it cannot be."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                found = await self._backlog()
                self._metrics.outbox(found.rows, oldest_seconds=found.oldest_seconds)
        except Exception as error:  # a database that is away must not hide the other measures
            log.warning("web.outbox_not_counted", error=repr(error))
            self._metrics.outbox({}, oldest_seconds=None)
        body, content_type = self._metrics.render()
        return _bare(web.Response(body=body, headers={"Content-Type": content_type}))


def _bare(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
