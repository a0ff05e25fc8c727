"""SQLite is set up to lose nothing, and a statement crosses to its thread once."""

from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.sqlite import SqliteFile
from storage.store import open_store
from tests.storage.conftest import OpenStore
from tests.storage.examples import FACILITIES, TEAM, Clock, founded, person


async def _settings(engine: AsyncEngine, *names: str) -> list[object]:
    async with engine.connect() as connection:
        return [(await connection.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]


async def test_a_commit_is_on_the_disk_and_keys_are_checked(sqlite_url: str, clock: Clock) -> None:
    store = open_store(sqlite_url, facilities=FACILITIES, clock=clock)
    writing, reading = store.engines
    names = ("journal_mode", "synchronous", "foreign_keys", "query_only")
    assert await _settings(writing, *names) == ["wal", 2, 1, 0]
    assert await _settings(reading, *names) == ["wal", 2, 1, 1]
    await store.close()


async def test_a_reader_cannot_write_even_by_its_own_statement(sqlite_url: str, opened: OpenStore) -> None:
    store = opened(sqlite_url)
    await founded(store)
    async with store.engines[1].connect() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            await connection.execute(text("DELETE FROM search_terms"))


async def test_only_what_may_wait_crosses_to_the_thread_of_its_connection(
    sqlite_url: str, opened: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(sqlite_url)
    await founded(store)
    crossings: list[object] = []
    cross: Callable[..., Any] = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, work: object, *arguments: object) -> object:
        crossings.append(work)
        return await cross(self, work, *arguments)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with store.transaction(TEAM) as tx:
        await tx.members.by_user("UOWNER")
        await tx.invitations.held()
        await tx.people.get("U1")
    assert len(crossings) == 2  # BEGIN and COMMIT
    crossings.clear()
    async with store.transaction(TEAM) as tx:
        await tx.people.save_all([person(f"U{number}", "") for number in range(100)])
    assert len(crossings) == 3  # and many rows


async def test_whoever_waited_long_for_the_writer_waits_less_for_other_programs(sqlite_url: str) -> None:
    store_file = SqliteFile(make_url(sqlite_url).database or "", {"busy_timeout": 1500})
    connection = await store_file.connect()

    async def wait_after(patience: float) -> object:
        await connection.begin(patience)
        await connection.rollback()
        (row,) = await connection.run(lambda raw: raw.execute("PRAGMA busy_timeout").fetchall(), size=0)
        return row[0]

    assert [await wait_after(seconds) for seconds in (1.5, 1.4, 0.2, 1.5)] == [1500, 1500, 200, 1500]
    await connection.close()
