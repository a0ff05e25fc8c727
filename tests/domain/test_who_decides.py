"""Who decides: only the right approvers end, see and count on a request, step by step."""

import pytest

from domain import overview
from domain.approvals import file_request
from domain.changes import ChangeRole, ChangeSubscription, DeactivateMember, InvitationLine, InvitePeople
from domain.desk import Applied, Waiting
from domain.errors import NobodyCanDecide, NotYourRequest, RoleNotYoursToGrant
from domain.handling import handling_of
from domain.model import (
    Approvers,
    Deadlines,
    Plan,
    Preset,
    Request,
    RequestStatus,
    Requirement,
    Step,
    Verdict,
)
from tests.support.office import TEAM, Office, user_id, who

STRANGER = "sam@elsewhere.example"
ANYONE, OWNER = Approvers.ANYONE_WHO_MAY, Approvers.OWNER


async def files(
    office: Office,
    handle: str,
    *steps: Step,
    deadlines: Deadlines = Deadlines(),
    pinged: tuple[str, ...] = (),
) -> Request:
    """File a request to invite a stranger that needs these steps."""
    requirement = Requirement(
        steps=tuple(steps), policy_version=1, rule="As the test says.", deadlines=deadlines, pinged=pinged
    )
    change = InvitePeople(lines=(InvitationLine(email=STRANGER, role="developer"),))
    async with office.store.transaction(TEAM) as tx:
        actor = await tx.members.by_user(user_id(handle))
        assert actor is not None
        outcome = await handling_of(change).outcome(tx, change)
        request, _ = await file_request(tx, actor, change, outcome, requirement, reason="")
    return request


async def impossible_request(office: Office) -> Request:
    """An admin asks for a role that the plan then loses."""
    await office.set_up(Preset.ANALYTICS, seats=20)
    for handle in ("adam", "dana", "devi"):
        await office.joins(handle, "organization_administrator" if handle == "adam" else "user")
    dana = await office.member("dana")
    change = ChangeRole(member_id=dana.id, role="organization_administrator")
    with pytest.raises(RoleNotYoursToGrant) as refused:
        await office.desk.submit(who("adam"), change)
    waiting = await office.desk.ask(who("adam"), refused.value.refusal_id or "")
    assert isinstance(waiting, Waiting)
    free = ChangeSubscription(seat_limit=20, plan=Plan.FREE, invoice_email="")
    await office.desk.submit(who("olivia"), free)
    return waiting.request


async def test_who_may_not_decide_does_not_end_a_request_that_became_impossible(office: Office) -> None:
    request = await impossible_request(office)
    with pytest.raises(NotYourRequest):
        await office.desk.decide(who("devi"), request.id, Verdict.APPROVE)
    assert (await office.request(request.id)).status is RequestStatus.WAITING


async def test_a_request_that_became_impossible_waits_on_nobodys_home_but_an_approvers(
    office: Office,
) -> None:
    await impossible_request(office)
    async with office.desk.reading(who("devi")) as (tx, devi):
        assert (await overview.desk_of(tx, devi)).waiting_for_me == ()


async def test_two_of_three_decide_together(office: Office) -> None:
    await office.set_up(seats=9)
    for handle in ("adam", "anna", "dana"):
        await office.joins(handle, "developer" if handle == "dana" else "admin")
    request = await files(office, "dana", Step(approvers=ANYONE, needed=2))
    assert isinstance(await office.desk.decide(who("adam"), request.id, Verdict.APPROVE), Waiting)
    assert isinstance(await office.desk.decide(who("anna"), request.id, Verdict.DECLINE), Waiting)
    assert isinstance(await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Applied)


async def test_more_yeses_than_people_who_may_say_it_are_refused_at_once(team: Office) -> None:
    with pytest.raises(NobodyCanDecide):
        await files(team, "dana", Step(approvers=ANYONE, needed=3))


async def test_when_all_who_are_left_have_said_yes_the_request_does_not_wait_on(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE, needed=None))
    assert isinstance(await team.desk.decide(who("olivia"), request.id, Verdict.APPROVE), Waiting)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    await team.settle()
    assert (await team.request(request.id)).status is RequestStatus.APPLIED


async def test_a_request_whose_yeses_are_out_of_reach_does_not_wait_on(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE, needed=2))
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    await team.settle()
    assert (await team.request(request.id)).status is RequestStatus.VOID


async def test_an_earlier_steps_yes_drops_when_its_voter_loses_the_authority(office: Office) -> None:
    await office.set_up(seats=9)
    for handle in ("adam", "anna", "dana"):
        await office.joins(handle, "developer" if handle == "dana" else "admin")
    request = await files(office, "dana", Step(approvers=ANYONE), Step(approvers=OWNER))
    assert isinstance(await office.desk.decide(who("adam"), request.id, Verdict.APPROVE), Waiting)
    adam = await office.member("adam")
    await office.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    answer = await office.desk.decide(who("olivia"), request.id, Verdict.APPROVE)
    assert isinstance(answer, Waiting)


async def test_a_request_takes_no_seats_where_invitations_hold_none(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=2)
    await office.joins("dana", "user")
    waiting = await office.asks("dana", STRANGER, "user")
    async with office.reading() as tx:
        assert (await overview.request_facts(tx, waiting.request)).people == 0


async def test_a_click_delivered_twice_is_not_told_that_an_open_request_ended(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE, needed=2))
    first = await team.desk.decide(who("adam"), request.id, Verdict.APPROVE, delivery="click-1")
    again = await team.desk.decide(who("adam"), request.id, Verdict.APPROVE, delivery="click-1")
    assert isinstance(first, Waiting)
    assert isinstance(again, Waiting)


async def test_nobody_decides_what_they_asked_for_before_they_were_a_member(office: Office) -> None:
    await office.set_up(seats=None)
    await office.knows("nora")
    asked = await office.desk.join(who("nora"))
    assert isinstance(asked, Waiting)
    await office.joins("nora", "admin")
    async with office.desk.reading(who("nora")) as (tx, nora):
        assert (await overview.desk_of(tx, nora)).waiting_for_me == ()
    with pytest.raises(NotYourRequest):
        await office.desk.decide(who("nora"), asked.request.id, Verdict.DECLINE)
