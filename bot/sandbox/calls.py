"""The Web API calls made, to look at afterwards."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.ids import Json

KEPT_CALLS = 50_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A Web API call as it came; `time` is seconds since the epoch, `token` empty where none was given."""

    method: str
    args: Json
    time: float
    token: str = ""


class Calls:
    """The Web API calls made: the last 50,000 to look at, all of them counted."""

    def __init__(self) -> None:
        self._kept: deque[ApiCall] = deque(maxlen=KEPT_CALLS)
        self._counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[ApiCall]:
        return iter(self._kept)

    def __len__(self) -> int:
        return self._counts.total()

    def count(self, method: str) -> int:
        """How often a method was called."""
        return self._counts[method]

    def of(self, method: str) -> list[ApiCall]:
        """The kept calls of one method, oldest first."""
        return [call for call in self._kept if call.method == method]

    def add(self, method: str, args: Json, *, token: str = "") -> None:
        """Notes a call."""
        self._kept.append(ApiCall(method, args, time.time(), token))
        self._counts[method] += 1

    def clear(self) -> None:
        """Starts counting anew."""
        self._kept.clear()
        self._counts.clear()
