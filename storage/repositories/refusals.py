"""Recorded refusals: the last few of each person."""

from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, select, union

from domain.model import RecordedRefusal
from storage import mapping
from storage.repositories.common import columns_of, within
from storage.session import Session, limit
from storage.tables import refusals

KEPT = 20
"""How many refusals of one person are kept."""

_ALL = within(refusals, *columns_of(refusals, RecordedRefusal))
_GET = _ALL.where(refusals.c.id == bindparam("id"))
_ADD = insert(refusals)
_newest_first = (refusals.c.at.desc(), refusals.c.id.desc())


def _newest(by: ColumnElement[bool]) -> Select[tuple[str]]:
    newest = within(refusals, refusals.c.id).where(by).order_by(*_newest_first).limit(limit()).subquery()
    return select(newest.c.id)


_BY_MEMBER = refusals.c.member_id == bindparam("member_id")
_BY_USER = refusals.c.user_id == bindparam("user_id")
_LAST = (
    _ALL.where(refusals.c.id.in_(union(_newest(_BY_MEMBER), _newest(_BY_USER))))
    .order_by(*_newest_first)
    .limit(limit())
)
_FORGET_OF_MEMBER = delete(refusals).where(
    refusals.c.organization_id == bindparam("org"), _BY_MEMBER, refusals.c.id.not_in(_newest(_BY_MEMBER))
)
_FORGET_OF_USER = delete(refusals).where(
    refusals.c.organization_id == bindparam("org"), _BY_USER, refusals.c.id.not_in(_newest(_BY_USER))
)


class SqlRefusals:
    """`domain.ports.Refusals`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, refusal: RecordedRefusal) -> None:
        await self._session.write(_ADD, mapping.plain(refusal))
        org = self._session.organization_id
        if refusal.member_id:
            key = {"org": org, "member_id": refusal.member_id, "limit": KEPT}
            await self._session.write(_FORGET_OF_MEMBER, key)
        elif refusal.user_id:
            key = {"org": org, "user_id": refusal.user_id, "limit": KEPT}
            await self._session.write(_FORGET_OF_USER, key)

    async def get(self, refusal_id: str) -> RecordedRefusal | None:
        row = await self._session.row(_GET, id=refusal_id)
        return mapping.refusal_of(row) if row else None

    async def last(self, *, member_id: str | None, user_id: str | None) -> RecordedRefusal | None:
        row = await self._session.row(_LAST, member_id=member_id, user_id=user_id, limit=1)
        return mapping.refusal_of(row) if row else None
