"""Changes of one organization happen one after another, across connections and processes."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import QueuePool, event, text

from domain.errors import AlreadyInvited, AlreadyMember, AlreadySetUp, AlreadyVoted, Busy, NameTaken
from domain.model import Verdict, Vote
from domain.notices import HomeStale, RoleChanged
from domain.ports import StoreUnavailable
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import (
    START,
    TEAM,
    department,
    founded,
    invitation,
    member,
    organization,
    request,
)
from tests.support.forks import fork


async def _take_seat(store: SqlStore, limit: int) -> bool:
    """What every door does: read the count under the lock, then write it."""
    async with store.transaction(TEAM) as tx:
        taken = tx.organization.active_members
        await asyncio.sleep(0)
        if taken >= limit:
            return False
        tx.update(replace(tx.organization, active_members=taken + 1))
        return True


async def test_eight_who_want_the_last_seat_find_one(database_url: str, opened: OpenStore) -> None:
    stores = [opened(database_url) for _ in range(4)]
    await founded(stores[0])
    answers = await asyncio.gather(*(_take_seat(stores[number % 4], 2) for number in range(8)))
    assert sum(answers) == 1
    async with stores[0].reading(TEAM) as tx:
        assert tx.organization.active_members == 2


async def test_no_change_is_lost_between_processes(database_url: str, opened: OpenStore) -> None:
    store = opened(database_url)
    await founded(store)
    takers = [await fork("tests.storage.taker", database_url, "25", env={}) for _ in range(3)]
    said = await asyncio.gather(*(taker.communicate() for taker in takers))
    assert [taker.returncode for taker in takers] == [0, 0, 0], said
    async with store.reading(TEAM) as tx:
        assert tx.organization.active_members == 1 + 3 * 25


async def test_of_two_set_ups_at_once_one_wins(database_url: str, opened: OpenStore) -> None:
    stores = [opened(database_url), opened(database_url)]

    async def set_up(store: SqlStore) -> bool:
        try:
            async with store.transaction(TEAM) as tx:
                if tx.is_set_up:
                    return False
                await asyncio.sleep(0.02)
                await tx.found(organization())
                return True
        except AlreadySetUp:
            return False

    assert sorted(await asyncio.gather(*map(set_up, stores))) == [False, True]


async def test_a_delivery_that_comes_twice_at_once_is_first_once(
    database_url: str, opened: OpenStore
) -> None:
    stores = [opened(database_url), opened(database_url)]

    async def first(store: SqlStore) -> bool:
        async with store.transaction(TEAM) as tx:
            return await tx.first_time("the same")

    assert sorted(await asyncio.gather(*map(first, stores))) == [False, True]


async def test_who_does_not_get_the_lock_in_time_is_told_that_nothing_was_done(
    database_url: str, opened: OpenStore
) -> None:
    holder, waiter = opened(database_url), opened(database_url)
    await founded(holder)
    async with holder.transaction(TEAM) as tx:
        for store in (waiter, holder):
            begun = time.monotonic()
            with pytest.raises(Busy) as refused:
                async with store.transaction(TEAM):
                    pytest.fail("the lock is held")
            assert 1.2 < time.monotonic() - begun < 2.4
            assert refused.value.fact == "Nothing was done."
        tx.update(replace(tx.organization, name="Held"))
    async with waiter.transaction(TEAM) as tx:
        assert tx.organization.name == "Held"


async def test_readers_and_the_worker_do_not_wait_for_a_change(database_url: str, opened: OpenStore) -> None:
    holder, other = opened(database_url), opened(database_url)
    _, owner = await founded(holder)
    async with holder.transaction(TEAM) as tx:
        await tx.members.save(replace(owner, name="Renamed"))
        begun = time.monotonic()
        for store in (holder, other):
            async with store.reading(TEAM) as reader:
                read = await reader.members.get(owner.id)
                assert read == owner
            assert await store.team_of_token("none") is None
            assert await store.queue.next_due() is None
        assert time.monotonic() - begun < 0.5


async def test_a_reader_that_stays_does_not_hold_a_change_up(store: SqlStore) -> None:
    _, owner = await founded(store)
    async with store.reading(TEAM):
        begun = time.monotonic()
        async with store.transaction(TEAM) as tx:
            await tx.members.save(replace(owner, name="Renamed"))
        assert time.monotonic() - begun < 0.5


async def test_organizations_do_not_wait_for_each_other_on_postgresql(
    postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    await founded(store)
    await founded(store, "T2")
    async with store.transaction(TEAM) as tx, store.transaction("T2") as other:
        tx.update(replace(tx.organization, name="One"))
        other.update(replace(other.organization, name="Two"))
    async with store.reading(TEAM) as tx:
        assert tx.organization.name == "One"


async def test_another_program_that_holds_the_file_makes_steward_busy_not_broken(
    sqlite_url: str, opened: OpenStore
) -> None:
    store = opened(sqlite_url)
    await founded(store)
    holder = sqlite3.connect(sqlite_url.partition(":///")[2], isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(Busy):
        async with store.transaction(TEAM):
            pytest.fail("the file is held")
    assert time.monotonic() - begun < 2.4
    async with store.reading(TEAM) as tx:
        assert tx.is_set_up
    holder.execute("ROLLBACK")
    holder.close()
    async with store.transaction(TEAM) as tx:
        assert tx.is_set_up


async def test_fifty_at_once_all_get_through(store: SqlStore) -> None:
    await founded(store)
    assert all(await asyncio.gather(*(_take_seat(store, 99) for _ in range(50))))
    async with store.reading(TEAM) as tx:
        assert tx.organization.active_members == 51


async def test_what_the_database_keeps_unique_is_refused_in_words(store: SqlStore) -> None:
    made, owner = await founded(store)
    asked = request(owner, owner)
    vote = Vote(request_id=asked.id, step=0, voter_id=owner.id, verdict=Verdict.APPROVE, at=START)
    sales = department(made.id, "Sales")
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([invitation(owner)])
        await tx.requests.add(asked)
        await tx.requests.add_vote(vote)
        await tx.departments.add(sales)
    with pytest.raises(AlreadyVoted):
        async with store.transaction(TEAM) as tx:
            await tx.requests.add_vote(replace(vote, verdict=Verdict.DECLINE))
    with pytest.raises(AlreadyInvited):
        async with store.transaction(TEAM) as tx:
            await tx.invitations.add_all([invitation(owner, "NEW@example.com")])
    with pytest.raises(AlreadyMember):
        async with store.transaction(TEAM) as tx:
            await tx.members.add(member(made.id, "Olivia Owner"))
    with pytest.raises(AlreadyMember):
        async with store.transaction(TEAM) as tx:
            await tx.members.add(member(made.id, "Somebody", slack_user_id="UOWNER"))
    with pytest.raises(NameTaken):
        async with store.transaction(TEAM) as tx:
            await tx.departments.add(department(made.id, "SALES"))
    with pytest.raises(AlreadySetUp):
        async with store.transaction(TEAM) as tx:
            await tx.found(organization())
    async with store.transaction(TEAM) as tx:
        await tx.departments.save(replace(sales, retired_at=START))
        await tx.departments.add(department(made.id, "Sales"))


@pytest.mark.parametrize("breaks", ["same_id", "no_department", "below_zero", "over_the_limit"])
async def test_a_broken_rule_that_means_a_bug_is_not_made_a_refusal(store: SqlStore, breaks: str) -> None:
    made, owner = await founded(store)
    with pytest.raises(Exception, match=r"(?i)constraint"):
        async with store.transaction(TEAM) as tx:
            match breaks:
                case "same_id":
                    await tx.members.add(replace(member(made.id, "Other"), id=owner.id))
                case "no_department":
                    await tx.members.add(member(made.id, "Other", departments=("none",)))
                case "below_zero":
                    tx.update(replace(tx.organization, active_members=-1))
                case _:
                    tx.update(replace(tx.organization, seat_limit=1, active_members=2))


async def test_two_workers_never_hold_the_same_row(database_url: str, opened: OpenStore) -> None:
    stores = [opened(database_url), opened(database_url)]
    await founded(stores[0])
    async with stores[0].transaction(TEAM) as tx:
        for number in range(200):
            await tx.outbox.add(HomeStale(user_id=f"U{number}"))

    async def drain(store: SqlStore) -> list[str]:
        got: list[str] = []
        while parcels := await store.queue.claim(limit=7):
            got += [parcel.notice.key for parcel in parcels]
            await asyncio.gather(*(store.queue.finish(parcel) for parcel in parcels))
        return got

    first, second = await asyncio.gather(*map(drain, stores))
    assert len(first) + len(second) == 200
    assert set(first) | set(second) == {f"home_stale:U{number}" for number in range(200)}
    assert first
    assert second


async def test_lanes_stay_in_order_with_several_workers_that_fail_now_and_then(
    database_url: str, opened: OpenStore
) -> None:
    stores = [opened(database_url) for _ in range(3)]
    lanes = [f"member:{name}" for name in "abcd"]
    async with stores[0].transaction(TEAM) as tx:
        for version in range(15):
            for to in lanes:
                await tx.outbox.add(RoleChanged(member_id=to, role="admin", version=version, to=to))
    done: dict[str, list[int]] = {to: [] for to in lanes}
    pick = random.Random(3)

    async def work(store: SqlStore) -> None:
        while any(len(versions) < 15 for versions in done.values()):
            for parcel in await store.queue.claim(limit=3):
                await asyncio.sleep(pick.random() * 0.002)
                assert isinstance(parcel.notice, RoleChanged)
                if pick.random() < 0.2:
                    assert await store.queue.retry(parcel, after=0, error="again")
                else:
                    done[parcel.notice.to].append(parcel.notice.version)
                    assert await store.queue.finish(parcel)

    async with asyncio.timeout(60):
        await asyncio.gather(*map(work, stores))
    assert done == {to: list(range(15)) for to in lanes}


async def test_a_row_another_worker_is_claiming_is_stepped_over_on_postgresql(
    postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    async with store.transaction(TEAM) as tx:
        await tx.outbox.add(HomeStale(user_id="U1"))
        await tx.outbox.add(HomeStale(user_id="U2"))
    async with store.engines[0].begin() as connection:
        await connection.execute(text("SELECT id FROM outbox WHERE key = 'home_stale:U1' FOR UPDATE"))
        begun = time.monotonic()
        (parcel,) = await store.queue.claim(limit=9)
        assert parcel.notice == HomeStale(user_id="U2")
        assert time.monotonic() - begun < 0.5


def _never_tires(store: SqlStore) -> None:
    """Let the server wait for a lock as often and as long as it takes, as it does where waits add up."""

    def allow(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = 0")
        cursor.close()
        connection.commit()

    for engine in store.engines:
        event.listen(engine.sync_engine, "connect", allow)


async def _told(store: SqlStore) -> None:
    with pytest.raises(Busy) as refused:
        async with store.transaction(TEAM):
            pytest.fail("the lock is held")
    assert refused.value.fact == "Nothing was done."


async def test_patience_ends_once_however_many_waits_the_server_counts(
    postgresql_url: str, opened: OpenStore
) -> None:
    holder, waiter = opened(postgresql_url), opened(postgresql_url)
    _never_tires(waiter)
    await founded(holder)
    async with holder.transaction(TEAM) as tx:
        await asyncio.gather(*(_told(waiter) for _ in range(5)))
        tx.update(replace(tx.organization, name="Held"))
    async with waiter.transaction(TEAM) as tx:
        assert tx.organization.name == "Held"
    await _until_waiting(holder, 0)


async def _until_waiting(store: SqlStore, count: int) -> None:
    """Wait until so many statements of the database wait for a lock."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(30), store.engines[0].connect() as connection:
        while (await connection.execute(asked)).scalar_one() != count:
            await connection.rollback()
            await asyncio.sleep(0.02)


async def test_a_wait_for_a_connection_and_one_for_the_lock_share_the_same_patience(
    postgresql_url: str, opened: OpenStore
) -> None:
    holder, waiter = opened(postgresql_url), opened(postgresql_url)
    _never_tires(waiter)
    await founded(holder)
    ended: list[str] = []

    async def tell(name: str) -> None:
        await _told(waiter)
        ended.append(name)

    async with holder.transaction(TEAM), AsyncExitStack() as taken:
        for number in range(cast(QueuePool, waiter.engines[0].pool).size()):
            one = await taken.enter_async_context(AsyncExitStack())
            await one.enter_async_context(waiter.transaction(f"OTHER{number}"))
        early = asyncio.create_task(tell("waited for a connection first"))
        await asyncio.sleep(1.0)
        await taken.aclose()
        await asyncio.gather(early, tell("came when connections were free"))
    assert ended == ["waited for a connection first", "came when connections were free"]


async def test_a_server_that_hangs_is_told_as_one_that_does_not_answer(
    postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    await founded(store)
    async with store.engines[0].connect() as connection:
        pid = int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match="does not answer"):
            async with store.transaction(TEAM):
                pytest.fail("the server hangs")
    finally:
        os.kill(pid, signal.SIGCONT)
    async with store.transaction(TEAM) as tx:
        tx.update(replace(tx.organization, name="Back"))


async def test_whoever_is_cancelled_while_waiting_for_the_lock_leaves_no_statement_behind(
    postgresql_url: str, opened: OpenStore
) -> None:
    holder, waiter = opened(postgresql_url), opened(postgresql_url)
    _never_tires(waiter)
    await founded(holder)
    async with holder.transaction(TEAM):
        tasks = [asyncio.create_task(_told(waiter)) for _ in range(4)]
        await _until_waiting(holder, 4)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        await _until_waiting(holder, 0)
    async with waiter.transaction(TEAM) as tx:
        assert tx.is_set_up
