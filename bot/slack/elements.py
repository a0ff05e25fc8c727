"""The elements Slack knows inside blocks, key by key."""

from typing import Any

from bot.slack import limits
from bot.slack.rules import (
    Check,
    Rule,
    Shape,
    any_text,
    anything,
    choice,
    exact,
    flag,
    many,
    matching,
    plain_text,
    shown,
    whole,
)

identifier = exact(limits.ID)
address = exact(limits.URL)

_DAY = matching(r"\d{4}-\d{2}-\d{2}")
_TIME = matching(r"([01]\d|2[0-3]):[0-5]\d")
_NUMBER = matching(r"-?\d+(\.\d+)?")

confirm = Shape(
    required={
        "title": plain_text(limits.CONFIRM_TITLE),
        "text": any_text(limits.CONFIRM_TEXT),
        "confirm": plain_text(limits.CONFIRM_BUTTON),
        "deny": plain_text(limits.CONFIRM_BUTTON),
    },
    optional={"style": choice("primary", "danger")},
)
_value = exact(limits.OPTION_VALUE)
_menu_option = Shape(
    required={"text": plain_text(limits.OPTION_TEXT), "value": _value},
    optional={"description": plain_text(limits.OPTION_TEXT)},
)
_group_option = Shape(
    required={"text": any_text(limits.OPTION_TEXT), "value": _value},
    optional={"description": any_text(limits.OPTION_TEXT)},
)
_overflow_option = Shape(
    required={"text": plain_text(limits.OPTION_TEXT)},
    optional={"value": _value, "description": plain_text(limits.OPTION_TEXT), "url": address},
)
_options = many(_menu_option, limits.SELECT_OPTIONS)
_option_group = Shape({"label": plain_text(limits.OPTION_TEXT), "options": _options})
_option_groups = many(_option_group, limits.SELECT_GROUPS)
_placeholder = plain_text(limits.PLACEHOLDER)
_users = many(identifier, most=10_000, least=0)
_conversation_filter = Shape(
    optional={
        "include": many(choice("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    }
)
_dispatch_config = Shape(
    optional={"trigger_actions_on": many(choice("on_enter_pressed", "on_character_entered"), most=2)}
)


def _focus(check: Check, value: Any, path: str) -> Any:
    check.focused += value is True
    if check.focused > 1:
        check.fault(path, "is the second focus of this view")
    return flag(check, value, path)


def _known_options(element: dict[str, Any]) -> list[Any]:
    groups = element.get("option_groups") or []
    grouped = [option for group in groups for option in group.get("options", [])]
    return [*(element.get("options") or []), *grouped]


def _one_source(check: Check, element: dict[str, Any], path: str) -> None:
    if ("options" in element) == ("option_groups" in element):
        check.fault(path, "needs either options or option_groups")


def _values_differ(check: Check, element: dict[str, Any], path: str) -> None:
    values = [option.get("value") for option in _known_options(element) if isinstance(option, dict)]
    named = [value for value in values if value is not None]
    if len(set(named)) < len(named):
        check.fault(path, "offers two options with the same value")


def _chosen_is_offered(check: Check, element: dict[str, Any], path: str) -> None:
    chosen = (
        [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    )
    offered = _known_options(element)
    if any(option not in offered for option in chosen):
        check.fault(path, "begins with an option it does not offer")


def _lengths_agree(check: Check, element: dict[str, Any], path: str) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_TEXT)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        check.fault(path, "asks for more than it takes")


def _interactive(required: dict[str, Rule], optional: dict[str, Rule], *also: Any) -> Shape:
    return Shape(required, {"action_id": identifier, "confirm": confirm, **optional}, also)


def _select(source: dict[str, Rule], first: dict[str, Rule], *also: Any, many_chosen: bool) -> Shape:
    limit = {"max_selected_items": whole(1, 10_000)} if many_chosen else {}
    return _interactive(
        {}, {"placeholder": _placeholder, "focus_on_load": _focus, **limit, **source, **first}, *also
    )


_STATIC: dict[str, Rule] = {"options": _options, "option_groups": _option_groups}
_STATIC_RULES = (_one_source, _values_differ, _chosen_is_offered)
_EXTERNAL: dict[str, Rule] = {"min_query_length": whole(0, 150)}
_CONVERSATIONS: dict[str, Rule] = {"default_to_current_conversation": flag, "filter": _conversation_filter}
_one = _menu_option
_several = many(_menu_option, limits.SELECT_OPTIONS)
_answerable: dict[str, Rule] = {"response_url_enabled": flag}

_selects = {
    "static_select": _select(_STATIC, {"initial_option": _one}, *_STATIC_RULES, many_chosen=False),
    "multi_static_select": _select(_STATIC, {"initial_options": _several}, *_STATIC_RULES, many_chosen=True),
    "external_select": _select(_EXTERNAL, {"initial_option": _one}, many_chosen=False),
    "multi_external_select": _select(_EXTERNAL, {"initial_options": _several}, many_chosen=True),
    "users_select": _select({}, {"initial_user": identifier}, many_chosen=False),
    "multi_users_select": _select({}, {"initial_users": _users}, many_chosen=True),
    "conversations_select": _select(
        _CONVERSATIONS, {"initial_conversation": identifier, **_answerable}, many_chosen=False
    ),
    "multi_conversations_select": _select(
        _CONVERSATIONS, {"initial_conversations": _users}, many_chosen=True
    ),
    "channels_select": _select({}, {"initial_channel": identifier, **_answerable}, many_chosen=False),
    "multi_channels_select": _select({}, {"initial_channels": _users}, many_chosen=True),
}


def _input(optional: dict[str, Rule], *also: Any, required: dict[str, Rule] | None = None) -> Shape:
    common: dict[str, Rule] = {"action_id": identifier, "placeholder": _placeholder, "focus_on_load": _focus}
    return Shape(required or {}, {**common, **optional}, also)


_typed: dict[str, Rule] = {
    "initial_value": exact(limits.INPUT_TEXT, least=0),
    "dispatch_action_config": _dispatch_config,
}
_length = whole(0, limits.INPUT_TEXT)
_inputs = {
    "plain_text_input": _input(
        {**_typed, "multiline": flag, "min_length": _length, "max_length": whole(1, limits.INPUT_TEXT)},
        _lengths_agree,
    ),
    "email_text_input": _input(_typed),
    "url_text_input": _input(_typed),
    "number_input": _input(
        {**_typed, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        required={"is_decimal_allowed": flag},
    ),
    "rich_text_input": _input({"initial_value": anything, "dispatch_action_config": _dispatch_config}),
    "file_input": Shape(
        optional={
            "action_id": identifier,
            "filetypes": many(exact(50), most=100),
            "max_files": whole(1, limits.FILES),
        }
    ),
}
_choices = many(_group_option, limits.CHOICES)
_pressable: dict[str, Rule] = {
    "accessibility_label": shown(limits.BUTTON_TEXT),
    "style": choice("primary", "danger"),
}

ELEMENTS: dict[str, Shape] = {
    **_selects,
    **_inputs,
    "button": _interactive(
        {"text": plain_text(limits.BUTTON_TEXT)},
        {**_pressable, "url": address, "value": exact(limits.BUTTON_VALUE, least=0)},
    ),
    "workflow_button": Shape(
        {"text": plain_text(limits.BUTTON_TEXT), "workflow": anything},
        {"action_id": identifier, **_pressable},
    ),
    "checkboxes": _interactive(
        {"options": _choices},
        {"initial_options": _choices, "focus_on_load": _focus},
        _values_differ,
        _chosen_is_offered,
    ),
    "radio_buttons": _interactive(
        {"options": _choices},
        {"initial_option": _group_option, "focus_on_load": _focus},
        _values_differ,
        _chosen_is_offered,
    ),
    "overflow": _interactive(
        {"options": many(_overflow_option, limits.OVERFLOW_OPTIONS)}, {}, _values_differ
    ),
    "datepicker": _interactive(
        {}, {"placeholder": _placeholder, "initial_date": _DAY, "focus_on_load": _focus}
    ),
    "timepicker": _interactive(
        {},
        {"placeholder": _placeholder, "initial_time": _TIME, "timezone": exact(100), "focus_on_load": _focus},
    ),
    "datetimepicker": _interactive(
        {}, {"initial_date_time": whole(0, 9_999_999_999), "focus_on_load": _focus}
    ),
    "image": Shape({"alt_text": shown(limits.ALT_TEXT)}, {"image_url": address, "slack_file": anything}),
}

suggestion_options = many(_menu_option, limits.SELECT_OPTIONS, least=0)
suggestion_groups = many(
    Shape({"label": plain_text(limits.OPTION_TEXT), "options": suggestion_options}),
    limits.SELECT_GROUPS,
    least=0,
)
