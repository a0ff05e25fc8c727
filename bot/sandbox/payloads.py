"""What the bot receives, field by field as Slack's documentation lists it."""

import time

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Core, Workspace
from bot.sandbox.grants import Installation
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.manifest import Shortcut
from bot.sandbox.method import message_json
from bot.sandbox.people import Account
from bot.sandbox.views import OpenView


def command_form(workspace: Workspace, account: Account, channel: Channel, command: str, text: str) -> Json:
    """The form fields of a slash command."""
    return {
        "token": workspace.app.verification_token,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": account.id,
        "user_name": account.handle,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        **_grid_fields(workspace),
        "is_enterprise_install": "true" if workspace.org_wide else "false",
        "response_url": workspace.response_url(user=account.id, channel=channel.id),
        "trigger_id": workspace.trigger(account.id),
    }


def view_json(workspace: Workspace, opened: OpenView, values: Json | None = None) -> Json:
    """The `view` object of payloads and answers."""
    view = opened.view
    return {
        "id": opened.id,
        "team_id": workspace.team.id,
        **view,
        "state": {"values": opened.values if values is None else values},
        "hash": opened.hash,
        "previous_view_id": opened.previous,
        "root_view_id": opened.root,
        "app_id": workspace.app.id,
        "app_installed_team_id": _installed_in(workspace, opened),
        "bot_id": workspace.bot.id,
    }


def actions_payload(
    workspace: Workspace,
    account: Account,
    action: Json,
    *,
    place: Json,
    values: Json,
    view_id: str | None = None,
) -> Json:
    """`block_actions`; `place` is what message_place or view_place made."""
    return {
        "type": "block_actions",
        "user": _user(account),
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
        "trigger_id": workspace.trigger(account.id, view_id),
        **_place(workspace),
        **({} if view_id or "view" in place else {"state": {"values": values}}),
        "actions": [{**action, "action_ts": workspace.stamps.next()}],
        **place,
    }


def message_place(workspace: Workspace, account: Account, channel: Channel, message: Message) -> Json:
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
        "response_url": workspace.response_url(user=account.id, channel=channel.id, message_ts=message.ts),
    }
    if not ephemeral:
        place["message"] = message_json(workspace, message)
    return place


def view_place(workspace: Workspace, opened: OpenView, values: Json) -> Json:
    """Where an act in a form or on the Home tab happened."""
    return {
        "container": {"type": "view", "view_id": opened.id},
        "view": view_json(workspace, opened, values),
    }


def suggestion_payload(
    workspace: Workspace, account: Account, *, block_id: str, action_id: str, value: str, place: Json
) -> Json:
    """`block_suggestion`: somebody types into an external select."""
    return {
        "type": "block_suggestion",
        "user": _user(account),
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
        "action_id": action_id,
        "block_id": block_id,
        "value": value,
        **_place(workspace),
        **{key: each for key, each in place.items() if key != "response_url"},
    }


def submission_payload(workspace: Workspace, account: Account, opened: OpenView, values: Json) -> Json:
    """`view_submission`."""
    return {
        "type": "view_submission",
        **_place(workspace),
        "user": _user(account),
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
        "trigger_id": workspace.trigger(account.id, opened.id),
        "view": view_json(workspace, opened, values),
        "response_urls": [],
    }


def closed_payload(workspace: Workspace, account: Account, opened: OpenView, *, cleared: bool) -> Json:
    """`view_closed`, sent only where the view asked for it."""
    return {
        "type": "view_closed",
        **_place(workspace),
        "user": _user(account),
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
        "view": view_json(workspace, opened),
        "is_cleared": cleared,
    }


def shortcut_payload(workspace: Workspace, account: Account, shortcut: Shortcut) -> Json:
    """`shortcut`: a global one."""
    return {
        "type": "shortcut",
        "token": workspace.app.verification_token,
        "action_ts": workspace.stamps.next(),
        **_place(workspace),
        "user": {
            "id": account.id,
            "username": account.handle,
            "team_id": account.team_id,
        },
        "callback_id": shortcut.callback_id,
        "trigger_id": workspace.trigger(account.id),
    }


def message_shortcut_payload(
    workspace: Workspace, account: Account, shortcut: Shortcut, channel: Channel, message: Message
) -> Json:
    """`message_action`: a shortcut of the menu of a message."""
    return {
        **shortcut_payload(workspace, account, shortcut),
        "type": "message_action",
        "response_url": workspace.response_url(user=account.id, channel=channel.id, message_ts=message.ts),
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message": message_json(workspace, message),
    }


def event_payload(workspace: Workspace, event: Json) -> Json:
    """`event_callback` around an event."""
    org = workspace.enterprise
    enterprise_id = org.id if org else None
    return {
        **_envelope(workspace.core, event),
        "team_id": workspace.team.id,
        **({"enterprise_id": enterprise_id} if org else {}),
        "context_team_id": workspace.team.id,
        "context_enterprise_id": enterprise_id,
        "authorizations": [
            {
                "enterprise_id": enterprise_id,
                "team_id": None if workspace.org_wide else workspace.team.id,
                "user_id": workspace.bot.user,
                "is_bot": True,
                "is_enterprise_install": workspace.org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": fresh_id("4-", 40),
    }


def app_event_payload(core: Core, installation: Installation, event: Json) -> Json:
    """`event_callback` of an event about the app's installation itself, which names nobody it is for.

    That of an org-wide one has `enterprise_id` and no `team_id`, as in slackapi/bolt-python's
    test_events_org_apps.py.
    """
    place = {"team_id": installation.team_id, "enterprise_id": installation.enterprise_id}
    return {**_envelope(core, event), **{name: value for name, value in place.items() if value}}


def _envelope(core: Core, event: Json) -> Json:
    return {
        "token": core.app.verification_token,
        "api_app_id": core.app.id,
        "event": {**event, "event_ts": event.get("event_ts", core.stamps.next())},
        "type": "event_callback",
        "event_id": fresh_id("Ev"),
        "event_time": int(time.time()),
    }


def channel_name(channel: Channel) -> str:
    """The name a payload gives a conversation: private ones do not tell theirs."""
    return "privategroup" if channel.is_private and not channel.is_im else channel.name


def _user(account: Account) -> Json:
    """Who acts; the team is where they came from, wherever in their org they act (slackapi/bolt-js 1875)."""
    return {
        "id": account.id,
        "username": account.handle,
        "name": account.handle,
        "team_id": account.team_id,
    }


def _place(workspace: Workspace) -> Json:
    """Where an interaction happened; `team` is null where the whole org installed the app."""
    org, team = workspace.enterprise, {"id": workspace.team.id, "domain": workspace.team.domain}
    return {
        "team": None if workspace.org_wide else {**team, **_grid_fields(workspace)},
        "enterprise": {"id": org.id, "name": org.name} if org else None,
        "is_enterprise_install": workspace.org_wide,
    }


def _grid_fields(workspace: Workspace) -> Json:
    org = workspace.enterprise
    return {"enterprise_id": org.id, "enterprise_name": org.name} if org else {}


def _installed_in(workspace: Workspace, opened: OpenView) -> str:
    """The installation a view is from: the org's, or a workspace's, maybe not the one it is seen in."""
    if workspace.enterprise and workspace.org_wide:
        return workspace.enterprise.id
    return opened.team or workspace.team.id
