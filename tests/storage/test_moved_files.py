"""A database file moved, deleted or replaced under a running Steward: no change is lost, and it goes on."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from domain.ports import StoreUnavailable
from storage.migrations import upgrade
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import TEAM, founded


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.partition(":///")[2])


@pytest.fixture
async def store(sqlite_url: str, opened: OpenStore) -> SqlStore:
    """In use: the writer and several readers are open."""
    store = opened(sqlite_url)
    await founded(store)
    await asyncio.gather(*(_name(store) for _ in range(4)))
    return store


async def _rename(store: SqlStore, name: str) -> None:
    async with store.transaction(TEAM) as tx:
        tx.update(replace(tx.organization, name=name))


async def _name(store: SqlStore) -> str:
    async with store.reading(TEAM) as tx:
        return tx.organization.name


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _alone(path: Path) -> str:
    """What another program reads of the file, whole."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (name,) = connection.execute("SELECT name FROM organizations").fetchone()
    connection.close()
    return str(name)


def _copy(path: Path, to: Path) -> None:
    """A backup as SQLite makes it."""
    source, target = sqlite3.connect(path), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()


def _move(path: Path) -> None:
    path.rename(path.with_suffix(".away"))


def _move_all(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        _with(path, suffix).rename(_with(path.with_suffix(".away"), suffix))


@pytest.mark.parametrize("away", [_move, _move_all, Path.unlink])
async def test_while_the_file_is_not_at_its_path_nothing_is_said_to_be_done(
    store: SqlStore, path: Path, away: Callable[[Path], None]
) -> None:
    await _rename(store, "Kept")
    away(path)
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match=r"moved|not there"):
            await _rename(store, "Lost")
        with pytest.raises(StoreUnavailable, match=r"steward.*\.db is not there\. Put it back"):
            await _name(store)
        with pytest.raises(StoreUnavailable):
            await store.queue.claim(limit=1)
        with pytest.raises(StoreUnavailable, match="not there"):
            await store.check()
    assert not path.exists()


@pytest.mark.parametrize("away", [_move, _move_all])
async def test_what_was_done_before_is_in_the_file_wherever_it_was_moved(
    store: SqlStore, path: Path, away: Callable[[Path], None]
) -> None:
    await _rename(store, "Kept")
    away(path)
    with pytest.raises(StoreUnavailable):
        await _rename(store, "Lost")
    assert _alone(path.with_suffix(".away")) == "Kept"


async def test_a_file_that_is_put_back_is_used_again(store: SqlStore, path: Path) -> None:
    await _rename(store, "Kept")
    _move_all(path)
    with pytest.raises(StoreUnavailable):
        await _rename(store, "Lost")
    for suffix in ("", "-wal", "-shm"):
        if _with(path.with_suffix(".away"), suffix).exists():
            _with(path.with_suffix(".away"), suffix).rename(_with(path, suffix))
    assert await _name(store) == "Kept"
    await _rename(store, "Afterwards")
    await store.check()
    assert await _name(store) == _alone(path) == "Afterwards"


@pytest.mark.parametrize("seen_gone", [True, False])
@pytest.mark.parametrize("left", [(), ("-wal", "-shm")], ids=["whole", "log left behind"])
async def test_a_backup_put_in_its_place_is_used_as_it_is(
    store: SqlStore, path: Path, seen_gone: bool, left: tuple[str, ...]
) -> None:
    await _rename(store, "In the backup")
    backup = path.with_suffix(".backup")
    _copy(path, backup)
    for number in range(20):
        await _rename(store, f"After it {number}")
    for suffix in {"", "-wal", "-shm"} - set(left):
        _with(path, suffix).unlink()
    if seen_gone:
        with pytest.raises(StoreUnavailable):
            await _name(store)
    backup.rename(path)
    assert await _name(store) == "In the backup"
    for number in range(20):
        await _rename(store, f"Afterwards {number}")
    await asyncio.gather(*(_name(store) for _ in range(8)))
    await store.close()
    assert _alone(path) == "Afterwards 19"


async def test_a_file_replaced_in_the_middle_of_a_change_does_not_swallow_it(
    store: SqlStore, path: Path
) -> None:
    backup = path.with_suffix(".backup")
    _copy(path, backup)
    before = await _name(store)
    with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"):
        async with store.transaction(TEAM) as tx:
            tx.update(replace(tx.organization, name="Lost"))
            backup.replace(path)
    assert await _name(store) == before
    await _rename(store, "Afterwards")
    assert _alone(path) == "Afterwards"


@pytest.mark.parametrize("gone", [("-wal",), ("-shm",), ("-wal", "-shm")], ids=" and ".join)
async def test_a_log_or_index_that_is_deleted_costs_no_change(
    store: SqlStore, path: Path, gone: tuple[str, ...]
) -> None:
    for number in range(20):
        await _rename(store, f"Before {number}")
    for suffix in gone:
        _with(path, suffix).unlink()
    assert await _name(store) == "Before 19"
    await _rename(store, "Afterwards")
    assert await _name(store) == _alone(path) == "Afterwards"


async def test_people_at_work_while_the_file_is_exchanged_lose_nothing_that_was_said_to_be_done(
    store: SqlStore, path: Path
) -> None:
    done = 0
    for turn in range(6):
        acts = [asyncio.create_task(_seat(store)) for _ in range(8)]
        acts += [asyncio.create_task(_name_if_there(store)) for _ in range(8)]
        await asyncio.sleep(0.002 * turn)
        _move(path)
        await asyncio.sleep(0.002)
        path.with_suffix(".away").rename(path)
        done += sum(await asyncio.gather(*acts))
    async with store.reading(TEAM) as tx:
        assert tx.organization.active_members == 1 + done
    await store.close()
    assert _alone(path)


async def _seat(store: SqlStore) -> bool:
    try:
        async with store.transaction(TEAM) as tx:
            tx.update(replace(tx.organization, active_members=tx.organization.active_members + 1))
    except StoreUnavailable:
        return False
    return True


async def _name_if_there(store: SqlStore) -> bool:
    with suppress(StoreUnavailable):
        await _name(store)
    return False


async def test_a_database_of_another_version_in_its_place_is_told_with_what_to_do(
    store: SqlStore, path: Path, sqlite_url: str
) -> None:
    _move_all(path)
    path.touch()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="run steward db upgrade"):
            await _rename(store, "Lost")
    await upgrade(sqlite_url)
    async with store.reading(TEAM) as tx:
        assert not tx.is_set_up


async def test_a_file_in_its_place_that_is_no_database_is_told(store: SqlStore, path: Path) -> None:
    _move_all(path)
    path.write_bytes(b"this is no database at all, whatever its name says" * 100)
    with pytest.raises(StoreUnavailable):
        await _rename(store, "Lost")
    shutil.copyfile(path.with_suffix(".away"), path)
    await _rename(store, "Afterwards")


async def test_a_store_does_not_make_a_file_that_is_not_there(tmp_path: Path, opened: OpenStore) -> None:
    store = opened(f"sqlite:///{tmp_path}/steward.db")
    with pytest.raises(StoreUnavailable, match="run steward db upgrade"):
        await store.check()
    assert list(tmp_path.iterdir()) == []
