"""At which revision of its schema a database stands, told without the weight of Alembic."""

from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.ports import StoreUnavailable
from storage.engines import address
from storage.failures import in_our_words

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


@cache
def head() -> str:
    """Return the newest revision: their files are numbered."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


async def current(url: str) -> str | None:
    """Return the revision the database is at, None when it has no schema of Steward.

    Raises:
        StoreUnavailable: the database cannot be reached.
    """
    parsed = address(url)
    if _is_missing(parsed):
        return None
    engine = create_async_engine(parsed, poolclass=NullPool)
    try:
        with in_our_words():
            async with engine.connect() as connection:
                return await connection.run_sync(revision_of)
    finally:
        await engine.dispose()


def _is_missing(parsed: URL) -> bool:
    """Whether it is a file that connecting would only create."""
    return parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists()


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the database behind an open connection, None where it has no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def must_be_newest(revision: str | None) -> None:
    """Stop whoever would work with the schema of another version of Steward.

    Raises:
        StoreUnavailable: `revision` is not the newest; says what to do.
    """
    if revision != head():
        found = f"at revision {revision}" if revision else "empty"
        raise StoreUnavailable(f"The database is {found}, not at {head()}: run steward db upgrade.")
