"""Getting to know Slack: whose token this is, the mirror of its people, and Socket Mode where it is used."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.config import CannotStart
from bot.outcomes import wait_before
from bot.slack.calls import ACCOUNT_ERRORS, NO_ANSWER, Caller, CallFailed, Trouble, word_of
from bot.slack.directory import Directory, team_of
from bot.slack.scopes import Granted
from bot.slack.socket import SocketMode

log = structlog.get_logger("steward.slack")

FIRST_SECONDS = 1.5
"""How long the start waits for Slack before it goes on without."""
SLOWEST_TRY = 6
"""The pause between tries grows no further than after so many."""
_NOT_OURS = frozenset(ACCOUNT_ERRORS) - {"missing_scope", "messages_tab_disabled"}
_APP_TOKEN = "SLACK_APP_TOKEN: Slack does not accept the app-level token. Make one with connections:write."


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The workspace, or Enterprise org, the bot token belongs to.

    Args:
        team_id: under which its organization is kept.
        org_wide: whether it is an Enterprise org.
    """

    team_id: str
    org_wide: bool
    name: str


Met = Callable[[Account], Awaitable[None]]


class Contact:
    """Tries until Slack answers, in the background once the start has waited long enough.

    Args:
        socket: None where Slack posts to the public address.
        others: how many other things are tried at the start.
    """

    def __init__(self, *, socket: SocketMode | None, others: int = 0) -> None:
        self._socket = socket
        self._tasks: list[asyncio.Task[None]] = []
        self._refusals: dict[str, str] = {}
        self._tried = asyncio.Event()
        self._untried = others + (socket is not None)

    def _work(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What else runs in the background."""
        return ()

    async def start(self) -> bool:
        """Try for a moment, then go on in the background; return whether Slack was reached.

        Raises:
            CannotStart: Slack answered, and does not accept a token.
        """
        for work in self._work():
            self._begin(work)
        if self._socket is not None:
            self._begin(self._connect(self._socket))
        if not self._untried:
            self._tried.set()
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                await self._tried.wait()
        except TimeoutError:
            log.warning("slack.not_reached_yet")
        if self._refusals:
            await self.stop(0)
            raise CannotStart(tuple(self._refusals.values()))
        return self._tried.is_set()

    async def stop(self, seconds: float) -> None:
        """Finish what came by Socket Mode, for at most so long, and end what runs in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.stop(seconds)

    async def problem(self) -> str | None:
        """Return why Slack cannot be worked with now, in words; None when it can."""
        if self._refusals:
            return next(iter(self._refusals.values()))
        if self._socket is not None and not self._socket.connected:
            return "The Socket Mode connection is down; Steward is reconnecting."
        return None

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    def _note_try(self) -> None:
        self._untried -= 1
        if self._untried <= 0:
            self._tried.set()

    async def _connect(self, socket: SocketMode) -> None:
        for attempt in count():
            try:
                await socket.start()
            except SlackApiError as error:
                refusal = _APP_TOKEN if word_of(error) in _NOT_OURS else None
                await self._failed("apps.connections.open", refusal, attempt)
            except NO_ANSWER:
                await self._failed("apps.connections.open", None, attempt)
            else:
                self._succeeded("apps.connections.open")
                return

    async def _failed(self, method: str, refusal: str | None, attempt: int) -> None:
        """Note a failed try, and wait before the next one."""
        log.warning("slack.try_failed", method=method, refused=refusal is not None)
        if refusal is not None:
            self._refusals[method] = refusal
            self._note_try()
        await asyncio.sleep(wait_before(min(attempt, SLOWEST_TRY)))

    def _succeeded(self, method: str) -> None:
        self._refusals.pop(method, None)
        self._note_try()


class OneContact(Contact):
    """The workspace whose token is set: who it is, and its people.

    Args:
        met: called once Slack said who the token is.
        scopes: learns what Slack granted the app.
    """

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        caller: Caller,
        directory: Directory,
        socket: SocketMode | None,
        met: Met,
        scopes: Granted,
    ) -> None:
        super().__init__(socket=socket, others=1)
        self._scopes = scopes
        self._client, self._caller, self._directory = client, caller, directory
        self._met = met
        self._known: asyncio.Future[Account] = asyncio.get_running_loop().create_future()

    async def stop(self, seconds: float) -> None:
        """As `Contact.stop`, and mirror no longer."""
        await super().stop(seconds)
        await self._directory.stop()

    async def account(self) -> Account:
        """Return whose token this is, as soon as Slack has said it."""
        return await asyncio.shield(self._known)

    async def problem(self) -> str | None:
        """Return why Slack cannot be worked with now, in words; None when it can."""
        if not self._refusals and not self._known.done():
            return "Slack has not answered yet."
        return await super().problem() or self._caller.problem

    def _work(self) -> Sequence[Coroutine[Any, Any, None]]:
        return (self._meet(),)

    async def _meet(self) -> None:
        for attempt in count():
            try:
                answer = await self._caller.call("auth.test", self._tested)
            except CallFailed as failed:
                await self._failed("auth.test", _bot_token_words(failed), attempt)
                continue
            if not answer.get("team_id"):  # a proxy's answer, not Slack's
                await self._failed("auth.test", None, attempt)
            else:
                self._succeeded("auth.test")
                await self._meeting(answer)
                return

    async def _tested(self) -> AsyncSlackResponse:
        answer = await self._client.auth_test()
        if isinstance(answer.data, dict):
            self._scopes.learn(_team_in(answer.data), answer.headers)
        return answer

    async def _meeting(self, answer: dict[str, Any]) -> None:
        org_wide = bool(answer.get("is_enterprise_install"))
        key = _team_in(answer)
        account = Account(
            team_id=key,
            org_wide=org_wide,
            name=str(answer.get("team") or key),
        )
        log.info("slack.met", team=account.team_id, org_wide=org_wide)
        self._known.set_result(account)
        self._directory.start(account.team_id, org_wide=account.org_wide)
        await self._met(account)


def _team_in(answer: dict[str, Any]) -> str:
    return team_of(
        team_id=answer.get("team_id"),
        enterprise_id=answer.get("enterprise_id"),
        org_wide=bool(answer.get("is_enterprise_install")),
    )


def _bot_token_words(failed: CallFailed) -> str | None:
    """Return what is wrong with the bot token; None when Slack said nothing about it."""
    if failed.error in ACCOUNT_ERRORS:
        return f"SLACK_BOT_TOKEN: {ACCOUNT_ERRORS[failed.error]}"
    return (
        f"SLACK_BOT_TOKEN: Slack refuses it ({failed.error})." if failed.trouble is Trouble.REFUSED else None
    )
