"""Everything Slack can send, routed to the screen it is for; refusals become words in one place."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import commands
from bot.slack import home as home_tab
from bot.slack.answering import answer_of
from bot.slack.answers import Answer, Handler, Say, Screen
from bot.slack.blocks import message, section
from bot.slack.entering import enter
from bot.slack.replying import NOTICE, reply
from bot.slack.screens import (
    approvals,
    asking,
    decisions,
    departments,
    helping,
    home,
    invitation,
    invite,
    invite_file,
    join,
    linking,
    member_acts,
    member_verbs,
    members,
    picking,
    policy,
    preview,
    questions,
    request_details,
    settings,
    setup,
)
from bot.slack.visit import Services, Visit, visit_of
from domain.errors import NotSetUp

SCREENS: tuple[Screen, ...] = (
    setup.SCREEN,
    invite.SCREEN,
    invite_file.SCREEN,
    invitation.SCREEN,
    join.SCREEN,
    linking.SCREEN,
    asking.SCREEN,
    helping.SCREEN,
    approvals.SCREEN,
    decisions.SCREEN,
    request_details.SCREEN,
    home.SCREEN,
    members.SCREEN,
    member_acts.SCREEN,
    member_verbs.SCREEN,
    picking.SCREEN,
    questions.SCREEN,
    preview.SCREEN,
    settings.SCREEN,
    policy.SCREEN,
    departments.SCREEN,
)
"""Every feature; a new one adds its line."""

_SCREEN_OF = {verb: screen for screen in SCREENS for verb in screen.verbs}

Listener = Callable[..., Awaitable[None]]


def register(app: AsyncApp, services: Services) -> None:
    """Listen to every command, shortcut, click, form, external select and opened Home tab of the screens."""
    for command in commands.COMMANDS:
        app.command(command.command)(_command(services, command.command))
    for shortcut in commands.SHORTCUTS:
        app.shortcut(shortcut.callback_id)(_verb(services, shortcut.verb))
    for screen in SCREENS:
        _register(app, services, screen)
    app.action(home_tab.OPEN)(_listener(services, _from_home))
    app.view({"type": "view_submission", "callback_id": NOTICE})(_listener(services, _nothing))


def _register(app: AsyncApp, services: Services, screen: Screen) -> None:
    for action_id, handler in screen.actions.items():
        app.action(action_id)(_listener(services, handler))
    for callback_id, handler in screen.views.items():
        app.view({"type": "view_submission", "callback_id": callback_id})(_listener(services, handler))
    for callback_id, handler in screen.closed.items():
        app.view({"type": "view_closed", "callback_id": callback_id})(_listener(services, handler))
    for action_id, handler in screen.options.items():
        app.options(action_id)(_listener(services, handler))
    for event, handler in screen.events.items():
        app.event(event)(_listener(services, handler))


async def _nothing(_visit: Visit) -> Answer:
    return None


def _listener(services: Services, handler: Handler) -> Listener:
    async def listen(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        visit = visit_of(services, body)
        await reply(await answer_of(visit, handler), visit, ack, client)

    return listen


def _verb(services: Services, name: str) -> Listener:
    return _listener(services, _entered(name))


def _command(services: Services, command: str) -> Listener:
    verbs = {verb.name: _entered(verb.name) for verb in commands.reachable()}

    async def listen(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        typed = commands.parse(str(body.get("text") or ""), command)
        visit = visit_of(services, body, text=typed.rest)
        handler = verbs[typed.verb.name] if typed.verb else _unknown(typed)
        await reply(await answer_of(visit, handler), visit, ack, client)

    return listen


def _entered(name: str) -> Handler:
    screen = _SCREEN_OF[name]

    async def handle(visit: Visit) -> Answer:
        instead = await enter(
            visit, open_to_all=name in screen.open_to_all, before_set_up=name in screen.before_set_up
        )
        return instead if instead is not None else await screen.verbs[name](visit)

    return handle


async def _from_home(visit: Visit) -> Answer:
    """A button of Home: as if its verb had been typed alone."""
    return await _entered(visit.value)(as_command(visit, "")) if commands.verb(visit.value) else None


def _unknown(typed: commands.Typed) -> Handler:
    """The answer to nothing typed, or to a word that is no verb: the nearest one and the help."""

    async def handle(visit: Visit) -> Answer:
        try:
            async with visit.reading():
                pass
        except NotSetUp:
            return await setup.form_for(visit)
        words = commands.unknown_text(typed) if typed.word else commands.help_text()
        return Say(message(words, [section(words)]))

    return handle


def as_command(visit: Visit, text: str) -> Visit:
    """The visit as if `text` had been typed after the verb."""
    return replace(visit, text=text)
