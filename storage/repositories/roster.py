"""The list of members and invitations: a page costs the same however long the list is."""

from functools import cache
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, func, literal, select, tuple_, union_all

from domain.model import InvitationStatus, MemberStatus
from domain.ports import RosterPage, RosterRow
from storage.driving import Row
from storage.repositories import expired, search
from storage.repositories.common import within
from storage.session import Session, fixed, limit
from storage.tables import invitations, members
from storage.words import beginning, end_of, sort_key, terms

_MEMBERS = (MemberStatus.ACTIVE, MemberStatus.DEACTIVATED)
_INVITATIONS = (InvitationStatus.PENDING, InvitationStatus.WAITING)
STATUSES: tuple[str, ...] = (*_MEMBERS, *_INVITATIONS)

_SHOWN = ("id", "name", "email", "role", "status", "slack_user_id")


def _shown(status: str) -> tuple[Any, list[Any]]:
    """The table that holds people of a status, and what the list shows of them."""
    if status in _MEMBERS:
        table, kind, since = members, "member", members.c.joined_at
    else:
        table, kind, since = invitations, "invitation", invitations.c.sent_at
    shown = [*(table.c[name] for name in _SHOWN), since.label("since"), literal(kind).label("kind")]
    return table, shown


@cache
def _listing(statuses: tuple[str, ...], *, with_role: bool, after: bool) -> Select[Any]:
    """The page by name; parameters `org`, `now`, `limit`, `role`, `after_key`, `after_id`."""
    branches = []
    for status in statuses:
        table, shown = _shown(status)
        place = table.c.sort_key
        query = within(table, *shown, place.label("place")).where(table.c.status == fixed(status))
        if with_role:
            query = query.where(table.c.role == bindparam("role"))
        if after:
            mark = tuple_(bindparam("after_key", type_=place.type), bindparam("after_id"))
            query = query.where(tuple_(place, table.c.id) > mark)
        if status == InvitationStatus.PENDING:
            query = query.where(table.c.expires_at > bindparam("now"))
        branches.append(query.order_by(place, table.c.id).limit(limit()).subquery())
    return _merged(branches)


@cache
def _matches(statuses: tuple[str, ...], *, with_role: bool, after: bool) -> Select[Any]:
    """The page of a search, by the matching term; parameters besides: `prefix`, `end`."""
    branches = []
    for status in statuses:
        table, shown = _shown(status)
        found = search.matching(status, with_role=with_role, after=after)
        if status == InvitationStatus.PENDING:
            found = search.only_unexpired(found)
        hits = found.subquery()
        query = within(table, *shown, hits.c.term.label("place")).join(hits, hits.c.subject_id == table.c.id)
        branches.append(query.subquery())
    return _merged(branches)


def _merged(branches: list[Subquery]) -> Select[Any]:
    everyone = union_all(*(select(branch) for branch in branches)).subquery()
    return select(everyone).order_by(everyone.c.place, everyone.c.id).limit(limit())


_NAMES = union_all(
    *(
        within(table, table.c.name, table.c.email).where(table.c.id == bindparam("id"))
        for table in (members, invitations)
    )
)
_COUNTS = select(
    within(members, func.count())
    .where(members.c.status == fixed(MemberStatus.DEACTIVATED))
    .scalar_subquery()
    .label("deactivated"),
    within(invitations, func.count())
    .where(
        invitations.c.status == fixed(InvitationStatus.PENDING), invitations.c.expires_at > bindparam("now")
    )
    .scalar_subquery()
    .label("pending"),
    within(invitations, func.count())
    .where(invitations.c.status == fixed(InvitationStatus.WAITING))
    .scalar_subquery()
    .label("waiting"),
)


class SqlRoster:
    """`domain.ports.Roster`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def page(
        self,
        *,
        text: str = "",
        status: str | None = None,
        role: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> RosterPage:
        statuses = STATUSES if status is None else (status,)
        prefix = beginning(text)
        if status == InvitationStatus.EXPIRED and not (text.strip() and not prefix):
            return await expired.page(self._session, prefix=prefix, role=role, after=after, limit=limit)
        if status not in (None, *STATUSES) or (text.strip() and not prefix):
            return RosterPage(rows=(), next_after=None)
        mark = await self._mark(after, prefix) if after else None
        build = _matches if prefix else _listing
        statement = build(statuses, with_role=role is not None, after=mark is not None)
        parameters = {"now": self._session.now, "limit": limit + 1, "role": role}
        if mark is not None:
            parameters |= {"after_key": mark, "after_id": after}
        if prefix:
            parameters |= {"prefix": prefix, "end": end_of(prefix)}
        found = await self._session.rows(statement, **parameters)
        rows = tuple(_line(row) for row in found[:limit])
        return RosterPage(rows=rows, next_after=rows[-1].id if len(found) > limit else None)

    async def _mark(self, after: str, prefix: str) -> str | None:
        """Where the last row of the page before stands; None when it cannot be found any more."""
        row = await self._session.row(_NAMES, id=after)
        if row is None:
            return None
        if not prefix:
            return sort_key(row.name, row.email)
        return next((term for term in terms(row.name, row.email) if term.startswith(prefix)), None)

    async def counts(self) -> dict[str, int]:
        row = await self._session.row(_COUNTS, now=self._session.now)
        assert row is not None
        assert self._session.organization is not None
        return {
            "active": self._session.organization.active_members,
            "deactivated": row.deactivated,
            "pending": row.pending,
            "waiting": row.waiting,
        }


def _line(row: Row) -> RosterRow:
    return RosterRow(
        kind=row.kind,
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        status=row.status,
        slack_user_id=row.slack_user_id,
        since=row.since,
    )
