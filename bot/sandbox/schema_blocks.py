"""Rules for blocks and where each may stand: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from bot.sandbox.ids import Json
from bot.sandbox.schema import (
    Check,
    Report,
    Rule,
    any_of,
    array,
    by_type,
    choice,
    flag,
    number,
    one_of,
    plain,
    record,
    string,
    whole,
    words,
)
from bot.sandbox.schema_elements import (
    BOXES,
    BUTTONS,
    CELL,
    CONTEXT_ACTIONS,
    DATES,
    FORM_INPUTS,
    IMAGE,
    IMAGE_FIELDS,
    MOMENTS,
    MULTI_SELECTS,
    NAME,
    RICH_INPUTS,
    SELECTS,
    TEXT_INPUTS,
    URL,
    URL_SOURCE,
)
from bot.sandbox.schema_rich import RICH_TEXT


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    HOME = "home"
    MODAL = "modal"


def _block(
    kind: str, required: dict[str, Rule], optional: dict[str, Rule] | None = None, *checks: Check
) -> Rule:
    return record({"type": choice(kind), **required}, {"block_id": NAME, **(optional or {})}, *checks)


_ACCESSORY = by_type({**BUTTONS, **SELECTS, **MULTI_SELECTS, **BOXES, **DATES, "image": IMAGE})
_ACTION = by_type({**BUTTONS, **SELECTS, **MULTI_SELECTS, **BOXES, **DATES, **MOMENTS})
_EVERYWHERE: dict[str, Rule] = {
    "section": _block(
        "section",
        {},
        {
            "text": words(3000),
            "fields": array(words(2000), most=10, least=1),
            "accessory": _ACCESSORY,
            "expand": flag,
        },
        any_of("text", "fields"),
    ),
    "divider": _block("divider", {}),
    "header": _block("header", {"text": plain(150)}, {"level": whole(1, 4)}),
    "image": _block(
        "image",
        {"alt_text": string(2000, least=1)},
        {"title": plain(2000), **IMAGE_FIELDS},
        one_of("image_url", "slack_file"),
    ),
    "actions": _block("actions", {"elements": array(_ACTION, most=25, least=1)}),
    "context": _block(
        "context",
        {
            "elements": array(
                by_type({"image": IMAGE, "plain_text": words(3000), "mrkdwn": words(3000)}), most=10, least=1
            )
        },
    ),
    "rich_text": RICH_TEXT,
    "video": _block(
        "video",
        {"alt_text": string(2000, least=1), "title": plain(200), "thumbnail_url": URL, "video_url": URL},
        {
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(50),
            "title_url": URL,
        },
    ),
}

_INPUT_ELEMENTS: dict[Surface, dict[str, Rule]] = {
    Surface.MESSAGE: {},
    Surface.HOME: RICH_INPUTS,
    Surface.MODAL: {**RICH_INPUTS, **FORM_INPUTS},
}


def _input(surface: Surface) -> Rule:
    everywhere = {**TEXT_INPUTS, **SELECTS, **MULTI_SELECTS, **BOXES, **DATES, **MOMENTS}
    element = by_type({**everywhere, **_INPUT_ELEMENTS[surface]})
    return _block(
        "input",
        {"label": plain(2000), "element": element},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    )


def _table_size(value: Json, at: str, report: Report) -> None:
    if characters(value["rows"]) > 10_000:
        report.say("must be less than 10001 characters", f"{at}/rows")


def _even_rows(value: Json, at: str, report: Report) -> None:
    if len({len(row) for row in value["rows"]}) > 1:
        report.say("every row must have the same number of cells", f"{at}/rows")


def characters(value: Any) -> int:
    """How many characters the texts of blocks have together."""
    if isinstance(value, list):
        return sum(map(characters, value))
    if isinstance(value, dict):
        return sum(
            len(each) if name == "text" and isinstance(each, str) else characters(each)
            for name, each in value.items()
        )
    return 0


_ROW = array(CELL, most=20, least=1)
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": flag})


def _setting(value: Any, at: str, report: Report) -> None:
    if value is not None:
        _COLUMN(value, at, report)


_CARD = _block(
    "card",
    {},
    {
        "hero_image": IMAGE,
        "icon": IMAGE,
        "title": words(150),
        "subtitle": words(150),
        "body": words(200),
        "subtext": words(200),
        "actions": array(by_type({"button": BUTTONS["button"]}), most=3, least=1),
    },
    any_of("hero_image", "title", "actions", "body"),
)
_TABLES: dict[str, Rule] = {
    "table": _block(
        "table",
        {"rows": array(_ROW, most=100, least=1)},
        {"column_settings": array(_setting, most=20)},
        _table_size,
    ),
    "data_table": _block(
        "data_table",
        {"rows": array(_ROW, most=101, least=2), "caption": string(3000, least=1)},
        {"page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
        _even_rows,
        _table_size,
    ),
    "card": _CARD,
    "carousel": _block("carousel", {"elements": array(by_type({"card": _CARD}), most=10, least=1)}),
}


def _container(children: Mapping[str, Rule]) -> Rule:
    def folded(value: Json, at: str, report: Report) -> None:
        if value.get("is_collapsible") and value.get("has_header_divider"):
            report.say("has_header_divider cannot be set when is_collapsible is true", at)

    return _block(
        "container",
        {"child_blocks": array(by_type(children), most=10, least=1)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": words(150),
            "icon": IMAGE,
            "width": choice("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
        any_of("title", "rich_text_title"),
        folded,
    )


_LABEL = string(20, least=1)
_POINT = record({"label": _LABEL, "value": number})
_AXES = record(
    {"categories": array(_LABEL, most=20, least=1)}, {"x_label": string(50), "y_label": string(50)}
)
_SERIES = array(record({"name": _LABEL, "data": array(_POINT, most=20, least=1)}), most=6, least=1)
_CHART = by_type(
    {
        "pie": record({"type": choice("pie"), "segments": array(_POINT, most=6, least=1)}),
        **{
            kind: record({"type": choice(kind), "series": _SERIES, "axis_config": _AXES})
            for kind in ("bar", "line", "area")
        },
    }
)
_STATUS = choice("pending", "in_progress", "complete", "error")
_TASK = _block(
    "task_card",
    {"task_id": NAME, "title": string(3000, least=1), "status": _STATUS},
    {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(URL_SOURCE, most=100)},
)
_MESSAGES: dict[str, Rule] = {
    "markdown": _block("markdown", {"text": string(12_000, least=1)}),
    "data_visualization": _block("data_visualization", {"title": string(50, least=1), "chart": _CHART}),
    "context_actions": _block(
        "context_actions", {"elements": array(by_type(CONTEXT_ACTIONS), most=5, least=1)}
    ),
    "file": _block("file", {"external_id": NAME, "source": choice("remote")}),
    "task_card": _TASK,
    "plan": _block(
        "plan", {"title": string(3000, least=1)}, {"tasks": array(by_type({"task_card": _TASK}), most=50)}
    ),
}
_ALERT = _block(
    "alert", {"text": words(200)}, {"level": choice("default", "info", "warning", "error", "success")}
)


@cache
def block_rule(surface: Surface) -> Rule:
    """The rule for one block on a surface; a type that does not belong there is unsupported."""
    rules = {**_EVERYWHERE, "input": _input(surface)}
    if surface is Surface.MODAL:
        rules["alert"] = _ALERT
    else:
        rules |= _TABLES
    if surface is Surface.MESSAGE:
        rules |= _MESSAGES
    if surface is not Surface.MODAL:
        rules["container"] = _container(dict(rules))
    return by_type(rules)
