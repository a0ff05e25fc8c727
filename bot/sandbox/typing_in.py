"""Turns what a person chooses or types into the value an element holds."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from bot.sandbox.core import Workspace
from bot.sandbox.finding import option_named, options_of
from bot.sandbox.ids import Json
from bot.sandbox.inputs import is_list_slot, slot_of

_TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


def value_for(workspace: Workspace, element: Json, value: Any, *, choices: list[Json] | None = None) -> Json:
    """The state of an element after somebody put `value` into it.

    Options go by their text or value, people by handle, id or Person, channels by name or id, dates as such.
    `choices` are those an external select loaded. Raises LookupError for what cannot be chosen.
    """
    kind = element["type"]
    slot = slot_of(kind)
    if slot is None:
        raise LookupError(f"{kind} holds no value")
    if is_list_slot(kind):
        wanted = [value] if isinstance(value, str) or not isinstance(value, Sequence) else list(value)
        held: Any = [_one(workspace, element, each, choices) for each in wanted]
    else:
        held = None if value is None else _one(workspace, element, value, choices)
    return {"type": kind, slot: held}


def _one(workspace: Workspace, element: Json, value: Any, choices: list[Json] | None) -> Any:
    kind = element["type"]
    if kind in _TYPED:
        return str(value)
    if kind == "rich_text_input":
        return value if isinstance(value, dict) else _rich(str(value))
    if kind == "file_input":
        return value
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        return _moment(value)
    if kind.endswith("users_select"):
        return _person_id(workspace, value)
    if kind.endswith(("conversations_select", "channels_select")):
        return _channel_id(workspace, value)
    return option_named(choices if choices is not None else options_of(element), str(value))


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _person_id(workspace: Workspace, value: Any) -> str:
    wanted = str(getattr(value, "id", value))
    account = workspace.people.get(wanted) or workspace.people.handle(wanted)
    if account is None or not account.in_slack:
        raise LookupError(f"{wanted} is not in this Slack")
    return account.id


def _channel_id(workspace: Workspace, value: Any) -> str:
    wanted = str(getattr(value, "id", value))
    channel = workspace.conversations.get(wanted) or workspace.conversations.named(wanted)
    if channel is None:
        raise LookupError(f"there is no conversation {wanted}")
    return channel.id
