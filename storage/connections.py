"""Connections and their turns: one writer on SQLite, a pool on PostgreSQL, snapshots for readers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from storage.driving import Row, Statements, Values, Watch
from storage.engines import PATIENCE, Engines
from storage.failures import busy, in_our_words, raised, was_cut
from storage.held import Held, take
from storage.openings import Openings
from storage.place import Place
from storage.renewal import Renewal

Answer = TypeVar("Answer")
First = Callable[[Statements], Awaitable[Answer]]


@dataclass(slots=True)
class Work(Generic[Answer]):
    """An open unit of work, and what its first statement answered."""

    held: Held
    answer: Answer
    after_commit: Callable[[], None] | None = None
    """Called once the commit stands, even when the caller is being cancelled."""

    @property
    def statements(self) -> Statements:
        """Run within the unit of work."""
        return self.held.statements


class Connections:
    """Hands out units of work; a connection that was cut is replaced before anything was done on it."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._writer = asyncio.Lock() if engines.is_sqlite else None
        self._renewal = Renewal(engines)
        self._openings = Openings(take_back=lambda work: _abandon(work.held))
        self.watch: Watch | None = None
        """Told of every statement, of units of work also that they begin and end."""

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """The engines for writing and for reading, for those who watch statements."""
        return self._engines.writing, self._engines.reading

    @property
    def dialect(self) -> str:
        return self._engines.writing.dialect.name

    @property
    def place(self) -> Place | None:
        """Where the file is, on SQLite."""
        return self._engines.place

    @asynccontextmanager
    async def writing(
        self, first: First[Answer], *, patience: float = PATIENCE
    ) -> AsyncIterator[Work[Answer]]:
        """Open a unit of work with its first statement; leaving without an error commits it.

        Args:
            patience: seconds to wait in all: for SQLite's one writer, a connection, the lock.

        Raises:
            Busy: the lock was not had in time; nothing was done.
            StoreUnavailable: the database cannot be used, or does not answer.
        """
        async with self._turn(patience) as left:
            work = await self._opened(self._engines.writing, first, patience=left)
            try:
                yield work
            except BaseException:
                await settled(_abandon(work.held))
                raise
            await settled(_commit(work))

    @asynccontextmanager
    async def reading(self, first: First[Answer]) -> AsyncIterator[Work[Answer]]:
        """Open a snapshot with its first query."""
        work = await self._opened(self._engines.reading, first)
        try:
            yield work
        finally:
            await settled(_abandon(work.held))

    async def look(self, statement: Executable, values: Values) -> list[Row]:
        """Return what one query answers."""

        async def ask(statements: Statements) -> list[Row]:
            return await statements.rows(statement, values)

        async with self.reading(ask) as work:
            return work.answer

    async def close(self) -> None:
        await self._openings.settle()
        await self._engines.dispose()

    @asynccontextmanager
    async def _turn(self, patience: float) -> AsyncIterator[float]:
        """Wait for SQLite's one writer in this process; yields the patience left for other processes."""
        if self._writer is None:
            yield patience
            return
        begun = monotonic()
        try:
            # Not `wait_for`: on Python 3.11 it swallows a cancellation that comes with the lock.
            async with asyncio.timeout(patience):
                await self._writer.acquire()
        except TimeoutError:
            raise busy() from None
        try:
            yield max(0.05, patience - (monotonic() - begun))
        finally:
            self._writer.release()

    async def inspect(self, look: Callable[[Connection], Answer]) -> Answer:
        """Return what is seen on a connection for reading, as the library offers it."""
        engine = self._engines.reading

        async def opening(connected: Callable[[], None], *, again: bool = True) -> Answer:
            try:
                async with engine.connect() as connection:
                    connected()
                    return await connection.run_sync(look)
            except DBAPIError as error:
                if not (again and error.connection_invalidated):
                    raise
            # The server went away since this connection was last used.
            return await opening(connected, again=False)

        with in_our_words():
            if self._engines.is_sqlite:
                await self._renewal.see_to_it()
            return await self._openings.in_time(opening, PATIENCE)

    async def _opened(
        self, engine: AsyncEngine, first: First[Answer], *, patience: float = PATIENCE
    ) -> Work[Answer]:
        with in_our_words():
            if self._engines.is_sqlite:
                await self._renewal.see_to_it()
                return await self._begun(engine, first, min(patience, PATIENCE))
            # The server counts each of several waits for itself.
            return await self._openings.in_time(partial(self._begun, engine, first, patience), patience)

    async def _begun(
        self,
        engine: AsyncEngine,
        first: First[Answer],
        patience: float,
        connected: Callable[[], None] = lambda: None,
        *,
        again: bool = True,
    ) -> Work[Answer]:
        held = await take(engine, self.watch)
        connected()
        try:
            await held.statements.begin(patience)
            return Work(held, await first(held.statements))
        except BaseException as error:  # whatever it is, the connection goes back or ends
            cut = held.closed or was_cut(error)
            await settled(_let_go(held) if cut else _abandon(held))
            if not (again and cut and isinstance(error, raised())):
                raise
        # The server went away since this connection was last used; nothing was done on it.
        return await self._begun(engine, first, patience, connected, again=False)


async def _commit(work: Work[Any]) -> None:
    try:
        with in_our_words():
            await work.statements.commit()
    except BaseException:
        await _let_go(work.held)
        raise
    if work.after_commit is not None:
        work.after_commit()
    work.held.give_back()


async def _abandon(held: Held) -> None:
    """Take back what was not committed, and give the connection back to its pool or let it go."""
    try:
        await held.statements.rollback()
    except raised():
        # It cannot even roll back.
        await _let_go(held)
    else:
        held.give_back()


async def _let_go(held: Held) -> None:
    with suppress(SQLAlchemyError, OSError):
        await held.let_go()


async def settled(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Await `work` to its end even when the caller is cancelled meanwhile; then be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()
