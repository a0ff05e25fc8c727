"""The engines of a database address: one for what writes, one for snapshots that only read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.place import Place
from storage.sqlite import SqliteFile

PATIENCE = 1.5
"""Seconds somebody waits for the lock of their organization."""

_READERS = 4
_CONNECTIONS = 12
"""To PostgreSQL, for writing and for reading each; kept, since to open one costs more than a change."""
_STATEMENTS = 500
"""How many statements each of them keeps prepared."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Where statements go."""

    writing: AsyncEngine
    reading: AsyncEngine
    files: tuple[SqliteFile, ...] = ()
    place: Place | None = None
    """Where the file is, on SQLite."""

    @property
    def is_sqlite(self) -> bool:
        return self.writing.dialect.name == "sqlite"

    async def dispose(self) -> None:
        await self.writing.dispose()
        await self.reading.dispose()
        for file in self.files:
            await file.gone()


def address(url: str) -> URL:
    """Return the address with the asynchronous driver in it.

    Raises:
        ValueError: it names another kind of database, or SQLite without a file.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("SQLite needs a file: sqlite:///path/to/steward.db")
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
            return parsed.set(drivername="postgresql+asyncpg", query=query)
        case other:
            raise ValueError(f"{other} is not supported: use sqlite:///path or postgresql://host/name")


def open_engines(url: str, *, durable: bool) -> Engines:
    """Return the engines of `url`; nothing is connected yet.

    Args:
        durable: on SQLite a commit waits until it is on the disk; PostgreSQL's server decides for itself.
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, durable=durable)
    return _postgresql(parsed)


def _sqlite(url: URL, *, durable: bool) -> Engines:
    pragmas: dict[str, str | int] = {
        "busy_timeout": int(PATIENCE * 1000),
        "journal_mode": "WAL",
        "synchronous": "FULL" if durable else "OFF",
        "foreign_keys": "ON",
        "journal_size_limit": 64 * 1024 * 1024,
        "cache_size": -16_000,
    }
    path = url.database or ""
    place = Place(path)
    changed = SqliteFile(path, pragmas, place=place)
    read = SqliteFile(path, pragmas | {"query_only": "ON"}, place=place)
    writing = _sqlite_engine(url, changed, size=1)
    reading = _sqlite_engine(url, read, size=_READERS)
    return Engines(writing, reading, (changed, read), place)


def _sqlite_engine(url: URL, file: SqliteFile, *, size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        async_creator=file.connect,
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_reset_on_return=None,  # whoever gives a connection back has ended its transaction
        hide_parameters=True,
    )


def _postgresql(url: URL) -> Engines:
    settings = {
        "application_name": "steward",
        "lock_timeout": str(int(PATIENCE * 1000)),
        # A holder of the lock whose machine went silent does not keep it.
        "idle_in_transaction_session_timeout": "15000",
        # Every query walks an index in order and stops early; a queue's statistics are always out of date.
        "enable_bitmapscan": "off",
        "jit": "off",
    }
    options: dict[str, Any] = {
        "pool_size": _CONNECTIONS,
        "max_overflow": 0,
        "pool_timeout": PATIENCE,
        "pool_reset_on_return": None,
        "hide_parameters": True,  # what people wrote belongs in no error and no log
    }
    arguments: dict[str, Any] = {"timeout": 2.5, "command_timeout": 10, "statement_cache_size": _STATEMENTS}
    snapshots = settings | {
        "default_transaction_isolation": "repeatable read",
        "default_transaction_read_only": "on",
    }
    writing = create_async_engine(url, connect_args=arguments | {"server_settings": settings}, **options)
    arguments["server_settings"] = snapshots
    if url.query.get("target_session_attrs") == "read-write":
        arguments["target_session_attrs"] = "primary"  # it asks for the same, of connections that only read
    reading = create_async_engine(url, connect_args=arguments, **options)
    return Engines(writing, reading)
