"""Several workspaces: whether Slack takes the token of each installation, and what became of the others."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from slack_sdk.errors import SlackApiError

from bot.clock import real_now
from bot.config import Reading, Settings
from bot.doctor.database import opened
from bot.doctor.findings import Finding, counted, ok, skipped, to_do
from bot.doctor.slack import CALL_SECONDS, call, clock_of, headers_of
from bot.manifest import optional_scopes, scopes
from bot.slack.calls import NO_ANSWER, word_of
from bot.slack.rotation import ACCESS
from domain.installations import Ended, Installation

PART = "workspaces"
MOST = 1000
"""Installations that are read."""
ASKED = 40
"""Of them, those whose token Slack is asked about: the first by their id."""
AT_ONCE = 8
SHOWN = 25
_ENDED = {
    Ended.UNINSTALLED: "was removed in Slack; what waits for it is kept until it is installed again",
    Ended.REFUSED: "is refused by Slack; what waits for it is kept until it is installed again",
    Ended.EXPIRED: "has lost its tokens: install it again",
    Ended.UNREADABLE: "is sealed with a key that is gone: put it back behind the others, or install it again",
}
_CREDENTIALS = {"invalid_client_id": "SLACK_CLIENT_ID", "bad_client_secret": "SLACK_CLIENT_SECRET"}
_OURS = (Ended.EXPIRED, Ended.UNREADABLE)
"""Ends that are not somebody's own wish in Slack."""


async def installations(reading: Reading) -> Sequence[Finding]:
    """Look at every installation, and ask Slack about some dozens of them."""
    if reading.wrong & {"database_url", "secret_key"}:
        return (skipped(PART, "not looked at, as something is not set right; see settings."),)
    settings = reading.settings
    async with opened(settings) as store:
        assert store.installations is not None
        found = await store.installations.page(limit=MOST + 1)
    clock = (*await _credentials(settings), *await _clock(reading))
    if not found:
        page = f"{settings.public_url or 'STEWARD_PUBLIC_URL'}/slack/install"
        return (ok(PART, f"Nobody has installed Steward yet: {page}"), *clock)
    counts = [each for each in found[:MOST] if each.ended is None]
    limit = asyncio.Semaphore(AT_ONCE)
    problems = await asyncio.gather(*(_problem(reading, each, limit) for each in counts[:ASKED]))
    told = [f"{_named(each)}: {words}" for each, words in zip(counts, problems, strict=False) if words]
    over = [each for each in found[:MOST] if each.ended is not None]
    told += [_over(each) for each in over if each.ended in _OURS]
    gone = [_over(each) for each in over if each.ended not in _OURS]
    return (_summary(len(found), len(counts), told, gone), *clock)


def _summary(found: int, counting: int, told: list[str], gone: list[str]) -> Finding:
    words = f"Steward is installed in {counted(counting, 'workspace')}."
    if found > MOST:
        words = f"More than {MOST:,} installations; these are about the first."
    if counting > ASKED:
        words += f" Slack was asked about {ASKED} of them."
    items = [*told, *gone]
    more = [f"and {len(items) - SHOWN:,} more"] if len(items) > SHOWN else []
    return (to_do if told else ok)(PART, words, *items[:SHOWN], *more)


def _named(installation: Installation) -> str:
    return f"{installation.name} ({installation.team_id})"


def _over(installation: Installation) -> str:
    assert installation.ended is not None
    return f"{_named(installation)} {_ENDED[installation.ended]}."


async def _problem(reading: Reading, installation: Installation, limit: asyncio.Semaphore) -> str:
    """Return what is to be done about an installation; empty for nothing."""
    if installation.expires_at is not None and installation.refresh_token is None:
        return f"its refresh token is used up: install it again before {_moment(installation.expires_at)}"
    missing = sorted(set(scopes()) - optional_scopes() - set(installation.scopes))
    if missing:
        return f"it lacks {', '.join(missing)}: install it again"
    if installation.expired(real_now()):
        return "its token has expired and was not renewed: is a Steward running? Look at its log"
    async with limit:
        try:
            await call(reading.settings, installation.token, "auth.test")
        except SlackApiError as error:
            return f"Slack does not take its token ({word_of(error) or 'no answer'}): install it again"
        except NO_ANSWER as error:
            return f"Slack did not answer ({type(error).__name__}): try again"
    return ""


async def _credentials(settings: Settings) -> Sequence[Finding]:
    """Offer a code that nobody was given: Slack first looks whose it would be."""
    if settings.client_id is None or settings.client_secret is None:
        return (skipped("app", "SLACK_CLIENT_ID or SLACK_CLIENT_SECRET is not set right; see settings."),)
    secret = settings.client_secret.get_secret_value()
    given = {"client_id": settings.client_id, "client_secret": secret, "code": "nobody-was-given"}
    try:
        await call(settings, None, ACCESS, **given)
    except SlackApiError as error:
        word = word_of(error)
        if name := _CREDENTIALS.get(word):
            return (
                to_do("app", f"{name}: Slack does not take it ({word}). Copy it from Basic Information."),
            )
        if word == "invalid_code":
            return (ok("app", "Slack takes its client ID and secret."),)
    except NO_ANSWER:
        return ()  # the clock says that Slack is away
    return (skipped("app", "Slack did not say whether it takes the client ID and secret."),)


async def _clock(reading: Reading) -> Sequence[Finding]:
    """Compare the clocks by a call that needs no token."""
    begun = real_now()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            answer = await call(reading.settings, None, "api.test")
    except (SlackApiError, *NO_ANSWER) as error:
        address = reading.settings.slack_api_url
        return (to_do("Slack", f"It cannot be reached at {address} ({type(error).__name__})."),)
    return clock_of(headers_of(answer), begun, real_now())


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
