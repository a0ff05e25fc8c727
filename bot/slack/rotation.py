"""Renews tokens that expire, one replica at a time for each, since a refresh token works once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import real_now
from bot.outcomes import wait_before
from bot.slack.calls import ACCOUNT_ERRORS, Caller, CallFailed, Trouble
from domain.errors import Busy
from domain.installations import Installation, Installations
from domain.ports import StoreUnavailable

log = structlog.get_logger("steward.slack")

LEASE_SECONDS = 90.0
"""How long a refresh belongs to its replica: three times what the call may take."""
OTHERS_SECONDS = 2.0
"""How long the refresh of another replica is waited for."""
LOOK_SECONDS = 0.1
KEEP_SECONDS = 60.0
"""How long the new tokens are tried to be kept while the database is away: they are lost otherwise."""
ACCESS = "oauth.v2.access"
_SPENT = "invalid_refresh_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """By which Slack knows the app when it asks for tokens."""

    client_id: str
    client_secret: str = field(repr=False)

    def form(self, **more: str) -> dict[str, str]:
        """Return the form of a call for tokens."""
        return {"client_id": self.client_id, "client_secret": self.client_secret, **more}


class Rotation:
    """Exchanges a refresh token for the next pair.

    Args:
        client: patient, without a token.
        now: the real time, from which a new token's life counts.
    """

    def __init__(
        self,
        installations: Installations,
        *,
        app: AppCredentials,
        client: AsyncWebClient,
        caller: Caller,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        self._installations, self._app = installations, app
        self._client, self._caller, self._now = client, caller, now
        self._running: dict[str, asyncio.Task[Installation | None]] = {}

    async def renew(self, installation: Installation) -> Installation | None:
        """Return the installation with the next token; None when there is none yet.

        One without a refresh token comes back as it is: nothing renews it. A refresh goes on when the caller
        is cancelled, as its answer comes only once.

        Raises:
            Busy, StoreUnavailable: the database cannot be used now.
        """
        if installation.refresh_token is None:
            return installation
        team = installation.team_id
        task = self._running.get(team)
        if task is None:
            task = self._running[team] = asyncio.create_task(self._renew(installation))
            task.add_done_callback(lambda done: self._done(team, done))
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Finish what was begun."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _done(self, team: str, task: asyncio.Task[Installation | None]) -> None:
        self._running.pop(team, None)
        if not task.cancelled():
            task.exception()  # whoever still waits gets it as well

    async def _renew(self, installation: Installation) -> Installation | None:
        team = installation.team_id
        lease = await self._installations.begin_refresh(
            team, serial=installation.serial, seconds=LEASE_SECONDS
        )
        if lease is None:
            return await self._by_another(installation)
        try:
            renewed = await self._asked(installation)
        except CallFailed as failed:
            return await self._failed(installation, lease, failed)
        kept = await _patiently(lambda: self._installations.finish_refresh(renewed, lease=lease))
        log.info("slack.token_renewed", team=team, kept=kept is not None)
        return kept

    async def _asked(self, installation: Installation) -> Installation:
        answer = await self._caller.call(
            ACCESS,
            self._client.api_call,
            expected=ACCOUNT_ERRORS,  # what Slack says against one installation holds up no other
            api_method=ACCESS,
            data=self._app.form(grant_type="refresh_token", refresh_token=installation.refresh_token or ""),
        )
        return replace(
            installation,
            token=str(answer["access_token"]),
            refresh_token=answer.get("refresh_token"),
            expires_at=expiry(answer.get("expires_in"), self._now()),
        )

    async def _failed(
        self, installation: Installation, lease: str, failed: CallFailed
    ) -> Installation | None:
        team = installation.team_id
        log.warning("slack.token_not_renewed", team=team, error=failed.error)
        if failed.trouble is Trouble.REFUSED and failed.error == _SPENT:
            # Used by a process that could not keep the answer: the token works to its end, then no more.
            return await self._installations.finish_refresh(installation, lease=lease, problem=True)
        await self._installations.release(team, lease=lease)
        return None

    async def _by_another(self, installation: Installation) -> Installation | None:
        """Wait for the replica that has the lease."""
        until = time.monotonic() + OTHERS_SECONDS
        while True:
            found = await self._installations.get(installation.team_id)
            if found is None or found.ended is not None:
                return None
            if found.serial != installation.serial or found.refresh_token is None:
                return found
            if time.monotonic() >= until:
                return None
            await asyncio.sleep(LOOK_SECONDS)


def expiry(seconds: object, now: datetime) -> datetime | None:
    """Return when a token ends of which Slack says how long it lives; None where it says nothing."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0:
        return None
    return now + timedelta(seconds=seconds)


async def _patiently(
    act: Callable[[], Awaitable[Installation | None]],
) -> Installation | None:
    until = time.monotonic() + KEEP_SECONDS
    attempt = 0
    while True:
        try:
            return await act()
        except (Busy, StoreUnavailable):
            if time.monotonic() >= until:
                log.error("slack.token_lost")
                raise
            await asyncio.sleep(min(5.0, wait_before(attempt)))
            attempt += 1
