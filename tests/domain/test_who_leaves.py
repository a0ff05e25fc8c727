"""Leaving by approval, and what becomes of the admissions that were asked for in a leaver's name."""

from domain.changes import (
    AcceptInvitation,
    AdmitInvitee,
    ChangeApprovalRules,
    ChangeRole,
    ChangeSubscription,
    DeactivateMember,
)
from domain.desk import Applied, Waiting
from domain.front_desk import LinkHolder
from domain.model import (
    Approvers,
    InvitationStatus,
    Kind,
    MemberStatus,
    Plan,
    Preset,
    Request,
    RequestStatus,
    Rule,
    Step,
    Verdict,
)
from domain.policies import OWNER
from tests.support.office import KEYS, Office, who

STRANGER = "sam@elsewhere.example"


async def accepted_after_the_inviter_was_demoted(team: Office) -> tuple[str, Request]:
    """Return an invitation that waits for a yes, and the request for it."""
    invitation = await team.invites("adam", STRANGER, "developer")
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Sam"))
    async with team.reading() as tx:
        (request,) = await tx.requests.open(limit=10)
    return invitation.id, request


async def test_a_developer_who_asks_to_be_deactivated_is_deactivated_by_the_yes(team: Office) -> None:
    dana = await team.member("dana")
    waiting = await team.desk.submit(who("dana"), DeactivateMember(member_id=dana.id))
    assert isinstance(waiting, Waiting)
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)
    assert (await team.member("dana")).status is MemberStatus.DEACTIVATED
    assert (await team.request(waiting.request.id)).status is RequestStatus.APPLIED


async def test_an_admin_who_asks_to_be_deactivated_is_deactivated_by_the_owners_yes(team: Office) -> None:
    adam = await team.member("adam")
    waiting = await team.desk.submit(who("adam"), DeactivateMember(member_id=adam.id))
    assert isinstance(waiting, Waiting)
    assert isinstance(await team.desk.decide(who("olivia"), waiting.request.id, Verdict.APPROVE), Applied)


async def test_an_invitee_who_accepted_is_not_turned_away_because_the_inviter_leaves(team: Office) -> None:
    invitation_id, request = await accepted_after_the_inviter_was_demoted(team)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    assert (await team.invitation(invitation_id)).status is InvitationStatus.WAITING
    assert (await team.request(request.id)).status is RequestStatus.WAITING


async def test_taking_back_a_request_of_ones_own_turns_no_invitee_away(team: Office) -> None:
    invitation_id, _ = await accepted_after_the_inviter_was_demoted(team)
    asked = await team.desk.submit(who("dana"), AdmitInvitee(invitation_id=invitation_id))
    assert isinstance(asked, Waiting)
    await team.desk.withdraw(who("dana"), asked.request.id)
    assert (await team.invitation(invitation_id)).status is InvitationStatus.WAITING


async def test_when_the_plan_takes_a_role_away_the_requests_of_its_holders_are_asked_of_others(
    office: Office,
) -> None:
    await office.set_up(Preset.ANALYTICS, seats=20)
    for handle, role in (("adam", "organization_administrator"), ("dana", "user")):
        await office.joins(handle, role)
    step = Step(approvers=Approvers.ROLE, role="organization_administrator")
    rules = (Rule(kind=Kind.INVITE, steps=(step,)),)
    await office.desk.submit(who("olivia"), ChangeApprovalRules(rules=rules, basis=1))
    request = (await office.asks("dana", STRANGER, "user")).request
    assert request.asked == ((await office.member("adam")).id,)
    free = ChangeSubscription(seat_limit=20, plan=Plan.FREE, invoice_email="")
    await office.desk.submit(who("olivia"), free)
    await office.settle()
    moved = await office.request(request.id)
    assert moved.requirement.steps == (OWNER,)
    assert (await office.member("olivia")).id in moved.asked
