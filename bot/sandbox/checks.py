"""Refuses blocks, views, attachments and metadata that Slack would refuse."""

import json
from collections import Counter
from typing import Any

from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.ids import Json
from bot.sandbox.inputs import elements_of, nested
from bot.sandbox.schema import Report, Rule, array, choice, flag, plain, record, string, unique
from bot.sandbox.schema_blocks import Surface, block_rule
from bot.sandbox.schema_elements import CHOICES

MOST_BLOCKS = {Surface.MESSAGE: 50, Surface.HOME: 100, Surface.MODAL: 100}
MOST_VIEW_BYTES = 250 * 1024
MOST_METADATA_BYTES = 20 * 1024
MOST_ATTACHMENTS = 100
_MARKDOWN = 12_000
_ONCE = {"table": 1, "data_visualization": 2}

_PRIVATE: dict[str, Rule] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}


def _view_rule(surface: Surface) -> Rule:
    blocks = array(block_rule(surface), most=MOST_BLOCKS[surface])
    required: dict[str, Rule] = {"type": choice(surface.value), "blocks": blocks}
    if surface is Surface.HOME:
        return record(required, _PRIVATE)
    return record(
        {**required, "title": plain(24)},
        {
            **_PRIVATE,
            "close": plain(24),
            "submit": plain(24),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
        },
    )


_VIEWS = {surface: _view_rule(surface) for surface in (Surface.HOME, Surface.MODAL)}
_TEXTS = (
    "color fallback pretext author_name author_link author_icon title title_link text image_url thumb_url"
    " footer footer_icon callback_id"
)
_ATTACHMENT = record(
    {},
    {
        **dict.fromkeys(_TEXTS.split(), string(40_000)),
        "id": lambda value, at, report: None,
        "ts": lambda value, at, report: None,
        "fields": array(
            record({}, {"title": string(3000), "value": string(40_000), "short": flag}), most=100
        ),
        "mrkdwn_in": array(string(50), most=20),
        "blocks": array(block_rule(Surface.MESSAGE), most=MOST_BLOCKS[Surface.MESSAGE]),
    },
)


def check_blocks(blocks: Any) -> list[Json]:
    """The blocks of a message; raises ApiError `invalid_blocks` naming every fault and its place."""
    if not blocks:
        return []
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    report = Report()
    array(block_rule(Surface.MESSAGE), most=MOST_BLOCKS[Surface.MESSAGE])(blocks, "/blocks", report)
    if not report.faults:
        _as_a_whole(blocks, "/blocks", report)
    if report.faults:
        raise _invalid_blocks(report)
    return blocks


def _invalid_blocks(report: Report) -> ApiError:
    messages = [f"[ERROR] {fault}" for fault in report.faults]
    return ApiError("invalid_blocks", errors=report.faults, response_metadata={"messages": messages})


def _as_a_whole(blocks: list[Json], at: str, report: Report) -> None:
    """Ids that repeat, blocks that may stand once, and the length of all markdown together."""
    _unique_ids(blocks, at, report)
    counts = Counter(block["type"] for block in nested(blocks))
    for kind, most in _ONCE.items():
        if counts[kind] > most:
            report.say(f"no more than {most} {kind} allowed", at)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > _MARKDOWN:
        report.say(f"markdown must be less than {_MARKDOWN + 1} characters in total", at)


def _unique_ids(blocks: list[Json], at: str, report: Report) -> None:
    places = [(block.get("block_id"), f"{at}/{index}/block_id") for index, block in enumerate(blocks)]
    unique(places, "block_id", report)
    for index, block in enumerate(blocks):
        for each in nested([block]):
            names = [element.get("action_id") for element in elements_of(each)]
            unique([(name, f"{at}/{index}") for name in names], "action_id", report)


def check_view(view: Any, *, kind: str) -> Json:
    """A form or a Home tab; raises ApiError `invalid_arguments` naming every fault, or `view_too_large`."""
    surface = Surface.HOME if kind == "home" else Surface.MODAL
    if not isinstance(view, dict):
        raise invalid_arguments("[ERROR] must be an object [json-pointer:/view]")
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_VIEW_BYTES:
        raise ApiError("view_too_large")
    report = Report()
    _VIEWS[surface](view, "/view", report)
    if not report.faults:
        _as_a_whole(view["blocks"], "/view/blocks", report)
        _inputs_can_be_sent(view, report)
    if report.faults:
        raise invalid_arguments(*(f"[ERROR] {fault}" for fault in report.faults))
    return view


def _inputs_can_be_sent(view: Json, report: Report) -> None:
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    if view["type"] == "modal" and inputs and not view.get("submit"):
        report.say("`submit` is required when an `input` is within the `blocks` array", "/view")
    elements = [element for block in nested(view["blocks"]) for element in elements_of(block)]
    if sum(bool(element.get("focus_on_load")) for element in elements) > 1:
        report.say("only one element may set focus_on_load", "/view/blocks")


def check_choices(body: Any) -> Json:
    """What an external select was answered with: at most 100 options, or groups of them.

    Raises ApiError `invalid_arguments`.
    """
    report = Report()
    CHOICES(body, "", report)
    if report.faults:
        raise invalid_arguments(*(f"[ERROR] {fault}" for fault in report.faults))
    return dict(body)


def check_attachments(attachments: Any) -> list[Json]:
    """The attachments of a message; raises ApiError as Slack words it."""
    if not attachments:
        return []
    if not isinstance(attachments, list):
        raise ApiError("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    report = Report()
    array(_ATTACHMENT, most=MOST_ATTACHMENTS)(attachments, "/attachments", report)
    if report.faults:
        messages = [f"[ERROR] {fault}" for fault in report.faults]
        raise ApiError("invalid_attachments", response_metadata={"messages": messages})
    return attachments


def check_metadata(metadata: Any) -> Json | None:
    """The metadata of a message: an event type and a flat or nested object, 20 KB at most."""
    if not metadata:
        return None
    if not isinstance(metadata, dict) or metadata.keys() - {"event_type", "event_payload", "entities"}:
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > MOST_METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return metadata
