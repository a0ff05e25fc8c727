"""Slack's rate limits, for who wants to meet them."""

import time
from enum import Enum

from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json


class Tier(Enum):
    """Calls a minute a method allows, and how many may come at once."""

    ONE = (1, 2)
    TWO = (20, 20)
    THREE = (50, 50)
    FOUR = (100, 100)
    POST = (300, 300)
    MANY = (600, 600)


POST_PER_CHANNEL = (60, 4)
"""`chat.postMessage`: one a second in a channel, with a short burst."""


class _Bucket:
    """Tokens that come back with time."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, per_minute: int, burst: int) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._left = float(burst)
        self._at = time.monotonic()

    def take(self) -> float:
        """Takes one token; returns 0, or the seconds until there will be one."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate


class Limiter:
    """Counts calls by method, and posts by channel."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def check(self, method: str, tier: Tier, args: Json) -> None:
        """Raises ApiError `ratelimited` (429 with Retry-After, whole seconds) when a call is one too many."""
        self._take(method, tier.value)
        if method == "chat.postMessage":
            self._take(f"{method} {args.get('channel')}", POST_PER_CHANNEL)

    def _take(self, key: str, limit: tuple[int, int]) -> None:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(*limit)
        wait = bucket.take()
        if wait > 0:
            seconds = str(max(1, round(wait + 0.5)))
            raise ApiError("ratelimited", status=429, headers={"Retry-After": seconds})

    def clear(self) -> None:
        """Forgets what was counted."""
        self._buckets.clear()
