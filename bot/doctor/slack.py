"""The Slack side: whether the tokens are taken, what the app may do, and whether the clocks agree."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import real_now
from bot.config import Settings
from bot.doctor.findings import Finding, ok, skipped, span, to_do
from bot.listening import reach_without_proxy
from bot.manifest import manifest
from bot.slack.calls import ACCOUNT_ERRORS, NO_ANSWER, word_of
from bot.slack.directory import team_of
from bot.slack.edge import web_client

CALL_SECONDS = 10
MOST_APART = timedelta(seconds=10)
"""Slack's signatures count five minutes; clocks that differ by seconds already go wrong."""
_UPDATE = "At api.slack.com/apps open App Manifest, paste what `steward manifest` prints, then reinstall."


async def bot_token(settings: Settings) -> Sequence[Finding]:
    """Ask Slack whose token it is; the answer tells scopes and time as well."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    if not token:
        return (skipped("bot token", "SLACK_BOT_TOKEN is not set right; see settings."),)
    begun = real_now()
    try:
        answer = await call(settings, token, "auth.test")
    except SlackApiError as error:
        word = word_of(error)
        clock = clock_of(headers_of(error.response), begun, real_now())
        return (to_do("bot token", _refusal("SLACK_BOT_TOKEN", word, error)), *clock)
    except NO_ANSWER as error:
        return (to_do("bot token", _away(settings, error)),)
    headers = headers_of(answer)
    team = team_of(
        team_id=answer.get("team_id"),
        enterprise_id=answer.get("enterprise_id"),
        org_wide=bool(answer.get("is_enterprise_install")),
    )
    name = str(answer.get("team") or team)
    taken = ok("bot token", f"Slack takes it: workspace {name} ({team}).")
    return (taken, _scopes(headers), *clock_of(headers, begun, real_now()))


async def app_token(settings: Settings) -> Sequence[Finding]:
    """Ask Slack for a Socket Mode address, without connecting to it."""
    if settings.app_token is None:
        return (skipped("Socket Mode", "not used: SLACK_APP_TOKEN is not set."),)
    try:
        await call(settings, settings.app_token.get_secret_value(), "apps.connections.open")
    except SlackApiError as error:
        word = word_of(error)
        if word in ("missing_scope", "not_allowed_token_type", "no_permission"):
            words = f"The app-level token lacks connections:write ({word}). Make a new one with it."
            return (to_do("Socket Mode", f"SLACK_APP_TOKEN: {words}"),)
        return (to_do("Socket Mode", _refusal("SLACK_APP_TOKEN", word, error)),)
    except NO_ANSWER as error:
        return (to_do("Socket Mode", _away(settings, error)),)
    return (ok("Socket Mode", "Slack takes the app-level token."),)


async def call(settings: Settings, token: str | None, method: str, **form: str) -> Any:
    """Call a method once, with patience; raises what slack_sdk does."""
    reach_without_proxy(settings.slack_api_url)
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client: AsyncWebClient = web_client(
            token=token, session=session, base_url=settings.slack_api_url, timeout=CALL_SECONDS
        )
        return await client.api_call(method, data=form or None)


def headers_of(answer: Any) -> dict[str, str]:
    """Return the headers of an answer, by their names in small letters."""
    found: Mapping[str, Any] = getattr(answer, "headers", None) or {}
    return {name.lower(): str(value) for name, value in found.items()}


def _refusal(setting: str, word: str, error: SlackApiError) -> str:
    status = int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0))
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return "Slack limits calls at the moment (429). Try again in a minute."
    if not word or status >= 500:
        return f"Slack is in trouble (status {status}). See status.slack.com and try again."
    if setting == "SLACK_BOT_TOKEN" and word in ACCOUNT_ERRORS:
        return f"{setting}: {ACCOUNT_ERRORS[word]}"
    return f"{setting}: Slack does not take it ({word}). Copy it anew from api.slack.com/apps."


def _away(settings: Settings, error: BaseException) -> str:
    return (
        f"Slack cannot be reached at {settings.slack_api_url} ({type(error).__name__}). "
        "Check network, DNS and proxy, and status.slack.com."
    )


def _scopes(headers: Mapping[str, str]) -> Finding:
    if "x-oauth-scopes" not in headers:
        return to_do("scopes", "Slack did not say which scopes the token has. Is a proxy in between?")
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")} - {""}
    asked = manifest(socket=True)["oauth_config"]["scopes"]
    optional = set(asked.get("bot_optional", ()))
    wanted = set(asked["bot"]) - optional
    missing, without = sorted(wanted - granted), sorted(optional - granted)
    more = sorted(granted - wanted - optional)
    also = f" Left out, which is allowed: {', '.join(without)}." if without else ""
    also += f" Not needed, remove when you can: {', '.join(more)}." if more else ""
    if missing:
        return to_do("scopes", f"Missing: {', '.join(missing)}. {_UPDATE}{also}")
    return ok("scopes", f"All {len(wanted)} that Steward needs.{also}")


def clock_of(headers: Mapping[str, str], begun: datetime, ended: datetime) -> tuple[Finding, ...]:
    """Compare with the time of the answer, which Slack gives in whole seconds."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return (to_do("clock", "Slack's answer has no time in it. Is a proxy in between?"),)
    return (compared("Slack's", theirs, begun, ended),)


def compared(whose: str, theirs: datetime, begun: datetime, ended: datetime) -> Finding:
    """Return whether this machine's clock agrees with another one that was read between two moments."""
    part = "clock"
    if begun - MOST_APART <= theirs <= ended + MOST_APART:
        return ok(part, f"Agrees with {whose}.")
    behind = theirs > ended
    apart = theirs - ended if behind else begun - theirs
    return to_do(
        part,
        f"This machine's clock is {span(apart)} {'behind' if behind else 'ahead of'} {whose}. "
        "Let NTP set it, on the machine that is wrong (timedatectl set-ntp true).",
    )
