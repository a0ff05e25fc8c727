"""Identifiers and time stamps in the shapes Slack gives them."""

import hashlib
import secrets
import time
from typing import Any

Json = dict[str, Any]

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def stable_id(prefix: str, *parts: str, length: int = 10) -> str:
    """An id that is the same at every start, so that a kept database still knows the people."""
    digest = int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest())
    letters = []
    for _ in range(length):
        digest, rest = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return prefix + "".join(letters)


def stable_client_id(*parts: str) -> str:
    """The client id of an app: two numbers with a dot between."""
    digest = hashlib.sha256("/".join(parts).encode()).hexdigest()
    return f"{int(digest[:10], 16):012d}.{int(digest[10:20], 16):013d}"


def fresh_id(prefix: str, length: int = 10) -> str:
    """An id nobody has seen before."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def short_id() -> str:
    """A block or action id as Slack makes one up where the app gave none."""
    return secrets.token_urlsafe(4)[:5]


class Stamps:
    """Message time stamps: real time in microseconds, unique and increasing."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """The next stamp, `seconds.microseconds`."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
