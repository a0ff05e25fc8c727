"""The outbox: coalesced by key, in order by lane, under a lease, and given back without losing anything."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.deliveries import Parcel, Posting
from domain.notices import (
    ApprovalAsked,
    HomeStale,
    InvitationExpires,
    InvitationMailed,
    MemberWelcomed,
    Notice,
    RoleChanged,
)
from storage.queue import SqlQueue
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import START, TEAM, Clock

HOME = HomeStale(user_id="U1")
ANN = "member:ann"


def card(number: int, to: str = ANN) -> ApprovalAsked:
    return ApprovalAsked(request_id=f"r{number}", to=to)


async def send(store: SqlStore, *notices: Notice, in_minutes: float = 0) -> None:
    async with store.transaction(TEAM) as tx:
        for notice in notices:
            await tx.outbox.add(notice, run_at=tx.now + timedelta(minutes=in_minutes))


async def claimed(store: SqlStore) -> list[Notice]:
    return [parcel.notice for parcel in await store.queue.claim(limit=50)]


async def only(queue: SqlQueue) -> Parcel:
    (parcel,) = await queue.claim(limit=50)
    return parcel


async def test_what_is_queued_is_claimed_once(store: SqlStore) -> None:
    await send(store, HOME)
    parcel = await only(store.queue)
    assert (parcel.team_id, parcel.notice, parcel.attempts) == (TEAM, HOME, 0)
    assert parcel.created_at == START
    assert await claimed(store) == []
    assert await store.queue.finish(parcel)
    assert await store.queue.depth() == {"due": 0, "scheduled": 0, "leased": 0, "parked": 0}
    assert await store.queue.next_due() is None


async def test_a_later_notice_of_the_same_key_replaces_the_unsent_one(store: SqlStore) -> None:
    await send(store, HOME)
    await send(store, HOME, HOME)
    assert await claimed(store) == [HOME]


async def test_many_notices_written_together_replace_the_unsent_ones_of_their_keys(
    store: SqlStore, clock: Clock
) -> None:
    many = [InvitationExpires(invitation_id=f"i{number}", generation=1) for number in range(120)]
    await send(store, *many, in_minutes=10)
    await send(store, *many[:100], in_minutes=20)
    clock.pass_time(minutes=11)
    assert await claimed(store) == many[100:]
    clock.pass_time(minutes=10)
    assert len(await store.queue.claim(limit=200)) == 100


async def test_a_timer_can_be_moved_by_queueing_it_again(store: SqlStore, clock: Clock) -> None:
    timer = InvitationExpires(invitation_id="i", generation=1)
    await send(store, timer, in_minutes=10)
    await send(store, timer, in_minutes=30)
    assert await store.queue.next_due() == START + timedelta(minutes=30)
    clock.pass_time(minutes=11)
    assert await claimed(store) == []
    clock.pass_time(minutes=20)
    assert await claimed(store) == [timer]


async def test_a_notice_queued_while_its_like_is_delivered_follows_it(store: SqlStore) -> None:
    await send(store, HOME)
    first = await only(store.queue)
    await send(store, HOME)
    assert await claimed(store) == []
    assert await store.queue.finish(first)
    assert await claimed(store) == [HOME]


async def test_one_row_goes_on_for_a_delivery_that_failed_and_its_follower(
    store: SqlStore, clock: Clock
) -> None:
    await send(store, HOME)
    first = await only(store.queue)
    await send(store, HOME)
    assert await store.queue.retry(first, after=30, error="ratelimited")
    assert (await store.queue.depth())["scheduled"] == 1
    assert await claimed(store) == []
    clock.pass_time(seconds=31)
    assert (await only(store.queue)).attempts == 1
    assert await claimed(store) == []


async def test_queueing_again_does_not_cut_a_pause_short(store: SqlStore, clock: Clock) -> None:
    await send(store, HOME)
    await store.queue.retry(await only(store.queue), after=60, error="ratelimited")
    await send(store, HOME)
    assert await claimed(store) == []
    assert await store.queue.next_due() == START + timedelta(seconds=60)
    clock.pass_time(seconds=60)
    assert (await only(store.queue)).attempts == 1


async def test_a_parked_row_lets_its_lane_go_on_and_comes_back_when_it_is_wanted_again(
    store: SqlStore,
) -> None:
    await send(store, card(1), card(2))
    first = await only(store.queue)
    assert await store.queue.park(first, error="channel_not_found")
    assert (await store.queue.depth())["parked"] == 1
    assert await store.queue.finish(await only(store.queue))
    await send(store, card(1))
    again = await only(store.queue)
    assert (again.notice, again.attempts) == (card(1), 1)
    assert (await store.queue.depth())["parked"] == 0


async def test_parking_what_has_a_follower_leaves_the_follower(store: SqlStore) -> None:
    await send(store, HOME)
    first = await only(store.queue)
    await send(store, HOME)
    assert await store.queue.park(first, error="x")
    assert (await only(store.queue)).attempts == 1
    assert (await store.queue.depth())["parked"] == 0


async def test_a_lane_goes_one_after_another_and_lanes_beside_each_other(store: SqlStore) -> None:
    await send(store, card(1), card(2), card(3), card(4, to="member:ben"))
    await send(store, MemberWelcomed(member_id="ann", to=ANN))
    first, ben = await store.queue.claim(limit=50)
    assert [first.notice, ben.notice] == [card(1), card(4, to="member:ben")]
    assert await claimed(store) == []
    await store.queue.finish(first)
    second = await only(store.queue)
    assert second.notice == card(2)
    await store.queue.retry(second, after=60, error="timeout")
    assert await claimed(store) == []


async def test_a_lane_waits_for_the_pause_of_its_first(store: SqlStore, clock: Clock) -> None:
    await send(store, card(1), card(2))
    await store.queue.retry(await only(store.queue), after=60, error="timeout")
    assert await store.queue.next_due() == START + timedelta(seconds=60)
    assert await claimed(store) == []
    clock.pass_time(seconds=60)
    first = await only(store.queue)
    assert first.notice == card(1)
    await store.queue.finish(first)
    assert (await only(store.queue)).notice == card(2)


async def test_what_is_due_later_holds_nobody_up(store: SqlStore, clock: Clock) -> None:
    await send(store, card(1), in_minutes=60)
    await send(store, card(2))
    second = await only(store.queue)
    assert second.notice == card(2)
    clock.pass_time(minutes=61)
    assert await claimed(store) == []
    await store.queue.finish(second)
    assert await claimed(store) == [card(1)]


async def test_no_more_are_claimed_than_asked_for_and_the_longest_due_first(
    store: SqlStore, clock: Clock
) -> None:
    await send(store, *(HomeStale(user_id=f"U{number}") for number in range(5)), in_minutes=5)
    urgent = HomeStale(user_id="UX")
    await send(store, urgent)
    clock.pass_time(minutes=5)
    assert [parcel.notice for parcel in await store.queue.claim(limit=2)] == [
        HomeStale(user_id="U0"),
        urgent,
    ]
    assert len(await store.queue.claim(limit=9)) == 4


async def test_thousands_wait_behind_what_somebody_waits_for(store: SqlStore) -> None:
    mails = [InvitationMailed(invitation_id=f"i{number}", generation=1) for number in range(30)]
    async with store.transaction(TEAM) as tx:
        for mail in mails:
            await tx.outbox.add(mail, bulk=True)
    await send(store, card(1), HOME)
    assert [parcel.notice for parcel in await store.queue.claim(limit=1, bulk=1)] == [card(1)]
    second = await store.queue.claim(limit=9, bulk=2)
    assert {parcel.notice for parcel in second} == {HOME, *mails[:2]}
    assert {parcel.notice for parcel in second if parcel.bulk} == {*mails[:2]}
    assert await store.queue.claim(limit=9, bulk=0) == ()
    assert await store.queue.next_due() == START
    assert len(await claimed(store)) == 28


async def test_of_thousands_the_one_that_is_sent_anew_by_itself_waits_no_longer(store: SqlStore) -> None:
    mails = [InvitationMailed(invitation_id=f"i{number}", generation=1) for number in range(3)]
    async with store.transaction(TEAM) as tx:
        for mail in mails:
            await tx.outbox.add(mail, bulk=True)
    await send(store, mails[2])
    assert [parcel.notice for parcel in await store.queue.claim(limit=1)] == [mails[2]]


async def test_a_lease_that_ran_out_can_be_taken_over_and_fences_the_first_off(
    database_url: str, opened: OpenStore
) -> None:
    store = opened(database_url, lease=0.05)
    await send(store, HOME)
    late = await only(store.queue)
    assert await claimed(store) == []
    await asyncio.sleep(0.1)
    taken = await only(store.queue)
    assert (taken.id, taken.attempts) == (late.id, 1)
    posting = Posting(team_id=TEAM, key=HOME.key, channel="D1", ts="1.2")
    assert not await store.queue.finish(late, posting)
    assert not await store.queue.retry(late, after=0, error="late")
    assert not await store.queue.park(late, error="late")
    assert await store.queue.posting(TEAM, HOME.key) is None
    assert await store.queue.finish(taken, posting)
    assert not await store.queue.finish(taken, replace(posting, ts="9.9"))
    assert await store.queue.posting(TEAM, HOME.key) == posting


async def test_a_lease_that_was_lost_does_not_spoil_what_is_finished_with_it(store: SqlStore) -> None:
    await send(store, HOME, card(1))
    taken, other = await store.queue.claim(limit=2)
    late = replace(taken, lease="of somebody before")
    lost, kept = (Posting(team_id=TEAM, key=key, channel="D1", ts="1.2") for key in ("lost", "kept"))
    done = await asyncio.gather(store.queue.finish(late, lost), store.queue.finish(other, kept))
    assert list(done) == [False, True]
    assert await store.queue.posting(TEAM, "lost") is None
    assert await store.queue.posting(TEAM, "kept") == kept
    assert await store.queue.finish(taken)


async def test_a_late_finish_counts_while_nobody_took_over(database_url: str, opened: OpenStore) -> None:
    store = opened(database_url, lease=0.02)
    await send(store, HOME)
    parcel = await only(store.queue)
    await asyncio.sleep(0.05)
    assert await store.queue.finish(parcel)
    assert await claimed(store) == []


async def test_a_lost_lease_does_not_take_its_follower_along(database_url: str, opened: OpenStore) -> None:
    store = opened(database_url, lease=0.05)
    await send(store, HOME)
    late = await only(store.queue)
    await asyncio.sleep(0.1)
    taken = await only(store.queue)
    await send(store, HOME)
    assert not await store.queue.retry(late, after=0, error="late")
    assert await store.queue.finish(taken)
    assert await claimed(store) == [HOME]


async def test_a_lease_runs_by_the_real_clock_not_by_the_one_that_moves(
    store: SqlStore, clock: Clock
) -> None:
    await send(store, HOME)
    await only(store.queue)
    clock.pass_time(days=30)
    assert await claimed(store) == []


async def test_the_next_moment_to_look_is_that_of_a_lease_too(
    database_url: str, opened: OpenStore, clock: Clock
) -> None:
    store = opened(database_url, lease=40)
    await send(store, HOME)
    await only(store.queue)
    due = await store.queue.next_due()
    assert due is not None
    assert timedelta(seconds=35) < due - clock.now <= timedelta(seconds=40)


async def test_where_a_message_stands_is_remembered_before_and_after_the_post(store: SqlStore) -> None:
    begun = Posting(team_id=TEAM, key="k", channel="D1")
    posted = replace(begun, ts="1700000000.000100")
    await store.queue.remember(begun)
    assert await store.queue.posting(TEAM, "k") == begun
    await store.queue.remember(posted)
    await store.queue.remember(begun)
    assert await store.queue.posting(TEAM, "k") == posted
    await store.queue.remember(replace(begun, channel="D2"))
    assert await store.queue.posting(TEAM, "k") == replace(begun, channel="D2")
    assert await store.queue.posting("T2", "k") is None


async def test_the_depth_tells_what_waits_and_why(store: SqlStore) -> None:
    await send(store, card(1), card(2), HOME)
    await send(store, InvitationExpires(invitation_id="i", generation=1), in_minutes=5)
    first, home = await store.queue.claim(limit=50)
    await store.queue.park(home, error="x")
    assert await store.queue.depth() == {"due": 1, "scheduled": 1, "leased": 1, "parked": 1}
    assert first.notice == card(1)


async def test_a_row_another_version_wrote_is_put_aside(store: SqlStore) -> None:
    await send(store, HOME, card(1))
    async with store.engines[0].begin() as connection:
        await connection.execute(text("UPDATE outbox SET tag = 'from_the_future' WHERE tag = 'home_stale'"))
    assert await claimed(store) == [card(1)]
    assert (await store.queue.depth())["parked"] == 1


async def test_order_within_a_lane_is_the_order_of_the_changes(store: SqlStore) -> None:
    sent = [RoleChanged(member_id="ann", role="admin", version=version, to=ANN) for version in range(2, 30)]
    for notice in sent:
        await send(store, notice)
    got = []
    while parcels := await store.queue.claim(limit=5):
        got += [parcel.notice for parcel in parcels]
        for parcel in parcels:
            await store.queue.finish(parcel)
    assert got == sent


@pytest.mark.parametrize("table", ["deliveries", "postings", "outbox"])
async def test_what_nobody_asks_for_any_more_is_swept(store: SqlStore, table: str) -> None:
    await send(store, HOME)
    async with store.transaction(TEAM) as tx:
        await tx.first_time("d")
    await store.queue.park(await only(store.queue), error="x")
    await store.queue.remember(Posting(team_id=TEAM, key="k", channel="D1"))
    assert await store.queue.sweep() == 0
    moment = {"deliveries": "seen_at", "postings": "written_at", "outbox": "run_at"}[table]
    async with store.engines[0].begin() as connection:
        await connection.execute(text(f"UPDATE {table} SET {moment} = '2020-01-01T00:00:00.000000+00:00'"))
        left = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
    assert await store.queue.sweep() == left
    async with store.engines[0].begin() as connection:
        assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
