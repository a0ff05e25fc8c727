"""Which workspace a delivery may come from, and the token that answers it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import NO_ANSWER, word_of
from bot.slack.lines import NotInstalled

log = structlog.get_logger("steward.slack")

LIFETIME = 3600.0
"""Seconds an identity is believed."""

RETRY = 30.0
"""Seconds before Slack is asked again after it did not answer."""

PATIENCE = 1.0
"""Seconds a delivery waits for Slack to say who the token is; the person waits as long."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot token is."""

    team_id: str
    enterprise_id: str | None
    bot_id: str | None
    bot_user_id: str | None


class Authorize(AsyncAuthorize):
    """Answers Bolt from memory instead of calling `auth.test` at every delivery.

    Args:
        bot_token: the workspace's bot token.
        client: for `auth.test`.
        clock: seconds, never going back.
    """

    def __init__(
        self, *, bot_token: str, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._token = bot_token
        self._client = client
        self._clock = clock
        self._identity: Identity | None = None
        self._ask_again = float("-inf")
        self._asking = asyncio.Lock()

    async def identity(self) -> Identity | None:
        """Who the token is, as far as Slack said within the hour; None if it never answered.

        Raises:
            NotInstalled: Slack does not accept the token.
        """
        if self._clock() >= self._ask_again:
            async with self._asking:
                if self._clock() >= self._ask_again:
                    await self._ask()
        return self._identity

    async def revoked(self, context: AsyncBoltContext, body: Mapping[str, Any]) -> None:
        """Slack told that the app was removed, or its token revoked."""
        self.forget()

    def forget(self) -> None:
        """Asks Slack again at the next delivery: the token may have been revoked."""
        self._identity = None
        self._ask_again = float("-inf")

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                known = _identity(await self._client.auth_test(token=self._token))
        except SlackApiError as error:
            if word_of(error) in _FINAL:
                self._identity = None
                raise NotInstalled from error
            self._later("slack.identity_refused")
        except NO_ANSWER:
            self._later("slack.identity_unknown")
        else:
            self._identity = known
            self._ask_again = self._clock() + LIFETIME

    def _later(self, event: str) -> None:
        # Slack signed the delivery, so it is served on what is known; only the workspace cannot be compared.
        self._ask_again = self._clock() + RETRY
        log.warning(event, known=self._identity is not None)

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult:
        """The token and who it is.

        Raises:
            NotInstalled: Slack does not accept the token, or this is another workspace.
        """
        identity = await self.identity()
        if identity is None:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token)
        if not _is_for(identity, enterprise_id, team_id, org_wide=context.is_enterprise_install is True):
            raise NotInstalled
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
            bot_token=self._token,
        )


def _identity(answer: Any) -> Identity:
    if not answer.get("team_id"):
        raise ValueError("auth.test names no workspace")
    return Identity(
        team_id=answer["team_id"],
        enterprise_id=answer.get("enterprise_id"),
        bot_id=answer.get("bot_id"),
        bot_user_id=answer.get("user_id"),
    )


def _is_for(identity: Identity, enterprise_id: str | None, team_id: str | None, *, org_wide: bool) -> bool:
    """Whether a delivery is for this installation."""
    if identity.enterprise_id is not None and enterprise_id == identity.enterprise_id:
        return True
    # A click in another Enterprise org names no workspace but the one the person is at home in.
    return team_id == identity.team_id and not (org_wide and enterprise_id)


_FINAL = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
)
