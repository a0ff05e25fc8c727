"""What every message of Steward is made with."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

from bot.slack.blocks import Block, Message, message
from bot.slack.text import Mrkdwn, escape, lines, shorten
from domain.ports import Transaction

Renderer: TypeAlias = Callable[[Transaction, Any], Awaitable[Message | None]]
"""Takes the transaction and the notice; None means there is nothing left to say."""

LONGEST = 3900


def said(words: Iterable[str | None], blocks: Iterable[Block]) -> Message:
    """A message whose top-level text carries everything, as screen readers read nothing else."""
    return message(shorten(lines(*words), LONGEST), list(blocks))


def labelled(label: str, value: str | None) -> Mrkdwn | None:
    """A line "*Label:* value"; None without a value."""
    return Mrkdwn(f"*{escape(label)}:* ") + value if value else None
