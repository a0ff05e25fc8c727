"""The one check of every view and message before it goes to Slack."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.slack import limits
from bot.slack.elements import ELEMENTS, address, identifier, suggestion_groups, suggestion_options
from bot.slack.limits import Surface
from bot.slack.rules import (
    Check,
    InvalidBlocks,
    Rule,
    Shape,
    any_text,
    anything,
    choice,
    exact,
    flag,
    many,
    markup,
    plain_text,
    shown,
)


def checked(payload: Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    """`payload` as it may be sent: words that are too long shortened visibly.

    Args:
        payload: a form or Home view, or the arguments of a message (`text`, `blocks`, `metadata`, …).
        surface: where it is shown.

    Raises:
        InvalidBlocks: what Slack would refuse and no shortening mends, every fault named with its place.
    """
    check = Check(surface)
    result: dict[str, Any] = _PAYLOADS[surface](check, payload, str(surface))
    if surface is not Surface.MESSAGE and not check.faults:
        size = len(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())
        if size > limits.VIEW_BYTES:
            check.fault(surface, f"takes {size} bytes, more than {limits.VIEW_BYTES}")
    if check.faults:
        raise InvalidBlocks(check.faults)
    return result


def checked_options(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to an external select as it may be sent.

    Raises:
        InvalidBlocks: Slack would refuse it.
    """
    check = Check(Surface.MODAL)
    result: dict[str, Any] = _SUGGESTIONS(check, answer, "options")
    if check.faults:
        raise InvalidBlocks(check.faults)
    return result


def _element(allowed: frozenset[str]) -> Rule:
    def rule(check: Check, value: Any, path: str) -> Any:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if kind not in allowed or kind not in ELEMENTS:
            check.fault(path, f"of type {kind} cannot be there")
            return value
        if check.surface not in limits.ELEMENT_SURFACES.get(kind, limits.EVERYWHERE):
            check.fault(path, f"of type {kind} cannot be in a {check.surface}")
        return ELEMENTS[kind](check, value, path)

    return rule


_context_text = any_text(limits.CONTEXT_TEXT)
_image = _element(frozenset({"image"}))


def _in_context(check: Check, value: Any, path: str) -> Any:
    is_image = isinstance(value, Mapping) and value.get("type") == "image"
    return (_image if is_image else _context_text)(check, value, path)


def _says_something(check: Check, block: dict[str, Any], path: str) -> None:
    if "text" not in block and "fields" not in block:
        check.fault(path, "needs text or fields")


def _small_enough(check: Check, block: dict[str, Any], path: str) -> None:
    rows = block.get("rows")
    cells = [cell for row in rows for cell in row] if isinstance(rows, list) else []
    if sum(len(str(cell.get("text", ""))) for cell in cells if isinstance(cell, dict)) > limits.TABLE_TEXT:
        check.fault(path, f"has more than {limits.TABLE_TEXT} characters")


_cell: Rule = Shape({}, {"text": anything, "elements": anything, "value": anything})

_BLOCKS: dict[str, Shape] = {
    "actions": Shape({"elements": many(_element(limits.ACTIONS), limits.ACTIONS_ELEMENTS)}),
    "alert": Shape(
        {"text": any_text(limits.SECTION_TEXT)},
        {"level": choice("default", "info", "warning", "error", "success")},
    ),
    "context": Shape({"elements": many(_in_context, limits.CONTEXT_ELEMENTS)}),
    "divider": Shape(),
    "header": Shape({"text": plain_text(limits.HEADER_TEXT)}),
    "image": Shape(
        {"alt_text": shown(limits.ALT_TEXT)},
        {"image_url": address, "slack_file": anything, "title": plain_text(limits.IMAGE_TITLE)},
    ),
    "input": Shape(
        {"label": plain_text(limits.LABEL), "element": _element(limits.INPUTS)},
        {"hint": plain_text(limits.LABEL), "optional": flag, "dispatch_action": flag},
    ),
    "markdown": Shape({"text": exact(limits.MARKDOWN_TEXT)}),
    "rich_text": Shape({"elements": many(anything, most=1000)}),
    "section": Shape(
        optional={
            "text": any_text(limits.SECTION_TEXT),
            "fields": many(any_text(limits.FIELD_TEXT), limits.FIELDS),
            "accessory": _element(limits.ACCESSORIES),
            "expand": flag,
        },
        also=(_says_something,),
    ),
    "table": Shape(
        {"rows": many(many(_cell, limits.TABLE_COLUMNS), limits.TABLE_ROWS)},
        {"column_settings": many(anything, limits.TABLE_COLUMNS, least=0)},
        (_small_enough,),
    ),
}


def _block(check: Check, value: Any, path: str) -> Any:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in limits.BLOCK_SURFACES:
        check.fault(path, f"is a block of type {kind}, which Slack does not know")
        return value
    if check.surface not in limits.BLOCK_SURFACES[kind]:
        check.fault(path, f"of type {kind} cannot be in a {check.surface}")
    if "block_id" in value:
        identifier(check, value["block_id"], f"{path}.block_id")
    shape = _BLOCKS.get(kind)
    if shape is None:
        return value
    inner = {key: item for key, item in value.items() if key != "block_id"}
    result = shape(check, inner, path)
    return {**result, "block_id": value["block_id"]} if "block_id" in value else result


def _ids_differ(check: Check, payload: dict[str, Any], path: str) -> None:
    blocks = [block for block in payload.get("blocks") or [] if isinstance(block, Mapping)]
    for name, count in Counter(block["block_id"] for block in blocks if "block_id" in block).items():
        if count > 1:
            check.fault(path, f"uses the block_id {name} {count} times")
    for number, block in enumerate(blocks):
        parts = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        ids = Counter(
            part["action_id"] for part in parts if isinstance(part, Mapping) and "action_id" in part
        )
        for name, count in ids.items():
            if count > 1:
                check.fault(f"{path}.blocks[{number}]", f"uses the action_id {name} {count} times")


def _submit_if_input(check: Check, view: dict[str, Any], path: str) -> None:
    blocks = [block for block in view.get("blocks") or [] if isinstance(block, Mapping)]
    if "submit" not in view and any(block.get("type") == "input" for block in blocks):
        check.fault(path, "has inputs but no submit")


def _few_of_a_kind(check: Check, message: dict[str, Any], path: str) -> None:
    blocks = [block for block in message.get("blocks") or [] if isinstance(block, Mapping)]
    if sum(block.get("type") == "table" for block in blocks) > limits.TABLES:
        check.fault(path, "has more than one table")
    if (
        sum(len(block.get("text", "")) for block in blocks if block.get("type") == "markdown")
        > limits.MARKDOWN_TEXT
    ):
        check.fault(path, f"has more than {limits.MARKDOWN_TEXT} characters of markdown")


def _view(kind: Surface, required: dict[str, Rule], optional: dict[str, Rule], *also: Any) -> Shape:
    blocks = many(_block, limits.BLOCKS[kind], least=int(kind is Surface.MODAL))
    common: dict[str, Rule] = {
        "callback_id": exact(limits.ID, least=0),
        "external_id": exact(limits.ID, least=0),
        "private_metadata": exact(limits.PRIVATE_METADATA, least=0),
    }
    return Shape(
        {"type": choice(kind), "blocks": blocks, **required}, {**common, **optional}, (_ids_differ, *also)
    )


def _button_word(check: Check, value: Any, path: str) -> Any:
    result = plain_text(limits.VIEW_TITLE)(check, value, path)
    if result != value:
        check.fault(path, f"is longer than {limits.VIEW_TITLE} characters")
    return result


_METADATA = Shape({"event_type": exact(limits.ID), "event_payload": anything})
_ARGUMENTS = [
    "channel",
    "user",
    "ts",
    "thread_ts",
    "response_type",
    "replace_original",
    "delete_original",
    "unfurl_links",
    "unfurl_media",
    "reply_broadcast",
    "username",
    "icon_url",
    "icon_emoji",
]

_PAYLOADS: dict[Surface, Shape] = {
    Surface.MODAL: _view(
        Surface.MODAL,
        {"title": plain_text(limits.VIEW_TITLE)},
        {
            "submit": _button_word,
            "close": _button_word,
            "submit_disabled": flag,
            "clear_on_close": flag,
            "notify_on_close": flag,
        },
        _submit_if_input,
    ),
    Surface.HOME: _view(Surface.HOME, {}, {}),
    Surface.MESSAGE: Shape(
        {"text": markup(limits.MESSAGE_TEXT)},
        {
            **dict.fromkeys(_ARGUMENTS, anything),
            "blocks": many(_block, limits.BLOCKS[Surface.MESSAGE], least=0),
            "metadata": _METADATA,
        },
        (_ids_differ, _few_of_a_kind),
    ),
}

_SUGGESTIONS = Shape(optional={"options": suggestion_options, "option_groups": suggestion_groups})
