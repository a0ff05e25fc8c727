"""Says that something changed, to whoever is waiting for it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """A version that grows with every change, and the waiters it wakes."""

    def __init__(self) -> None:
        self.version = 1
        self._waiting: set[asyncio.Event] = set()

    def mark(self) -> None:
        """Something changed."""
        self.version += 1
        for event in self._waiting:
            event.set()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """An event that is set at each change, until the block ends."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)

    async def until(self, condition: Callable[[], T], timeout: float) -> T:
        """Waits until the condition holds and returns what it gave; raises TimeoutError after `timeout` s."""
        with self.listen() as changed:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    changed.clear()
                    await _soon(changed)
                return value


async def _soon(changed: asyncio.Event) -> None:
    """Until something changed, or a moment passed: a condition may look at more than this Slack."""
    try:
        async with asyncio.timeout(0.1):
            await changed.wait()
    except TimeoutError:
        return
