"""What leaves after the commit: notices wait in memory and are written together, one row for each key."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, column, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from domain import notices
from domain.notices import Notice
from storage.driving import MANY
from storage.session import Session
from storage.tables import outbox

QUEUED, LEASED, PARKED = "queued", "leased", "parked"
UNSENT = text("state <> 'leased'")


def _adding(insert: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    """One unsent row for a key: a later notice replaces it; what was begun keeps its place and pause."""
    given, old = insert.excluded, outbox.c
    paused = (old.state == QUEUED) & (old.attempts > 0) & (old.run_at > given.run_at)
    return insert.on_conflict_do_update(
        index_elements=["team_id", "key"],
        index_where=UNSENT,
        set_={
            "run_at": case((paused, old.run_at), else_=given.run_at),
            "bulk": given.bulk,
            "attempts": case((old.state == PARKED, 1), else_=old.attempts),
            "state": QUEUED,
            "error": "",
            "created_at": given.created_at,
        },
    )


_WRITTEN = (
    *("team_id", "key", "lane", "tag", "body", "state"),
    *("run_at", "attempts", "error", "created_at", "bulk"),
)
_GIVEN: dict[str, Any] = {name: bindparam(name) for name in _WRITTEN}
_ADD = {
    "sqlite": _adding(sqlite.insert(outbox).values(_GIVEN)),
    "postgresql": _adding(postgresql.insert(outbox).values(_GIVEN)),
}


def _listed() -> Select[Any]:
    """Rows whose columns come as lists."""
    lists = [bindparam(name, type_=postgresql.ARRAY(outbox.c[name].type)) for name in _WRITTEN]
    rows = func.unnest(*lists).table_valued(*map(column, _WRITTEN), name="given").render_derived()
    return select(*(rows.c[name] for name in _WRITTEN))


_ADD_LISTED = _adding(postgresql.insert(outbox).from_select(_WRITTEN, _listed()))

Waiting = dict[str, tuple[Notice, datetime, bool]]


class SqlOutbox:
    """`domain.ports.Outbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: Waiting = {}

    async def add(self, notice: Notice, *, run_at: datetime | None = None, bulk: bool = False) -> None:
        self._session.must_write()
        self._waiting[notice.key] = (notice, run_at or self._session.now, bulk)

    async def flush(self) -> bool:
        """Write what waits; return whether some of it is due at once."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return False
        rows = [self._row(*each) for each in waiting.values()]
        await self._write(rows)
        return any(run_at <= self._session.now for _, run_at, _ in waiting.values())

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        if self._session.dialect == "postgresql" and len(rows) >= MANY:
            # Rows that may meet others cannot be copied; as one statement they take half the time.
            await self._session.write(_ADD_LISTED, {name: [row[name] for row in rows] for name in _WRITTEN})
        else:
            await self._session.write_all(_ADD[self._session.dialect], rows)

    def _row(self, notice: Notice, run_at: datetime, bulk: bool) -> dict[str, Any]:
        return {
            "team_id": self._session.team_id,
            "key": notice.key,
            "lane": notice.lane,
            "tag": notice.tag,
            "body": notices.to_json(notice),
            "state": QUEUED,
            "run_at": run_at,
            "attempts": 0,
            "error": "",
            "created_at": self._session.now,
            "bulk": bulk,
        }

    def mark(self) -> Waiting:
        """Return what waits, to come back to."""
        return dict(self._waiting)

    def back_to(self, mark: Waiting) -> None:
        """Drop what was added since the mark."""
        self._waiting = mark
