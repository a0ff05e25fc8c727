"""The clock as a port: real time, or one that the demo can move forward."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class MovableClock:
    """Real time plus what it was moved by; `moved` is called after each move, to look at timers."""

    def __init__(self, moved: Callable[[], None] | None = None) -> None:
        self._ahead = timedelta()
        self.moved = moved

    def now(self) -> datetime:
        """Return the moved time."""
        return real_now() + self._ahead

    async def advance(self, delta: timedelta) -> None:
        """Move the clock forward.

        Raises:
            ValueError: `delta` points backward.
        """
        if delta < timedelta():
            raise ValueError("The clock only moves forward.")
        self._ahead += delta
        if self.moved is not None:
            self.moved()
