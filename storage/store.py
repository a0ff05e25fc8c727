"""The store: opens units of work on SQLite or PostgreSQL, and the worker's queue beside them."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.installations import Sealer
from domain.ports import Facilities
from storage import mapping
from storage.connections import Connections
from storage.driving import Row, Statements, Watch
from storage.engines import open_engines
from storage.installations import SqlInstallations
from storage.queue import SqlQueue
from storage.revision import must_be_newest, revision_of
from storage.session import Session
from storage.tables import invitation_tokens, invitations, organizations
from storage.transaction import SqlTransaction

LEASE = timedelta(seconds=60)

_ORGANIZATION = select(organizations).where(organizations.c.team_id == bindparam("team"))
# The lock that every change takes; rows that point to the organization may still be written beside it.
_LOCKED = _ORGANIZATION.with_for_update(key_share=True)


def _team_of(table: Any) -> Select[Any]:
    return (
        select(organizations.c.team_id)
        .join(table, table.c.organization_id == organizations.c.id)
        .where(table.c.token_hash == bindparam("token_hash"))
    )


_TEAMS = select(organizations.c.team_id).order_by(organizations.c.team_id)
_NOW = select(func.clock_timestamp().label("now"))
_TEAM_OF_TOKEN = union_all(_team_of(invitations), _team_of(invitation_tokens))


def open_store(
    url: str,
    *,
    facilities: Facilities,
    clock: Callable[[], datetime],
    on_outgoing: Callable[[], None] | None = None,
    durable: bool = True,
    lease: timedelta = LEASE,
    sealer: Sealer | None = None,
) -> "SqlStore":
    """Return the store of a database address; it connects when it is first used.

    Args:
        url: `sqlite:///path` or `postgresql://...`.
        clock: the time of every transaction, with a zone.
        on_outgoing: called after a commit that queued something due at once.
        durable: on SQLite a commit waits until it is on the disk; only a throw-away database does without.
            PostgreSQL's server decides for itself.
        lease: how long a claimed row of the outbox belongs to its worker, in real time.
        sealer: seals the tokens of installations; without it there are none.

    Raises:
        ValueError: the address is of another kind of database.
    """
    connections = Connections(open_engines(url, durable=durable))
    store = SqlStore(connections, facilities, clock, on_outgoing=on_outgoing, lease=lease)
    store.installations = None if sealer is None else SqlInstallations(connections, sealer)
    return store


class SqlStore:
    """`domain.ports.Store`."""

    def __init__(
        self,
        connections: Connections,
        facilities: Facilities,
        clock: Callable[[], datetime],
        *,
        on_outgoing: Callable[[], None] | None,
        lease: timedelta,
    ) -> None:
        self._connections = connections
        self._facilities = facilities
        self._clock = clock
        self._on_outgoing = on_outgoing
        self.queue = SqlQueue(connections, clock, lease=lease)
        self.installations: SqlInstallations | None = None
        """Where the app is installed; None where one workspace's token is set instead."""

    @asynccontextmanager
    async def transaction(self, team_id: str) -> AsyncIterator[SqlTransaction]:
        async with self._connections.writing(_organization(_LOCKED, team_id)) as work:
            tx = self._begun(work.statements, work.answer, team_id, writes=True)
            yield tx
            if await tx.flush():
                work.after_commit = self._on_outgoing

    @asynccontextmanager
    async def reading(self, team_id: str) -> AsyncIterator[SqlTransaction]:
        async with self._connections.reading(_organization(_ORGANIZATION, team_id)) as work:
            yield self._begun(work.statements, work.answer, team_id, writes=False)

    def _begun(
        self, statements: Statements, row: Row | None, team_id: str, *, writes: bool
    ) -> SqlTransaction:
        # The time is read once the lock is held, so that one change after another sees it go forward.
        session = Session(statements, team_id=team_id, now=self._clock(), writes=writes)
        session.organization = mapping.organization_of(row) if row else None
        return SqlTransaction(session, self._facilities)

    async def team_of_token(self, token_hash: str) -> str | None:
        found = await self._look(_TEAM_OF_TOKEN, token_hash=token_hash)
        return str(found[0].team_id) if found else None

    async def teams(self) -> tuple[str, ...]:
        """Return the workspaces that have an organization, for the operator at the command line."""
        return tuple(row.team_id for row in await self._look(_TEAMS))

    async def check(self) -> None:
        """Make sure that the database answers and has the schema this version of Steward needs.

        Raises:
            StoreUnavailable: it does not; says what to do.
        """
        must_be_newest(await self._connections.inspect(revision_of))

    def check_room(self) -> None:
        """Make sure that there is room for changes; a PostgreSQL server looks after its own disk.

        Raises:
            StoreUnavailable: the disk is full; says what to do.
        """
        if self._connections.place is not None:
            self._connections.place.must_have_room()

    async def time(self) -> datetime | None:
        """Return the time of the database's machine; None where that is this one."""
        if self._connections.dialect == "sqlite":
            return None
        now: datetime = (await self._look(_NOW))[0].now
        return now

    async def _look(self, statement: Select[Any] | CompoundSelect[Any], **values: Any) -> list[Row]:
        return await self._connections.look(statement, values)

    def watch(self, told: Watch | None) -> None:
        """Tell of every statement from now on, and of every transaction that it begins and how it ends."""
        self._connections.watch = told

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """The engines for writing and for reading, for those who watch or count statements."""
        return self._connections.engines

    async def close(self) -> None:
        """Give every connection back; the store is not used afterwards."""
        await self.queue.settle()
        await self._connections.close()


def _organization(
    statement: Select[Any], team_id: str
) -> Callable[[Statements], Coroutine[Any, Any, Row | None]]:
    async def load(statements: Statements) -> Row | None:
        found = await statements.rows(statement, {"team": team_id})
        return found[0] if found else None

    return load
