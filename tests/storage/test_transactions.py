"""A transaction stands whole or not at all, and what is nested in it can be taken back alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.audit import Event, record
from domain.errors import NoSeatLeft
from domain.model import CLOCK, MemberStatus
from domain.notices import AuditPosted, HomeStale, InvitationExpires
from domain.ports import Transaction
from storage.session import Stale
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import START, TEAM, Clock, department, founded, invitation, member, request


async def _everything(tx: Transaction, name: str) -> None:
    """Write to every table a change may touch."""
    made = department(tx.organization.id, f"Department {name}")
    ann = member(tx.organization.id, name, departments=(made.id,))
    await tx.departments.add(made)
    await tx.members.add(ann)
    await tx.invitations.add_all([invitation(ann, f"{name}@new.example")])
    await tx.requests.add(request(ann, ann))
    await record(tx, Event(tag="x.y", subject="s", personal={"a": "b"}), actor=CLOCK)
    await tx.outbox.add(HomeStale(user_id=name))
    await tx.first_time(f"delivery {name}")
    tx.update(replace(tx.organization, name=name))


async def _seen(store: SqlStore, name: str) -> list[bool]:
    """Which of what `_everything` writes is there."""
    async with store.reading(TEAM) as tx:
        return [
            f"Department {name}" in [one.name for one in await tx.departments.all()],
            bool(await tx.members.search(name, limit=5)),
            bool(await tx.invitations.open_for([f"{name}@new.example"])),
            any(one.id for one in await tx.requests.open(limit=99)),
            bool(await tx.audit.entries()),
            bool(await tx.audit.values(first=1, last=1)),
            tx.organization.name == name,
            (await store.queue.depth())["due"] > 0,
        ]


async def test_a_refusal_takes_everything_back(store: SqlStore) -> None:
    await founded(store)
    with pytest.raises(NoSeatLeft):
        async with store.transaction(TEAM) as tx:
            await _everything(tx, "Ann")
            raise NoSeatLeft("Every member needs a seat.")
    assert not any(await _seen(store, "Ann"))
    async with store.transaction(TEAM) as tx:
        assert await tx.first_time("delivery Ann")


async def test_leaving_without_an_error_keeps_everything(store: SqlStore) -> None:
    await founded(store)
    async with store.transaction(TEAM) as tx:
        await _everything(tx, "Ann")
    assert all(await _seen(store, "Ann"))
    async with store.transaction(TEAM) as tx:
        assert not await tx.first_time("delivery Ann")


async def test_a_savepoint_takes_back_what_was_done_inside_it_alone(store: SqlStore) -> None:
    await founded(store)
    async with store.transaction(TEAM) as tx:
        await tx.outbox.add(HomeStale(user_id="kept"))
        await record(tx, Event(tag="kept.before", subject="s"), actor=CLOCK)
        before = tx.organization
        with pytest.raises(NoSeatLeft):
            async with tx.savepoint():
                await _everything(tx, "Ann")
                await tx.audit.entries()
                raise NoSeatLeft("Every member needs a seat.")
        assert tx.organization == before
        assert await tx.members.search("ann", limit=5) == ()
        assert await tx.members.by_email("Ann@example.com") is None
        assert await tx.invitations.open_for(["Ann@new.example"]) == {}
        assert await tx.requests.open(limit=9) == ()
        await record(tx, Event(tag="kept.after", subject="s"), actor=CLOCK)
    async with store.reading(TEAM) as tx:
        assert [entry.tag for entry in await tx.audit.entries()] == ["kept.before", "kept.after"]
    sent = [parcel.notice for parcel in await store.queue.claim(limit=9)]
    assert sent == [HomeStale(user_id="kept"), AuditPosted(first=1, last=1, channel="C2")]


async def test_a_savepoint_left_in_peace_stays(store: SqlStore) -> None:
    await founded(store)
    async with store.transaction(TEAM) as tx, tx.savepoint():
        await _everything(tx, "Ann")
        with pytest.raises(NoSeatLeft):
            async with tx.savepoint():
                await _everything(tx, "Ben")
                raise NoSeatLeft("Every member needs a seat.")
    assert all(await _seen(store, "Ann"))
    async with store.reading(TEAM) as tx:
        assert await tx.members.search("ben", limit=5) == ()


async def test_what_was_read_before_a_savepoint_is_read_anew_after_it(store: SqlStore) -> None:
    _, owner = await founded(store)
    async with store.transaction(TEAM) as tx:
        await tx.members.get(owner.id)
        with pytest.raises(NoSeatLeft):
            async with tx.savepoint():
                await tx.members.save(replace(owner, role="admin"))
                raise NoSeatLeft("Every member needs a seat.")
        assert await tx.members.get(owner.id) == owner


async def test_the_organization_is_written_once_however_often_it_changed(
    store: SqlStore, statements: list[str]
) -> None:
    await founded(store)
    statements.clear()
    async with store.transaction(TEAM) as tx:
        for number in range(5):
            tx.update(replace(tx.organization, seat_limit=number + 10))
    assert sum(statement.startswith("UPDATE organizations") for statement in statements) == 1
    async with store.reading(TEAM) as tx:
        assert tx.organization.seat_limit == 14
        assert tx.organization.version == 3


async def test_a_transaction_that_changes_nothing_writes_nothing(
    store: SqlStore, statements: list[str]
) -> None:
    await founded(store)
    statements.clear()
    async with store.transaction(TEAM):
        pass
    assert [statement for statement in statements if not statement.startswith(("BEGIN", "SELECT"))] == []


async def test_a_value_read_before_another_change_is_not_written_over_it(store: SqlStore) -> None:
    made, owner = await founded(store)
    sent = invitation(owner)
    sales, asked = department(made.id, "Sales"), request(owner)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([sent])
        await tx.departments.add(sales)
        await tx.requests.add(asked)
    async with store.transaction(TEAM) as tx:
        await tx.members.save(replace(owner, name="First"))
        await tx.invitations.save(replace(sent, name="First"))
        await tx.departments.save(replace(sales, name="First"))
        await tx.requests.save(replace(asked, reason="First"))
    with pytest.raises(Stale):
        async with store.transaction(TEAM) as tx:
            await tx.members.save(replace(owner, name="Second"))
    with pytest.raises(Stale):
        async with store.transaction(TEAM) as tx:
            await tx.invitations.save(replace(sent, name="Second"))
    with pytest.raises(Stale):
        async with store.transaction(TEAM) as tx:
            await tx.departments.save(replace(sales, name="Second"))
    with pytest.raises(Stale):
        async with store.transaction(TEAM) as tx:
            await tx.requests.save(replace(asked, reason="Second"))
    with pytest.raises(Stale):
        async with store.transaction(TEAM) as tx:
            tx.update(replace(tx.organization, version=1))
    async with store.reading(TEAM) as tx:
        read = await tx.members.get(owner.id)
        assert read is not None
        assert read.name == "First"


async def test_a_reader_cannot_write(store: SqlStore) -> None:
    made, owner = await founded(store)
    writes: list[Callable[[Transaction], Awaitable[object]]] = [
        lambda tx: tx.members.add(member(made.id, "New")),
        lambda tx: tx.members.save(owner),
        lambda tx: tx.invitations.add_all([invitation(owner)]),
        lambda tx: tx.outbox.add(HomeStale(user_id="U1")),
        lambda tx: tx.first_time("d"),
        lambda tx: record(tx, Event(tag="x.y", subject="s"), actor=CLOCK),
    ]
    for write in writes:
        async with store.reading(TEAM) as tx:
            with pytest.raises(RuntimeError, match="only reads"):
                await write(tx)
    async with store.reading(TEAM) as tx:
        with pytest.raises(RuntimeError, match="only reads"):
            tx.update(tx.organization)


async def test_a_reader_sees_one_moment_however_long_it_reads(store: SqlStore) -> None:
    _, owner = await founded(store)
    async with store.reading(TEAM) as tx:
        async with store.transaction(TEAM) as other:
            await other.members.save(replace(owner, name="Renamed"))
            other.update(replace(other.organization, active_members=7))
        assert (await tx.roster.page(limit=5)).rows[0].name == owner.name
        assert (await tx.roster.counts())["active"] == 1
    async with store.reading(TEAM) as tx:
        assert (await tx.roster.page(limit=5)).rows[0].name == "Renamed"


async def test_the_worker_is_woken_only_by_what_is_due_and_only_after_the_commit(
    database_url: str, opened: OpenStore
) -> None:
    woken: list[int] = []
    store = opened(database_url, on_outgoing=lambda: woken.append(1))
    await founded(store)
    async with store.transaction(TEAM) as tx:
        expires = InvitationExpires(invitation_id="i", generation=1)
        await tx.outbox.add(expires, run_at=START + timedelta(days=7))
    with pytest.raises(NoSeatLeft):
        async with store.transaction(TEAM) as tx:
            await tx.outbox.add(HomeStale(user_id="U1"))
            raise NoSeatLeft("Every member needs a seat.")
    assert woken == []
    async with store.transaction(TEAM) as tx:
        await tx.outbox.add(HomeStale(user_id="U1"))
        assert woken == []
    assert woken == [1]


async def test_the_time_is_read_once_the_lock_is_held(store: SqlStore, clock: Clock) -> None:
    await founded(store)
    holding, times = asyncio.Event(), []

    async def second() -> None:
        await holding.wait()
        async with store.transaction(TEAM) as tx:
            times.append(tx.now)

    waiting = asyncio.create_task(second())
    async with store.transaction(TEAM) as tx:
        times.append(tx.now)
        holding.set()
        await asyncio.sleep(0.1)
        clock.pass_time(minutes=1)
    await waiting
    assert times == [START, START + timedelta(minutes=1)]


async def test_a_new_invitation_takes_the_place_of_one_whose_time_is_over(
    store: SqlStore, clock: Clock
) -> None:
    _, owner = await founded(store)
    old, new = invitation(owner), invitation(owner, expires_at=START + timedelta(days=15))
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([old])
    clock.pass_time(days=8)
    async with store.transaction(TEAM) as tx:
        assert await tx.invitations.open_for([old.email]) == {}
        await tx.invitations.add_all([new])
        assert await tx.invitations.open_for([old.email]) == {old.email: new}
    async with store.reading(TEAM) as tx:
        ended = await tx.invitations.get(old.id)
        assert ended is not None
        assert (ended.status, ended.version) == ("expired", 2)
        assert [row.id for row in (await tx.roster.page(text="new", limit=9)).rows] == [new.id]


async def test_organizations_see_nothing_of_each_other(store: SqlStore) -> None:
    _, owner = await founded(store)
    _, other_owner = await founded(store, "T2")
    sent = invitation(owner)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([sent])
        await tx.requests.add(request(owner, owner))
    async with store.transaction("T2") as tx:
        assert await tx.members.get(owner.id) is None
        assert await tx.members.by_user("UOWNER") == other_owner
        assert await tx.invitations.get(sent.id) is None
        assert await tx.invitations.by_token(sent.token_hash) is None
        assert await tx.requests.open(limit=9) == ()
        assert [row.id for row in (await tx.roster.page(limit=9)).rows] == [other_owner.id]
        with pytest.raises(Stale):
            await tx.members.save(replace(owner, status=MemberStatus.REMOVED))
