"""Triggers and response addresses: both short-lived and counted."""

import secrets
import time
from collections import deque
from dataclasses import dataclass

from bot.sandbox.errors import ApiError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5
_REMEMBERED_SECONDS = 600.0


@dataclass(slots=True)
class Trigger:
    """Permission to open one form for one person, for three seconds."""

    id: str
    user: str
    team: str
    view_id: str | None
    born: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where the bot may answer a command or a click, five times in half an hour."""

    id: str
    team: str
    user: str
    channel: str
    message_ts: str | None
    born: float
    uses: int = 0


class Triggers:
    """The triggers given out lately."""

    def __init__(self) -> None:
        self._by_id: dict[str, Trigger] = {}
        self._order: deque[Trigger] = deque()

    def mint(self, user: str, *, team: str, view_id: str | None = None, expired: bool = False) -> str:
        """A new trigger for somebody in a workspace, of an act in a form when `view_id` is given."""
        now = time.monotonic()
        while self._order and self._order[0].born < now - _REMEMBERED_SECONDS:
            del self._by_id[self._order.popleft().id]
        number = secrets.randbelow(10**13)
        trigger_id = f"{number:013d}.{secrets.randbelow(10**9):09d}.{secrets.token_hex(16)}"
        born = now - TRIGGER_SECONDS - 1 if expired else now
        trigger = Trigger(trigger_id, user, team, view_id, born)
        self._by_id[trigger_id] = trigger
        self._order.append(trigger)
        return trigger_id

    def team(self, trigger_id: str) -> str | None:
        """The workspace of a trigger."""
        trigger = self._by_id.get(trigger_id)
        return trigger.team if trigger else None

    def exchange(self, trigger_id: str, *, team: str) -> Trigger:
        """Uses a trigger of a workspace up; raises ApiError as `views.open` words it."""
        trigger = self._by_id.get(trigger_id)
        if trigger is None or trigger.team != team:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if time.monotonic() - trigger.born > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger


class ResponseUrls:
    """The response addresses given out in the last half hour."""

    def __init__(self) -> None:
        self._by_id: dict[str, ResponseUrl] = {}
        self._order: deque[ResponseUrl] = deque()

    def mint(self, *, team: str, user: str, channel: str, message_ts: str | None = None) -> str:
        """A new address; returns its id."""
        now = time.monotonic()
        while self._order and self._order[0].born < now - 2 * RESPONSE_SECONDS:
            del self._by_id[self._order.popleft().id]
        response = ResponseUrl(
            id=secrets.token_urlsafe(18),
            team=team,
            user=user,
            channel=channel,
            message_ts=message_ts,
            born=now,
        )
        self._by_id[response.id] = response
        self._order.append(response)
        return response.id

    def use(self, response_id: str) -> ResponseUrl:
        """Uses an address once; raises ApiError when it is unknown, too old or used up."""
        response = self._by_id.get(response_id)
        if response is None:
            raise ApiError("invalid_url", status=404)
        if time.monotonic() - response.born > RESPONSE_SECONDS:
            raise ApiError("expired_url", status=404)
        if response.uses >= RESPONSE_USES:
            raise ApiError("used_url", status=404)
        response.uses += 1
        return response

    def age(self, response_id: str, seconds: float) -> None:
        """Makes an address older than it is, so that its end can be met without waiting."""
        self._by_id[response_id].born -= seconds
