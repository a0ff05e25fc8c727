"""Expired invitations that nobody followed up, the newest first."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal, select, tuple_, union_all

from domain.model import InvitationStatus, MemberStatus
from domain.ports import RosterPage, RosterRow
from storage.driving import Row
from storage.repositories.common import within
from storage.session import Session, fixed, limit
from storage.tables import invitations, members
from storage.words import terms

SHOWN_FOR = timedelta(days=30)
"""How long an expired invitation stays in the list."""

_READ_AT_ONCE = 500

_SHOWN = ("id", "name", "email", "role", "slack_user_id", "sent_at", "expires_at")
_MARK = within(invitations, invitations.c.expires_at).where(invitations.c.id == bindparam("id"))


async def page(
    session: Session, *, prefix: str, role: str | None, after: str | None, limit: int
) -> RosterPage:
    """Return a page; a search reads through those of the last 30 days, never through the members.

    Args:
        prefix: folded beginning of a word of the name or address, empty for everybody.
        after: id of the last row of the page before.
    """
    mark = await _place(session, after) if after else None
    found: list[Row] = []
    while len(found) <= limit:
        read = _READ_AT_ONCE if prefix else limit + 1
        rows = await session.rows(
            _listing(with_role=role is not None, after=mark is not None),
            **_parameters(session, role, mark, read),
        )
        found += filter(_begins(prefix), rows)
        if len(rows) < read or not prefix:
            break
        mark = (rows[-1].expires_at, rows[-1].id)
    shown = tuple(_line(row) for row in found[:limit])
    return RosterPage(rows=shown, next_after=shown[-1].id if len(found) > limit else None)


def _parameters(session: Session, role: str | None, mark: Any, read: int) -> dict[str, Any]:
    given = {"now": session.now, "since": session.now - SHOWN_FOR, "limit": read, "role": role}
    return given | ({"after_at": mark[0], "after_id": mark[1]} if mark else {})


def _begins(prefix: str) -> Callable[[Row], bool]:
    return lambda row: not prefix or any(term.startswith(prefix) for term in terms(row.name, row.email))


async def _place(session: Session, after: str) -> tuple[Any, str] | None:
    row = await session.row(_MARK, id=after)
    return (row.expires_at, after) if row else None


@cache
def _listing(*, with_role: bool, after: bool) -> Select[Any]:
    """Those marked as expired, and those past their date that no timer has marked yet."""
    branches = [
        _branch(status, with_role=with_role, after=after).subquery()
        for status in (InvitationStatus.EXPIRED, InvitationStatus.PENDING)
    ]
    both = union_all(*(select(branch) for branch in branches)).subquery()
    return select(both).order_by(both.c.expires_at.desc(), both.c.id.desc()).limit(limit())


def _branch(status: InvitationStatus, *, with_role: bool, after: bool) -> Select[Any]:
    table = invitations.c
    query = within(invitations, *(table[name] for name in _SHOWN)).where(
        table.status == fixed(status),
        table.expires_at <= bindparam("now"),
        table.expires_at > bindparam("since"),
        _unfollowed(),
    )
    if with_role:
        query = query.where(table.role == bindparam("role"))
    if after:
        mark = tuple_(bindparam("after_at", type_=table.expires_at.type), bindparam("after_id"))
        query = query.where(tuple_(table.expires_at, table.id) < mark)
    return query.order_by(table.expires_at.desc(), table.id.desc()).limit(limit())


def _unfollowed() -> ColumnElement[bool]:
    """Whether no newer invitation was sent to the address, and no member has it."""
    newer, table = invitations.alias("newer").c, invitations.c
    invited = exists(literal(1)).where(
        newer.organization_id == table.organization_id,
        newer.email_key == table.email_key,
        newer.id > table.id,
    )
    joined = exists(literal(1)).where(
        members.c.organization_id == table.organization_id,
        members.c.email_key == table.email_key,
        members.c.status != fixed(MemberStatus.REMOVED),
    )
    return and_(~invited, ~joined)


def _line(row: Row) -> RosterRow:
    return RosterRow(
        kind="invitation",
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        status=str(InvitationStatus.EXPIRED),
        slack_user_id=row.slack_user_id,
        since=row.sent_at,
    )
