"""Finds buttons and fields in blocks the way a person does: by the words on or above them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.ids import Json
from bot.sandbox.inputs import elements_of, nested


@dataclass(frozen=True, slots=True)
class Spot:
    """An interactive element and the block it is in."""

    block: Json
    element: Json

    @property
    def ids(self) -> Json:
        """The block and action id an action names."""
        return {"block_id": self.block.get("block_id"), "action_id": self.element.get("action_id")}

    @property
    def names(self) -> tuple[str, ...]:
        """What a person, or a test, may call it by."""
        block, element = self.block, self.element
        return (
            plain(block.get("label")),
            plain(block.get("text")),
            plain(element.get("placeholder")),
            str(block.get("block_id")),
            str(element.get("action_id")),
        )


def spots(blocks: list[Json]) -> Iterator[Spot]:
    """Every interactive element, top to bottom."""
    for block in nested(blocks):
        for element in elements_of(block):
            if element.get("type") not in ("image", "plain_text", "mrkdwn"):
                yield Spot(block, element)


def find_button(blocks: list[Json], words: str) -> tuple[Spot, Json] | None:
    """The button, or the entry of an overflow menu, with those words or that action_id, and its action."""
    for spot in spots(blocks):
        element = spot.element
        if element["type"] in ("button", "workflow_button"):
            if words in (plain(element.get("text")), element.get("action_id")):
                return spot, _pressed(element)
        elif element["type"] == "overflow":
            for option in element["options"]:
                if words == plain(option["text"]):
                    return spot, {"type": "overflow", "selected_option": option}
    return None


def _pressed(element: Json) -> Json:
    action: Json = {"type": element["type"], "text": element.get("text")}
    for name in ("value", "style"):
        if name in element:
            action[name] = element[name]
    return action


def find_field(blocks: list[Json], name: str) -> Spot | None:
    """The field called that: by its label, the text beside it, its placeholder, block_id or action_id."""
    fields = [spot for spot in spots(blocks) if spot.element["type"] not in ("button", "overflow")]
    exact = (spot for spot in fields if name in spot.names)
    loose = (spot for spot in fields if any(name.lower() == each.lower() for each in spot.names))
    return next(exact, None) or next(loose, None)


def option_named(options: list[Json], wanted: str) -> Json:
    """The option with that text or value, or the only one whose text has it in.

    Raises LookupError naming those there are.
    """
    for option in options:
        if wanted in (plain(option["text"]), option.get("value")):
            return option
    near = [option for option in options if wanted.lower() in plain(option["text"]).lower()]
    if len(near) == 1:
        return near[0]
    raise LookupError(f"no option {wanted!r} among {[plain(option['text']) for option in options]}")


def options_of(body: Json) -> list[Json]:
    """Options, those of groups included, of an element or of an answer to typing."""
    grouped = [option for group in body.get("option_groups") or [] for option in group["options"]]
    return [*(body.get("options") or []), *grouped]


def plain(text: Any) -> str:
    """The words of a text object, or of text."""
    return str(text.get("text", "")) if isinstance(text, dict) else str(text or "")


def words_of(value: Any) -> str:
    """Every word drawn by blocks, a view or a message, one text a line."""
    return "\n".join(_words(value))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str) and name in ("text", "alt_text", "title", "user_id"):
                yield each
            elif isinstance(each, (dict, list)):
                yield from _words(each)
