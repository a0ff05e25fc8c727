"""A database that goes away is told as such, leaves nothing half-done, and is used again when it is back."""

import asyncio
import random
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.setting_values import database_url
from domain.notices import HomeStale
from domain.ports import StoreUnavailable
from storage.migrations import upgrade
from storage.revision import current
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import TEAM, founded, invitation, member
from tests.support.postgres import PostgresServer
from tests.support.standby import Pair

CUT_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def _rename(store: SqlStore, name: str) -> None:
    async with store.transaction(TEAM) as tx:
        tx.update(replace(tx.organization, name=name))


async def _name(store: SqlStore) -> str:
    async with store.reading(TEAM) as tx:
        return tx.organization.name


@pytest.mark.parametrize("act", ["stop", "kill"])
async def test_a_restart_between_changes_is_not_noticed(
    act: str, postgres: PostgresServer, postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    await founded(store)
    await asyncio.gather(*(_name(store) for _ in range(5)))
    getattr(postgres, act)()
    postgres.start()
    await _rename(store, "After")
    assert await _name(store) == "After"
    async with store.transaction(TEAM) as tx:
        await tx.outbox.add(HomeStale(user_id="U1"))
    assert len(await store.queue.claim(limit=9)) == 1


async def test_a_server_that_is_gone_is_told_and_found_again(
    postgres: PostgresServer, postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    await founded(store)
    postgres.stop()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await _rename(store, "Lost")
        with pytest.raises(StoreUnavailable):
            await _name(store)
        with pytest.raises(StoreUnavailable):
            await store.queue.claim(limit=9)
        with pytest.raises(StoreUnavailable):
            await store.team_of_token("x")
        with pytest.raises(StoreUnavailable):
            await store.check()
    postgres.start()
    await store.check()
    await _rename(store, "Back")
    assert await _name(store) == "Back"


@pytest.mark.parametrize("act", ["stop", "kill"])
async def test_a_server_that_dies_in_the_middle_leaves_nothing_half_done(
    act: str, postgres: PostgresServer, postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    made, owner = await founded(store)
    with pytest.raises(StoreUnavailable):
        async with store.transaction(TEAM) as tx:
            await tx.invitations.add_all([invitation(owner)])
            getattr(postgres, act)()
            await tx.members.add(member(made.id))
    postgres.start()
    async with store.transaction(TEAM) as tx:
        assert await tx.invitations.open_for(["new@example.com"]) == {}


async def test_a_server_that_dies_before_the_commit_leaves_nothing_half_done(
    postgres: PostgresServer, postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    _, owner = await founded(store)
    with pytest.raises(StoreUnavailable):
        async with store.transaction(TEAM) as tx:
            await tx.invitations.add_all([invitation(owner)])
            postgres.kill()
    postgres.start()
    async with store.transaction(TEAM) as tx:
        assert await tx.invitations.open_for(["new@example.com"]) == {}


async def test_a_database_that_does_not_exist_is_told(postgresql_url: str, opened: OpenStore) -> None:
    store = opened(postgresql_url + "_none")
    with pytest.raises(StoreUnavailable):
        await store.check()
    with pytest.raises(StoreUnavailable):
        await upgrade(postgresql_url + "_none")
    with pytest.raises(StoreUnavailable):
        await current(postgresql_url + "_none")


async def test_a_wrong_password_is_told(postgresql_url: str, opened: OpenStore) -> None:
    store = opened(postgresql_url.replace("steward:", "steward:wrong", 1))
    with pytest.raises(StoreUnavailable):
        await store.check()


async def test_a_connection_cut_by_an_administrator_is_replaced(
    postgresql_url: str, opened: OpenStore
) -> None:
    store, administrator = opened(postgresql_url), opened(postgresql_url)
    await founded(store)
    async with administrator.engines[0].connect() as connection:
        await connection.execute(text(CUT_OTHERS))
    await _rename(store, "Through")
    assert await _name(store) == "Through"


async def test_whoever_asks_whether_the_database_answers_gets_past_a_connection_that_was_cut(
    postgresql_url: str, opened: OpenStore
) -> None:
    store, administrator = opened(postgresql_url), opened(postgresql_url)
    await store.check()
    async with administrator.engines[0].connect() as connection:
        await connection.execute(text(CUT_OTHERS))
    await store.check()


async def test_a_standby_nobody_promoted_yet_is_told_and_used_once_it_takes_changes(
    opened: OpenStore,
) -> None:
    with Pair() as pair:
        await founded(opened(pair.primary.url(pair.database)))
        store = opened(pair.standby.url(pair.database))
        with pytest.raises(StoreUnavailable):
            await _rename(store, "Too early")
        standby_alone = pair.url.replace(f":{pair.primary.port}", f":{pair.standby.port}")
        with pytest.raises(StoreUnavailable):
            await _rename(opened(database_url(standby_alone)), "Too early")
        both = opened(database_url(pair.url))
        await _rename(both, "On the primary")
        assert await _name(both) == "On the primary"
        await asyncio.to_thread(pair.fail_over)
        await _rename(store, "In time")
        assert await _name(store) == "In time"


async def test_a_disk_without_space_is_told_and_used_again_when_there_is_some(
    sqlite_url: str, opened: OpenStore
) -> None:
    store = opened(sqlite_url)
    made, owner = await founded(store)
    path = sqlite_url.partition(":///")[2]
    with _no_space_beyond(Path(path).stat().st_size + 40_000):
        with pytest.raises(StoreUnavailable):
            async with store.transaction(TEAM) as tx:
                for number in range(2000):
                    await tx.members.add(member(made.id, f"Member {number}"))
                await tx.invitations.add_all([invitation(owner)])
        async with store.reading(TEAM) as tx:
            assert (await tx.roster.page(limit=99)).rows[1:] == ()
    await _rename(store, "Space again")
    assert await _name(store) == "Space again"
    assert _is_whole(path)


@contextmanager
def _no_space_beyond(size: int) -> Iterator[None]:
    """Let no file grow beyond `size`, as a full disk would; the signal that goes with it is ignored."""
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def _is_whole(path: str) -> bool:
    with sqlite3.connect(path) as connection:
        answer: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return answer == "ok"


async def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path, opened: OpenStore) -> None:
    store = opened(f"sqlite:///{tmp_path}/no/such/folder/steward.db")
    with pytest.raises(StoreUnavailable):
        await store.check()
    with pytest.raises(StoreUnavailable):
        await _name(store)


async def test_a_file_that_is_no_database_is_told(tmp_path: Path, opened: OpenStore) -> None:
    path = tmp_path / "steward.db"
    path.write_bytes(b"this is no database at all, whatever its name says" * 100)
    store = opened(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable):
        await _name(store)


async def test_a_database_without_its_tables_is_told_with_what_to_do(
    empty_database_url: str, opened: OpenStore
) -> None:
    store = opened(empty_database_url)
    with pytest.raises(StoreUnavailable, match="run steward db upgrade"):
        await store.check()
    await upgrade(empty_database_url)
    await store.check()


async def test_a_file_put_back_from_a_backup_is_used(sqlite_url: str, opened: OpenStore) -> None:
    path = sqlite_url.partition(":///")[2]
    first = opened(sqlite_url)
    await founded(first)
    await first.close()
    shutil.copyfile(path, path + ".backup")
    second = opened(sqlite_url)
    await _rename(second, "After the backup")
    await second.close()
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)
    shutil.copyfile(path + ".backup", path)
    assert await _name(opened(sqlite_url)) != "After the backup"


async def test_changes_cancelled_anywhere_leave_the_store_usable_and_nothing_half_done(
    store: SqlStore,
) -> None:
    made, _ = await founded(store)
    pick = random.Random(7)

    async def both(number: int) -> None:
        async with store.transaction(TEAM) as tx:
            await tx.members.add(member(made.id, f"Member {number}"))
            tx.update(replace(tx.organization, active_members=tx.organization.active_members + 1))

    for number in range(60):
        task = asyncio.create_task(both(number))
        await asyncio.sleep(pick.random() * 0.012)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await both(1000)
    async with store.reading(TEAM) as tx:
        listed = (await tx.roster.page(limit=500)).rows
        assert len(listed) == tx.organization.active_members
        assert len(listed) > 1


async def test_a_reader_that_is_cancelled_gives_its_connection_back(store: SqlStore) -> None:
    await founded(store)
    for number in range(40):
        task = asyncio.create_task(_name(store))
        await asyncio.sleep(number * 0.0002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    names = await asyncio.gather(*(_name(store) for _ in range(12)))
    assert len(set(names)) == 1


async def test_whoever_is_cancelled_at_any_step_ends_as_cancelled(store: SqlStore) -> None:
    """A background task whose cancelling is swallowed would go on, and keep `steward run` from ending."""
    await founded(store)

    async def goes_on() -> None:
        await _rename(store, "Renamed")
        await asyncio.Event().wait()

    for turns in range(40):
        task = asyncio.create_task(goes_on())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        assert done, f"cancelled after {turns} turns of the loop, it went on"
        assert task.cancelled()
