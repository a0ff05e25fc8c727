"""What leaves after the commit: notices wait in memory and are written together, one row for each key."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, text
from sqlalchemy.dialects import postgresql, sqlite

from domain import notices
from domain.notices import Notice
from storage.session import Session
from storage.tables import outbox

QUEUED, LEASED, PARKED = "queued", "leased", "parked"
UNSENT = text("state <> 'leased'")


def _adding(dialect: str) -> postgresql.Insert | sqlite.Insert:
    """One unsent row for a key: a later notice replaces it; what was begun keeps its place and pause."""
    insert = postgresql.insert(outbox) if dialect == "postgresql" else sqlite.insert(outbox)
    given, old = insert.excluded, outbox.c
    paused = (old.state == QUEUED) & (old.attempts > 0) & (old.run_at > given.run_at)
    return insert.values({name: bindparam(name) for name in _WRITTEN}).on_conflict_do_update(
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
_ADD = {dialect: _adding(dialect) for dialect in ("sqlite", "postgresql")}

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
        await self._session.write_all(_ADD[self._session.dialect], rows)
        return any(run_at <= self._session.now for _, run_at, _ in waiting.values())

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
