"""How a delivery can end other than well, the same for Slack, mail and timers."""

import random

FIRST_WAIT, LONGEST_WAIT = 1.0, 600.0


class TryLater(Exception):
    """It may work later.

    Args:
        error: why not now, for the log and the row.
        after: seconds to wait at least; None leaves it to the number of attempts.
    """

    def __init__(self, error: str, *, after: float | None = None) -> None:
        super().__init__(error)
        self.error, self.after = error, after


class Undeliverable(Exception):
    """It will never work as it is: somebody has to look at it."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class PersonUnreachable(Undeliverable):
    """Slack does not deliver to this person, who may still be reached by mail."""


def wait_before(attempts: int) -> float:
    """Return the seconds to wait after so many failed attempts: doubling up to ten minutes, with jitter."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 20))
    return longest * random.uniform(0.5, 1.0)
