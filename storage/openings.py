"""Units of work that are being opened, each within one limit of time whatever it waits for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, TypeVar

from storage.failures import busy, unanswered

Opened = TypeVar("Opened")

GRACE = 0.3
"""Seconds in which the server, or the pool, may say by itself that patience is over: nothing is cut then."""
FIRST_STATEMENT = 0.5
"""Seconds it is given at least, after a connection that came late."""
SIGN_OF_LIFE = 0.5
"""Seconds a server has to take a statement back; one that does not is away, not busy."""


class Openings:
    """Gives an opening up when its time is over, and takes back in the background what it had.

    Args:
        take_back: ends what was opened after all.
    """

    def __init__(self, take_back: Callable[[Any], Awaitable[None]]) -> None:
        self._take_back = take_back
        self._given_up: set[asyncio.Task[None]] = set()

    async def in_time(
        self, opening: Callable[[Callable[[], None]], Coroutine[Any, Any, Opened]], seconds: float
    ) -> Opened:
        """Return what is opened.

        Args:
            opening: is given what to call once it has its connection.
            seconds: the limit for all its waits together.

        Raises:
            Busy: it took longer, and the server takes it back.
            StoreUnavailable: it took longer, and the server says nothing.
        """
        limit = monotonic() + seconds + GRACE
        connected: list[float] = []
        task = asyncio.create_task(opening(lambda: connected.append(monotonic())))
        try:
            await asyncio.wait({task}, timeout=seconds + GRACE)
            if not any(at < limit - FIRST_STATEMENT for at in connected):
                await asyncio.wait({task}, timeout=FIRST_STATEMENT)
        except BaseException:
            _ = self._give_up(task)
            raise
        if task.done():
            return task.result()
        alive, _ = await asyncio.wait({self._give_up(task)}, timeout=SIGN_OF_LIFE)
        raise busy() if alive else unanswered()

    async def settle(self) -> None:
        """Wait until all that was given up is taken back."""
        while self._given_up:
            await asyncio.wait(set(self._given_up))

    def _give_up(self, task: asyncio.Task[Any]) -> asyncio.Task[None]:
        ending = asyncio.create_task(self._end(task))
        self._given_up.add(ending)
        ending.add_done_callback(self._given_up.discard)
        return ending

    async def _end(self, task: asyncio.Task[Any]) -> None:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await self._take_back(task.result())
