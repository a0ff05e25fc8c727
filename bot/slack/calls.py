"""One call of Slack's Web API, and what its failure means."""

from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.pacing import Pacing

log = structlog.get_logger("steward.slack")

ACCOUNT_WAIT = 60.0
"""Seconds between attempts while Slack does not accept the app."""
LIMITED_WAIT = 30.0
"""Seconds to wait where Slack limits without saying how long."""

NO_ANSWER = (
    *(aiohttp.ClientError, OSError, TimeoutError),
    *(AttributeError, TypeError, ValueError, LookupError),
)
"""What a call raises when Slack did not answer; slack_sdk stumbles with the last over text or half a JSON."""

_ACCOUNT = "account"
ACCOUNT_ERRORS = {
    "invalid_auth": "Slack does not accept the bot token. Check SLACK_BOT_TOKEN.",
    "not_authed": "Slack does not accept the bot token. Check SLACK_BOT_TOKEN.",
    "account_inactive": "The app was removed from the workspace. Install it again.",
    "token_revoked": "The bot token was revoked. Install the app again and set SLACK_BOT_TOKEN.",
    "token_expired": "The bot token has expired. Install the app again and set SLACK_BOT_TOKEN.",
    "no_permission": "The app may not do this in the workspace. Ask a workspace admin.",
    "org_login_required": "The workspace is being moved. Nothing can be delivered until that is done.",
    "ekm_access_denied": "The workspace's keys are suspended. Ask a workspace admin.",
    "team_access_not_granted": "The app was not granted this workspace. Ask a workspace admin.",
    "not_allowed_token_type": "This is another kind of token. Set SLACK_BOT_TOKEN to the bot token (xoxb-).",
    "missing_scope": "The app lacks a permission. Update it from the manifest and install it again.",
    "messages_tab_disabled": "Messages to people are switched off for the app. Update it from the manifest.",
}
_ABOUT_ONE_METHOD = {"missing_scope", "messages_tab_disabled", "no_permission"}
_SLACKS_FAULT = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}


class Trouble(StrEnum):
    """What kept a call from succeeding."""

    LIMITED = "limited"
    """Not done: too many calls."""
    DOWN = "down"
    """Not done: Slack was not reached."""
    LOST = "lost"
    """Done or not: the answer did not come."""
    ACCOUNT = "account"
    """Not done: Slack does not accept the app."""
    REFUSED = "refused"
    """Not done: Slack refuses this very call."""


class CallFailed(Exception):
    """A call without success.

    Args:
        error: Slack's word for it.
        after: the seconds to wait, if Slack said so.
        answered: whether Slack itself answered, so that it does nothing about the call any more.
    """

    def __init__(
        self,
        method: str,
        trouble: Trouble,
        error: str,
        *,
        after: float | None = None,
        answered: bool = True,
    ) -> None:
        super().__init__(f"{method}: {error}")
        self.method, self.trouble, self.error, self.after = method, trouble, error, after
        self.answered = answered


def word_of(error: SlackApiError) -> str:
    """Return Slack's own word for a failure; "" where the answer was not Slack's, such as a proxy's."""
    # Where the body is no JSON, slack_sdk hands out aiohttp's own response, which has no data.
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


class Caller:
    """Makes calls; holds back those that Slack would limit, or all while it does not accept the app.

    Args:
        limited: told of each method that Slack limited, for metrics.
        refused: told Slack's word each time it does not accept the app at all.
    """

    def __init__(
        self,
        pacing: Pacing,
        *,
        limited: Callable[[str], None] | None = None,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        self.pacing = pacing
        self._tell_limited, self._tell_refused = limited, refused
        self._problems: dict[str, str] = {}

    @property
    def problem(self) -> str | None:
        """Why something cannot be delivered, in words for who runs Steward; None while all is well."""
        return next(iter(self._problems.values()), None)

    async def call(
        self,
        method: str,
        run: Callable[..., Awaitable[Any]],
        *,
        expected: Collection[str] = (),
        **arguments: Any,
    ) -> dict[str, Any]:
        """Return the answer of `run(**arguments)`, a method of slack_sdk's client.

        Args:
            expected: errors of Slack's that the caller has an answer to, so that they are plain refusals.

        Raises:
            CallFailed: with what to make of it.
        """
        for held, trouble in ((_ACCOUNT, Trouble.ACCOUNT), (method, Trouble.LIMITED)):
            if left := self.pacing.held(held):
                raise CallFailed(method, trouble, f"held: {trouble}", after=left)
        try:
            answer = await run(**arguments)
        except SlackApiError as error:
            raise self._judged(method, error, expected) from error
        except aiohttp.ClientConnectorError as error:
            raise CallFailed(method, Trouble.DOWN, type(error).__name__) from error
        except NO_ANSWER as error:
            raise CallFailed(method, Trouble.LOST, type(error).__name__, answered=False) from error
        if not isinstance(answer.data, dict):
            raise CallFailed(method, Trouble.LOST, "unreadable answer")
        for scope in (_ACCOUNT, method):
            if self._problems.pop(scope, None):
                log.info("slack.accepts_us_again", method=method)
        return dict(answer.data)

    def _judged(self, method: str, error: SlackApiError, expected: Collection[str]) -> CallFailed:
        response = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        word = word_of(error)
        if status == 429 or word in ("ratelimited", "rate_limited"):
            return self._limited(method, getattr(response, "headers", {}))
        if word in ACCOUNT_ERRORS and word not in expected:
            return self._not_accepted(method, word)
        if status >= 500 or word in _SLACKS_FAULT or not word:
            # A gateway that gave up waiting (502, 504) does not say what Slack behind it still does.
            answered = bool(word) or status == 503
            return CallFailed(method, Trouble.LOST, word or f"status {status}", answered=answered)
        return CallFailed(method, Trouble.REFUSED, word)

    def _limited(self, method: str, headers: Any) -> CallFailed:
        try:
            after = float(headers.get("Retry-After", LIMITED_WAIT))
        except ValueError:
            after = LIMITED_WAIT
        self.pacing.hold(method, after)
        if self._tell_limited is not None:
            self._tell_limited(method)
        log.warning("slack.limited", method=method, seconds=after)
        return CallFailed(method, Trouble.LIMITED, "ratelimited", after=after)

    def _not_accepted(self, method: str, word: str) -> CallFailed:
        scope = method if word in _ABOUT_ONE_METHOD else _ACCOUNT
        if scope is _ACCOUNT and self._tell_refused is not None:
            self._tell_refused(word)
        self.pacing.hold(scope, ACCOUNT_WAIT)
        self._problems[scope] = ACCOUNT_ERRORS[word]
        log.error("slack.does_not_accept_us", method=method, error=word, what_to_do=ACCOUNT_ERRORS[word])
        return CallFailed(method, Trouble.ACCOUNT, word, after=ACCOUNT_WAIT)
