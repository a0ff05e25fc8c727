"""The desk on the real store: who may, who must be asked, who decides, and what a late click meets."""

from dataclasses import replace

import pytest

from domain.changes import (
    ChangeApprovalRules,
    ChangeRole,
    ChangeSubscription,
    CreateDepartment,
    DeactivateMember,
    InvitationLine,
    InvitePeople,
    RenameDepartment,
    RetireDepartment,
)
from domain.desk import Applied, Ended, Waiting
from domain.errors import (
    AlreadyAsked,
    AlreadyDone,
    AlreadySetUp,
    DepartmentRetired,
    NameTaken,
    NobodyCanDecide,
    NoPermission,
    NoSeatLeft,
    NoSuchRequest,
    NotAMember,
    NotYourRequest,
    OutsidersNever,
    OwnerMustStay,
    RequestOver,
    RoleNotYoursToGrant,
    SetupCodeWrong,
    TooManyOpenRequests,
)
from domain.founding import SetUp
from domain.front_desk import SlackUser
from domain.model import Kind, MemberStatus, Plan, Preset, RequestStatus, Rule, Verdict
from domain.notices import RequestExpires
from tests.support.office import CODE, TEAM, Office, person, who

STRANGER = "sam@elsewhere.example"


async def test_a_developer_asks_and_the_admins_who_may_are_asked(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER, reason="she helps with support")
    assert {member.name for member in waiting.approvers} == {"Olivia", "Adam"}
    assert waiting.request.reason == "she helps with support"


async def test_an_approval_applies_the_stored_change_once(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)
    invitation = await team.invitation(answer.made[0])
    dana, adam = await team.member("dana"), await team.member("adam")
    assert (invitation.inviter_id, invitation.authority_id) == (dana.id, adam.id)
    again = await team.desk.decide(who("olivia"), waiting.request.id, Verdict.DECLINE)
    assert isinstance(again, Ended)
    assert again.request.status is RequestStatus.APPLIED
    assert again.request.decided_by == adam.id


async def test_a_decline_keeps_its_reason_and_ends_the_request(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.DECLINE, reason="not now")
    assert isinstance(answer, Ended)
    stored = await team.request(waiting.request.id)
    assert (stored.status, stored.decision_reason) == (RequestStatus.DECLINED, "not now")


@pytest.mark.parametrize("handle", ["dana", "devi", "nora"])
async def test_who_may_not_do_it_may_not_decide_it(team: Office, handle: str) -> None:
    await team.knows("nora")
    waiting = await team.asks("dana", STRANGER)
    with pytest.raises(NotYourRequest):
        await team.desk.decide(who(handle), waiting.request.id, Verdict.APPROVE)
    assert (await team.request(waiting.request.id)).status is RequestStatus.WAITING


async def test_an_approver_who_was_deactivated_meanwhile_decides_nothing(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    with pytest.raises(NotYourRequest):
        await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)


async def test_nobody_approves_a_role_they_could_not_give(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=20)
    await office.joins("adam", "organization_administrator")
    await office.joins("anna", "organization_administrator")
    await office.joins("dana", "user")
    waiting = await office.asks("dana", STRANGER, "organization_administrator")
    assert [member.name for member in waiting.approvers] == ["Olivia"]
    with pytest.raises(NotYourRequest):
        await office.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)


async def test_giving_an_admin_role_needs_the_owners_yes_unless_set_otherwise(
    team: Office,
) -> None:
    dana = await team.member("dana")
    answer = await team.desk.submit(who("adam"), ChangeRole(member_id=dana.id, role="admin"))
    assert isinstance(answer, Waiting)
    assert [member.name for member in answer.approvers] == ["Olivia"]
    await team.desk.withdraw(who("adam"), answer.request.id)
    direct = ChangeApprovalRules(rules=(Rule(kind=Kind.ADMIN_ROLE),), basis=1)
    await team.desk.submit(who("olivia"), direct)
    assert isinstance(
        await team.desk.submit(who("adam"), ChangeRole(member_id=dana.id, role="admin")), Applied
    )


async def test_the_owner_is_not_demoted_or_deactivated_by_anyone(team: Office) -> None:
    olivia = await team.member("olivia")
    for handle in ("olivia", "adam", "dana"):
        with pytest.raises(OwnerMustStay):
            await team.desk.submit(who(handle), DeactivateMember(member_id=olivia.id))
        with pytest.raises(OwnerMustStay):
            await team.desk.submit(who(handle), ChangeRole(member_id=olivia.id, role="admin"))


async def test_a_refusal_names_who_could_and_is_recorded(team: Office) -> None:
    with pytest.raises(NoPermission) as refused:
        await team.desk.submit(who("dana"), CreateDepartment(name="Support"))
    olivia, adam = await team.member("olivia"), await team.member("adam")
    assert set(refused.value.who) == {olivia.id, adam.id}
    async with team.reading() as tx:
        recorded = await tx.refusals.last(member_id=(await team.member("dana")).id, user_id=None)
    assert recorded is not None
    assert (recorded.code, recorded.id) == ("NoPermission", refused.value.refusal_id)


async def test_the_button_under_a_refusal_asks_those_who_may(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=20)
    await office.joins("adam", "organization_administrator")
    with pytest.raises(RoleNotYoursToGrant) as refused:
        await office.sends("adam", STRANGER, "organization_administrator")
    assert refused.value.can_ask
    answer = await office.desk.ask(who("adam"), refused.value.refusal_id or "")
    assert isinstance(answer, Waiting)
    assert [member.name for member in answer.approvers] == ["Olivia"]


async def test_the_same_is_asked_once_at_a_time(team: Office) -> None:
    await team.asks("dana", STRANGER)
    with pytest.raises(AlreadyAsked):
        await team.asks("dana", STRANGER)


async def test_one_person_has_ten_open_requests(office: Office) -> None:
    await office.set_up(seats=None)
    await office.joins("dana", "developer")
    for number in range(10):
        await office.asks("dana", f"n{number}@elsewhere.example")
    with pytest.raises(TooManyOpenRequests):
        await office.asks("dana", STRANGER)


async def test_nobody_left_to_decide_is_refused_at_once(office: Office) -> None:
    await office.set_up()
    await office.joins("dana", "developer")
    async with office.store.transaction(TEAM) as tx:
        olivia = await tx.members.by_user("UOLIVIA")
        assert olivia is not None
        await tx.members.save(replace(olivia, slack_user_id=None))
    with pytest.raises(NobodyCanDecide):
        await office.asks("dana", STRANGER)


async def test_a_request_is_withdrawn_by_its_requester_alone(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    with pytest.raises(NotYourRequest):
        await team.desk.withdraw(who("devi"), waiting.request.id)
    await team.desk.withdraw(who("dana"), waiting.request.id)
    with pytest.raises(RequestOver):
        await team.desk.withdraw(who("dana"), waiting.request.id)


async def test_an_expired_request_is_over_for_the_click_before_its_timer(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    team.clock.advance(days=7)
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Ended)
    assert answer.request.status_at(team.clock()) is RequestStatus.EXPIRED
    await team.desk.tick(TEAM, RequestExpires(request_id=waiting.request.id))
    assert (await team.request(waiting.request.id)).status is RequestStatus.EXPIRED


async def test_when_the_facts_changed_the_approved_request_fails_with_the_reason(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    await team.invites("olivia", STRANGER, "developer")
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Ended)
    assert answer.request.status is RequestStatus.FAILED
    assert "invited already" in answer.request.decision_reason


async def test_without_a_seat_the_approved_request_stays_waiting(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    await team.invites("olivia", "quick@elsewhere.example", "developer")
    with pytest.raises(NoSeatLeft) as refused:
        await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert "stays waiting" in str(refused.value)
    assert (await team.request(waiting.request.id)).status is RequestStatus.WAITING
    async with team.reading() as tx:
        assert await tx.requests.votes(waiting.request.id) == ()


async def test_a_leavers_requests_are_withdrawn_and_those_waiting_for_them_move_on(team: Office) -> None:
    asked = await team.asks("dana", STRANGER)
    dana, adam = await team.member("dana"), await team.member("adam")
    await team.desk.submit(who("adam"), DeactivateMember(member_id=dana.id))
    assert (await team.request(asked.request.id)).status is RequestStatus.WITHDRAWN
    waiting = await team.asks("devi", STRANGER)
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    assert (await team.request(waiting.request.id)).status is RequestStatus.WAITING
    answer = await team.desk.decide(who("olivia"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)


async def test_a_stranger_joins_by_an_admins_yes(team: Office) -> None:
    await team.knows("nora")
    answer = await team.desk.join(who("nora"), reason="I work with support")
    assert isinstance(answer, Waiting)
    await team.desk.decide(who("adam"), answer.request.id, Verdict.APPROVE)
    nora = await team.member("nora")
    assert (nora.role, nora.status) == ("developer", MemberStatus.ACTIVE)


async def test_a_guest_does_not_join(team: Office) -> None:
    await team.knows(person("gus", guest=True))
    with pytest.raises(OutsidersNever):
        await team.desk.join(who("gus"))


async def test_an_outsider_is_told_to_join_first(team: Office) -> None:
    await team.knows("nora")
    with pytest.raises(NotAMember) as refused:
        await team.sends("nora", STRANGER, "developer")
    assert "/team join" in str(refused.value)


async def test_a_repeated_delivery_changes_nothing(team: Office) -> None:
    line = InvitationLine(email=STRANGER, role="developer")
    await team.desk.invite(who("olivia"), [line], delivery="trigger-1")
    with pytest.raises(AlreadyDone):
        await team.desk.invite(who("olivia"), [line], delivery="trigger-1")


async def test_a_request_of_nowhere_is_not_known(team: Office) -> None:
    with pytest.raises(NoSuchRequest):
        await team.desk.decide(who("adam"), "0" * 26, Verdict.APPROVE)


async def test_a_preview_tells_what_would_happen_and_leaves_nothing(team: Office) -> None:
    change = InvitePeople(lines=(InvitationLine(email=STRANGER, role="admin"),))
    seen = await team.desk.preview(who("adam"), change)
    assert seen.refusal is None
    assert [member.name for member in seen.approvers] == ["Olivia"]
    assert {notice.tag for notice in seen.notices} >= {"link_ready"}
    assert seen.before
    assert seen.after
    assert (seen.before.free, seen.after.free) == (1, 0)
    async with team.reading() as tx:
        assert await tx.requests.open(limit=1) == ()
        assert await tx.invitations.held() == 0


async def test_a_preview_of_the_forbidden_tells_the_refusal(team: Office) -> None:
    seen = await team.desk.preview(who("dana"), CreateDepartment(name="Support"))
    assert isinstance(seen.refusal, NoPermission)


async def test_departments_are_created_renamed_retired_and_given(team: Office) -> None:
    made = await team.desk.submit(who("adam"), CreateDepartment(name="Support"))
    assert isinstance(made, Applied)
    (support,) = made.made
    with pytest.raises(NameTaken):
        await team.desk.submit(who("adam"), CreateDepartment(name=" SUPPORT "))
    await team.desk.submit(who("adam"), RenameDepartment(department_id=support, name="Care"))
    line = InvitationLine(email=STRANGER, role="developer", departments=(support,))
    await team.desk.invite(who("adam"), [line])
    await team.desk.submit(who("adam"), RetireDepartment(department_id=support))
    with pytest.raises(DepartmentRetired):
        await team.desk.submit(who("adam"), RenameDepartment(department_id=support, name="Help"))


async def test_the_owner_alone_changes_the_policy_in_a_portal_an_admin_the_subscription(
    team: Office,
) -> None:
    with pytest.raises(NoPermission):
        await team.desk.submit(who("adam"), ChangeApprovalRules(rules=(), basis=1))
    change = ChangeSubscription(seat_limit=9, plan=Plan.STANDARD, invoice_email="billing@northwind.example")
    assert isinstance(await team.desk.submit(who("adam"), change), Applied)


async def test_the_second_to_set_up_is_told_who_owns_it(team: Office) -> None:
    await team.knows("nora")
    form = SetUp(name="Mine", preset=Preset.SUITE, seat_limit=None, code=CODE)
    with pytest.raises(AlreadySetUp) as refused:
        await team.desk.set_up(who("nora"), form)
    assert "Olivia owns it" in str(refused.value)


async def test_set_up_needs_the_code_and_a_full_member_of_the_workspace(office: Office) -> None:
    await office.knows("olivia", person("gus", guest=True))
    form = SetUp(name="Northwind", preset=Preset.PORTAL, seat_limit=5, code="guess")
    with pytest.raises(SetupCodeWrong):
        await office.desk.set_up(who("olivia"), form)
    right = SetUp(name="Northwind", preset=Preset.PORTAL, seat_limit=5, code=CODE)
    with pytest.raises(OutsidersNever):
        await office.desk.set_up(who("gus"), right)


async def test_one_organization_does_not_see_another(team: Office) -> None:
    waiting = await team.asks("dana", STRANGER)
    elsewhere = person("olivia", team_id="T1OTHER")
    await team.desk.learn(elsewhere)
    other = SlackUser("T1OTHER", elsewhere.user_id)
    form = SetUp(name="Other", preset=Preset.PORTAL, seat_limit=5, code=CODE)
    await team.desk.set_up(other, form)
    with pytest.raises(NoSuchRequest):
        await team.desk.decide(other, waiting.request.id, Verdict.APPROVE)
