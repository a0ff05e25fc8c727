"""The workspace as one person sees it, as JSON for the page."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Workspace
from bot.sandbox.ids import Json
from bot.sandbox.mail import Mail, Mailboxes
from bot.sandbox.people import Account
from bot.sandbox.team import Kind
from bot.sandbox.views import OpenView

SHOWN_PEOPLE = 200


class Clock(Protocol):
    """A clock that can be moved forward, given by who starts the local Slack."""

    def now(self) -> datetime:
        """The time it is there, with a zone."""

    async def advance(self, delta: timedelta) -> None:
        """Moves it forward."""


class _RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def page_state(workspace: Workspace, account: Account, boxes: Mailboxes, clock: Clock | None) -> Json:
    """Everything the page draws for one person."""
    channels = workspace.conversations.of(account.id) if account.is_person else []
    people = [each for each in workspace.people if each.kind is not Kind.BOT]
    return {
        "version": workspace.changes.version,
        "team": {"id": workspace.team.id, "name": workspace.team.name, "domain": workspace.team.domain},
        "workspaces": [_workspace(each) for each in workspace.core.workspaces.values()],
        "clock": {"now": (clock or _RealClock()).now().isoformat(), "movable": clock is not None},
        "app": _app(workspace),
        "people": [_person(workspace, each, boxes) for each in people[:SHOWN_PEOPLE]],
        "people_hidden": max(0, len(people) - SHOWN_PEOPLE),
        "me": _person(workspace, account, boxes),
        "notice": workspace.notices.get(account.id),
        "channels": [_channel(each, account) for each in channels if not each.is_im],
        "dms": [_direct(workspace, each, account) for each in channels if each.is_im],
        "conversations": {
            each.id: [_message(workspace, message) for message in each.latest(account.id)]
            for each in channels
        },
        "home": _home(workspace.views.home(account.id)),
        "views": [_view(each) for each in workspace.views.stack(account.id)],
        "mail": [_mail(each) for each in boxes.of(account.email)],
        "faults": workspace.faults.to_json(),
        "limits": workspace.core.limits,
    }


def _workspace(workspace: Workspace) -> Json:
    return {
        "id": workspace.team.id,
        "name": workspace.team.name,
        "domain": workspace.team.domain,
        "enterprise": workspace.enterprise.name if workspace.enterprise else None,
        "installed": workspace.installed,
    }


def _app(workspace: Workspace) -> Json:
    manifest = workspace.app.manifest
    return {
        "id": workspace.app.id,
        "name": manifest.name,
        "bot_user_id": workspace.bot.user,
        "installed": workspace.installed,
        "removed": workspace.installation is not None and not workspace.installed,
        "home_tab": manifest.home_tab,
        "messages_tab": manifest.messages_tab,
        "messages_read_only": manifest.messages_read_only,
        "commands": [
            {"command": each.command, "description": each.description, "usage_hint": each.usage_hint}
            for each in manifest.commands
        ],
        "shortcuts": [
            {
                "name": each.name,
                "callback_id": each.callback_id,
                "description": each.description,
                "type": each.type,
            }
            for each in manifest.shortcuts
        ],
    }


def _person(workspace: Workspace, account: Account, boxes: Mailboxes) -> Json:
    unread = boxes.unread(account.email)
    if account.is_person:
        unread += sum(each.unread(account.id) for each in workspace.conversations.of(account.id))
    return {
        "id": account.id,
        "handle": account.handle,
        "name": account.name,
        "real_name": account.name,
        "email": account.email,
        "title": account.title,
        "kind": account.kind.value,
        "color": account.color,
        "in_slack": account.in_slack,
        "deleted": account.deleted,
        "unread": unread,
    }


def _channel(channel: Channel, account: Account) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "topic": channel.topic,
        "archived": channel.archived,
        "app_in": channel.app_in,
        "unread": channel.unread(account.id),
    }


def _direct(workspace: Workspace, channel: Channel, account: Account) -> Json:
    shown: Json = {"id": channel.id, "unread": channel.unread(account.id)}
    if channel.app_in:
        return {**shown, "app": workspace.app.id, "name": workspace.app.manifest.bot_name}
    other = next((each for each in channel.members if each != account.id), account.id)
    name = found.name if (found := workspace.people.get(other)) else other
    return {**shown, "user": other, "name": name}


def _message(workspace: Workspace, message: Message) -> Json:
    return {
        "ts": message.ts,
        "bot" if message.from_app else "user": message.user,
        "username": message.username,
        "icon": message.icon,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": [each | {"page_url": _page_url(workspace, each)} for each in message.files],
        "edited": message.edited,
        "ephemeral": message.ephemeral_to is not None,
        "metadata_hidden": message.metadata is not None,
        "reply_to": message.thread_ts,
    }


def _page_url(workspace: Workspace, file: Json) -> str:
    """Where the page gets a file: Slack's own addresses want the app's token."""
    return f"/page/files/{file['id']}?team={workspace.team.id}"


def _home(home: OpenView | None) -> Json | None:
    if home is None:
        return None
    return {"id": home.id, "blocks": home.view["blocks"], "hash": home.hash, "values": home.values}


def _view(opened: OpenView) -> Json:
    return {
        "id": opened.id,
        "hash": opened.hash,
        "view": opened.view,
        "values": opened.values,
        "errors": opened.errors,
        "busy": opened.busy,
    }


def _mail(mail: Mail) -> Json:
    return {
        "id": mail.id,
        "to": mail.to,
        "from": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "links": list(mail.links),
        "received": mail.received,
        "read": mail.read,
    }
