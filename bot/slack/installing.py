"""Installing the app in a workspace: where the browser is sent, and what the code it brings back is worth."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import real_now
from bot.slack.calls import ACCOUNT_ERRORS, Caller, CallFailed, Trouble
from bot.slack.directory import team_of
from bot.slack.rotation import ACCESS, AppCredentials, expiry
from domain.installations import Installation, InstallFailed, InstallProblem

log = structlog.get_logger("steward.slack")

SECONDS = 20.0
"""How long the person waits, at most, while Slack is asked."""
TRIES = 3
LONGEST_WAIT = 5.0
_PROBLEMS = {
    "invalid_code": InstallProblem.CODE_USED,
    "code_already_used": InstallProblem.CODE_USED,
    "cannot_install_an_org_installed_app": InstallProblem.ORG_WIDE_ALREADY,
    **dict.fromkeys(
        ("invalid_client_id", "bad_client_secret", "bad_redirect_uri", "invalid_redirect_uri"),
        InstallProblem.WRONG_APP,
    ),
}


class Installing:
    """Knows the app.

    Args:
        client: patient, without a token.
        redirect_uri: where that page leads back to.
        scopes: what the app asks for; without `optional` ones it works too.
    """

    def __init__(
        self,
        *,
        app: AppCredentials,
        client: AsyncWebClient,
        caller: Caller,
        redirect_uri: str,
        scopes: tuple[str, ...],
        optional: frozenset[str],
        now: Callable[[], datetime] = real_now,
    ) -> None:
        self._app, self._client, self._caller = app, client, caller
        self._redirect_uri, self._scopes, self._optional = redirect_uri, scopes, optional
        self._now = now

    def address(self, state: str) -> str:
        """Return where the browser is sent to begin; Slack hands `state` back."""
        query = {
            "client_id": self._app.client_id,
            "scope": ",".join(self._scopes),
            "state": state,
            "redirect_uri": self._redirect_uri,
        }
        return f"{authorize_url(self._client.base_url)}?{urlencode(query)}"

    async def finish(self, code: str) -> Installation:
        """Return the installation that a code stands for.

        Raises:
            InstallFailed: says why there is none.
        """
        try:
            async with asyncio.timeout(SECONDS):
                granted = await self._patiently(
                    ACCESS,
                    self._client.api_call,
                    api_method=ACCESS,
                    data=self._app.form(code=code, redirect_uri=self._redirect_uri),
                )
                self._check(granted)
                token = str(granted["access_token"])
                known = await self._patiently("auth.test", self._client.auth_test, token=token)
        except TimeoutError:
            raise InstallFailed(InstallProblem.NO_ANSWER) from None
        return self._installation(granted, known)

    async def _patiently(self, method: str, run: Any, **arguments: Any) -> dict[str, Any]:
        """Ask a few times: a lost answer may have used the code up, and then Slack says so.

        What Slack says against one installation holds up no other.
        """
        for attempt in range(TRIES):
            try:
                return await self._caller.call(method, run, expected=ACCOUNT_ERRORS, **arguments)
            except CallFailed as failed:
                log.warning("slack.not_installed", method=method, error=failed.error)
                if failed.trouble is Trouble.REFUSED:
                    problem = _PROBLEMS.get(failed.error, InstallProblem.REFUSED)
                    raise InstallFailed(problem, word=failed.error) from failed
                if attempt + 1 < TRIES:
                    await asyncio.sleep(min(LONGEST_WAIT, failed.after or 0.5 * 2**attempt))
        raise InstallFailed(InstallProblem.NO_ANSWER)

    def _check(self, granted: dict[str, Any]) -> None:
        """Check that the app may do what it must.

        Raises:
            InstallFailed: it was not granted, or this is no bot.
        """
        if granted.get("token_type") != "bot" or not granted.get("access_token"):
            raise InstallFailed(InstallProblem.NO_BOT)
        missing = set(self._scopes) - self._optional - set(_scopes(granted))
        if missing:
            raise InstallFailed(InstallProblem.SCOPES, word=", ".join(sorted(missing)))

    def _installation(self, granted: dict[str, Any], known: dict[str, Any]) -> Installation:
        org_wide = bool(granted.get("is_enterprise_install"))
        team, enterprise = granted.get("team") or {}, granted.get("enterprise") or {}
        key = team_of(team_id=team.get("id"), enterprise_id=enterprise.get("id"), org_wide=org_wide)
        tested = team_of(
            team_id=known.get("team_id"), enterprise_id=known.get("enterprise_id"), org_wide=org_wide
        )
        if not key or key != tested:
            log.error("slack.installed_elsewhere", granted=key, tested=tested)
            raise InstallFailed(InstallProblem.REFUSED, word="another workspace")
        named = (enterprise if org_wide else team).get("name") or known.get("team") or key
        now = self._now()
        return Installation(
            team_id=key,
            org_wide=org_wide,
            enterprise_id=enterprise.get("id"),
            name=str(named),
            app_id=str(granted.get("app_id") or ""),
            bot_id=str(known.get("bot_id") or ""),
            bot_user_id=str(granted.get("bot_user_id") or known.get("user_id") or ""),
            scopes=tuple(_scopes(granted)),
            token=str(granted["access_token"]),
            refresh_token=granted.get("refresh_token"),
            expires_at=expiry(granted.get("expires_in"), now),
            installed_by=str((granted.get("authed_user") or {}).get("id") or ""),
            installed_at=now,
        )


def _scopes(granted: dict[str, Any]) -> list[str]:
    return [scope.strip() for scope in str(granted.get("scope") or "").split(",") if scope.strip()]


def authorize_url(api_url: str) -> str:
    """Return the address of Slack's page for installing, at the host of its Web API."""
    return urljoin(api_url, "/oauth/v2/authorize")
