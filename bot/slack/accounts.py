"""The installations Slack is called for: known for some minutes, then read again, and renewed in time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import real_now
from bot.slack.calls import Caller
from bot.slack.clients import with_token
from bot.slack.lines import Line, NotInstalled, NotRenewed
from bot.slack.pacing import Pacing
from bot.slack.rotation import Rotation
from bot.slack.scopes import Granted
from domain.installations import Ended, Installation, Installations

log = structlog.get_logger("steward.slack")

LIFETIME = 60.0
"""Seconds an installation is believed; so long after an end elsewhere a replica may still hold it."""
REMEMBERED = 1_000
"""Installations known at once."""
MARGIN = timedelta(seconds=30)
"""A token that ends within so short a time counts as expired: a call may take as long."""

OVER = frozenset({"account_inactive", "token_revoked", "invalid_auth"})
"""Slack's words for a token that is over for good."""


class Accounts:
    """Answers from memory; never authority, as Slack itself takes a token or does not.

    Args:
        clock: seconds, never going back.
        now: the real time, by which tokens expire.
    """

    def __init__(
        self,
        installations: Installations,
        rotation: Rotation,
        *,
        scopes: Granted,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = real_now,
        remembered: int = REMEMBERED,
    ) -> None:
        self._installations, self._rotation, self._scopes = installations, rotation, scopes
        self._clock, self._now, self._remembered = clock, now, remembered
        self._known: OrderedDict[str, tuple[Installation, float]] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()

    async def of(self, team_id: str) -> Installation:
        """Return the installation of a workspace, or Enterprise org.

        Raises:
            NotInstalled, NotRenewed: see there.
            Busy, StoreUnavailable: it cannot be read now.
        """
        known = self._known.get(team_id)
        if known is not None and self._clock() < known[1] and not self._expired(known[0]):
            self._known.move_to_end(team_id)
            return known[0]
        self.drop(team_id)
        found = await self._usable(team_id)
        self._known[team_id] = (found, self._clock() + LIFETIME)
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        self._scopes.grant(team_id, found.scopes)
        return found

    async def renew(self, team_id: str) -> None:
        """Get the next token of an installation before the last one ends; raises as `of` does."""
        found = await self._installations.get(team_id)
        if found is not None and found.ended is None and found.refresh_token is not None:
            await self._rotation.renew(found)
            self.drop(team_id)

    def drop(self, team_id: str) -> None:
        """Read the installation anew when it is needed next."""
        self._known.pop(team_id, None)

    def refused(self, installation: Installation, word: str) -> None:
        """Slack did not take the token: note what that means, in the background."""
        self.drop(installation.team_id)
        if word in OVER:
            task = asyncio.create_task(self._end(installation))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def end(self, installation: Installation, why: Ended) -> None:
        """Note that an installation no longer counts, unless there is a newer token."""
        self.drop(installation.team_id)
        if await self._installations.end(installation.team_id, why, serial=installation.serial):
            log.warning("slack.installation_ended", team=installation.team_id, why=str(why))

    async def stop(self) -> None:
        """Finish what is being noted or renewed."""
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._rotation.stop()

    async def _end(self, installation: Installation) -> None:
        try:
            await self.end(installation, Ended.REFUSED)
        except Exception as error:  # the next call is refused as well, and this is tried again
            log.warning("slack.end_not_noted", error=type(error).__name__)

    async def _usable(self, team_id: str) -> Installation:
        found = await self._installations.get(team_id)
        if found is None:
            raise NotInstalled
        if found.ended is not None:
            if found.ended_at is None:
                await self.end(found, found.ended)
            raise NotInstalled
        if not self._expired(found):
            return found
        renewed = await self._rotation.renew(found)
        if renewed is not None and not self._expired(renewed):
            return renewed
        if renewed is not None and renewed.refresh_token is None:
            await self.end(renewed, Ended.EXPIRED)
            raise NotInstalled
        raise NotRenewed

    def _expired(self, installation: Installation) -> bool:
        return installation.expired(self._now() + MARGIN)


class InstalledLines:
    """`bot.slack.lines.Lines` for every workspace where the app is installed.

    Args:
        client: patient, without a token; each line has a copy with its own.
        limited: told of each method that Slack limited.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        client: AsyncWebClient,
        limited: Callable[[str], None] | None = None,
        pacing: Callable[[], Pacing] = Pacing,
        remembered: int = REMEMBERED,
    ) -> None:
        self._accounts, self._client, self._limited = accounts, client, limited
        self._pacing, self._remembered = pacing, remembered
        self._lines: OrderedDict[str, tuple[int, Line]] = OrderedDict()

    async def of(self, team_id: str) -> Line:
        """Return the line; see `Lines`."""
        account = await self._accounts.of(team_id)
        serial, line = self._lines.pop(team_id, (0, None))
        if line is None or serial != account.serial:
            line = self._made(account)
        self._lines[team_id] = (account.serial, line)
        if len(self._lines) > self._remembered:
            self._lines.popitem(last=False)
        return line

    def _made(self, account: Installation) -> Line:
        caller = Caller(
            self._pacing(),
            limited=self._limited,
            refused=lambda word: self._accounts.refused(account, word),
        )
        return Line(client=with_token(self._client, account.token), caller=caller)
