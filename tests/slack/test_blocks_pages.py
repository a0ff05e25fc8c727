"""Pages of a list that is longer than Slack shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import Page, message, paged, pager


@given(st.lists(st.integers(), max_size=50), st.integers(1, 12))
def test_the_pages_together_are_the_list(items: list[int], per_page: int) -> None:
    pages = [paged(items, number, per_page) for number in range(1, paged(items, 1, per_page).pages + 1)]
    assert [item for page in pages for item in page.items] == items
    assert all(len(page.items) <= per_page for page in pages)


@pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (2, 2), (3, 3), (99, 3)])
def test_a_page_that_is_not_there_means_the_nearest(asked: int, given: int) -> None:
    assert paged(range(25), asked, 10).number == given


@pytest.mark.parametrize(
    ("count", "number", "label"),
    [(312, 2, "21–40 of 312"), (41, 3, "41 of 41"), (1, 1, "1 of 1"), (0, 1, "none")],
)
def test_a_page_says_where_it_is(count: int, number: int, label: str) -> None:
    assert paged(range(count), number, 20).label == label


def test_a_page_read_from_the_database_knows_its_list() -> None:
    page = Page(items=("ann", "ben"), number=3, per_page=2, total=7)
    assert (page.pages, page.label) == (4, "5–6 of 7")


def test_a_page_holds_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        paged([1], 1, 0)


def buttons(number: int, count: int = 45) -> dict[str, str]:
    rows = pager(paged(range(count), number, 20), "members", block_id="pages")
    message("pages", rows)
    return {button["action_id"]: button["value"] for row in rows for button in row["elements"]}


def test_there_are_buttons_to_the_pages_beside() -> None:
    assert buttons(1) == {"members:next": "2"}
    assert buttons(2) == {"members:previous": "1", "members:next": "3"}
    assert buttons(3) == {"members:previous": "2"}


def test_one_page_needs_no_buttons() -> None:
    assert pager(paged(range(20), 1, 20), "members") == []
