"""The inputs of a form: their state as payloads carry it, and what the client itself refuses."""

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.ids import Json

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")
_SLOTS: dict[str, tuple[str, str | None]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", None),
}
REQUIRED = "Please complete this required field."


def slot_of(element_type: str) -> str | None:
    """The name of the value of an element in its state, or None where it has none."""
    slot = _SLOTS.get(element_type)
    return slot[0] if slot else None


def is_list_slot(element_type: str) -> bool:
    """Whether an element's value is a list."""
    slot = slot_of(element_type) or ""
    return slot == "files" or (slot.startswith("selected_") and slot.endswith("s"))


def nested(blocks: list[Json]) -> Iterator[Json]:
    """Every block, those inside containers, carousels and cards included."""
    for block in blocks:
        yield block
        if block["type"] == "container":
            yield from nested(block.get("child_blocks", []))
        elif block["type"] == "carousel":
            yield from nested(block.get("elements", []))


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section" and isinstance(block.get("accessory"), dict):
        return [block["accessory"]]
    if block["type"] == "card":
        return list(block.get("actions", []))
    return list(block.get("elements", [])) if block["type"] in ("actions", "context_actions") else []


def stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every block and element that holds a value."""
    for block in nested(blocks):
        for element in elements_of(block):
            if element.get("type") in _SLOTS:
                yield block, element


def state_of(blocks: list[Json], typed: Json) -> Json:
    """`state.values`: what was typed, else the initial value, else the empty one."""
    values: Json = {}
    for block, element in stateful(blocks):
        given = typed.get(block["block_id"], {}).get(element["action_id"])
        entry = given if isinstance(given, dict) else initial(element)
        values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **entry}
    return values


def initial(element: Json) -> Json:
    """The value an element starts with."""
    slot, starts = _SLOTS[element["type"]]
    empty: Any = [] if is_list_slot(element["type"]) else None
    return {"type": element["type"], slot: element.get(starts, empty) if starts else empty}


def missing_or_wrong(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's own client refuses to send, by block id."""
    faults: dict[str, str] = {}
    for block, element in stateful(blocks):
        if block["type"] != "input":
            continue
        value = values[block["block_id"]][element["action_id"]].get(_SLOTS[element["type"]][0])
        empty = value in (None, "", [])
        if empty and not block.get("optional", False):
            faults[block["block_id"]] = REQUIRED
        elif not empty and (words := _wrong(element, value)):
            faults[block["block_id"]] = words
    return faults


def _wrong(element: Json, value: Any) -> str | None:
    match element["type"]:
        case "plain_text_input":
            return _wrong_length(element, str(value))
        case "email_text_input":
            return None if _MAIL.fullmatch(str(value)) else "Please enter a valid email address."
        case "url_text_input":
            return None if _URL.fullmatch(str(value)) else "Please enter a valid URL."
        case "number_input":
            return _wrong_number(element, str(value))
        case "file_input":
            return _wrong_files(element, value)
        case _:
            return _too_many(element.get("max_selected_items"), value)


def _too_many(most: int | None, value: Any) -> str | None:
    if most and isinstance(value, list) and len(value) > most:
        return f"You can choose at most {most}."
    return None


def _wrong_files(element: Json, files: list[Json]) -> str | None:
    kinds = [str(kind).lower() for kind in element.get("filetypes") or []]
    for file in files:
        if kinds and str(file.get("name", "")).rpartition(".")[2].lower() not in kinds:
            return f"Please choose a file of this type: {', '.join(kinds)}."
    return _too_many(element.get("max_files", 10), files)


def _wrong_length(element: Json, value: str) -> str | None:
    if len(value) < int(element.get("min_length", 0)):
        return f"Please enter at least {element['min_length']} characters."
    most = int(element.get("max_length", 3000))
    return f"Please enter at most {most} characters." if len(value) > most else None


def _wrong_number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed", True) and not re.fullmatch(r"-?\d+", value.strip()):
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and number > float(high):
        return f"Please enter a number of at most {high}."
    return None
