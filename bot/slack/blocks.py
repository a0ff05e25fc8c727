"""Builders of what Steward sends to Slack; forms, Home and messages come out checked.

Words given as `str` are text and are escaped where Slack reads markup; `Mrkdwn` is sent as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bot.slack.checks import checked, checked_options
from bot.slack.limits import SELECT_OPTIONS, Surface
from bot.slack.menus import (
    Element,
    Option,
    button,
    channel_select,
    checkboxes,
    confirm,
    date_picker,
    email_input,
    external_select,
    file_input,
    image,
    mrkdwn,
    multi_external_select,
    multi_static_select,
    number_input,
    option,
    overflow,
    plain_or_none,
    plain_text,
    radio_buttons,
    static_select,
    text_input,
    user_select,
    users_select,
    without_none,
)
from bot.slack.pages import Page, paged, pager
from bot.slack.rules import InvalidBlocks
from bot.slack.text import escape

__all__ = [
    "Block",
    "Element",
    "InvalidBlocks",
    "Message",
    "Option",
    "Page",
    "Surface",
    "View",
    "actions",
    "button",
    "channel_select",
    "checkboxes",
    "checked",
    "confirm",
    "context",
    "date_picker",
    "divider",
    "email_input",
    "external_select",
    "fields",
    "file_input",
    "header",
    "home",
    "image",
    "input_block",
    "message",
    "modal",
    "mrkdwn",
    "multi_external_select",
    "multi_static_select",
    "number_input",
    "option",
    "overflow",
    "paged",
    "pager",
    "plain_text",
    "radio_buttons",
    "section",
    "static_select",
    "suggestions",
    "text_input",
    "user_select",
    "users_select",
]

Block = dict[str, Any]
View = dict[str, Any]
Message = dict[str, Any]


def section(
    text: str, *, accessory: Element | None = None, block_id: str | None = None, expand: bool | None = None
) -> Block:
    """A paragraph, with one element beside it."""
    return without_none(
        type="section", text=mrkdwn(text), accessory=accessory, block_id=block_id, expand=expand
    )


def fields(
    *texts: str, text: str | None = None, accessory: Element | None = None, block_id: str | None = None
) -> Block:
    """Up to ten short texts in two columns, below an optional paragraph."""
    return without_none(
        type="section",
        text=None if text is None else mrkdwn(text),
        fields=[mrkdwn(each) for each in texts],
        accessory=accessory,
        block_id=block_id,
    )


def header(text: str, *, block_id: str | None = None) -> Block:
    """A heading."""
    return without_none(type="header", text=plain_text(text), block_id=block_id)


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def context(*parts: str | Element, block_id: str | None = None) -> Block:
    """Small print: up to ten texts and images."""
    elements = [part if isinstance(part, Mapping) else mrkdwn(part) for part in parts]
    return without_none(type="context", elements=elements, block_id=block_id)


def actions(*elements: Element, block_id: str | None = None) -> Block:
    """A row of buttons and menus."""
    return without_none(type="actions", elements=list(elements), block_id=block_id)


def input_block(
    label: str,
    element: Element,
    *,
    block_id: str,
    hint: str | None = None,
    optional: bool | None = None,
    dispatch: bool | None = None,
) -> Block:
    """A field of a form; errors are shown on it by its `block_id`."""
    return without_none(
        type="input",
        block_id=block_id,
        label=plain_text(label),
        element=element,
        hint=plain_or_none(hint),
        optional=optional,
        dispatch_action=dispatch,
    )


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    submit: str | None = None,
    close: str | None = "Cancel",
    private_metadata: str = "",
    external_id: str | None = None,
    notify_on_close: bool | None = None,
    clear_on_close: bool | None = None,
) -> View:
    """A form, checked.

    Raises:
        InvalidBlocks: Slack would refuse it.
    """
    view = without_none(
        type="modal",
        callback_id=callback_id,
        title=plain_text(title),
        submit=plain_or_none(submit),
        close=plain_or_none(close),
        blocks=list(blocks),
        private_metadata=private_metadata,
        external_id=external_id,
        notify_on_close=notify_on_close,
        clear_on_close=clear_on_close,
    )
    return checked(view, Surface.MODAL)


def home(blocks: Sequence[Block], *, callback_id: str = "home", private_metadata: str = "") -> View:
    """A Home view, checked.

    Raises:
        InvalidBlocks: Slack would refuse it.
    """
    view = {
        "type": "home",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "blocks": list(blocks),
    }
    return checked(view, Surface.HOME)


def message(
    text: str,
    blocks: Sequence[Block] = (),
    *,
    metadata: dict[str, Any] | None = None,
    response_type: Literal["ephemeral", "in_channel"] | None = None,
    replace_original: bool | None = None,
) -> Message:
    """The arguments of a message, checked; `text` says all of it, as screen readers read nothing else.

    Raises:
        InvalidBlocks: Slack would refuse it.
    """
    arguments = without_none(
        text=str(escape(text)),
        blocks=list(blocks) or None,
        metadata=metadata,
        response_type=response_type,
        replace_original=replace_original,
        unfurl_links=False,
        unfurl_media=False,
    )
    return checked(arguments, Surface.MESSAGE)


def suggestions(options: Sequence[Option], *, more: bool = False) -> dict[str, Any]:
    """The answer to an external select; says so when there are `more` than these, or more than 100.

    Raises:
        InvalidBlocks: Slack would refuse it.
    """
    shown = list(options[:SELECT_OPTIONS])
    if not (more or len(options) > len(shown)) or not shown:
        return checked_options({"options": shown})
    label = plain_text(f"The first {len(shown)}: type more letters to find others")
    return checked_options({"option_groups": [{"label": label, "options": shown}]})
