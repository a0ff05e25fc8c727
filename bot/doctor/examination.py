"""The whole examination: every part beside the others, in the order an operator reads them."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from bot.app import database_problem
from bot.config import KeySettings, Reading, read_settings
from bot.doctor import database, mail, slack
from bot.doctor.findings import Finding, State, bounded, ok, skipped, to_do

DATABASE_SECONDS = 60.0
"""For all that is read from the database; each of its parts has less."""
UNREACHED = ("outbox", "parked", "requests", "audit")


async def examine(env: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Look at everything, whatever is wrong with some of it.

    Args:
        env: the settings; the process's environment unless given.
    """
    reading = read_settings(env)
    bot, app, mails, data = await asyncio.gather(
        bounded("bot token", lambda: _tokens(reading)),
        bounded("Socket Mode", lambda: _app_token(reading)),
        bounded("mail", lambda: _mail(reading)),
        bounded("database", lambda: _database(reading), seconds=DATABASE_SECONDS),
    )
    return (*_settings(reading), *data, *bot, *app, *mails)


def needs_somebody(findings: Sequence[Finding]) -> bool:
    """Return whether something is to be done."""
    return any(finding.state is State.TO_DO for finding in findings)


def _settings(reading: Reading) -> tuple[Finding, ...]:
    found = [to_do("settings", problem) for problem in reading.problems]
    if not found:
        how = "Socket Mode" if reading.settings.socket_mode else "HTTP"
        found.append(ok("settings", f"Nothing is missing or wrong; Slack is reached by {how}."))
    if "secret_key" not in reading.wrong:
        found.append(ok("secret keys", _keys(reading.settings)))
    return tuple(found)


def _keys(settings: KeySettings) -> str:
    older = len(settings.secret_keys) - 1
    return (
        "One key." if not older else f"The first writes; {older} older {'is' if older == 1 else 'are'} read."
    )


async def _tokens(reading: Reading) -> Sequence[Finding]:
    if reading.settings.several:
        from bot.doctor import installed  # only where there are several workspaces

        return await installed.installations(reading)
    return await slack.bot_token(reading.settings)


async def _app_token(reading: Reading) -> Sequence[Finding]:
    if "app_token" in reading.wrong:
        return (skipped("Socket Mode", "SLACK_APP_TOKEN is not set right; see settings."),)
    return await slack.app_token(reading.settings)


async def _mail(reading: Reading) -> Sequence[Finding]:
    if "smtp_url" in reading.wrong:
        return (skipped("mail", "STEWARD_SMTP_URL is not set right; see settings."),)
    return await mail.mail_server(reading.settings)


async def _database(reading: Reading) -> Sequence[Finding]:
    if "database_url" in reading.wrong:
        return (skipped("database", "STEWARD_DATABASE_URL is not set right; see settings."), *_unseen())
    settings: KeySettings = reading.settings
    async with asyncio.timeout(15):
        problem = await database_problem(settings.database_url.get_secret_value())
    if problem is not None:
        return (to_do("database", problem), *_unseen())
    reached = ok("database", "It answers, and its schema is the one this Steward works with.")
    if "secret_key" not in reading.wrong:
        return (reached, *await database.examine(settings))
    # What waits is told without the keys as well; only the audit cannot be proved.
    any_key = settings.model_copy(update={"secret_key": SecretStr(secrets.token_hex(16))})
    found = await database.examine(any_key, but=("audit",))
    return (reached, *found, skipped("audit", "STEWARD_SECRET_KEY is not set right; see settings."))


def _unseen() -> tuple[Finding, ...]:
    return tuple(skipped(part, "not looked at, as the database cannot be used.") for part in UNREACHED)
