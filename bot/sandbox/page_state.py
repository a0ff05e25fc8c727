"""The workspace as one person sees it, as JSON for the page."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Core
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


def page_state(core: Core, account: Account, boxes: Mailboxes, clock: Clock | None) -> Json:
    """Everything the page draws for one person."""
    channels = core.conversations.of(account.id) if account.is_person else []
    people = [each for each in core.people if each.kind is not Kind.BOT]
    return {
        "version": core.changes.version,
        "team": {"id": core.team.id, "name": core.team.name, "domain": core.team.domain},
        "clock": {"now": (clock or _RealClock()).now().isoformat(), "movable": clock is not None},
        "app": _app(core),
        "people": [_person(core, each, boxes) for each in people[:SHOWN_PEOPLE]],
        "people_hidden": max(0, len(people) - SHOWN_PEOPLE),
        "me": _person(core, account, boxes),
        "notice": core.notices.get(account.id),
        "channels": [_channel(each, account) for each in channels if not each.is_im],
        "dms": [_direct(core, each, account) for each in channels if each.is_im],
        "conversations": {
            each.id: [_message(core, message) for message in each.latest(account.id)] for each in channels
        },
        "home": _home(core.views.home(account.id)),
        "views": [_view(each) for each in core.views.stack(account.id)],
        "mail": [_mail(each) for each in boxes.of(account.email)],
        "faults": core.faults.to_json(),
        "limits": core.limits,
    }


def _app(core: Core) -> Json:
    manifest = core.app.manifest
    return {
        "id": core.app.id,
        "name": manifest.name,
        "bot_user_id": core.app.user,
        "installed": not core.uninstalled,
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


def _person(core: Core, account: Account, boxes: Mailboxes) -> Json:
    unread = boxes.unread(account.email)
    if account.is_person:
        unread += sum(each.unread(account.id) for each in core.conversations.of(account.id))
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


def _direct(core: Core, channel: Channel, account: Account) -> Json:
    shown: Json = {"id": channel.id, "unread": channel.unread(account.id)}
    if channel.app_in:
        return {**shown, "app": core.app.id, "name": core.app.manifest.bot_name}
    other = next((each for each in channel.members if each != account.id), account.id)
    name = found.name if (found := core.people.get(other)) else other
    return {**shown, "user": other, "name": name}


def _message(core: Core, message: Message) -> Json:
    return {
        "ts": message.ts,
        "bot" if message.from_app else "user": message.user,
        "username": message.username,
        "icon": message.icon,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": message.files,
        "edited": message.edited,
        "ephemeral": message.ephemeral_to is not None,
        "metadata_hidden": message.metadata is not None,
        "reply_to": message.thread_ts,
    }


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
