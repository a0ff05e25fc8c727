"""What the bot receives, field by field as Slack's documentation lists it."""

import time

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Core
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.manifest import Shortcut
from bot.sandbox.method import message_json
from bot.sandbox.people import Account
from bot.sandbox.views import OpenView


def command_form(core: Core, account: Account, channel: Channel, command: str, text: str) -> Json:
    """The form fields of a slash command."""
    return {
        "token": core.app.verification_token,
        "team_id": core.team.id,
        "team_domain": core.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": account.id,
        "user_name": account.handle,
        "command": command,
        "text": text,
        "api_app_id": core.app.id,
        "is_enterprise_install": "false",
        "response_url": core.response_url(user=account.id, channel=channel.id),
        "trigger_id": core.trigger(account.id),
    }


def view_json(core: Core, opened: OpenView, values: Json | None = None) -> Json:
    """The `view` object of payloads and answers."""
    view = opened.view
    return {
        "id": opened.id,
        "team_id": core.team.id,
        **view,
        "state": {"values": opened.values if values is None else values},
        "hash": opened.hash,
        "previous_view_id": opened.previous,
        "root_view_id": opened.root,
        "app_id": core.app.id,
        "app_installed_team_id": core.team.id,
        "bot_id": core.app.bot_id,
    }


def actions_payload(
    core: Core, account: Account, action: Json, *, place: Json, values: Json, view_id: str | None = None
) -> Json:
    """`block_actions`; `place` is what message_place or view_place made."""
    return {
        "type": "block_actions",
        "user": _user(account),
        "api_app_id": core.app.id,
        "token": core.app.verification_token,
        "trigger_id": core.trigger(account.id, view_id),
        "team": _team(core),
        "enterprise": None,
        "is_enterprise_install": False,
        **({} if view_id or "view" in place else {"state": {"values": values}}),
        "actions": [{**action, "action_ts": core.stamps.next()}],
        **place,
    }


def message_place(core: Core, account: Account, channel: Channel, message: Message) -> Json:
    """Where an act on a message happened; an ephemeral message is not sent along."""
    ephemeral = message.ephemeral_to is not None
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        },
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "response_url": core.response_url(user=account.id, channel=channel.id, message_ts=message.ts),
    }
    if not ephemeral:
        place["message"] = message_json(core, message)
    return place


def view_place(core: Core, opened: OpenView, values: Json) -> Json:
    """Where an act in a form or on the Home tab happened."""
    return {
        "container": {"type": "view", "view_id": opened.id},
        "view": view_json(core, opened, values),
    }


def suggestion_payload(
    core: Core, account: Account, *, block_id: str, action_id: str, value: str, place: Json
) -> Json:
    """`block_suggestion`: somebody types into an external select."""
    return {
        "type": "block_suggestion",
        "user": _user(account),
        "api_app_id": core.app.id,
        "token": core.app.verification_token,
        "action_id": action_id,
        "block_id": block_id,
        "value": value,
        "team": _team(core),
        "enterprise": None,
        "is_enterprise_install": False,
        **{key: each for key, each in place.items() if key != "response_url"},
    }


def submission_payload(core: Core, account: Account, opened: OpenView, values: Json) -> Json:
    """`view_submission`."""
    return {
        "type": "view_submission",
        "team": _team(core),
        "user": _user(account),
        "api_app_id": core.app.id,
        "token": core.app.verification_token,
        "trigger_id": core.trigger(account.id, opened.id),
        "view": view_json(core, opened, values),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def closed_payload(core: Core, account: Account, opened: OpenView, *, cleared: bool) -> Json:
    """`view_closed`, sent only where the view asked for it."""
    return {
        "type": "view_closed",
        "team": _team(core),
        "user": _user(account),
        "api_app_id": core.app.id,
        "token": core.app.verification_token,
        "view": view_json(core, opened),
        "is_cleared": cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def shortcut_payload(core: Core, account: Account, shortcut: Shortcut) -> Json:
    """`shortcut`: a global one."""
    return {
        "type": "shortcut",
        "token": core.app.verification_token,
        "action_ts": core.stamps.next(),
        "team": _team(core),
        "user": {"id": account.id, "username": account.handle, "team_id": account.team_id},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": shortcut.callback_id,
        "trigger_id": core.trigger(account.id),
    }


def message_shortcut_payload(
    core: Core, account: Account, shortcut: Shortcut, channel: Channel, message: Message
) -> Json:
    """`message_action`: a shortcut of the menu of a message."""
    return {
        **shortcut_payload(core, account, shortcut),
        "type": "message_action",
        "response_url": core.response_url(user=account.id, channel=channel.id, message_ts=message.ts),
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message": message_json(core, message),
    }


def event_payload(core: Core, event: Json) -> Json:
    """`event_callback` around an event."""
    stamp = core.stamps.next()
    return {
        "token": core.app.verification_token,
        "team_id": core.team.id,
        "context_team_id": core.team.id,
        "context_enterprise_id": None,
        "api_app_id": core.app.id,
        "event": {**event, "event_ts": event.get("event_ts", stamp)},
        "type": "event_callback",
        "event_id": fresh_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": core.team.id,
                "user_id": core.app.user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": fresh_id("4-", 40),
    }


def channel_name(channel: Channel) -> str:
    """The name a payload gives a conversation: private ones do not tell theirs."""
    return "privategroup" if channel.is_private and not channel.is_im else channel.name


def _user(account: Account) -> Json:
    return {
        "id": account.id,
        "username": account.handle,
        "name": account.handle,
        "team_id": account.team_id,
    }


def _team(core: Core) -> Json:
    return {"id": core.team.id, "domain": core.team.domain}
