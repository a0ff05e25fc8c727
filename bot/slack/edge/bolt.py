"""Bolt as Steward uses it: the listener runs before the answer, and nothing is taken from the environment."""

import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.listener_matcher.async_listener_matcher import AsyncListenerMatcher
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.clients import quiet, with_token
from bot.slack.edge.authorize import Authorize
from bot.slack.edge.incidents import LISTENED, Explain, Incidents
from bot.slack.edge.installed import InstalledAuthorize

REVOKED = ("app_uninstalled", "tokens_revoked")


class LazyListener(TypeError):
    """A listener with lazy functions, which would outlive their request and lose their errors."""


@dataclass(slots=True)
class Listeners:
    """What an app listens to: the constraints its listeners were registered with."""

    commands: list[Any] = field(default_factory=list)
    shortcuts: list[Any] = field(default_factory=list)
    actions: list[Any] = field(default_factory=list)
    views: list[Any] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)


class StewardApp(AsyncApp):
    """A Bolt app that knows what it listens to (`listeners`) and refuses lazy listeners."""

    def __init__(
        self, *, authorize: Authorize | InstalledAuthorize, client: AsyncWebClient, logger: logging.Logger
    ) -> None:
        self.listeners = Listeners()
        self.authorize = authorize
        super().__init__(
            # Bolt sets the level of the logger of this name, and so of every logger below it.
            name="steward.slack_bolt",
            logger=logger,
            client=client,
            authorize=authorize,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            # The guard in front does these before Bolt sees a delivery.
            signing_secret="",
            request_verification_enabled=False,
            ssl_check_enabled=False,
        )

    def command(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.commands.append(command)
        return super().command(command, *args, **kwargs)

    def shortcut(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.shortcuts.append(constraints)
        return super().shortcut(constraints, *args, **kwargs)

    def global_shortcut(self, callback_id: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.shortcuts.append(callback_id)
        return super().global_shortcut(callback_id, *args, **kwargs)

    def message_shortcut(self, callback_id: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.shortcuts.append(callback_id)
        return super().message_shortcut(callback_id, *args, **kwargs)

    def action(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.actions.append(constraints)
        return super().action(constraints, *args, **kwargs)

    def block_action(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.actions.append(constraints)
        return super().block_action(constraints, *args, **kwargs)

    def view(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.views.append(constraints)
        return super().view(constraints, *args, **kwargs)

    def view_submission(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.views.append(constraints)
        return super().view_submission(constraints, *args, **kwargs)

    def view_closed(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.views.append(constraints)
        return super().view_closed(constraints, *args, **kwargs)

    def options(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.options.append(constraints)
        return super().options(constraints, *args, **kwargs)

    def block_suggestion(self, action_id: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.options.append(action_id)
        return super().block_suggestion(action_id, *args, **kwargs)

    def event(self, event: Any, *args: Any, **kwargs: Any) -> Any:
        self.listeners.events.append(event)
        return super().event(event, *args, **kwargs)

    def message(self, keyword: Any = "", *args: Any, **kwargs: Any) -> Any:
        self.listeners.events.append("message")
        return super().message(keyword, *args, **kwargs)

    def _register_listener(self, functions: Any, primary_matcher: Any, *args: Any, **kwargs: Any) -> Any:
        functions = list(functions)
        if len(functions) > 1:
            raise LazyListener("a lazy function outlives its request: put the work into the outbox")
        return super()._register_listener(functions, _quick(primary_matcher), *args, **kwargs)


class _OnBody(AsyncListenerMatcher):
    """Asks a matcher of Bolt's about the body alone, without the thirty arguments Bolt makes for each."""

    def __init__(self, matches: Callable[..., Awaitable[bool]]) -> None:
        self._matches = matches

    async def async_matches(self, req: AsyncBoltRequest, resp: BoltResponse) -> bool:
        return await self._matches(body=req.body)


def _quick(matcher: Any) -> Any:
    return _OnBody(matcher.func) if getattr(matcher, "arg_names", None) == ["body"] else matcher


class _Started(AsyncListenerStartHandler):
    """Notes that a listener ran, so that one which forgot to acknowledge is not taken for none."""

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        request.context[LISTENED] = True


def build_bolt(
    *,
    signing_secret: str,
    bot_token: str = "",
    installed: InstalledAuthorize | None = None,
    web_client: AsyncWebClient,
    explain: Explain | None = None,
    count_incident: Callable[[], None] | None = None,
) -> StewardApp:
    """The Bolt app; register listeners on it, then give it to `SlackEdge` or `SocketMode`.

    Args:
        signing_secret: checked here so that a missing one stops the start, used by the guard.
        bot_token: of the one workspace.
        installed: knows the tokens of several; then there is no `bot_token`.
        web_client: with a shared session and without retry handlers, as `web_client()` makes it.
        explain: the words for errors that people may read, None for those that are incidents.
        count_incident: called for each incident.

    Raises:
        ValueError: a secret is empty, or the client would repeat calls or open a connection for each.
    """
    _require(signing_secret=signing_secret, client=web_client)
    if installed is None and not bot_token.strip():
        raise ValueError("SLACK_BOT_TOKEN is empty")
    authorize = installed or Authorize(bot_token=bot_token, client=web_client)
    with _without_environment():
        app = StewardApp(
            authorize=authorize, client=with_token(web_client, None), logger=quiet("steward.slack_bolt")
        )
    app.listener_runner.listener_start_handler = _Started()
    _listen_for_revocations(app, authorize)
    app.error(Incidents(explain, count=count_incident).listener())
    return app


def _require(*, signing_secret: str, client: AsyncWebClient) -> None:
    if not signing_secret.strip():
        raise ValueError("SLACK_SIGNING_SECRET is empty")
    if client.session is None:
        raise ValueError("the web client needs a shared session, or every call opens a connection")
    if client.retry_handlers:
        raise ValueError("the web client must not retry: a message would be posted twice")


def _listen_for_revocations(app: StewardApp, authorize: Authorize | InstalledAuthorize) -> None:
    async def revoked(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await authorize.revoked(context, body)

    for kind in REVOKED:
        app.event(kind)(revoked)


@contextmanager
def _without_environment() -> Iterator[None]:
    """Bolt reads SLACK_CLIENT_ID and others by itself and switches to file stores: it sees none of them."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
