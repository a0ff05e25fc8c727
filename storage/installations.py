"""Installations in the database: tokens sealed, one refresh at a time across replicas."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, Update, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from domain.installations import Ended, Installation, Sealer, StateRefusal, Unreadable
from domain.model import new_id
from storage.connections import Connections
from storage.driving import Row, Statements
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
_COUNT = select(func.count().label("count")).select_from(installations).where(_COUNTS)
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
_END_SERIAL: Update = _END.where(_row.serial == bindparam("of_serial"))
_UNREAD = (
    select(_row.team_id)
    .where(_COUNTS, _row.read_at <= bindparam("now"))
    .order_by(_row.read_at)
    .limit(limit())
    .with_for_update(skip_locked=True)
)
_READ: Update = update(installations).where(_team).values(read_at=bindparam("at"))
_TAKE = (
    update(installations)
    .where(_row.team_id.in_(bindparam("due", expanding=True)))
    .values(read_at=bindparam("until"))
    .returning(installations)
)
_RENEW: Update = (
    update(installations)
    .where(_team, _row.serial == bindparam("of_serial"), _row.token == bindparam("old_token"))
    .where(_row.lease.is_(None))
    .values({name: bindparam(f"new_{name}") for name in ("token", "refresh_token", "ended", "ended_at")})
)
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
        found = await self._rows(_GET, team=team_id)
        return self._opened(found[0]) if found else None

    async def page(self, *, after: str = "", limit: int) -> tuple[Installation, ...]:
        return tuple(self._opened(row) for row in await self._rows(_PAGE, after=after, limit=limit))

    async def count(self) -> int:
        (row,) = await self._rows(_COUNT)
        return int(row.count)

    async def install(self, installation: Installation) -> None:
        await self._write(self._install, **self._values(installation), read_at=datetime.now(UTC))

    async def end(self, team_id: str, why: Ended, *, serial: int | None = None) -> bool:
        values = {"team": team_id, "why": str(why), "now": datetime.now(UTC)}
        if serial is None:
            return await self._write(_END, **values) == 1
        return await self._write(_END_SERIAL, **values, of_serial=serial) == 1

    async def expiring(self, *, before: datetime, limit: int) -> tuple[str, ...]:
        return tuple(row.team_id for row in await self._rows(_EXPIRING, before=before, limit=limit))

    async def begin_refresh(self, team_id: str, *, serial: int, seconds: float) -> str | None:
        lease, now = new_id(), datetime.now(UTC)
        until = now + timedelta(seconds=seconds)
        begun = await self._write(_BEGIN, team=team_id, of_serial=serial, taken=lease, now=now, until=until)
        return lease if begun else None

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
        return renewed if await self._write(_FINISH, **values) else None

    async def release(self, team_id: str, *, lease: str) -> None:
        await self._write(_RELEASE, team=team_id, held=lease)

    async def unread(self, *, limit: int, seconds: float) -> tuple[Installation, ...]:
        now = datetime.now(UTC)

        async def take(statements: Statements) -> list[Row]:
            due = [row.team_id for row in await statements.rows(_UNREAD, {"now": now, "limit": limit})]
            values = {"due": due, "until": now + timedelta(seconds=seconds)}
            return await statements.rows(_TAKE, values) if due else []

        return tuple(self._opened(row) for row in await self._work(take))

    async def read(self, team_id: str, *, again_in: float) -> None:
        await self._write(_READ, team=team_id, at=datetime.now(UTC) + timedelta(seconds=again_in))

    async def renew_seals(self) -> int:
        renewed, after = 0, ""
        while rows := await self._rows(_PAGE, after=after, limit=_AT_ONCE):
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

        async def begin(statements: Statements) -> None:
            await statements.write(_OLD_STATES, {"before": now - STATES_KEPT})
            await statements.write(_NEW_STATE, values)

        await self._work(begin)

    async def take_state(self, state_hash: str, browser_hash: str) -> StateRefusal | None:
        async def take(statements: Statements) -> StateRefusal | None:
            rows = await statements.rows(_ONE_STATE, {"state": state_hash})
            if not rows:
                return StateRefusal.UNKNOWN
            (found,) = rows
            if found.browser_hash != browser_hash:
                return StateRefusal.OTHER_BROWSER  # it stays good for the browser that began
            if found.used:
                return StateRefusal.USED
            await statements.write(_USE_STATE, {"state": state_hash})
            return StateRefusal.EXPIRED if found.expires_at <= datetime.now(UTC) else None

        return await self._work(take)

    async def _renew(self, row: Row) -> int:
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
        values = {f"new_{name}": sealed[name] for name in ("token", "refresh_token", "ended", "ended_at")}
        same = {"team": row.team_id, "of_serial": row.serial, "old_token": row.token}
        return await self._write(_RENEW, **same, **values)

    def _opened(self, row: Row) -> Installation:
        values = {name: value for name, value in row._asdict().items() if name not in _OURS}
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

    async def _rows(self, statement: Select[Any], **values: Any) -> Sequence[Row]:
        return await self._connections.look(statement, values)

    async def _write(self, statement: Executable, **values: Any) -> int:
        async def write(statements: Statements) -> int:
            return await statements.write(statement, values)

        return await self._work(write)

    async def _work(self, work: Callable[[Statements], Awaitable[Answer]]) -> Answer:
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
