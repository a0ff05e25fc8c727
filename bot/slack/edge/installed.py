"""Authorizes deliveries of every workspace where the app is installed, and notes where it no longer is."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.accounts import OVER, Accounts
from bot.slack.calls import NO_ANSWER, word_of
from bot.slack.directory import team_of
from bot.slack.lines import NotInstalled, NotRenewed
from domain.installations import Ended, Installation

log = structlog.get_logger("steward.slack")

PATIENCE = 1.5
"""Seconds Slack is waited for when it told of a token that is no more."""
LATE = timedelta(minutes=6)
"""Slack delivers an event again for five minutes: one older than this tells of an earlier installation."""


class InstalledAuthorize(AsyncAuthorize):
    """Answers Bolt with the token of the workspace a delivery comes from.

    Args:
        client: without a token, for `auth.test`.
    """

    def __init__(self, accounts: Accounts, *, client: AsyncWebClient) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._accounts, self._client = accounts, client

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
            NotInstalled, NotRenewed: see there.
        """
        key = team_of(
            team_id=context.team_id,
            enterprise_id=context.enterprise_id,
            org_wide=context.is_enterprise_install is True,
        )
        account = await self._accounts.of(key)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_id=account.bot_id,
            bot_user_id=account.bot_user_id,
            bot_token=account.token,
        )

    async def revoked(self, context: AsyncBoltContext, body: Mapping[str, Any]) -> None:
        """Note that the app was removed, or its token revoked, if that is so still: events come late.

        Raises:
            Busy, StoreUnavailable: it cannot be noted now; Slack delivers the event again.
        """
        # These events name no authorizations; where the whole org is meant, no workspace either.
        team_id = context.team_id or context.enterprise_id or ""
        self._accounts.drop(team_id)
        try:
            account = await self._accounts.of(team_id)
        except (NotInstalled, NotRenewed):
            return
        if _surely(account, body) or await self._over(account):
            await self._accounts.end(account, Ended.UNINSTALLED)

    async def _over(self, account: Installation) -> bool:
        """Whether Slack no longer takes the token; not so when it does not say."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._client.auth_test(token=account.token)
        except SlackApiError as error:
            return word_of(error) in OVER
        except NO_ANSWER as error:
            log.warning("slack.end_not_checked", team=account.team_id, error=type(error).__name__)
        return False


def _surely(account: Installation, body: Mapping[str, Any]) -> bool:
    """Whether the app was removed after this installation was made, by a time no clock is wrong about."""
    event, moment = body.get("event") or {}, body.get("event_time")
    if event.get("type") != "app_uninstalled" or not isinstance(moment, int):
        return False
    return moment > (account.installed_at + LATE).timestamp()
