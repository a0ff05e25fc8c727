"""How fast Slack may be called: posts spread over time, methods that hit a limit held."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

PER_SECOND = 1.0
BURST = 3
REMEMBERED = 10_000


class Pacing:
    """One for the process; `clock` counts seconds and never goes back.

    Args:
        per_second: posts a conversation takes in the long run (Slack: about one).
        burst: posts that may come at once after a pause.
    """

    def __init__(
        self,
        *,
        per_second: float = PER_SECOND,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = 1 / per_second
        self._ahead = (burst - 1) * self._interval
        self._clock = clock
        # When the next post of a conversation would be due if all came evenly.
        self._due: OrderedDict[str, float] = OrderedDict()
        self._held: dict[str, float] = {}

    def reserve(self, channel: str) -> float:
        """Take the next place in the conversation; return the seconds until it."""
        now = self._clock()
        due = max(self._due.pop(channel, now), now)
        self._due[channel] = due + self._interval
        if len(self._due) > REMEMBERED:
            self._due.popitem(last=False)
        return max(0.0, due - now - self._ahead)

    async def turn(self, channel: str) -> None:
        """Wait for the conversation's next place; nothing else waits with it."""
        wait = self.reserve(channel)
        if wait > 0:
            await asyncio.sleep(wait)

    def hold(self, method: str, seconds: float) -> None:
        """Keep every call of a method back for so long: Slack said `Retry-After`."""
        self._held[method] = max(self._held.get(method, 0.0), self._clock() + seconds)

    def held(self, method: str) -> float:
        """Return the seconds the method is still held, 0 when it may be called."""
        left = self._held.get(method, 0.0) - self._clock()
        if left <= 0:
            self._held.pop(method, None)
            return 0.0
        return left

    def release(self) -> None:
        """Hold nothing back any longer."""
        self._held.clear()
