"""The schema's history: brings a database to the newest revision."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from storage.engines import address
from storage.failures import in_our_words
from storage.sqlite import SqliteFile

# Any number will do, so long as nobody else in the database uses it.
_ADVISORY_LOCK = 7_283_662_741
_WAIT_MILLISECONDS = 60_000


async def upgrade(url: str) -> None:
    """Bring the database to the newest revision; several processes may call it at once.

    Raises:
        StoreUnavailable: the database cannot be reached or written.
    """
    with in_our_words():
        async with _locked(url) as connection:
            await connection.run_sync(_upgrade)


def config() -> Config:
    """Return Alembic's configuration, which finds the revisions wherever the package is installed."""
    made = Config()
    made.set_main_option("script_location", "storage:migrations")
    made.set_main_option("path_separator", "os")
    return made


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[AsyncConnection]:
    """One transaction that nobody else can migrate beside."""
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        # Tables are copied while they change, so foreign keys are checked at the end instead.
        pragmas: dict[str, str | int] = {
            "busy_timeout": _WAIT_MILLISECONDS,
            "journal_mode": "WAL",
            "foreign_keys": "OFF",
        }
        file = SqliteFile(parsed.database or "", pragmas)
        engine = create_async_engine(parsed, poolclass=NullPool, async_creator=file.connect)
        lock = "BEGIN IMMEDIATE"
    else:
        engine = create_async_engine(parsed, poolclass=NullPool)
        lock = f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(lock)
            yield connection
            if connection.dialect.name == "sqlite":
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if broken:
                    raise RuntimeError(f"the migration left rows without their parent: {broken[:5]}")
    finally:
        await engine.dispose()
