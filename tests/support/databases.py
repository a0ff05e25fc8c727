"""Fixtures for fresh databases: every test that uses them runs on SQLite and on PostgreSQL."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.apart import run_apart
from tests.support.postgres import PostgresServer

# Fixtures of one engine alone; whoever uses one is counted for that engine.
ENGINE_OF_FIXTURE = {
    "sqlite_databases": "sqlite",
    "sqlite_url": "sqlite",
    "postgres": "postgresql",
    "postgresql_databases": "postgresql",
    "postgresql_url": "postgresql",
}


class Databases(Protocol):
    """Makes databases of one engine for one test and removes them afterwards."""

    engine: str

    def fresh(self, *, migrated: bool = True) -> str:
        """The address of a new database: at the newest migration, or empty."""
        ...


class SqliteDatabases:
    """Database files in the test's own folder, copied from one that was migrated once."""

    engine = "sqlite"

    def __init__(self, *, folder: Path, template: Path) -> None:
        self._folder = folder
        self._template = template

    def fresh(self, *, migrated: bool = True) -> str:
        """The address of a new file: a copy of the migrated one, or not there yet."""
        path = self._folder / f"steward-{secrets.token_hex(6)}.db"
        if migrated:
            shutil.copyfile(_migrated(self._template), path)
        return _sqlite_url(path)


class PostgresqlDatabases:
    """Databases on the tests' server, made from one that was migrated once."""

    engine = "postgresql"

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._made: list[str] = []

    def fresh(self, *, migrated: bool = True) -> str:
        """The address of a new database: from the migrated one, or empty."""
        self._made.append(self.server.create(migrated=migrated))
        return self._made[-1]

    def remove(self) -> None:
        """Drop what was made; a server that the test left stopped is started first."""
        self.server.start()
        while self._made:
            self.server.drop(self._made.pop())


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "template.db"


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres(_postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The tests' PostgreSQL, to stop, kill and start: it runs again for the next test.

    Each xdist worker has a server of its own, so no other test notices.
    """
    _postgres_server.start()
    yield _postgres_server
    _postgres_server.start()


@pytest.fixture
def sqlite_databases(tmp_path: Path, _sqlite_template: Path) -> SqliteDatabases:
    """Databases on SQLite alone."""
    return SqliteDatabases(folder=tmp_path, template=_sqlite_template)


@pytest.fixture
def postgresql_databases(postgres: PostgresServer) -> Iterator[PostgresqlDatabases]:
    """Databases on PostgreSQL alone."""
    databases = PostgresqlDatabases(postgres)
    yield databases
    databases.remove()


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ]
)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases on SQLite, then on PostgreSQL: `databases.fresh()` is a new address each time."""
    made: Databases = request.getfixturevalue(f"{request.param}_databases")
    return made


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The address of a fresh database at the newest migration, on SQLite, then on PostgreSQL."""
    return databases.fresh()


@pytest.fixture
def empty_database_url(databases: Databases) -> str:
    """The address of a fresh database without a table, on SQLite, then on PostgreSQL."""
    return databases.fresh(migrated=False)


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases) -> str:
    """The address of a fresh database at the newest migration, on SQLite alone."""
    return sqlite_databases.fresh()


@pytest.fixture
def postgresql_url(postgresql_databases: PostgresqlDatabases) -> str:
    """The address of a fresh database at the newest migration, on PostgreSQL alone."""
    return postgresql_databases.fresh()


def _migrated(template: Path) -> Path:
    if not template.exists():
        from storage.migrations import upgrade

        run_apart(upgrade(_sqlite_url(template)))
        # A copy takes the file alone: nothing may wait in the log beside it.
        connection = sqlite3.connect(template)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return template


def _sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"
