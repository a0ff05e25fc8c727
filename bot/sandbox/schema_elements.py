"""Rules for block elements: https://docs.slack.dev/reference/block-kit/block-elements."""

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
from bot.sandbox.schema_rich import RICH_TEXT

NAME = string(255, least=1)
URL = string(3000, least=1)
USERS = array(string(255, least=1), most=100)
STYLE = choice("primary", "danger")
CONFIRM = record(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)}, {"style": STYLE}
)
DISPATCH = record(
    {},
    {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), most=2, least=1)},
)
IMAGE_FIELDS: dict[str, Rule] = {
    "image_url": URL,
    "slack_file": record({}, {"id": NAME, "url": URL}, one_of("id", "url")),
}
FILTER = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), most=4, least=1),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    any_of("include", "exclude_external_shared_channels", "exclude_bot_users"),
)


def option(text: Rule, **more: Rule) -> Rule:
    """An option of a menu or a group of boxes."""
    return record({"text": text, "value": string(150)}, {"description": plain(75), **more})


_CHOICE = option(plain(75))
_BOX = record({"text": words(75), "value": string(150)}, {"description": words(75)})
_GROUP = record({"label": plain(75), "options": array(_CHOICE, most=100, least=1)})


CHOICES = record(
    {},
    {"options": array(_CHOICE, most=100), "option_groups": array(_GROUP, most=100)},
    one_of("options", "option_groups"),
)


def _initial_is_offered(slot: str) -> Check:
    """What is chosen at first has to be among the options."""

    def check(value: Json, at: str, report: Report) -> None:
        chosen = value.get(slot)
        if not chosen:
            return
        groups = value.get("option_groups") or []
        offered = [*(value.get("options") or []), *(each for group in groups for each in group["options"])]
        pairs = [(each["text"]["text"], each["value"]) for each in offered]
        for each in chosen if isinstance(chosen, list) else [chosen]:
            if (each["text"]["text"], each["value"]) not in pairs:
                report.say(f"{slot} must match one of the options", f"{at}/{slot}")

    return check


def _element(kind: str, required: dict[str, Rule], optional: dict[str, Rule], *checks: Check) -> Rule:
    common: dict[str, Rule] = {"action_id": NAME}
    return record({"type": choice(kind), **required}, {**common, **optional}, *checks)


def _input(kind: str, optional: dict[str, Rule], *checks: Check, **required: Rule) -> Rule:
    return _element(kind, required, {"focus_on_load": flag, **optional}, *checks)


def _select(kind: str, optional: dict[str, Rule], *checks: Check) -> Rule:
    return _input(kind, {"placeholder": plain(150), "confirm": CONFIRM, **optional}, *checks)


_TYPED: dict[str, Rule] = {"placeholder": plain(150), "dispatch_action_config": DISPATCH}
_MANY: dict[str, Rule] = {"max_selected_items": whole(1, 1000)}
_OFFERED: dict[str, Rule] = {
    "options": array(_CHOICE, most=100, least=1),
    "option_groups": array(_GROUP, most=100, least=1),
}
_WITHIN = one_of("options", "option_groups")
_CONVERSATION: dict[str, Rule] = {"default_to_current_conversation": flag, "filter": FILTER}

BUTTONS: dict[str, Rule] = {
    "button": _element(
        "button",
        {"text": plain(75)},
        {
            "url": URL,
            "value": string(2000),
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "agent_prompt": string(4000),
            "agent_prompt_display": string(75),
            "visible_to_user_ids": USERS,
        },
    ),
    "workflow_button": _element(
        "workflow_button",
        {
            "text": plain(75),
            "workflow": record(
                {
                    "trigger": record(
                        {"url": URL},
                        {
                            "customizable_input_parameters": array(
                                record({"name": NAME, "value": string(3000)}), most=100
                            )
                        },
                    )
                }
            ),
        },
        {"style": STYLE, "accessibility_label": string(75)},
    ),
    "overflow": _element(
        "overflow",
        {"options": array(option(plain(75), url=URL), most=5, least=1)},
        {"confirm": CONFIRM},
    ),
}

SELECTS: dict[str, Rule] = {
    "static_select": _select(
        "static_select",
        {**_OFFERED, "initial_option": _CHOICE},
        _WITHIN,
        _initial_is_offered("initial_option"),
    ),
    "external_select": _select(
        "external_select", {"initial_option": _CHOICE, "min_query_length": whole(0, 3000)}
    ),
    "users_select": _select("users_select", {"initial_user": NAME}),
    "conversations_select": _select(
        "conversations_select", {**_CONVERSATION, "initial_conversation": NAME, "response_url_enabled": flag}
    ),
    "channels_select": _select("channels_select", {"initial_channel": NAME, "response_url_enabled": flag}),
}

MULTI_SELECTS: dict[str, Rule] = {
    "multi_static_select": _select(
        "multi_static_select",
        {**_OFFERED, **_MANY, "initial_options": array(_CHOICE, most=100, least=1)},
        _WITHIN,
        _initial_is_offered("initial_options"),
    ),
    "multi_external_select": _select(
        "multi_external_select",
        {
            **_MANY,
            "initial_options": array(_CHOICE, most=100, least=1),
            "min_query_length": whole(0, 3000),
        },
    ),
    "multi_users_select": _select("multi_users_select", {**_MANY, "initial_users": USERS}),
    "multi_conversations_select": _select(
        "multi_conversations_select", {**_MANY, **_CONVERSATION, "initial_conversations": USERS}
    ),
    "multi_channels_select": _select("multi_channels_select", {**_MANY, "initial_channels": USERS}),
}

BOXES: dict[str, Rule] = {
    "checkboxes": _input(
        "checkboxes",
        {"initial_options": array(_BOX, most=10, least=1), "confirm": CONFIRM},
        _initial_is_offered("initial_options"),
        options=array(_BOX, most=10, least=1),
    ),
    "radio_buttons": _input(
        "radio_buttons",
        {"initial_option": _BOX, "confirm": CONFIRM},
        _initial_is_offered("initial_option"),
        options=array(_BOX, most=10, least=1),
    ),
}

_DATE = string(10, pattern=r"\d{4}-\d\d-\d\d")
_TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
DATES: dict[str, Rule] = {
    "datepicker": _select("datepicker", {"initial_date": _DATE}),
    "timepicker": _select("timepicker", {"initial_time": _TIME, "timezone": string(100)}),
}
MOMENTS: dict[str, Rule] = {
    "datetimepicker": _input(
        "datetimepicker", {"initial_date_time": whole(10**9, 10**10 - 1), "confirm": CONFIRM}
    )
}

_AMOUNT = string(100, pattern=r"-?\d+(\.\d+)?")
TEXT_INPUTS: dict[str, Rule] = {
    "plain_text_input": _input(
        "plain_text_input",
        {
            **_TYPED,
            "initial_value": string(3000),
            "multiline": flag,
            "min_length": whole(0, 3000),
            "max_length": whole(1, 3000),
        },
    ),
}
FORM_INPUTS: dict[str, Rule] = {
    "email_text_input": _input("email_text_input", {**_TYPED, "initial_value": string(3000)}),
    "url_text_input": _input("url_text_input", {**_TYPED, "initial_value": string(3000)}),
    "number_input": _input(
        "number_input",
        {**_TYPED, "initial_value": _AMOUNT, "min_value": _AMOUNT, "max_value": _AMOUNT},
        is_decimal_allowed=flag,
    ),
    "file_input": _element(
        "file_input", {}, {"filetypes": array(string(20, least=1), most=100), "max_files": whole(1, 10)}
    ),
}
RICH_INPUTS: dict[str, Rule] = {
    "rich_text_input": _input("rich_text_input", {**_TYPED, "initial_value": RICH_TEXT})
}

IMAGE = record(
    {"type": choice("image"), "alt_text": string(2000, least=1)},
    IMAGE_FIELDS,
    one_of("image_url", "slack_file"),
)
_FEEDBACK = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
CONTEXT_ACTIONS: dict[str, Rule] = {
    "feedback_buttons": _element(
        "feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {}
    ),
    "icon_button": _element(
        "icon_button",
        {"icon": choice("trash"), "text": plain(75)},
        {
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": USERS,
        },
    ),
}
URL_SOURCE = record({"type": choice("url"), "url": URL, "text": string(3000)}, {"icon_url": URL})
CELL = by_type(
    {
        "raw_text": record({"type": choice("raw_text"), "text": string(3000, least=1)}),
        "raw_number": record({"type": choice("raw_number"), "value": number}, {"text": string(3000)}),
        "rich_text": RICH_TEXT,
    }
)
