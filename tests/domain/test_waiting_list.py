"""Who waits for a seat or a yes: nobody is passed over, nobody is let in on another's seat."""

import pytest

from domain.changes import (
    AcceptInvitation,
    ChangeRole,
    ChangeSubscription,
    DeactivateMember,
    InvitationLine,
)
from domain.errors import NoSeatLeft
from domain.front_desk import LinkHolder
from domain.model import Invitation, InvitationStatus, Plan, Preset, Verdict
from tests.support.office import KEYS, Office, user_id, who

STRANGER = "sam@elsewhere.example"


async def accepts_by_link(office: Office, invitation: Invitation) -> InvitationStatus:
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    await office.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    return (await office.invitation(invitation.id)).status


async def test_who_accepted_and_waits_for_a_yes_keeps_the_seat_that_was_held(team: Office) -> None:
    late = await team.invites("adam", STRANGER, "developer")
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    assert await accepts_by_link(team, late) is InvitationStatus.WAITING
    async with team.reading() as tx:
        (request,) = await tx.requests.open(limit=10)
    with pytest.raises(NoSeatLeft):
        await team.invites("olivia", "quick@elsewhere.example", "developer")
    await team.desk.decide(who("olivia"), request.id, Verdict.APPROVE)
    assert (await team.invitation(late.id)).status is InvitationStatus.ACCEPTED


async def test_a_slack_user_who_waits_twice_does_not_stop_others_from_leaving(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=3)
    first, second = await office.joins("dana", "user"), await office.joins("devi", "user")
    await office.knows("nora")
    picked = [
        InvitationLine(email=email, role="user", slack_user_id=user_id("nora"))
        for email in ("nora@northwind.example", "nora@private.example")
    ]
    sent = (await office.desk.invite(who("olivia"), picked)).sent
    for invitation_id in sent.made if sent else ():
        await office.desk.submit(who("nora"), AcceptInvitation(invitation_id=invitation_id))
    await office.desk.submit(who("olivia"), DeactivateMember(member_id=first.id))
    await office.desk.submit(who("olivia"), DeactivateMember(member_id=second.id))
    assert not (await office.member("devi")).active


async def test_when_the_inviter_lost_the_right_meanwhile_the_free_seat_asks_for_a_yes(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=2)
    adam = await office.joins("adam", "organization_administrator")
    invitation = await office.invites("adam", STRANGER, "user")
    assert await accepts_by_link(office, invitation) is InvitationStatus.WAITING
    await office.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    async with office.reading() as tx:
        requests = await tx.requests.open(limit=10)
    assert [request.tag for request in requests] == ["admit_invitee"]


async def test_those_who_wait_for_a_yes_do_not_stand_before_those_who_wait_for_a_seat(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=3)
    await office.joins("adam", "organization_administrator")
    dana = await office.joins("dana", "user")
    lines = [InvitationLine(email=f"n{number}@elsewhere.example", role="user") for number in range(100)]
    sent = (await office.desk.invite(who("adam"), lines)).sent
    assert sent is not None
    last = await office.invites("olivia", STRANGER, "user")
    adam = await office.member("adam")
    await office.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="user"))
    for invitation_id in sent.made:
        await accepts_by_link(office, await office.invitation(invitation_id))
    assert await accepts_by_link(office, last) is InvitationStatus.WAITING
    await office.desk.submit(who("olivia"), DeactivateMember(member_id=dana.id))
    assert (await office.invitation(last.id)).status is InvitationStatus.ACCEPTED


async def test_when_the_limit_is_lifted_everybody_who_waited_for_a_seat_is_let_in(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=1)
    lines = [InvitationLine(email=f"n{number}@elsewhere.example", role="user") for number in range(103)]
    sent = (await office.desk.invite(who("olivia"), lines)).sent
    assert sent is not None
    for invitation_id in sent.made:
        await accepts_by_link(office, await office.invitation(invitation_id))
    lifted = ChangeSubscription(seat_limit=None, plan=Plan.STANDARD, invoice_email="")
    await office.desk.submit(who("olivia"), lifted)
    await office.settle()
    async with office.reading() as tx:
        assert (await tx.roster.counts())["waiting"] == 0
