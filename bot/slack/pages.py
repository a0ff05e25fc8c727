"""Lists longer than Slack shows at once: a page of them, and the buttons to the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items of a longer list.

    Attributes:
        items: those of this page.
        number: of this page, from 1.
        per_page: how many items a full page holds.
        total: how many items the whole list holds.
    """

    items: tuple[T, ...]
    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def label(self) -> str:
        """Where this page is: "21–40 of 312", or "none"."""
        if not self.items:
            return f"none of {self.total}" if self.total else "none"
        first = (self.number - 1) * self.per_page + 1
        last = first + len(self.items) - 1
        return f"{first}–{last} of {self.total}" if last > first else f"{first} of {self.total}"


def paged(items: Sequence[T], page: int, per_page: int) -> Page[T]:
    """Page `page` of `items`; a number out of range means the nearest page.

    Raises:
        ValueError: `per_page` is below 1.
    """
    if per_page < 1:
        raise ValueError("a page holds at least one item")
    last = max(1, -(-len(items) // per_page))
    number = min(max(1, page), last)
    start = (number - 1) * per_page
    return Page(
        items=tuple(items[start : start + per_page]), number=number, per_page=per_page, total=len(items)
    )


def pager(page: Page[Any], action_id: str, *, block_id: str | None = None) -> list[dict[str, Any]]:
    """The row of buttons to the pages before and after, none if there is one page.

    The buttons' ids are `action_id` with `:previous` or `:next`; their value is the number of the page.
    """
    ways = ((page.number - 1, "previous", "‹ Previous"), (page.number + 1, "next", "Next ›"))
    buttons = [
        {
            "type": "button",
            "action_id": f"{action_id}:{way}",
            "text": {"type": "plain_text", "text": words, "emoji": True},
            "value": str(number),
        }
        for number, way, words in ways
        if 1 <= number <= page.pages
    ]
    if not buttons:
        return []
    row: dict[str, Any] = {"type": "actions", "elements": buttons}
    return [row if block_id is None else {**row, "block_id": block_id}]
