"""Which part of the list of members is shown, and how a form carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.forms import Form, metadata_of, number_in, outdated, texts_in
from bot.slack.text import clean

LONGEST_SEARCH = 80
MOST_TURNS = 40
"""How many pages back the list remembers its way; farther back starts again at the first."""
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which part of the list is shown.

    Args:
        trail: where the pages up to this one begin, this one's last; empty on the first.
        cleared: how often the filters were cleared: their fields get another id, or Slack would keep what
            was typed.
    """

    text: str = ""
    status: str = ALL
    role: str = ALL
    page: int = 1
    trail: tuple[str, ...] = ()
    cleared: int = 0

    @property
    def search_id(self) -> str:
        """The block_id of the field people search with."""
        return f"search:{self.cleared}"

    @property
    def after(self) -> str | None:
        return self.trail[-1] if self.trail else None

    def first(
        self, *, text: str | None = None, status: str | None = None, role: str | None = None
    ) -> "Query":
        """The first page, with other filters where they are given."""
        return replace(
            self,
            text=self.text if text is None else text,
            status=status or self.status,
            role=role or self.role,
            page=1,
            trail=(),
        )

    def next(self, after: str) -> "Query":
        """The page after this one."""
        return replace(self, page=self.page + 1, trail=(*self.trail, after)[-MOST_TURNS:])

    def previous(self) -> "Query":
        """The page before this one, or the first where the way back is forgotten."""
        if len(self.trail) > 1:
            return replace(self, page=self.page - 1, trail=self.trail[:-1])
        return self.first()

    def clear(self) -> "Query":
        """Everybody, from the first page."""
        return Query(cleared=self.cleared + 1)


def as_ids(query: Query) -> dict[str, object]:
    """The query as metadata carries it: without the words searched for, which stand in their field alone."""
    return {
        "status": query.status,
        "role": query.role,
        "page": query.page,
        "trail": query.trail,
        "cleared": query.cleared,
    }


def query_of(ids: object) -> Query:
    """The query `as_ids` wrote.

    Raises:
        BadValue: it did not.
    """
    if not isinstance(ids, Mapping):
        raise outdated()
    return Query(
        status=str(ids.get("status", ALL)),
        role=str(ids.get("role", ALL)),
        page=number_in(ids, "page", 1),
        trail=texts_in(ids, "trail"),
        cleared=number_in(ids, "cleared", 0),
    )


def shown(view: Mapping[str, Any]) -> Query:
    """What the list shows, whatever was typed into it since."""
    query = query_of(metadata_of(view))
    as_built = Form({"blocks": view.get("blocks")})
    return replace(query, text=as_built.text(query.search_id))


def parse(view: Mapping[str, Any]) -> Query:
    """What the list is to show: other words typed meanwhile begin at its first page."""
    query, form = shown(view), Form(view)
    typed = clean(form.text(query.search_id))[:LONGEST_SEARCH] if query.search_id in form else query.text
    return query if typed == query.text else query.first(text=typed)
