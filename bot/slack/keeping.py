"""Keeps every installation: tokens are renewed in time, and each workspace's people read once a day."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import real_now
from bot.outcomes import wait_before
from bot.slack.accounts import Accounts
from bot.slack.calls import CallFailed
from bot.slack.contact import Contact
from bot.slack.directory import REREAD_SECONDS, Directory
from bot.slack.lines import NotInstalled, NotRenewed
from bot.slack.socket import SocketMode
from domain.installations import Installation, Installations

log = structlog.get_logger("steward.slack")

RENEW_BEFORE = timedelta(hours=3)
"""A token is renewed so long before it ends: Slack, or the database, may be away meanwhile."""
LOOK_SECONDS = 60.0
"""How often tokens that end soon, and workspaces to be read, are looked for."""
AT_ONCE = 3
"""Workspaces read at the same time; commands and deliveries go first."""
READ_SECONDS = 1800.0
"""How long reading one workspace may take before another replica does it."""
AGAIN_SECONDS = 900.0
"""When a workspace that could not be read is tried again."""


LOOPS = 2
"""How many run in the background, before Socket Mode."""


class Keeping(Contact):
    """In contact with Slack for every installation, however many there are: none, to begin with.

    Args:
        now: the real time.
    """

    def __init__(
        self,
        *,
        installations: Installations,
        accounts: Accounts,
        directory: Directory,
        socket: SocketMode | None,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        super().__init__(socket=socket)
        self._installations, self._accounts, self._directory = installations, accounts, directory
        self._now = now
        self._readers: dict[asyncio.Task[None], str] = {}
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()

    def installed(self) -> None:
        """Somebody installed the app: its people are read at once."""
        self._news.set()

    async def stop(self, seconds: float) -> None:
        """As `Contact.stop`; what is being looked up or renewed comes to its end first."""
        self._stopping.set()
        self._news.set()
        loops = self._tasks[:LOOPS]
        if loops:
            await asyncio.wait(loops, timeout=seconds / 2)
        await super().stop(seconds)
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        await self._accounts.stop()

    def _work(self) -> Sequence[Coroutine[Any, Any, None]]:
        return (self._renewing(), self._reading())

    async def _renewing(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.renew()
            except Exception as error:  # the database is away: tried again in a minute
                log.warning("slack.not_looked_for_tokens", error=type(error).__name__)
            await _moment(self._stopping)

    async def renew(self) -> None:
        """Renew the tokens that end soon."""
        for team_id in await self._installations.expiring(before=self._now() + RENEW_BEFORE, limit=100):
            try:
                await self._accounts.renew(team_id)
            except (NotInstalled, NotRenewed):
                continue  # the log has it; another replica may be at it

    async def _reading(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            try:
                await self._begin_reading()
            except Exception as error:  # the database is away: tried again in a minute
                log.warning("slack.not_looked_for_people", error=type(error).__name__)
            if not self._stopping.is_set():
                await _moment(self._news)

    async def _begin_reading(self) -> None:
        free = AT_ONCE - len(self._readers)
        if not free:
            return
        for installation in await self._installations.unread(limit=free, seconds=READ_SECONDS):
            task = asyncio.create_task(self._read(installation))
            self._readers[task] = installation.team_id
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._readers.pop(task, None)
        self._news.set()  # the next one has room

    async def _read(self, installation: Installation) -> None:
        team_id, again = installation.team_id, AGAIN_SECONDS
        try:
            async with asyncio.timeout(READ_SECONDS * 0.9):
                await self._directory.mirror(team_id, org_wide=installation.org_wide)
            again = REREAD_SECONDS * random.uniform(0.9, 1.1)
        except (CallFailed, NotInstalled, NotRenewed, TimeoutError) as failed:
            log.warning("directory.not_mirrored", team=team_id, error=str(failed) or type(failed).__name__)
        except Exception as error:  # the database is away: tried again later, the server goes on
            log.error("directory.not_kept", team=team_id, error=type(error).__name__)
        await self._note(team_id, again)

    async def _note(self, team_id: str, again: float) -> None:
        for attempt in range(5):
            try:
                await self._installations.read(team_id, again_in=again)
            except Exception as error:  # read again when the lease is over, at the latest
                log.warning("directory.not_noted", team=team_id, error=type(error).__name__)
                await asyncio.sleep(wait_before(attempt))
            else:
                return


async def _moment(called: asyncio.Event) -> None:
    """Wait for the next look, or until called."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS * random.uniform(0.5, 1.0)):
            await called.wait()
