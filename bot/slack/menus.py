"""Builders of what people press, type into and choose from."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from bot.slack.rules import InvalidBlocks
from bot.slack.text import Mrkdwn, clean, escape

Element = dict[str, Any]
Option = dict[str, Any]
Style = Literal["primary", "danger"]


def without_none(**items: Any) -> dict[str, Any]:
    """The items that have a value."""
    return {key: item for key, item in items.items() if item is not None}


def plain_text(text: str) -> dict[str, Any]:
    """A plain_text object.

    Raises:
        InvalidBlocks: `text` is markup, which would be shown with its signs.
    """
    if isinstance(text, Mrkdwn):
        raise InvalidBlocks(["plain text takes no markup"])
    return {"type": "plain_text", "text": clean(text), "emoji": True}


def mrkdwn(text: str) -> dict[str, Any]:
    """A mrkdwn object; names of channels, addresses and links in it stay as they are written."""
    return {"type": "mrkdwn", "text": str(escape(text)), "verbatim": True}


def plain_or_none(text: str | None) -> dict[str, Any] | None:
    """A plain_text object where there is a text."""
    return None if text is None else plain_text(text)


def button(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    style: Style | None = None,
    confirm: dict[str, Any] | None = None,
    url: str | None = None,
    label: str | None = None,
) -> Element:
    """A button; `label` is what a screen reader says instead of `text`."""
    return without_none(
        type="button",
        action_id=action_id,
        text=plain_text(text),
        value=value,
        style=style,
        confirm=confirm,
        url=url,
        accessibility_label=label,
    )


def confirm(
    title: str, text: str, *, yes: str, no: str = "Cancel", style: Style | None = None
) -> dict[str, Any]:
    """The question asked before an element acts."""
    return without_none(
        title=plain_text(title), text=mrkdwn(text), confirm=plain_text(yes), deny=plain_text(no), style=style
    )


def image(url: str, alt: str) -> Element:
    """A picture beside or between small print."""
    return {"type": "image", "image_url": url, "alt_text": alt}


def text_input(
    action_id: str,
    *,
    initial: str | None = None,
    placeholder: str | None = None,
    multiline: bool | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    focus: bool | None = None,
) -> Element:
    """A line or, with `multiline`, a box to type in."""
    return without_none(
        type="plain_text_input",
        action_id=action_id,
        initial_value=initial,
        placeholder=plain_or_none(placeholder),
        multiline=multiline,
        min_length=min_length,
        max_length=max_length,
        focus_on_load=focus,
    )


def email_input(
    action_id: str, *, initial: str | None = None, placeholder: str | None = None, focus: bool | None = None
) -> Element:
    """A field for one address; forms only."""
    return without_none(
        type="email_text_input",
        action_id=action_id,
        initial_value=initial,
        placeholder=plain_or_none(placeholder),
        focus_on_load=focus,
    )


def number_input(
    action_id: str,
    *,
    initial: int | None = None,
    minimum: int | None = None,
    maximum: int | None = None,
    placeholder: str | None = None,
    focus: bool | None = None,
) -> Element:
    """A field for a whole number; forms only."""
    return without_none(
        type="number_input",
        action_id=action_id,
        is_decimal_allowed=False,
        initial_value=_digits(initial),
        min_value=_digits(minimum),
        max_value=_digits(maximum),
        placeholder=plain_or_none(placeholder),
        focus_on_load=focus,
    )


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def option(text: str, value: str, description: str | None = None) -> Option:
    """One thing to choose; `value` is an id."""
    return without_none(text=plain_text(text), value=value, description=plain_or_none(description))


def static_select(
    action_id: str,
    options: Sequence[Option],
    *,
    initial: str | None = None,
    placeholder: str | None = None,
    confirm: dict[str, Any] | None = None,
    focus: bool | None = None,
) -> Element:
    """A menu of at most 100 known options; `initial` is the value of the chosen one."""
    return without_none(
        type="static_select",
        action_id=action_id,
        options=list(options),
        initial_option=_chosen(options, initial),
        placeholder=plain_or_none(placeholder),
        confirm=confirm,
        focus_on_load=focus,
    )


def multi_static_select(
    action_id: str,
    options: Sequence[Option],
    *,
    initial: Iterable[str] = (),
    placeholder: str | None = None,
    most: int | None = None,
) -> Element:
    """A menu to choose several of at most 100 known options; `initial` holds values."""
    return without_none(
        type="multi_static_select",
        action_id=action_id,
        options=list(options),
        initial_options=_all_chosen(options, initial),
        placeholder=plain_or_none(placeholder),
        max_selected_items=most,
    )


def external_select(
    action_id: str,
    *,
    initial: Option | None = None,
    placeholder: str | None = None,
    min_query_length: int = 0,
    focus: bool | None = None,
) -> Element:
    """A menu whose options Steward is asked for as somebody types; answer with `suggestions`."""
    return without_none(
        type="external_select",
        action_id=action_id,
        initial_option=initial,
        placeholder=plain_or_none(placeholder),
        min_query_length=min_query_length,
        focus_on_load=focus,
    )


def multi_external_select(
    action_id: str,
    *,
    initial: Sequence[Option] = (),
    placeholder: str | None = None,
    min_query_length: int = 0,
    most: int | None = None,
) -> Element:
    """The same to choose several."""
    return without_none(
        type="multi_external_select",
        action_id=action_id,
        initial_options=list(initial) or None,
        placeholder=plain_or_none(placeholder),
        min_query_length=min_query_length,
        max_selected_items=most,
    )


def user_select(action_id: str, *, initial: str | None = None, placeholder: str | None = None) -> Element:
    """A menu of one Slack user."""
    return without_none(
        type="users_select", action_id=action_id, initial_user=initial, placeholder=plain_or_none(placeholder)
    )


def users_select(
    action_id: str, *, initial: Sequence[str] = (), placeholder: str | None = None, most: int | None = None
) -> Element:
    """A menu of several Slack users."""
    return without_none(
        type="multi_users_select",
        action_id=action_id,
        initial_users=list(initial) or None,
        placeholder=plain_or_none(placeholder),
        max_selected_items=most,
    )


def channel_select(action_id: str, *, initial: str | None = None, placeholder: str | None = None) -> Element:
    """A menu of the workspace's own channels, private ones of the person included."""
    return without_none(
        type="conversations_select",
        action_id=action_id,
        initial_conversation=initial,
        filter={"include": ["public", "private"], "exclude_external_shared_channels": True},
        placeholder=plain_or_none(placeholder),
    )


def checkboxes(action_id: str, options: Sequence[Option], *, initial: Iterable[str] = ()) -> Element:
    """At most ten things to tick; `initial` holds the values of those ticked already."""
    return without_none(
        type="checkboxes",
        action_id=action_id,
        options=list(options),
        initial_options=_all_chosen(options, initial),
    )


def radio_buttons(action_id: str, options: Sequence[Option], *, initial: str | None = None) -> Element:
    """At most ten things of which one is chosen."""
    return without_none(
        type="radio_buttons",
        action_id=action_id,
        options=list(options),
        initial_option=_chosen(options, initial),
    )


def date_picker(action_id: str, *, initial: str | None = None, placeholder: str | None = None) -> Element:
    """A calendar; `initial` is a day as `2025-01-31`."""
    return without_none(
        type="datepicker", action_id=action_id, initial_date=initial, placeholder=plain_or_none(placeholder)
    )


def file_input(action_id: str, *, filetypes: Sequence[str] = (), most: int = 1) -> Element:
    """A place for files; forms only."""
    return without_none(
        type="file_input", action_id=action_id, filetypes=list(filetypes) or None, max_files=most
    )


def overflow(action_id: str, options: Sequence[Option], *, confirm: dict[str, Any] | None = None) -> Element:
    """The "…" menu of a row, with at most five options."""
    return without_none(type="overflow", action_id=action_id, options=list(options), confirm=confirm)


def _chosen(options: Sequence[Option], value: str | None) -> Option | None:
    if value is None:
        return None
    found = next((each for each in options if each.get("value") == value), None)
    if found is None:
        raise InvalidBlocks([f"no option has the value {value} to begin with"])
    return found


def _all_chosen(options: Sequence[Option], values: Iterable[str]) -> list[Option] | None:
    return [found for value in values if (found := _chosen(options, value)) is not None] or None
