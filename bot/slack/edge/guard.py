"""Lets in what Slack signed, once, and reads it; everything else is refused in a word."""

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl

Payload = dict[str, Any]

TOLERANCE = 300
"""Seconds a timestamp may be off, as Slack recommends."""

REMEMBERED = 20_000
"""Signatures remembered at most, some megabytes."""

_FIELDS = 200
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_ESCAPED = re.compile(r"\\u(?:0000|d)", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Headers(Protocol):
    """The headers of a request, names without regard to case."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """All values of one header."""


class Refused(Exception):
    """A request that goes no further; `status` is 400 (malformed), 401 (not Slack's) or 413 (too large)."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(slots=True)
class Replays:
    """The signatures seen lately: bounded in time by how long Slack's timestamps live, and in number.

    Slack signs a redelivery anew, so the same signature twice is a copy of an old request.
    """

    most: int = REMEMBERED
    _seen: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._seen)

    def first_time(self, signature: str, now: float) -> bool:
        """Whether this signature was not seen before; it is from now on."""
        while self._seen and next(iter(self._seen.values())) <= now:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        if len(self._seen) >= self.most:
            self._seen.popitem(last=False)
        self._seen[signature] = now + 2 * TOLERANCE
        return True

    def forget(self, signature: str) -> None:
        """Lets a signature in once more."""
        self._seen.pop(signature, None)


class Guard:
    """Knows which requests are Slack's.

    Args:
        signing_secret: from the app's Basic Information page.
        clock: real time in seconds since 1970; signatures never follow a clock that can be moved.

    Raises:
        ValueError: the signing secret is empty.
    """

    def __init__(
        self, signing_secret: str, *, clock: Callable[[], float], replays: Replays | None = None
    ) -> None:
        if not signing_secret.strip():
            raise ValueError("SLACK_SIGNING_SECRET is empty")
        self._secret = signing_secret.encode()
        self._clock = clock
        self._replays = replays or Replays()

    def admit(self, headers: Headers, body: bytes) -> Payload:
        """The payload of a request of Slack's.

        Raises:
            Refused: malformed, not signed by Slack, too old, or a copy of an earlier one.
        """
        timestamp = _single(headers, "X-Slack-Request-Timestamp", _TIMESTAMP)
        signature = _single(headers, "X-Slack-Signature", _SIGNATURE)
        now = self._clock()
        if abs(now - int(timestamp)) > TOLERANCE:
            raise Refused(HTTPStatus.UNAUTHORIZED, "stale timestamp")
        if not hmac.compare_digest(self._signed(timestamp, body), signature):
            raise Refused(HTTPStatus.UNAUTHORIZED, "wrong signature")
        if not self._replays.first_time(signature, now):
            raise Refused(HTTPStatus.UNAUTHORIZED, "seen before")
        return read(body)

    def let_return(self, headers: Headers) -> None:
        """Lets a request in again that failed: Slack repeats it at once, in the same second even."""
        self._replays.forget(_single(headers, "X-Slack-Signature", _SIGNATURE))

    def _signed(self, timestamp: str, body: bytes) -> str:
        base = b"v0:%b:%b" % (timestamp.encode(), body)
        return "v0=" + hmac.new(self._secret, base, hashlib.sha256).hexdigest()


def _single(headers: Headers, name: str, form: re.Pattern[str]) -> str:
    values = headers.getall(name, [])
    if not values:
        raise Refused(HTTPStatus.UNAUTHORIZED, f"no {name}")
    if len(values) > 1 or not form.fullmatch(values[0]):
        raise Refused(HTTPStatus.BAD_REQUEST, f"malformed {name}")
    return values[0]


def is_ssl_check(body: bytes) -> bool:
    """Whether this is Slack's occasional look at the certificate, which it does not sign."""
    # Read as text: what is not ASCII, percent-encoded or not, would be an error in bytes.
    return len(body) < 1024 and ("ssl_check", "1") in parse_qsl(body.decode("latin-1"))


def read(body: bytes) -> Payload:
    """What a body says: JSON, a form whose `payload` is JSON, or the form itself.

    Raises:
        Refused: not UTF-8, not JSON where it should be, or not an object.
    """
    try:
        text = body.decode()
        payload = _json(text) if text.startswith("{") else _form(text)
    except (ValueError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "unreadable body") from error
    if not isinstance(payload, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "not an object")
    return payload


def _json(text: str) -> Any:
    value = json.loads(text)
    return _storable(value) if _ESCAPED.search(text) else value


def _form(text: str) -> Any:
    form = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS))
    return _json(form["payload"]) if "payload" in form else _storable(form)


def _storable(value: Any) -> Any:
    """`value` without what neither UTF-8 nor PostgreSQL can hold: NUL and lone surrogates."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
