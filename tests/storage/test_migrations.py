"""The migrations lead to the tables the code knows, from anywhere, for several processes at once."""

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, Table, Text, insert, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from domain.model import Approvers, Kind, Rule, Step
from storage.column_types import Utc
from storage.engines import address
from storage.migrations import config, upgrade
from storage.revision import current, head
from storage.store import open_store
from storage.tables import metadata
from tests.support.forks import fork
from tests.support.office import START, facilities

OF_POLICIES = {
    "organization_id": Text,
    "version": Integer,
    "rules": Text,
    "admin_roles_direct": Boolean,
    "changed_by": Text,
    "changed_at": Utc,
}
OF_TEAMS = {
    **dict.fromkeys(("id", "team_id", "name", "preset", "plan", "allowed_domains", "rules"), Text),
    **dict.fromkeys(("invoice_email", "audit_head"), Text),
    **dict.fromkeys(
        ("active_members", "reserved_seats", "policy_version", "audit_count", "version"), Integer
    ),
    **dict.fromkeys(("pending_holds_seat", "admin_roles_direct"), Boolean),
    "created_at": Utc,
}
RULED = (
    '[{"kind":"admin_role","role":"","people":1,"department":"","steps":[{"approvers":"role","needed":1,'
    '"role":"admin","people":[]}],"deadlines":{"remind":24,"escalate":48,"expire":168},"pinged":[]}]'
)
"""A rule that said something else than the switch, and held."""


async def test_an_empty_database_is_brought_to_the_newest_revision(empty_database_url: str) -> None:
    assert await current(empty_database_url) is None
    await upgrade(empty_database_url)
    assert await current(empty_database_url) == head()
    await upgrade(empty_database_url)
    assert await current(empty_database_url) == head()


async def test_several_processes_may_upgrade_at_once(empty_database_url: str) -> None:
    env = {"STEWARD_DATABASE_URL": empty_database_url}
    upgrades = [await fork("bot", "db", "upgrade", env=env) for _ in range(3)]
    said = await asyncio.gather(*(process.communicate() for process in upgrades))
    assert [process.returncode for process in upgrades] == [0, 0, 0], said
    assert await current(empty_database_url) == head()


async def test_the_migrated_tables_are_those_the_code_knows(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    def partial_indexes(connection: Connection) -> set[str]:
        found = inspect(connection)
        return {
            str(index["name"])
            for table in metadata.tables
            for index in found.get_indexes(table)
            if index.get("dialect_options", {}).get(f"{connection.dialect.name}_where") is not None
        }

    engine = create_async_engine(address(database_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        partial = await connection.run_sync(partial_indexes)
    await engine.dispose()
    assert partial == {
        str(index.name)
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }


async def test_every_key_and_every_foreign_key_holds_the_tenant() -> None:
    tenants = {"organization_id", "team_id"}
    for table in metadata.tables.values():
        if table.name in ("organizations", "outbox", "installation_states"):
            continue
        assert tenants & {column.name for column in table.primary_key}, table.name
        for key in table.foreign_key_constraints:
            assert tenants & {column.name for column in key.columns}, (table.name, key.name)


def _down_and_up(connection: Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.downgrade(made, "base")
    command.upgrade(made, "head")


async def test_a_schema_can_be_taken_down_and_brought_up_again(database_url: str) -> None:
    engine = create_async_engine(address(database_url))
    async with engine.begin() as connection:
        await connection.run_sync(_down_and_up)
    await engine.dispose()
    assert await current(database_url) == head()


def _at_the_switch(connection: Connection) -> None:
    """Write two teams as they were kept while a switch said whether admin roles need the owner's approval."""
    made = config()
    made.attributes["connection"] = connection
    command.downgrade(made, "0005")
    columns = {
        "team_id": "T", "name": "Acme", "preset": "portal", "plan": "standard", "active_members": 1,
        "reserved_seats": 0, "pending_holds_seat": True, "allowed_domains": "[]", "invoice_email": "",
        "policy_version": 2, "audit_count": 0, "audit_head": "", "created_at": START, "version": 1,
    }  # fmt: skip
    teams = Table("organizations", MetaData(), *(Column(name, kind) for name, kind in OF_TEAMS.items()))
    versions = Table("policies", MetaData(), *(Column(name, kind) for name, kind in OF_POLICIES.items()))
    for name, direct, rules in (("direct", True, "[]"), ("asks", False, "[]"), ("ruled", True, RULED)):
        values = {"id": name, "team_id": name, "admin_roles_direct": direct, "rules": rules}
        connection.execute(insert(teams).values(columns | values))
        kept = {"organization_id": name, "version": 2, "admin_roles_direct": direct, "rules": rules}
        connection.execute(insert(versions).values(kept | {"changed_by": "", "changed_at": START}))
    command.upgrade(made, "head")


async def test_the_switch_of_admin_roles_becomes_a_rule_in_every_kept_version(database_url: str) -> None:
    engine = create_async_engine(address(database_url))
    async with engine.begin() as connection:
        await connection.run_sync(_at_the_switch)
    await engine.dispose()
    store = open_store(database_url, facilities=facilities(), clock=lambda: START)
    own = Rule(kind=Kind.ADMIN_ROLE, steps=(Step(approvers=Approvers.ROLE, role="admin"),))
    expected = {"direct": (Rule(kind=Kind.ADMIN_ROLE),), "asks": (), "ruled": (own,)}
    for name, rules in expected.items():
        async with store.reading(name) as tx:
            version = await tx.policies.get(2)
            assert (tx.organization.rules, version and version.rules) == (rules, rules)
    await store.close()


async def test_upgrading_says_nothing_in_the_log(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await upgrade(empty_database_url)
    assert [record for record in caplog.records if record.name.startswith("alembic")] == []


async def test_asking_for_the_revision_creates_no_file(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert await current(f"sqlite:///{path}") is None
    assert not path.exists()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "steward.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE votes (mine TEXT)")
    connection.commit()
    with pytest.raises(Exception, match="votes"):
        await upgrade(f"sqlite:///{path}")
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert tables == [("votes",)]


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///steward.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////var/lib/steward.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql+asyncpg://u:p@h:5/d", "postgresql+asyncpg"),
        ("postgres://u:p@h/d?sslmode=require", "postgresql+asyncpg"),
    ],
)
def test_an_address_gets_its_driver(given: str, driver: str) -> None:
    parsed = address(given)
    assert parsed.drivername == driver
    assert "sslmode" not in parsed.query


@pytest.mark.parametrize("given", ["mysql://h/d", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_another_kind_is_refused_in_words(given: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        address(given)
