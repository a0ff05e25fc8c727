"""SQLite: connections that cross to their thread only for what may take long, and the settings each gets."""

import asyncio
import sqlite3
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast
from urllib.parse import quote

import aiosqlite

from storage.place import Place

Answer = TypeVar("Answer")

FEW = 200
"""Values of a statement that is not worth a crossing: handing it to a thread takes longer than running it."""
_LETTERS = 250
"""Of a text that counts as one value more: many rows may come as one."""
_WORTH_TELLING = 0.3
"""Seconds by which a wait must differ from the last one's to be told to SQLite."""


class QuickCursor:
    """A cursor that executes and fetches at once, within the event loop where that cannot take long.

    It is what SQLAlchemy's adapter asks of an asynchronous cursor; aiosqlite's own crosses four times.
    """

    arraysize = 1

    def __init__(self, connection: "QuickConnection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "QuickCursor":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        await self._run(partial(_execute, operation, parameters), size_of(parameters))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
        size = len(parameters) * len(parameters[0])
        await self._run(partial(_executemany, operation, parameters), size)

    async def _run(self, work: Callable[[sqlite3.Connection], "_Answer"], size: int) -> None:
        answer = await self._connection.run(work, size=size)
        self.description, self._rows, self.rowcount, self.lastrowid = answer

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        self._rows = ()


def size_of(parameters: Sequence[Any]) -> int:
    """Return about how many values a statement has."""
    return sum(1 + len(value) // _LETTERS if isinstance(value, str | bytes) else 1 for value in parameters)


_Answer: TypeAlias = tuple[Any, Sequence[Any], int, int | None]


def _execute(operation: str, parameters: Sequence[Any], connection: sqlite3.Connection) -> _Answer:
    cursor = connection.execute(operation, parameters)
    rows = cursor.fetchall() if cursor.description else ()
    answer = (cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return answer


def _executemany(operation: str, parameters: Sequence[Any], connection: sqlite3.Connection) -> _Answer:
    cursor = connection.executemany(operation, parameters)
    answer = (None, (), cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return answer


class QuickConnection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors are `QuickCursor`, and whose end can be awaited."""

    waits = 0.0
    """Seconds it waits for another process that writes."""
    reads_only = False
    """Whether nothing on it waits for the disk or another process: a snapshot takes no lock."""
    _stopping: "asyncio.Future[Any] | None" = None
    # Each is counted by one side alone: handed over by the event loop, done by the thread.
    _handed = _done = 0

    async def run(self, work: Callable[[sqlite3.Connection], Answer], *, size: int) -> Answer:
        """Run a statement: at once where it waits for nobody, else in the connection's thread.

        What may wait for other processes or the disk is left to the thread: `BEGIN`, commit and
        rollback of whoever writes.

        Args:
            size: how many values it has.
        """
        if size <= FEW and self._at_hand and (self.reads_only or self._conn.in_transaction):
            return work(self._conn)
        return cast(Answer, await self._execute(work, self._conn))

    @property
    def _at_hand(self) -> bool:
        """Whether the thread has nothing to do."""
        return self._handed == self._done

    async def begin(self, patience: float) -> None:
        """Begin a transaction; one that writes takes the writer's place at once.

        Args:
            patience: seconds to wait for another process that has it.
        """
        told = abs(self.waits - patience) > _WORTH_TELLING

        def begin(raw: sqlite3.Connection) -> None:
            if told:
                raw.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
                self.waits = patience
            raw.execute("BEGIN" if self.reads_only else "BEGIN IMMEDIATE")

        await self.run(begin, size=0)

    async def rollback(self) -> None:
        """Take back what was done in the open transaction."""
        if self.reads_only and self._at_hand:
            self._conn.rollback()
        else:
            await super().rollback()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._handed += 1

        def in_thread() -> Any:
            try:
                return fn(*args, **kwargs)
            finally:
                self._done += 1

        return await super()._execute(in_thread)  # type: ignore[no-untyped-call]

    def cursor(self) -> QuickCursor:  # type: ignore[override]
        return QuickCursor(self)

    def stop(self) -> "asyncio.Future[Any] | None":
        self._stopping = super().stop()
        return self._stopping

    async def gone(self) -> None:
        """Wait until the thread has closed the connection, if it was told to."""
        if self._stopping is not None:
            await asyncio.wait({self._stopping})


class _Placed(sqlite3.Connection):
    """A connection that knows where its file was."""

    place: Place | None = None

    def commit(self) -> None:
        if self.place is not None:
            self.place.must_be_unmoved()
        super().commit()

    def close(self) -> None:
        if self.place is not None and self.place.moved:
            # What stands in a log that is gone from its path would be lost with it.
            with suppress(sqlite3.Error):
                self.rollback()
                _, logged, kept = self.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                self.place.log_is_spent = logged == kept
        super().close()


class SqliteFile:
    """A database file and how its connections are set up.

    Args:
        place: guards against the file being moved, deleted or replaced; without it a missing one is made.
    """

    def __init__(self, path: str, pragmas: dict[str, str | int], *, place: Place | None = None) -> None:
        self._path = path
        self._pragmas = pragmas
        self._place = place
        self._opened: weakref.WeakSet[QuickConnection] = weakref.WeakSet()

    async def connect(self) -> QuickConnection:
        """Open a connection; transactions are begun by whoever uses it."""
        opened = QuickConnection(self._open, iter_chunk_size=64)
        opened.reads_only = bool(self._pragmas.get("query_only"))
        opened.waits = int(self._pragmas["busy_timeout"]) / 1000
        self._opened.add(opened)
        # A program that ends without closing its store is not held up by the thread.
        opened._thread.daemon = True
        try:
            _ = await opened
        except BaseException:
            await opened.gone()
            raise
        return opened

    def _open(self) -> sqlite3.Connection:
        found = self._place.must_have_file() if self._place else None
        # The driver must not begin or commit by itself: `isolation_level=None`.
        connection = sqlite3.connect(
            f"file:{quote(self._path)}?mode={'rw' if self._place else 'rwc'}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=0,
            cached_statements=512,
            factory=_Placed,
        )
        try:
            self._set_up(connection)
            if self._place is not None:
                self._place.opened(found)
                connection.place = self._place
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        # First, so that setting up waits for whoever holds the file.
        connection.execute(f"PRAGMA busy_timeout = {self._pragmas['busy_timeout']}")
        for name, value in self._pragmas.items():
            connection.execute(f"PRAGMA {name} = {value}")
        # Makes the log and its index, if they are not there.
        connection.execute("PRAGMA user_version").fetchone()

    async def gone(self) -> None:
        """Wait until the connections that were let go have closed."""
        for connection in list(self._opened):
            await connection.gone()
