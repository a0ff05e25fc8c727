"""Blocks that Slack refuses are refused, with the fault named where it is."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.checks import check_blocks, check_view
from bot.sandbox.errors import ApiError
from tests.sandbox.bots import button, field, modal, plain, section

Json = dict[str, Any]


def option(text: str, value: str = "v") -> Json:
    return {"text": plain(text), "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(*options: Json, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": list(options), **more}


def table(rows: int, cells: int = 1, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * cells] * rows}


def chart(**more: Any) -> Json:
    pie = {"type": "pie", "segments": [{"label": "a", "value": 1}]}
    return {"type": "data_visualization", "title": "Seats", "chart": pie, **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": plain("It cannot be undone."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi", "style": {"bold": True}}]}
    ],
}
CARD = {"type": "card", "title": plain("A card"), "actions": [button("Go", "go")]}

ACCEPTED = {
    "section at its fullest": section(
        "x" * 3000, fields=[plain("y" * 2000)] * 10, accessory=button("z" * 75, "a")
    ),
    "section with a multi select": section(
        "x", accessory={"type": "multi_users_select", "action_id": "u", "initial_users": ["U1"]}
    ),
    "header": {"type": "header", "text": plain("h" * 150)},
    "divider": {"type": "divider", "block_id": "b" * 255},
    "context": {"type": "context", "elements": [plain("c")] * 10},
    "actions": actions(*(button("b", f"a{number}", value="v" * 2000) for number in range(25))),
    "a button that asks first": actions(button("Go", "go", style="danger", confirm=CONFIRM)),
    "select": actions(select(*(option(f"o{number}", f"{number}") for number in range(100)))),
    "select with its first choice": actions(select(option("a"), initial_option=option("a"))),
    "select in groups": actions(
        {
            "type": "static_select",
            "action_id": "s",
            "option_groups": [{"label": plain("g"), "options": [option("a")]}],
        }
    ),
    "overflow": actions({"type": "overflow", "action_id": "o", "options": [option("a", "1")] * 5}),
    "boxes": actions(
        {"type": "checkboxes", "action_id": "c", "options": [option("a")] * 10},
        {"type": "radio_buttons", "action_id": "r", "options": [option("a")]},
    ),
    "dates": actions(
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-01-31"},
        {"type": "timepicker", "action_id": "t", "initial_time": "23:59"},
        {"type": "datetimepicker", "action_id": "m", "initial_date_time": 1_700_000_000},
    ),
    "image": {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"},
    "rich text": RICH,
    "markdown": {"type": "markdown", "text": "m" * 12_000},
    "table": table(100, 20, "12345"),
    "data table": {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_number", "value": 1}]] * 2},
    "carousel": {"type": "carousel", "elements": [CARD] * 10},
    "container": {"type": "container", "title": plain("t"), "child_blocks": [section("x"), CARD]},
    "chart": chart(),
    "context actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Delete")}],
    },
    "input": field("Name", "name"),
}

REFUSED = {
    "section too long": (
        section("x" * 3001),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section without words": (
        section(""),
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section without text": ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    "too many fields": (
        {"type": "section", "fields": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "a field too long": (
        {"type": "section", "fields": [plain("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "header in mrkdwn": (
        {"type": "header", "text": {"type": "mrkdwn", "text": "h"}},
        "must be a valid enum value [json-pointer:/blocks/0/text/type]",
    ),
    "header too long": (
        {"type": "header", "text": plain("h" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "too much context": (
        {"type": "context", "elements": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "too many buttons": (
        actions(*(button("b", f"a{number}") for number in range(26))),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "no buttons": (actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    "button text too long": (
        actions(button("b" * 76, "a")),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "button value too long": (
        actions(button("b", "a", value="v" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "button in a colour": (
        actions(button("b", "a", style="green")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    "action_id too long": (
        actions(button("b", "a" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "action_id twice in a block": (
        actions(button("b", "a"), button("c", "a")),
        '`action_id` "a" already exists [json-pointer:/blocks/0]',
    ),
    "an unknown key": (
        section("x", colour="red"),
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    "an unknown key in a text": (
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
        "invalid additional property: emoji [json-pointer:/blocks/0/text]",
    ),
    "an unknown block": ({"type": "poem"}, "unsupported type: poem [json-pointer:/blocks/0/type]"),
    "no type": ({"text": plain("x")}, "missing required field: type [json-pointer:/blocks/0]"),
    "an empty select": (
        actions(select()),
        "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "too many options": (
        actions(select(*[option("o")] * 101)),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "option text too long": (
        actions(select(option("o" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    "option value too long": (
        actions(select(option("o", "v" * 151))),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    "option description too long": (
        actions(select({**option("o"), "description": plain("d" * 76)})),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/description/text]",
    ),
    "options beside groups": (
        actions(select(option("a"), option_groups=[{"label": plain("g"), "options": [option("a")]}])),
        "only one of options, option_groups is allowed [json-pointer:/blocks/0/elements/0]",
    ),
    "a first choice that is not offered": (
        actions(select(option("a"), initial_option=option("b"))),
        "initial_option must match one of the options [json-pointer:/blocks/0/elements/0/initial_option]",
    ),
    "placeholder too long": (
        actions(select(option("a"), placeholder=plain("p" * 151))),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]",
    ),
    "too many boxes": (
        actions({"type": "checkboxes", "action_id": "c", "options": [option("a")] * 11}),
        "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "too many entries in an overflow": (
        actions({"type": "overflow", "action_id": "o", "options": [option("a")] * 6}),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "confirm title too long": (
        actions(button("b", "a", confirm={**CONFIRM, "title": plain("t" * 101)})),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    "confirm text too long": (
        actions(button("b", "a", confirm={**CONFIRM, "text": plain("t" * 301)})),
        "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ),
    "confirm button too long": (
        actions(button("b", "a", confirm={**CONFIRM, "deny": plain("t" * 31)})),
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]",
    ),
    "a day that is none": (
        actions({"type": "datepicker", "action_id": "d", "initial_date": "31.1.2026"}),
        "does not match the required pattern [json-pointer:/blocks/0/elements/0/initial_date]",
    ),
    "an image without words": (
        {"type": "image", "image_url": "https://example.org/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    "too much markdown": (
        {"type": "markdown", "text": "m" * 12_001},
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
    "too many rows": (table(101), "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    "too many cells": (table(1, 21), "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    "too much in a table": (
        table(100, 20, "123456"),
        "must be less than 10001 characters [json-pointer:/blocks/0/rows]",
    ),
    "label too long": (
        field("l" * 2001, "b"),
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
    "an input that belongs in forms": (
        field("Mail", "m", {"type": "email_text_input"}),
        "unsupported type: email_text_input [json-pointer:/blocks/0/element/type]",
    ),
    "an alert outside forms": (
        {"type": "alert", "text": plain("x")},
        "unsupported type: alert [json-pointer:/blocks/0/type]",
    ),
    "a text input as an accessory": (
        section("x", accessory={"type": "plain_text_input", "action_id": "a"}),
        "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]",
    ),
    "a folding container with a line": (
        {
            "type": "container",
            "title": plain("t"),
            "child_blocks": [section("x")],
            "is_collapsible": True,
            "has_header_divider": True,
        },
        "has_header_divider cannot be set when is_collapsible is true [json-pointer:/blocks/0]",
    ),
}

ONLY_SOME_SURFACES: list[tuple[str, Json, str]] = [
    ("home", table(1), ""),
    ("home", CARD, ""),
    ("home", field("Notes", "n", {"type": "rich_text_input"}), ""),
    ("home", {"type": "markdown", "text": "x"}, "unsupported type: markdown"),
    ("home", chart(), "unsupported type: data_visualization"),
    ("home", field("File", "f", {"type": "file_input"}), "unsupported type: file_input"),
    ("home", {"type": "alert", "text": plain("x")}, "unsupported type: alert"),
    ("modal", field("File", "f", {"type": "file_input", "max_files": 10}), ""),
    ("modal", field("Count", "n", {"type": "number_input", "is_decimal_allowed": False}), ""),
    ("modal", field("Link", "u", {"type": "url_text_input"}), ""),
    ("modal", {"type": "alert", "text": plain("x"), "level": "warning"}, ""),
    ("modal", table(1), "unsupported type: table"),
    ("modal", CARD, "unsupported type: card"),
    ("modal", {"type": "carousel", "elements": [CARD]}, "unsupported type: carousel"),
    ("modal", {"type": "markdown", "text": "x"}, "unsupported type: markdown"),
]


def faults(check: Callable[[], object]) -> list[str]:
    """What a check finds, without the mark in front."""
    try:
        check()
    except ApiError as error:
        return [each.removeprefix("[ERROR] ") for each in error.extra["response_metadata"]["messages"]]
    return []


@pytest.mark.parametrize("block", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_block_within_the_limits_is_accepted(block: Json) -> None:
    assert check_blocks([block]) == [block]


@pytest.mark.parametrize(("block", "fault"), REFUSED.values(), ids=REFUSED.keys())
def test_a_block_beyond_a_limit_is_refused_where_it_is(block: Json, fault: str) -> None:
    assert faults(lambda: check_blocks([block])) == [fault]


@pytest.mark.parametrize(("surface", "block", "fault"), ONLY_SOME_SURFACES)
def test_each_surface_takes_only_its_blocks(surface: str, block: Json, fault: str) -> None:
    view = modal(block) if surface == "modal" else {"type": "home", "blocks": [block]}
    found = faults(lambda: check_view(view, kind=surface))
    assert [each.partition(" [")[0] for each in found] == ([fault] if fault else [])


def test_every_fault_is_named_at_once() -> None:
    found = faults(lambda: check_blocks([section("x" * 3001), {"type": "poem"}]))
    assert [each.partition(" [")[0] for each in found] == [
        "must be less than 3001 characters",
        "unsupported type: poem",
    ]


def test_a_message_holds_fifty_blocks_and_one_table() -> None:
    divider: Json = {"type": "divider"}
    assert faults(lambda: check_blocks([divider] * 50)) == []
    assert faults(lambda: check_blocks([divider] * 51)) == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]
    assert faults(lambda: check_blocks([table(1), table(1)])) == [
        "no more than 1 table allowed [json-pointer:/blocks]"
    ]
    assert faults(lambda: check_blocks([chart()] * 3)) == [
        "no more than 2 data_visualization allowed [json-pointer:/blocks]"
    ]


def test_block_ids_are_unique_and_action_ids_within_their_block() -> None:
    twice = [section("a", block_id="b"), section("c", block_id="b")]
    assert faults(lambda: check_blocks(twice)) == [
        '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]'
    ]
    assert faults(lambda: check_blocks([actions(button("a", "x")), actions(button("b", "x"))])) == []
