"""The mirror of Slack's people: read whole at the start, kept by events; the unknown are asked for."""

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.outcomes import wait_before
from bot.slack.calls import CallFailed, Trouble
from bot.slack.lines import Lines, NotInstalled, NotRenewed
from domain.errors import Busy
from domain.model import Person
from domain.ports import Store

log = structlog.get_logger("steward.directory")

PATIENCE = 1.5
"""Seconds a person waits until Slack says who they are; the rest of the three is for the answer."""
PAGE = 200
"""People asked for at once, as Slack recommends, and written in one transaction."""
PAGE_ATTEMPTS = 30
REREAD_SECONDS = 24 * 3600.0
SLACKBOT = "USLACKBOT"
_NOT_GRANTED = frozenset({"team_access_not_granted"})

_NO_MOMENT = 10**11
"""Seconds since 1970 that only a moment in other units has; kept, it would be newer than any other."""

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_MISSHAPEN = (AttributeError, TypeError, LookupError)
"""What reading a user raises that has not the shape Slack documents."""


def person_from_slack(team_id: str, user: Mapping[str, Any]) -> Person:
    """Return what Slack says of one of its users.

    Args:
        team_id: the workspace, or the Enterprise org, whose directory this is.
        user: the `user` object of `users.info`, `users.list`, `team_join` or `user_change`.
    """
    profile = user.get("profile") or {}
    name = (
        profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name")
    )
    return Person(
        team_id=team_id,
        user_id=str(user["id"]),
        email=str(profile.get("email") or ""),
        name=str(name or ""),
        time_zone=str(user.get("tz") or "UTC"),
        email_confirmed=bool(user.get("is_email_confirmed")),
        bot=bool(user.get("is_bot") or user.get("is_workflow_bot")) or user["id"] == SLACKBOT,
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")) or not _at_home(team_id, user),
        deleted=bool(user.get("deleted")),
        updated=_moment(user.get("updated")),
    )


def _moment(value: object) -> int:
    """Return Slack's `updated`, in epoch seconds; 0 when it is missing or no such number."""
    return value if isinstance(value, int) and 0 < value < _NO_MOMENT else 0


def _at_home(team_id: str, user: Mapping[str, Any]) -> bool:
    """Whether the user belongs to this workspace, or to this Enterprise org."""
    enterprise = user.get("enterprise_user") or {}
    homes = {user.get("team_id"), enterprise.get("enterprise_id"), user.get("enterprise_id")}
    return team_id in homes or team_id in (enterprise.get("teams") or ())


class NotTold(Exception):
    """Slack did not say who somebody is: it was too slow, limits the app or is away."""


def team_of(*, team_id: str | None, enterprise_id: str | None, org_wide: bool | None) -> str:
    """Return the id an organization is kept under: the Enterprise org's where installed org-wide."""
    return str((enterprise_id if org_wide and enterprise_id else team_id) or "")


class Directory:
    """Keeps what Slack says about its users in the store.

    Args:
        lines: their clients have a shared session and no retry handlers.
    """

    def __init__(self, *, lines: Lines, store: Store) -> None:
        self._lines, self._store = lines, store
        self._mirroring: asyncio.Task[None] | None = None
        self.complete = False
        """Whether everybody was read since the start."""

    def start(self, team_id: str, *, org_wide: bool = False) -> None:
        """Begin to mirror everybody, in the background, and again every day; see `mirror`."""
        self._mirroring = asyncio.create_task(self._keep(team_id, org_wide=org_wide))

    async def stop(self) -> None:
        """End what runs in the background."""
        if self._mirroring is not None:
            self._mirroring.cancel()
            await asyncio.gather(self._mirroring, return_exceptions=True)

    async def ensure(self, team_id: str, user_id: str) -> Person | None:
        """Return the person as `meet` does, None also when Slack does not say.

        Raises:
            Busy: the person is new and the organization is being changed.
        """
        try:
            return await self.meet(team_id, user_id)
        except NotTold:
            return None

    async def meet(self, team_id: str, user_id: str) -> Person | None:
        """Return the person, asking Slack once when they are unknown; None when Slack knows nobody like that.

        Call it before any transaction is open.

        Raises:
            NotTold: Slack did not answer in time, or not usefully.
            Busy: the person is new and the organization is being changed.
        """
        if not _USER.fullmatch(user_id):
            return None  # no id of Slack's: neither asked for nor logged
        async with self._store.reading(team_id) as tx:
            known = await tx.people.get(user_id)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                line = await self._lines.of(team_id)
                answer = await line.caller.call("users.info", line.client.users_info, user=user_id)
            person = person_from_slack(team_id, answer["user"])
        except (CallFailed, NotInstalled, NotRenewed, TimeoutError, *_MISSHAPEN) as failed:
            log.warning("directory.not_told", user=user_id, error=str(failed) or type(failed).__name__)
            if isinstance(failed, CallFailed) and failed.trouble is Trouble.REFUSED:
                return None
            raise NotTold from failed
        await self._write(team_id, [person])
        return person

    async def learn(self, team_id: str, user: Any) -> None:
        """Keep what an event says about a user; what is no user is passed over.

        Raises:
            Busy, StoreUnavailable: it cannot be kept now; Slack delivers a failed event again.
        """
        try:
            person = person_from_slack(team_id, user)
        except _MISSHAPEN as error:
            log.warning("directory.misshapen", error=type(error).__name__)
            return
        await self._write(team_id, [person])

    async def mirror(self, team_id: str, *, org_wide: bool = False) -> int:
        """Read everybody, page by page; return how many people there are.

        Args:
            team_id: the workspace or Enterprise org people are kept under.
            org_wide: whether it is an Enterprise org, whose people are listed by workspace.

        Raises:
            CallFailed: Slack refuses to list them.
            NotInstalled, NotRenewed: there is no token for it.
        """
        count = 0
        for workspace in await self._workspaces(team_id) if org_wide else (None,):
            count += await self._mirror_one(team_id, workspace)
        self.complete = True
        log.info("directory.mirrored", team=team_id, people=count)
        return count

    async def _mirror_one(self, team_id: str, workspace: str | None) -> int:
        cursor, count = "", 0
        while True:
            try:
                page = await self._page("users.list", team_id, cursor, workspace=workspace)
            except CallFailed as failed:
                if workspace is None or failed.error not in _NOT_GRANTED:
                    raise
                log.info("directory.not_granted", team=team_id, workspace=workspace)
                return count
            people = [person_from_slack(team_id, user) for user in page.get("members", ())]
            await self._write_patiently(team_id, people)
            count += len(people)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return count

    async def _workspaces(self, team_id: str) -> list[str]:
        """Return the workspaces of the Enterprise org that the app was granted."""
        found: list[str] = []
        cursor = ""
        while True:
            page = await self._page("auth.teams.list", team_id, cursor)
            found += [str(team["id"]) for team in page.get("teams", ())]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    async def _page(
        self, method: str, team_id: str, cursor: str, *, workspace: str | None = None
    ) -> dict[str, Any]:
        for attempt in range(PAGE_ATTEMPTS):
            line = await self._lines.of(team_id)
            run = line.client.users_list if method == "users.list" else line.client.auth_teams_list
            named = {"team_id": workspace} if workspace else {}
            try:
                return await line.caller.call(
                    method, run, expected=_NOT_GRANTED, limit=PAGE, cursor=cursor or None, **named
                )
            except CallFailed as failed:
                if failed.trouble is Trouble.REFUSED or attempt + 1 == PAGE_ATTEMPTS:
                    raise
                await asyncio.sleep(failed.after or wait_before(attempt))
        raise AssertionError("the last attempt returns or raises")

    async def _write_patiently(self, team_id: str, people: Sequence[Person]) -> None:
        for attempt in range(PAGE_ATTEMPTS):
            try:
                await self._write(team_id, people)
            except Busy:
                if attempt + 1 == PAGE_ATTEMPTS:
                    raise
                await asyncio.sleep(wait_before(0))
            else:
                return

    async def _write(self, team_id: str, people: Sequence[Person]) -> None:
        """Write those who are new or changed; the organization is locked only when there are some."""
        async with self._store.reading(team_id) as tx:
            known = await tx.people.many([person.user_id for person in people])
            news = [person for person in people if _is_news(known.get(person.user_id), person)]
        if news:
            async with self._store.transaction(team_id) as tx:
                await tx.people.save_all(news)

    async def _keep(self, team_id: str, *, org_wide: bool) -> None:
        while True:
            try:
                await self.mirror(team_id, org_wide=org_wide)
            except CallFailed as failed:
                log.error("directory.not_mirrored", error=str(failed))
            except Exception as error:  # the database is away: the mirror is tried again, the server goes on
                log.error("directory.not_kept", error=type(error).__name__)
            await asyncio.sleep(
                REREAD_SECONDS * random.uniform(0.9, 1.1) if self.complete else wait_before(7)
            )


def _is_news(known: Person | None, person: Person) -> bool:
    """Whether there is something to write: a newer date alone is, or older facts would pass for new."""
    if known is None or person.updated > known.updated:
        return True
    if 0 < person.updated < known.updated:
        return False
    return any(getattr(known, name) != getattr(person, name) for name in _COMPARED)


_COMPARED = (
    *("email", "name", "time_zone", "email_confirmed"),
    *("bot", "guest", "stranger", "deleted"),
)


def register_directory(app: AsyncApp, directory: Directory) -> None:
    """Listen to `team_join` and `user_change`."""

    async def learn(event: dict[str, Any], context: AsyncBoltContext) -> None:
        team_id = team_of(
            team_id=context.team_id,
            enterprise_id=context.enterprise_id,
            org_wide=context.is_enterprise_install,
        )
        await directory.learn(team_id, event.get("user"))

    app.event("team_join")(learn)
    app.event("user_change")(learn)
