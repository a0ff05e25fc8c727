"""Databases of both engines, as durable as production's, each with a copy for the bare driver."""

import asyncio
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Dialect, Table, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite

from storage.migrations import upgrade
from tests.support.postgres import PostgresServer

ENGINES = ("SQLite", "PostgreSQL")
_AT_ONCE = 20_000

Row = tuple[Any, ...]


class Databases(Protocol):
    """Makes databases of one engine."""

    engine: str

    async def fresh(self) -> str:
        """The address of a new database at the newest migration."""

    async def empty(self) -> str:
        """The address of a new database without a table."""

    async def copy(self, url: str) -> str:
        """The address of a copy of a database nobody is connected to."""

    async def fill(self, url: str, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Write many rows."""

    async def settle(self, url: str) -> None:
        """Do after much writing what the engine does by itself in time."""

    async def one(self, url: str, query: str) -> Any:
        """The first value of a query."""


@dataclass(slots=True)
class SqliteDatabases:
    """Files in one folder."""

    folder: Path
    engine: str = "SQLite"

    async def fresh(self) -> str:
        url = self._new()
        await upgrade(url)
        return url

    async def empty(self) -> str:
        return self._new()

    async def copy(self, url: str) -> str:
        copied = self._new()
        shutil.copyfile(path_of(url), path_of(copied))
        return copied

    async def fill(self, url: str, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        columns, values = _columns(table), _values(table, rows, sqlite.dialect())
        marks = ", ".join("?" * len(columns))
        connection = sqlite3.connect(path_of(url))
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        with connection:
            connection.executemany(
                f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", values
            )
        connection.close()

    async def settle(self, url: str) -> None:
        connection = sqlite3.connect(path_of(url))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    async def one(self, url: str, query: str) -> Any:
        connection = sqlite3.connect(path_of(url))
        try:
            return connection.execute(query).fetchone()[0]
        finally:
            connection.close()

    def _new(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/steward-{secrets.token_hex(6)}.db"


@dataclass(slots=True)
class PostgresqlDatabases:
    """Databases on a server that waits for the disk."""

    server: PostgresServer
    engine: str = "PostgreSQL"

    async def fresh(self) -> str:
        return await asyncio.to_thread(self.server.create)

    async def empty(self) -> str:
        return await asyncio.to_thread(self.server.create, migrated=False)

    async def copy(self, url: str) -> str:
        name = f"bare_{secrets.token_hex(6)}"
        connection = await asyncpg.connect(plain(self.server.url("postgres")))
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.rpartition("/")[2]}"')
        await connection.close()
        return self.server.url(name)

    async def fill(self, url: str, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        values = _values(table, rows, postgresql.dialect())  # type: ignore[no-untyped-call]
        # Rows that fit each other need not be checked one by one.
        settings = {"session_replication_role": "replica", "synchronous_commit": "off"}
        connection = await asyncpg.connect(plain(url), server_settings=settings)
        while chunk := _some(values):
            await connection.copy_records_to_table(table.name, columns=_columns(table), records=chunk)
        await connection.close()

    async def settle(self, url: str) -> None:
        connection = await asyncpg.connect(plain(url))
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    async def one(self, url: str, query: str) -> Any:
        connection = await asyncpg.connect(plain(url))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


def path_of(url: str) -> str:
    """The file behind an address."""
    return url.partition(":///")[2]


def plain(url: str) -> str:
    """The address as asyncpg takes it."""
    return url.replace("+asyncpg", "")


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column is not table.autoincrement_column]


def _values(table: Table, rows: Iterable[dict[str, Any]], dialect: Dialect) -> Iterable[Row]:
    """Each row as the driver takes it."""
    columns = [column for column in table.columns if column is not table.autoincrement_column]
    binds = [
        (column.name, column.type if isinstance(column.type, TypeDecorator) else None) for column in columns
    ]
    for row in rows:
        yield tuple(
            kind.process_bind_param(row.get(name), dialect) if kind else row.get(name) for name, kind in binds
        )


def _some(values: Iterable[Row]) -> Sequence[Row]:
    return [row for _, row in zip(range(_AT_ONCE), values, strict=False)]
