"""Keeps one address or one link from asking too often, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic

from aiohttp import web

KEYS_KEPT = 10_000


class RateLimit:
    """A bucket of tokens for each key: `burst` at once, then `per_minute`."""

    def __init__(
        self,
        *,
        burst: int,
        per_minute: float,
        keys: int = KEYS_KEPT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._burst, self._rate, self._keys, self._clock = burst, per_minute / 60, keys, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one token of `key`; return 0, or the seconds until there is one again."""
        now = self._clock()
        tokens, since = self._buckets.pop(key, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)  # the one not seen for longest
        return 0.0 if allowed else (1 - tokens) / self._rate

    def __len__(self) -> int:
        return len(self._buckets)


def client_address(request: web.Request) -> str:
    """Return whom to count a request for: the peer, or whom a proxy on a private network names.

    Only a peer that is itself private is believed, and only the last public address it names; networks of
    version 6 count as one by their /64.
    """
    address = request.remote or ""
    if _private(address):
        named = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        public = [name.strip() for name in named if name.strip() and not _private(name.strip())]
        address = public[-1] if public else address
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return str(known)


def _private(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_private
    except ValueError:
        return False
