"""What a database's error means to Steward: a refusal, `Busy`, `StoreUnavailable`, or a bug."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Busy
from domain.ports import StoreUnavailable
from storage.constraints import refusal_of

# SQLite's primary result codes.
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
# PostgreSQL: lock not available, deadlock, serialization failure.
_CONTENDED = {"55P03", "40P01", "40001"}
# Connection, credentials, no such database, resources, intervention, I/O, damage; idle beyond the limit;
# a standby that nobody has promoted yet.
_UNAVAILABLE = ("08", "28", "3D", "53", "57", "58", "XX", "25P03", "25006")

# Connection, shut down, a server that only follows by now.
_CUT = ("08", "57P", "25006")
_UNIQUE = "23505"

_RAISED = (DBAPIError, PoolTimeout, OSError, sqlite3.Error)


def raised() -> tuple[type[BaseException], ...]:
    """Return what a database may raise; the driver of PostgreSQL is loaded only where it is used."""
    asyncpg, adapter = sys.modules.get("asyncpg"), sys.modules.get("sqlalchemy.dialects.postgresql.asyncpg")
    if asyncpg is None or adapter is None:
        return _RAISED
    of_its_own = (asyncpg.InterfaceError, asyncpg.InternalClientError)
    of_connecting = adapter.AsyncAdapt_asyncpg_dbapi.Error
    return (*_RAISED, asyncpg.PostgresError, *of_its_own, of_connecting)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what the database raises into what the domain knows; anything else is a bug and stays as it is."""
    try:
        yield
    except raised() as error:
        known = translated(error)
        if known is None:
            raise
        raise known from error


def translated(error: BaseException) -> Exception | None:
    """Return what the error means to Steward, or None when it is a bug."""
    if isinstance(error, PoolTimeout):
        return busy()
    cause = error.orig if isinstance(error, DBAPIError) else error
    refusal = refusal_of(cause)
    if refusal is not None:
        return refusal
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _unavailable(error)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(cause, OSError):
        return _unavailable(cause)
    return _of_postgresql(cause)


def _of_sqlite(cause: sqlite3.Error) -> Exception | None:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return busy()
    return _unavailable(cause) if code in _BROKEN else None


def _of_postgresql(cause: BaseException | None) -> Exception | None:
    for error in (cause, cause.__cause__ if cause else None):
        state = str(getattr(error, "sqlstate", "") or "")
        # Without a state it is the driver's own: the connection is lost.
        if isinstance(error, OSError) or (isinstance(error, raised()) and not state):
            return _unavailable(error)
        if state in _CONTENDED:
            return busy()
        if state.startswith(_UNAVAILABLE):
            return _unavailable(error)
    return None


def busy() -> Busy:
    """Return the refusal of somebody who did not get the lock in time."""
    return Busy(
        "The team is being changed by somebody else just now.",
        fact="Nothing was done.",
        remedy="Try again in a moment.",
    )


def unanswered() -> StoreUnavailable:
    """Return the error of a database that says nothing."""
    return StoreUnavailable("The database does not answer.")


def _unavailable(error: object) -> StoreUnavailable:
    return StoreUnavailable(f"{type(error).__name__}: {error}")


def was_cut(error: BaseException) -> bool:
    """Whether the connection itself is of no use any more, so that another one may do."""
    if isinstance(error, OSError | sqlite3.Error | PoolTimeout):
        return isinstance(error, ConnectionError)
    state = str(getattr(error, "sqlstate", "") or "")
    # Without a state it is the driver's own.
    return isinstance(error, raised()) and (not state or state.startswith(_CUT))


def collided(error: BaseException) -> bool:
    """Whether a row of the same key was committed by somebody else meanwhile."""
    return isinstance(error, sqlite3.IntegrityError) or getattr(error, "sqlstate", "") == _UNIQUE
