"""A request's clock: reminder, escalation and expiry, each true before it is announced."""

import pytest

from domain.changes import ChangeRole, DeactivateMember
from domain.desk import Applied, Ended, Waiting
from domain.errors import NotYourRequest
from domain.model import Approvers, Deadlines, RequestStatus, Step, Verdict
from domain.notices import TIMERS, ApprovalAsked, ApprovalReminded, Notice, to_member
from tests.domain.test_who_decides import files
from tests.support.office import Office, who

ANYONE, OWNER, ROLE = Approvers.ANYONE_WHO_MAY, Approvers.OWNER, Approvers.ROLE
ADMINS = Step(approvers=ROLE, role="admin")


async def due(office: Office) -> list[Notice]:
    """Fire the timers that are due and return what leaves, until nothing is left."""
    left: list[Notice] = []
    while parcels := await office.store.queue.claim(limit=100):
        for parcel in parcels:
            if isinstance(parcel.notice, TIMERS):
                await office.desk.tick(parcel.team_id, parcel.notice)
            left.append(parcel.notice)
            await office.store.queue.finish(parcel)
    return left


async def reminded(office: Office) -> set[str]:
    """Whom the timers that are due remind."""
    return {notice.to for notice in await due(office) if isinstance(notice, ApprovalReminded)}


async def admins(office: Office) -> None:
    await office.set_up(seats=9)
    for handle in ("adam", "anna", "dana"):
        await office.joins(handle, "developer" if handle == "dana" else "admin")


async def test_those_asked_who_have_not_voted_are_reminded_after_a_day(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", Step(approvers=ROLE, role="admin", needed=2))
    await office.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    await due(office)
    office.clock.advance(hours=23)
    assert await reminded(office) == set()
    office.clock.advance(hours=1)
    assert await reminded(office) == {to_member((await office.member("anna")).id)}
    office.clock.advance(hours=1)
    assert await reminded(office) == set()


async def test_the_owner_may_decide_after_two_days_even_before_the_timer_fired(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS)
    with pytest.raises(NotYourRequest):
        await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE)
    office.clock.advance(hours=48)
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Applied)


async def test_escalation_gives_the_owner_a_card_and_leaves_the_others_theirs(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS)
    await due(office)
    owner, adam = await office.member("olivia"), await office.member("adam")
    assert owner.id not in request.asked
    office.clock.advance(hours=48)
    cards = {notice.to for notice in await due(office) if isinstance(notice, ApprovalAsked)}
    assert {to_member(owner.id), to_member(adam.id)} <= cards
    assert owner.id in (await office.request(request.id)).asked
    assert isinstance(await office.desk.decide(who("adam"), request.id, Verdict.APPROVE), Applied)


async def test_the_owner_stands_in_for_one_of_all_who_does_not_answer(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", Step(approvers=ROLE, role="admin", needed=None))
    await office.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    office.clock.advance(hours=49)
    await due(office)
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Applied)


async def test_the_owners_vote_of_an_escalated_step_counts_in_the_next(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS, Step(approvers=ROLE, role="admin"))
    office.clock.advance(hours=48)
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Waiting)
    assert isinstance(await office.desk.decide(who("anna"), request.id, Verdict.APPROVE), Applied)


async def test_each_step_has_a_clock_of_its_own(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS, Step(approvers=ROLE, role="admin", needed=2))
    office.clock.advance(hours=23)
    await office.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    office.clock.advance(hours=2)
    assert await reminded(office) == set()
    office.clock.advance(hours=22)
    assert len(await reminded(office)) == 2


async def test_the_timers_of_a_request_that_is_over_do_nothing(office: Office) -> None:
    await admins(office)
    for act in ("withdraw", "decline"):
        request = await files(office, "dana", ADMINS)
        if act == "withdraw":
            await office.desk.withdraw(who("dana"), request.id)
        else:
            await office.desk.decide(who("adam"), request.id, Verdict.DECLINE)
        await due(office)
        before = await office.request(request.id)
        office.clock.advance(days=8)
        assert not any(isinstance(notice, ApprovalReminded | ApprovalAsked) for notice in await due(office))
        assert await office.request(request.id) == before


async def test_a_request_expires_when_its_policy_says(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS, deadlines=Deadlines(remind=0, escalate=0, expire=5))
    office.clock.advance(hours=4.9)
    assert (await office.request(request.id)).status_at(office.clock()) is RequestStatus.WAITING
    office.clock.advance(hours=0.1)
    answer = await office.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    assert isinstance(answer, Ended)
    await due(office)
    assert (await office.request(request.id)).status is RequestStatus.EXPIRED


async def test_a_step_whose_approvers_all_left_goes_to_the_owner(office: Office) -> None:
    await admins(office)
    request = await files(office, "dana", ADMINS)
    for handle in ("adam", "anna"):
        member = await office.member(handle)
        await office.desk.submit(who("olivia"), DeactivateMember(member_id=member.id))
        await due(office)
    moved = await office.request(request.id)
    assert moved.requirement.steps == (Step(approvers=OWNER),)
    assert (await office.member("olivia")).id in moved.asked
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Applied)


async def test_the_vote_of_somebody_who_was_not_told_drops_with_their_authority(office: Office) -> None:
    await admins(office)
    adam, anna = await office.member("adam"), await office.member("anna")
    request = await files(office, "dana", Step(approvers=ANYONE, needed=2), pinged=(adam.id,))
    assert anna.id in request.silent
    await office.desk.decide(who("anna"), request.id, Verdict.APPROVE)
    await office.desk.submit(who("olivia"), ChangeRole(member_id=anna.id, role="developer"))
    await due(office)
    assert isinstance(await office.desk.decide(who("adam"), request.id, Verdict.APPROVE), Waiting)
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Applied)
