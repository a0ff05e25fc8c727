"""Takes what waits in the outbox and delivers it, whatever fails meanwhile."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import structlog

from bot.incidents import incident_number
from bot.metrics import Metrics
from bot.outcomes import TryLater, Undeliverable, wait_before
from bot.routes import Routes
from domain.deliveries import Parcel, Posting, Queue
from domain.errors import Busy
from domain.notices import JOBS, TIMERS
from domain.ports import StoreUnavailable

log = structlog.get_logger("steward.worker")

AT_ONCE = 12
"""Deliveries under way at the same time; more would only keep people waiting who do something meanwhile."""
POLL_SECONDS = 1.0
"""How often rows of other replicas are looked for."""
LEAST_SECONDS = 0.05
"""Between two looks, when a row is due that another process may be about to take."""
GATHER_SECONDS = 0.01
"""Under load, deliveries that end within so long are replaced by one claim."""
SWEEP_SECONDS = 3600.0
DELIVERY_SECONDS = 45.0
"""A delivery ends before its lease does."""
RECORD_SECONDS = 10.0
"""How long a finished delivery tries to be recorded while the database is away."""
MOST_ATTEMPTS = 500
"""With the longest wait between them: more than three days."""
MOST_FAULTS = 12
"""Attempts for an error nobody foresaw."""
LONGEST_OUTAGE_WAIT = 5.0


class Worker:
    """One per process; any number of processes may work on the same database.

    Args:
        queue: the outbox.
        routes: how each parcel is delivered.
        now: the clock by which rows fall due.
        metrics: counts attempts and delays.
        at_once: deliveries under way at the same time.
        poll_seconds: the longest time between two looks.
    """

    def __init__(
        self,
        *,
        queue: Queue,
        routes: Routes,
        now: Callable[[], datetime],
        metrics: Metrics,
        at_once: int = AT_ONCE,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._queue, self._routes, self._now, self._metrics = queue, routes, now, metrics
        self._at_once, self._poll = at_once, poll_seconds
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._most_bulk = max(1, at_once * 3 // 4)
        self._under_way: dict[asyncio.Task[None], Parcel] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._failures = 0

    @property
    def under_way(self) -> int:
        """How many deliveries are being made."""
        return len(self._under_way)

    @property
    def healthy(self) -> bool:
        """Whether the outbox could be looked at last time."""
        return self._failures == 0

    def wake(self) -> None:
        """Look at the outbox now: something was queued, or the clock was moved."""
        self._woken.set()

    def start(self) -> None:
        """Begin to work, in the background."""
        self._loops = [asyncio.create_task(self._work()), asyncio.create_task(self._sweep())]

    async def stop(self, seconds: float = 10.0) -> bool:
        """Take nothing new and finish what was begun, for at most so long; say whether all was finished."""
        self._stopping.set()
        self.wake()
        for loop in self._loops[1:]:
            loop.cancel()
        left: set[asyncio.Task[None]] = set()
        deadline = time.monotonic() + seconds
        # What the loop still claims is begun, too.
        for tasks in (dict.fromkeys(self._loops), self._under_way):
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=max(0.0, deadline - time.monotonic()))
                left |= late
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.warning("worker.left_unfinished", tasks=len(left))
        return not left

    async def _work(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            free = self._at_once - len(self._under_way)
            taken = await self._claim(free) if free else ()
            for parcel in taken:
                self._spawn(parcel)
            if not self._stopping.is_set():
                await self._wait(full=len(taken) == free or not self._room_for_bulk())

    async def _claim(self, free: int) -> tuple[Parcel, ...]:
        try:
            parcels = await self._queue.claim(
                limit=free,
                under_way=Counter(parcel.team_id for parcel in self._under_way.values()),
                bulk=self._room_for_bulk(),
            )
        except Exception as error:  # the database is away: whatever its driver raises, the worker outlives it
            self._failures += 1
            if self._failures == 1:
                log.error("worker.database_away", error=type(error).__name__)
            return ()
        if self._failures:
            log.info("worker.database_back", failures=self._failures)
        self._failures = 0
        return parcels

    def _room_for_bulk(self) -> int:
        """How many more of thousands may be under way: the rest is for what somebody waits for."""
        return max(0, self._most_bulk - sum(parcel.bulk for parcel in self._under_way.values()))

    async def _wait(self, *, full: bool) -> None:
        """Wait for a call, for a delivery to end, for the next row to fall due, or for the next look."""
        if self._failures:
            await self._sleep(min(LONGEST_OUTAGE_WAIT, 0.1 * 2.0 ** min(self._failures, 10)))
        else:
            await self._sleep(self._poll if full else await self._until_due())
        if full and not self._stopping.is_set():
            await asyncio.sleep(GATHER_SECONDS)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _until_due(self) -> float:
        try:
            due = await self._queue.next_due()
        except Exception:  # as in `_claim`, which says so in the log
            return self._poll
        left = self._poll if due is None else (due - self._now()).total_seconds()
        return min(self._poll, max(LEAST_SECONDS, left))

    def _spawn(self, parcel: Parcel) -> None:
        task = asyncio.create_task(self._deliver(parcel))
        self._under_way[task] = parcel
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._woken.set()

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                posting = await self._routes.deliver(parcel)
        except TryLater as later:
            await self._later(parcel, later.error, after=later.after)
        except Undeliverable as never:
            await self._park(parcel, never.error)
        except (StoreUnavailable, Busy) as unavailable:
            await self._later(parcel, str(unavailable))
        except TimeoutError:
            await self._later(parcel, "took too long")
        except Exception as error:  # a mistake of ours must not end the worker
            number = incident_number()
            log.exception("worker.failed", incident=number, notice=parcel.notice.tag, parcel=parcel.id)
            self._metrics.incident("worker")
            words = f"{type(error).__name__}, incident {number} in the log"
            await self._later(parcel, words, most=MOST_FAULTS)
        else:
            await self._finish(parcel, posting)

    async def _finish(self, parcel: Parcel, posting: Posting | None) -> None:
        timer = isinstance(parcel.notice, (*TIMERS, *JOBS))
        delay = None if timer else max(0.0, (self._now() - parcel.created_at).total_seconds())
        self._metrics.delivered(parcel.notice.tag, "delivered", delay=delay)
        await self._record(parcel, lambda: self._queue.finish(parcel, posting))

    async def _later(
        self, parcel: Parcel, error: str, *, after: float | None = None, most: int = MOST_ATTEMPTS
    ) -> None:
        if parcel.attempts + 1 >= most:
            await self._park(parcel, error)
            return
        # Rows held back together do not all come back in the same moment.
        wait = wait_before(parcel.attempts) if after is None else after * random.uniform(1.0, 1.2)
        log.warning(
            "worker.later", notice=parcel.notice.tag, parcel=parcel.id, error=error, seconds=round(wait, 1)
        )
        self._metrics.delivered(parcel.notice.tag, "retried")
        await self._record(parcel, lambda: self._queue.retry(parcel, after=wait, error=error))

    async def _park(self, parcel: Parcel, error: str) -> None:
        log.error("worker.parked", notice=parcel.notice.tag, parcel=parcel.id, error=error)
        self._metrics.delivered(parcel.notice.tag, "parked")
        try:
            await self._routes.give_up(parcel)
        except Exception as failed:  # the row is parked in any case, where a person can see it
            log.warning("worker.not_given_up", parcel=parcel.id, error=type(failed).__name__)
        await self._record(parcel, lambda: self._queue.park(parcel, error=error))

    async def _record(self, parcel: Parcel, act: Callable[[], Awaitable[bool]]) -> None:
        """Write the outcome down; given up after a while, since the row comes back when its lease ends."""
        deadline = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                if not await act():
                    log.warning("worker.lease_lost", notice=parcel.notice.tag, parcel=parcel.id)
                return
            except Exception as error:  # the database is away: the delivery itself is done
                if time.monotonic() > deadline:
                    log.error("worker.not_recorded", parcel=parcel.id, error=type(error).__name__)
                    return
                await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _sweep(self) -> None:
        while True:
            # Replicas do not all sweep at once.
            await asyncio.sleep(SWEEP_SECONDS * random.uniform(0.5, 1.0))
            try:
                await self._queue.sweep()
            except Exception as error:  # tried again in an hour
                log.warning("worker.not_swept", error=type(error).__name__)
