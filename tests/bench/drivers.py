"""The bare drivers, set up to be as durable as Steward is: aiosqlite with one writer, asyncpg with a pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiosqlite
import asyncpg

from tests.bench.bare import Written
from tests.bench.databases import path_of, plain

MOST_CLIENTS = 32


class Driver(Protocol):
    """Writes statements in one transaction."""

    async def write(self, written: Written) -> None:
        """Write the rows once more and wait until they are on the disk."""


@dataclass(slots=True)
class Aiosqlite:
    """One connection, since SQLite has one writer."""

    connection: aiosqlite.Connection
    turn: asyncio.Lock

    async def write(self, written: Written) -> None:
        statements = written.again()
        async with self.turn:
            await self.connection.execute("BEGIN IMMEDIATE")
            for sql, rows in statements:
                await self.connection.executemany(sql, rows)
            await self.connection.commit()


@dataclass(slots=True)
class Asyncpg:
    """A pool with a connection for every client."""

    pool: asyncpg.Pool

    async def write(self, written: Written) -> None:
        statements = written.again()
        async with self.pool.acquire() as connection, connection.transaction():
            for sql, rows in statements:
                if len(rows) == 1:
                    await connection.execute(sql, *rows[0])
                else:
                    await connection.executemany(sql, rows)


@asynccontextmanager
async def driver(url: str) -> AsyncIterator[Driver]:
    """Open the bare driver of a database."""
    if url.startswith("sqlite"):
        async with aiosqlite.connect(path_of(url), isolation_level=None) as connection:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                await connection.execute(f"PRAGMA {pragma}")
            yield Aiosqlite(connection, asyncio.Lock())
    else:
        settings = {"synchronous_commit": "on"}
        async with asyncpg.create_pool(
            plain(url), min_size=1, max_size=MOST_CLIENTS, server_settings=settings
        ) as pool:
            yield Asyncpg(pool)
