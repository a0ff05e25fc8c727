"""The tests' own databases come fresh, survive what the tests do to them and leave nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.databases import Databases, PostgresqlDatabases
from tests.support.machine import ROOT
from tests.support.postgres import PostgresServer


async def test_every_database_is_fresh(databases: Databases) -> None:
    first, second = databases.fresh(migrated=False), databases.fresh(migrated=False)
    assert first != second
    for address in (first, second):
        engine = create_async_engine(address)
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE only_mine (a INTEGER)"))
        await engine.dispose()


async def test_a_migrated_database_has_its_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM alembic_version"))).scalar_one() == 1
    await engine.dispose()


@pytest.mark.parametrize("act", ["stop", "kill"])
async def test_what_was_committed_survives_the_server(
    act: str, postgres: PostgresServer, postgresql_databases: PostgresqlDatabases
) -> None:
    address = postgresql_databases.fresh(migrated=False).replace("+asyncpg", "")
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS a")
    getattr(postgres, act)()
    assert not postgres.running
    with pytest.raises(OSError):
        await asyncpg.connect(address)
    connection.terminate()
    postgres.start()
    again = await asyncpg.connect(address)
    assert await again.fetchval("SELECT a FROM kept") == 7
    await again.close()


async def test_a_durable_server_waits_for_the_disk() -> None:
    with PostgresServer(durable=True) as server:
        connection = await asyncpg.connect(server.create(migrated=False).replace("+asyncpg", ""))
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
        await connection.close()


@pytest.mark.postgresql
def test_a_killed_run_leaves_no_server_and_no_data() -> None:
    code = (
        "import os, signal\n"
        "from tests.support.postgres import PostgresServer\n"
        "server = PostgresServer()\n"
        "server.start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        # The server's own account works in it.
        Path(folder).chmod(0o1777)
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": folder}
        done = subprocess.run([sys.executable, "-c", code], cwd="/", env=environment, check=False)
        assert done.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 20
        while any(Path(folder).iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(Path(folder).iterdir()) == []
