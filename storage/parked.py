"""What was put aside: read across workspaces for the operator, given back or dropped within one."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.sql import Executable

from domain.deliveries import Parked
from storage.driving import Row
from storage.outbox import PARKED, QUEUED
from storage.session import Session, chunks, fixed, limit
from storage.tables import outbox

_row = outbox.c
_COLUMNS = (_row.id, _row.team_id, _row.tag, _row.body, _row.error, _row.created_at)
PAGE = (
    select(*_COLUMNS)
    .where(_row.state == fixed(PARKED), _row.id > bindparam("after"))
    .order_by(_row.id)
    .limit(limit())
)
_chosen = (
    _row.state == fixed(PARKED),
    _row.team_id == bindparam("team"),
    _row.id.in_(bindparam("ids", expanding=True)),
)
# One attempt counts as begun, so that the delivery first looks whether its message stands in Slack already.
_GIVE_BACK = (
    update(outbox)
    .where(*_chosen)
    .values(state=QUEUED, run_at=bindparam("now"), attempts=1)
    .returning(*_COLUMNS)
)
_DISCARD = delete(outbox).where(*_chosen).returning(*_COLUMNS)


class SqlParkedRows:
    """`domain.ports.ParkedRows`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def give_back(self, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
        return await self._taken(_GIVE_BACK, parcel_ids, now=self._session.now)

    async def discard(self, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
        return await self._taken(_DISCARD, parcel_ids)

    async def _taken(
        self, statement: Executable, parcel_ids: Collection[str], **parameters: Any
    ) -> tuple[Parked, ...]:
        self._session.must_write()
        rows: list[Row] = []
        for ids in chunks(int(each) for each in parcel_ids):
            chosen = {"team": self._session.team_id, "ids": ids, **parameters}
            rows.extend(await self._session.bare(statement, chosen))
        return parked_of(sorted(rows, key=lambda row: row.id))


def parked_of(rows: Iterable[Row]) -> tuple[Parked, ...]:
    """Return rows of `PAGE` as values."""
    return tuple(Parked(**{**row._asdict(), "id": str(row.id)}) for row in rows)
