"""What Slack adds to blocks it accepts: made-up ids and the defaults of text objects."""

from typing import Any

from bot.sandbox.ids import Json, short_id

_ELEMENT_SLOTS = ("element", "accessory")
_WITHOUT_ACTION = ("image", "plain_text", "mrkdwn")


def normal_blocks(blocks: list[Json]) -> list[Json]:
    """A copy of the blocks with every block_id and action_id there."""
    return [_block(block) for block in blocks]


def normal_view(view: Json) -> Json:
    """A copy of a view with the fields Slack always answers."""
    filled: Json = {
        "type": view["type"],
        "blocks": normal_blocks(view["blocks"]),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "external_id": view.get("external_id", ""),
        "clear_on_close": view.get("clear_on_close", False),
        "notify_on_close": view.get("notify_on_close", False),
        "title": _texts(view.get("title")),
        "close": _texts(view.get("close")),
        "submit": _texts(view.get("submit")),
    }
    if "submit_disabled" in view:
        filled["submit_disabled"] = view["submit_disabled"]
    return filled


def _block(block: Json) -> Json:
    filled: Json = {key: _texts(value) for key, value in block.items()}
    filled["block_id"] = block.get("block_id") or short_id()
    for slot in _ELEMENT_SLOTS:
        if isinstance(filled.get(slot), dict):
            filled[slot] = _element(filled[slot])
    if block["type"] in ("actions", "context_actions"):
        filled["elements"] = [_element(element) for element in filled["elements"]]
    return filled


def _element(element: Json) -> Json:
    if element.get("type") not in _WITHOUT_ACTION and not element.get("action_id"):
        element = {**element, "action_id": short_id()}
    return element


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    filled = {key: _texts(each) for key, each in value.items()}
    if value.get("type") == "plain_text":
        filled.setdefault("emoji", True)
    elif value.get("type") == "mrkdwn":
        filled.setdefault("verbatim", False)
    return filled
