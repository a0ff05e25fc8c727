"""The worker's side of the outbox: claim under a lease, then finish, give back or put aside under it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, tuple_
from sqlalchemy.sql import Executable

from domain import notices
from domain.deliveries import Parcel, Parked, Posting, Served, Serves
from domain.model import new_id
from storage import claims, parked
from storage.connections import Connections
from storage.driving import Row, Statements
from storage.failures import collided, raised
from storage.outbox import PARKED, QUEUED
from storage.recording import Recorder
from storage.session import fixed, limit
from storage.tables import blobs, deliveries, imports, outbox, postings

DELIVERIES_KEPT = timedelta(days=1)
POSTINGS_KEPT = timedelta(days=120)
PARKED_KEPT = timedelta(days=120)
"""Longer than anything that is still edited or looked at."""
IMPORTS_KEPT = timedelta(days=30)
"""Files of people to invite, and what became of each line."""

_SWEPT_AT_ONCE = 1000
_RACES = 5
_PATIENCE = 10.0
"""Seconds the worker waits for its turn; nobody waits for the worker."""

_POSTING = select(*(column for column in postings.c if column.name != "written_at")).where(
    postings.c.team_id == bindparam("team"), postings.c.key == bindparam("key")
)

_OLDEST_DUE = select(func.min(outbox.c.run_at).label("run_at")).where(
    outbox.c.state == fixed(QUEUED), outbox.c.run_at <= bindparam("now")
)


_NOTHING: Mapping[str, int] = {}


class _LeaseLost(Exception):
    """Somebody else holds the row now; what was done here is taken back."""


class SqlQueue:
    """`domain.ports.Queue`."""

    def __init__(self, connections: Connections, clock: Callable[[], datetime], *, lease: timedelta) -> None:
        self._connections = connections
        self._clock = clock
        self._lease = lease
        self._statements = claims.statements(connections.dialect)
        self._recorder = Recorder(connections, remember=self._statements.remember, patience=_PATIENCE)
        self._served: Served = Serves.EVERYBODY
        self._turn = ""

    def serve(self, teams: Served) -> None:
        """Say whose rows are claimed from now on."""
        self._served = teams

    async def claim(
        self, *, limit: int, under_way: Mapping[str, int] = _NOTHING, bulk: int | None = None
    ) -> tuple[Parcel, ...]:
        most = limit if bulk is None else bulk
        if self._served is Serves.NOBODY:
            return ()
        if self._served is Serves.INSTALLED:
            return await self._claim(await self._rooms(limit, under_way), limit, most)
        team = self._served if isinstance(self._served, str) else ""
        return await self._claim({team: limit}, limit, most)

    async def _rooms(self, limit: int, under_way: Mapping[str, int]) -> dict[str, int]:
        """Return how many rows each workspace in turn may have; a busy one leaves room for the others."""
        most = max(1, (limit + sum(under_way.values())) * 3 // 4)
        ready = await self._ready(limit + len(under_way))
        rooms = {team: most - under_way.get(team, 0) for team in ready}
        chosen = dict([(team, room) for team, room in rooms.items() if room > 0][:limit])
        self._turn = next(reversed(chosen), self._turn)
        return chosen

    async def _ready(self, most: int) -> list[str]:
        """Return workspaces that have something due, beginning behind the one served last."""
        values = {"now": self._clock(), "real": datetime.now(UTC), "after": self._turn}
        found = await self._rows(claims.READY_AFTER, **values, limit=most)
        if len(found) < most:
            found += await self._rows(claims.READY_UP_TO, **values, limit=most - len(found))
        return [row.team_id for row in found]

    async def _claim(self, rooms: Mapping[str, int], limit: int, bulk: int) -> tuple[Parcel, ...]:
        """Claim for each workspace its share, then what is left over, for "" whosesoever it is.

        Args:
            bulk: how many that are bulk may be among them.
        """
        if not rooms:
            return ()
        lease, real = new_id(), datetime.now(UTC)
        share = -(-limit // len(rooms))
        parameters = {
            "now": self._clock(),
            "real": real,
            "lease": lease,
            "until": real + self._lease,
            "span": self._lease,
        }

        async def claim(statements: Statements) -> list[Row]:
            rows: list[Row] = []
            shares = [(team, min(share, room)) for team, room in rooms.items()]
            rests = [(team, room - share) for team, room in rooms.items()]
            for team, most in (*shares, *rests):
                left = min(most, limit - len(rows))
                if left > 0:
                    statement = self._statements.claim_of if team else self._statements.claim
                    of_bulk = min(left, max(0, bulk - sum(row.bulk for row in rows)))
                    values = {**parameters, "team": team, "limit": left, "most_bulk": of_bulk}
                    rows += await statements.rows(statement, values)
            return sorted(rows, key=lambda row: row.id)

        async with self._connections.writing(claim, patience=_PATIENCE) as work:
            parcels = [await self._read(work.statements, row, lease) for row in work.answer]
        return tuple(parcel for parcel in parcels if parcel)

    async def _read(self, statements: Statements, row: Row, lease: str) -> Parcel | None:
        try:
            notice = notices.from_json(row.tag, row.body)
        except (KeyError, TypeError) as error:
            # Written by another version of Steward: it waits for somebody who can read it.
            values = {"_id": row.id, "_lease": lease, "error": f"not understood: {row.tag}: {error}"}
            await statements.write(claims.PARK, values)
            return None
        return Parcel(
            id=str(row.id),
            team_id=row.team_id,
            notice=notice,
            attempts=row.attempts - 1,
            lease=lease,
            created_at=row.created_at,
            bulk=row.bulk,
        )

    async def finish(self, parcel: Parcel, posting: Posting | None = None) -> bool:
        return await self._recorder.record(parcel, posting)

    async def retry(self, parcel: Parcel, *, after: float, error: str) -> bool:
        values = _held(parcel) | {"run_at": self._clock() + timedelta(seconds=after), "error": error[:1000]}

        async def retry(statements: Statements) -> None:
            # A later notice of the same key would say the same: one row goes on for both.
            for follower in await statements.rows(claims.TAKE_FOLLOWER, _named(parcel)):
                values["run_at"] = max(values["run_at"], follower.run_at)
            _one(await statements.write(claims.RETRY, values))

        return await self._under_lease(retry)

    async def park(self, parcel: Parcel, *, error: str) -> bool:
        async def park(statements: Statements) -> None:
            if await statements.write(claims.BEGIN_FOLLOWER, _named(parcel)):
                _one(await statements.write(claims.FINISH, _held(parcel)))
            else:
                values = _held(parcel) | {"error": error[:1000]}
                _one(await statements.write(claims.PARK, values))

        return await self._under_lease(park)

    async def _under_lease(self, work: Callable[[Statements], Any]) -> bool:
        for _ in range(_RACES):
            try:
                async with self._connections.writing(work, patience=_PATIENCE):
                    return True
            except _LeaseLost:
                return False
            except raised() as error:
                if not collided(error):
                    raise
                # A notice of the same key was committed in between: it is seen at the next try.
        raise AssertionError("each try sees what the one before met")

    async def settle(self) -> None:
        """Wait until every outcome that was given is written."""
        await self._recorder.settle()

    async def posting(self, team_id: str, key: str) -> Posting | None:
        rows = await self._rows(_POSTING, team=team_id, key=key)
        return Posting(**rows[0]._asdict()) if rows else None

    async def remember(self, posting: Posting) -> None:
        await self._recorder.record(None, posting)

    async def next_due(self) -> datetime | None:
        now = self._clock()
        if self._served is Serves.NOBODY:
            return None
        statement, team = self._statements.next_due, ""
        if self._served is Serves.INSTALLED:
            statement = self._statements.next_due_installed
        elif isinstance(self._served, str):
            statement, team = self._statements.next_due_of, self._served
        (row,) = await self._rows(statement, now=now, real=datetime.now(UTC), team=team)
        # A lease runs by the real clock, the answer is by the store's.
        lost = [now + (row.lease_until - row.real)] if row.lease_until else []
        return min([*lost, *([row.run_at] if row.run_at else [])], default=None)

    async def depth(self) -> dict[str, int]:
        (row,) = await self._rows(self._statements.depth, now=self._clock())
        return dict(row._asdict())

    async def oldest_due(self) -> datetime | None:
        (row,) = await self._rows(_OLDEST_DUE, now=self._clock())
        found: datetime | None = row.run_at
        return found

    async def parked(self, *, limit: int, after: str = "") -> tuple[Parked, ...]:
        return parked.parked_of(await self._rows(parked.PAGE, after=int(after or 0), limit=limit))

    async def sweep(self) -> int:
        """Delete what nobody asks for any more, a bounded part at a time; return how many rows that was."""
        real = datetime.now(UTC)
        return (
            await self._delete(_OLD_DELIVERIES, real - DELIVERIES_KEPT)
            + await self._delete(_OLD_POSTINGS, real - POSTINGS_KEPT)
            + await self._delete(_OLD_PARKED, self._clock() - PARKED_KEPT)
            + await self._delete(_OLD_IMPORTS, self._clock() - IMPORTS_KEPT)
            + await self._delete(_OLD_BLOBS, self._clock() - IMPORTS_KEPT)
        )

    async def _delete(self, statement: Executable, before: datetime) -> int:
        async def delete(statements: Statements) -> int:
            return await statements.write(statement, {"before": before, "limit": _SWEPT_AT_ONCE})

        deleted = 0
        while True:
            async with self._connections.writing(delete, patience=_PATIENCE) as work:
                deleted += work.answer
            if work.answer < _SWEPT_AT_ONCE:
                return deleted

    async def _rows(self, statement: Executable, **parameters: Any) -> list[Row]:
        return await self._connections.look(statement, parameters)


def _oldest(*key: Any, moment: Any, conditions: tuple[Any, ...] = ()) -> Any:
    """The deletion of the oldest rows by their key, a bounded number."""
    old = select(*key).where(moment < bindparam("before"), *conditions).order_by(moment).limit(limit())
    return delete(key[0].table).where(tuple_(*key).in_(old))


_OLD_DELIVERIES = _oldest(deliveries.c.team_id, deliveries.c.delivery, moment=deliveries.c.seen_at)
_OLD_POSTINGS = _oldest(postings.c.team_id, postings.c.key, moment=postings.c.written_at)
_OLD_IMPORTS = _oldest(imports.c.organization_id, imports.c.id, moment=imports.c.created_at)
_OLD_BLOBS = _oldest(blobs.c.organization_id, blobs.c.key, blobs.c.number, moment=blobs.c.written_at)
_OLD_PARKED = _oldest(outbox.c.id, moment=outbox.c.run_at, conditions=(outbox.c.state == fixed(PARKED),))


def _one(count: int) -> None:
    if count != 1:
        raise _LeaseLost


def _held(parcel: Parcel) -> dict[str, Any]:
    return {"_id": int(parcel.id), "_lease": parcel.lease}


def _named(parcel: Parcel) -> dict[str, Any]:
    return {"_team": parcel.team_id, "_key": parcel.notice.key}
