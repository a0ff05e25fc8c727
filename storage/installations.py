"""Installations in the database: tokens sealed, one refresh at a time across replicas."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, Update, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.installations import Ended, Installation, Sealer, StateRefusal, Unreadable
from domain.model import new_id
from storage.connections import Connections
from storage.session import limit
from storage.tables import installation_states, installations

Answer = TypeVar("Answer")

PATIENCE = 10.0
"""Seconds to wait for SQLite's one writer."""
STATES_KEPT = timedelta(hours=1)
"""How long a state that is over is still told from one that never was."""
_AT_ONCE = 100

_row, _state = installations.c, installation_states.c
_COUNTS = _row.ended.is_(None)
_team = _row.team_id == bindparam("team")
_GET = select(installations).where(_team)
_PAGE = select(installations).where(_row.team_id > bindparam("after")).order_by(_row.team_id).limit(limit())
_COUNT = select(func.count()).select_from(installations).where(_COUNTS)
_EXPIRING = (
    select(_row.team_id)
    .where(_COUNTS, _row.expires_at < bindparam("before"), _row.refresh_token.is_not(None))
    .order_by(_row.expires_at)
    .limit(limit())
)
_free = or_(_row.lease_until.is_(None), _row.lease_until <= bindparam("now"))
_BEGIN: Update = (
    update(installations)
    .where(_team, _COUNTS, _row.serial == bindparam("of_serial"), _row.refresh_token.is_not(None), _free)
    .values(lease=bindparam("taken"), lease_until=bindparam("until"))
)
_leased = and_(_team, _row.lease == bindparam("held"))
_FREED = {"lease": None, "lease_until": None}
_FINISH: Update = (
    update(installations)
    .where(_leased)
    .values(
        token=bindparam("new_token"),
        refresh_token=bindparam("new_refresh_token"),
        expires_at=bindparam("new_expires_at"),
        serial=bindparam("new_serial"),
        **_FREED,
    )
)
_RELEASE: Update = update(installations).where(_leased).values(**_FREED)
_END: Update = (
    update(installations).where(_team, _COUNTS).values(ended=bindparam("why"), ended_at=bindparam("now"))
)
_UNREAD = (
    select(_row.team_id)
    .where(_COUNTS, _row.read_at <= bindparam("now"))
    .order_by(_row.read_at)
    .limit(limit())
    .with_for_update(skip_locked=True)
)
_READ: Update = update(installations).where(_team).values(read_at=bindparam("at"))
_NEW_STATE = insert(installation_states)
_OLD_STATES = delete(installation_states).where(_state.expires_at < bindparam("before"))
_ONE_STATE = select(installation_states).where(_state.state_hash == bindparam("state")).with_for_update()
_USE_STATE: Update = (
    update(installation_states)
    .where(_state.state_hash == bindparam("state"), _state.used.is_(False))
    .values(used=True)
)


class SqlInstallations:
    """`domain.installations.Installations`; leases and expiry are by the real time."""

    def __init__(self, connections: Connections, sealer: Sealer) -> None:
        self._connections, self._sealer = connections, sealer
        inserts = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
        self._install = _installing(inserts[connections.dialect])

    async def get(self, team_id: str) -> Installation | None:
        async def get(connection: AsyncConnection) -> Row[Any] | None:
            return (await connection.execute(_GET, {"team": team_id})).first()

        found = await self._read(get)
        return self._opened(found) if found is not None else None

    async def page(self, *, after: str = "", limit: int) -> tuple[Installation, ...]:
        async def page(connection: AsyncConnection) -> list[Row[Any]]:
            return list(await connection.execute(_PAGE, {"after": after, "limit": limit}))

        return tuple(self._opened(row) for row in await self._read(page))

    async def count(self) -> int:
        async def count(connection: AsyncConnection) -> int:
            return int((await connection.execute(_COUNT)).scalar_one())

        return await self._read(count)

    async def install(self, installation: Installation) -> None:
        values = self._values(installation) | {"read_at": datetime.now(UTC)}

        async def install(connection: AsyncConnection) -> None:
            await connection.execute(self._install, values)

        await self._write(install)

    async def end(self, team_id: str, why: Ended, *, serial: int | None = None) -> bool:
        statement = _END if serial is None else _END.where(_row.serial == serial)
        values = {"team": team_id, "why": str(why), "now": datetime.now(UTC)}

        async def end(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement, values)).rowcount == 1

        return await self._write(end)

    async def expiring(self, *, before: datetime, limit: int) -> tuple[str, ...]:
        async def look(connection: AsyncConnection) -> tuple[str, ...]:
            found = await connection.execute(_EXPIRING, {"before": before, "limit": limit})
            return tuple(found.scalars())

        return await self._read(look)

    async def begin_refresh(self, team_id: str, *, serial: int, seconds: float) -> str | None:
        lease, now = new_id(), datetime.now(UTC)
        until = now + timedelta(seconds=seconds)
        values = {"team": team_id, "of_serial": serial, "taken": lease, "now": now, "until": until}

        async def begin(connection: AsyncConnection) -> bool:
            return (await connection.execute(_BEGIN, values)).rowcount == 1

        return lease if await self._write(begin) else None

    async def finish_refresh(
        self, installation: Installation, *, lease: str, problem: bool = False
    ) -> Installation | None:
        renewed = (
            replace(installation, refresh_token=None)
            if problem
            else replace(installation, serial=installation.serial + 1)
        )
        sealed = self._values(renewed)
        names = ("token", "refresh_token", "expires_at", "serial")
        values = {f"new_{name}": sealed[name] for name in names} | {"team": renewed.team_id, "held": lease}

        async def finish(connection: AsyncConnection) -> bool:
            return (await connection.execute(_FINISH, values)).rowcount == 1

        return renewed if await self._write(finish) else None

    async def release(self, team_id: str, *, lease: str) -> None:
        async def release(connection: AsyncConnection) -> None:
            await connection.execute(_RELEASE, {"team": team_id, "held": lease})

        await self._write(release)

    async def unread(self, *, limit: int, seconds: float) -> tuple[Installation, ...]:
        now = datetime.now(UTC)

        async def take(connection: AsyncConnection) -> list[Row[Any]]:
            due = list((await connection.execute(_UNREAD, {"now": now, "limit": limit})).scalars())
            if not due:
                return []
            taken = (
                update(installations)
                .where(_row.team_id.in_(due))
                .values(read_at=now + timedelta(seconds=seconds))
                .returning(installations)
            )
            return list(await connection.execute(taken))

        return tuple(self._opened(row) for row in await self._write(take))

    async def read(self, team_id: str, *, again_in: float) -> None:
        at = datetime.now(UTC) + timedelta(seconds=again_in)

        async def note(connection: AsyncConnection) -> None:
            await connection.execute(_READ, {"team": team_id, "at": at})

        await self._write(note)

    async def renew_seals(self) -> int:
        renewed, after = 0, ""
        while rows := await self._sealed(after):
            for row in rows:
                renewed += await self._renew(row)
            after = rows[-1].team_id
        return renewed

    async def begin_state(self, state_hash: str, browser_hash: str, *, seconds: float) -> None:
        now = datetime.now(UTC)
        values = {
            "state_hash": state_hash,
            "browser_hash": browser_hash,
            "expires_at": now + timedelta(seconds=seconds),
            "used": False,
        }

        async def begin(connection: AsyncConnection) -> None:
            await connection.execute(_OLD_STATES, {"before": now - STATES_KEPT})
            await connection.execute(_NEW_STATE, values)

        await self._write(begin)

    async def take_state(self, state_hash: str, browser_hash: str) -> StateRefusal | None:
        async def take(connection: AsyncConnection) -> StateRefusal | None:
            found = (await connection.execute(_ONE_STATE, {"state": state_hash})).first()
            if found is None:
                return StateRefusal.UNKNOWN
            if found.browser_hash != browser_hash:
                return StateRefusal.OTHER_BROWSER  # it stays good for the browser that began
            if found.used:
                return StateRefusal.USED
            await connection.execute(_USE_STATE, {"state": state_hash})
            return StateRefusal.EXPIRED if found.expires_at <= datetime.now(UTC) else None

        return await self._write(take)

    async def _sealed(self, after: str) -> list[Row[Any]]:
        async def page(connection: AsyncConnection) -> list[Row[Any]]:
            return list(await connection.execute(_PAGE, {"after": after, "limit": _AT_ONCE}))

        return await self._read(page)

    async def _renew(self, row: Row[Any]) -> int:
        """Seal one row anew, unless its tokens changed meanwhile; let it count again if its key is back."""
        back = row.ended == Ended.UNREADABLE
        if (
            not back
            and self._sealer.newest(row.token)
            and self._sealer.newest(row.refresh_token or row.token)
        ):
            return 0
        known = self._opened(row)
        if known.ended is Ended.UNREADABLE:
            return 0
        sealed = self._values(known)
        values = {name: sealed[name] for name in ("token", "refresh_token", "ended", "ended_at")}
        same = (_row.team_id == row.team_id, _row.serial == row.serial, _row.token == row.token)
        statement = update(installations).where(*same, _row.lease.is_(None)).values(**values)

        async def renew(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self._write(renew)

    def _opened(self, row: Row[Any]) -> Installation:
        values = {name: value for name, value in row._mapping.items() if name not in _OURS}
        ended = Ended(row.ended) if row.ended else None
        try:
            token = self._sealer.unseal(row.token, about=_about("token", row.team_id))
            given = row.refresh_token
            refresh = self._sealer.unseal(given, about=_about("refresh", row.team_id)) if given else None
        except Unreadable:
            token, refresh, ended = "", None, ended or Ended.UNREADABLE
        else:
            ended = None if ended is Ended.UNREADABLE else ended
        return Installation(
            **values | {"scopes": tuple(row.scopes), "token": token, "refresh_token": refresh, "ended": ended}
        )

    def _values(self, made: Installation) -> dict[str, Any]:
        seal, given = self._sealer.seal, made.refresh_token
        refresh = None if given is None else seal(given, about=_about("refresh", made.team_id))
        return {name: getattr(made, name) for name in _THEIRS} | {
            "scopes": list(made.scopes),
            "token": seal(made.token, about=_about("token", made.team_id)),
            "refresh_token": refresh,
            "ended": str(made.ended) if made.ended else None,
        }

    async def _read(self, work: Callable[[AsyncConnection], Awaitable[Answer]]) -> Answer:
        async with self._connections.reading(work) as done:
            return done.answer

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[Answer]]) -> Answer:
        async with self._connections.writing(work, patience=PATIENCE) as done:
            return done.answer


_OURS = ("lease", "lease_until", "read_at")
_THEIRS = tuple(column.name for column in installations.columns if column.name not in _OURS)


def _about(what: str, team_id: str) -> str:
    """What a sealed token opens for: a row's tokens are of no use in another row."""
    return f"installation {what} {team_id}"


def _installing(insert: Any) -> postgresql.Insert | sqlite.Insert:
    statement: postgresql.Insert | sqlite.Insert = insert(installations).values(
        {name: bindparam(name) for name in (*_THEIRS, "read_at")}
    )
    given = statement.excluded
    kept = {name: given[name] for name in (*_THEIRS, "read_at") if name not in ("team_id", "serial")}
    later = {"serial": _row.serial + 1, "lease": None, "lease_until": None}
    return statement.on_conflict_do_update(index_elements=["team_id"], set_=kept | later)
