"""Statements given to the drivers: compiled once, whatever they are asked with."""

from sqlalchemy import bindparam, select

from storage.driving import Prepared, Text, _compiled
from storage.engines import open_engines
from storage.session import fixed, limit
from storage.store import SqlStore
from storage.tables import members
from tests.storage.conftest import OpenStore
from tests.storage.examples import TEAM, founded, member
from tests.support.databases import Databases

ASKED = (
    select(members.c.name, members.c.joined_at)
    .where(members.c.status == fixed("active"), members.c.id.in_(bindparam("ids", expanding=True)))
    .where(members.c.email == bindparam("email"))
    .limit(limit())
)


def text_for(prepared: Prepared, **values: object) -> Text:
    return prepared.text(prepared.with_own(values))


async def test_a_text_serves_every_list_of_its_length(database_url: str) -> None:
    dialect = open_engines(database_url, durable=False).reading.dialect
    prepared = Prepared(ASKED, dialect, frozenset({"ids", "email", "limit"}))
    two = text_for(prepared, ids=["a", "b"], email="e", limit=5)
    assert text_for(prepared, ids=["c", "d"], email="f", limit=5) is two
    assert text_for(prepared, ids=["a"], email="e", limit=5) is not two
    assert text_for(prepared, ids=["a", "b"], email="e", limit=6).sql.count("6") > 0
    values = prepared.with_own({"ids": ["a", "b"], "email": "e", "limit": 5})
    assert {"a", "b", "e"} <= set(two.arguments(values))
    assert "'active'" in two.sql


async def test_rows_carry_the_names_and_the_types_of_their_columns(store: SqlStore) -> None:
    made, _ = await founded(store)
    ann = member(made.id, "Ann A")
    async with store.transaction(TEAM) as tx:
        await tx.members.add(ann)
        (row,) = await tx._session.bare(ASKED, {"ids": [ann.id, "x"], "email": ann.email, "limit": 3})
    assert (row.name, row.joined_at) == (ann.name, ann.joined_at)


async def test_what_one_engine_compiled_serves_every_other_of_its_kind(
    opened: OpenStore, databases: Databases
) -> None:
    await founded(opened(databases.fresh()))
    compiled = _compiled.cache_info().misses
    await founded(opened(databases.fresh()))
    assert _compiled.cache_info().misses == compiled
