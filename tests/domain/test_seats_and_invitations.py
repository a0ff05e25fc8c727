"""Seats and invitations on the real store: every door passes the same check."""

import pytest

from domain.changes import (
    AcceptInvitation,
    ActivateMember,
    ChangeRole,
    ChangeSeatHolding,
    ChangeSettings,
    ChangeSubscription,
    DeactivateMember,
    DeclineInvitation,
    InvitationLine,
    ResendInvitation,
    RevokeInvitation,
)
from domain.errors import (
    AlreadyInvited,
    AlreadyMember,
    BadAddress,
    DomainNotAllowed,
    InvitationOver,
    MemberIsDeactivated,
    NoSeatLeft,
    NoSuchRole,
    NotYourInvitation,
    OutsidersNever,
    Refusal,
    SeatLimitBelowUse,
)
from domain.front_desk import LinkHolder
from domain.model import InvitationStatus, MemberStatus, Plan, Preset, RequestStatus, Verdict, Via
from domain.notices import InvitationExpires, InvitationMailed, InvitationSent
from tests.support.office import KEYS, TEAM, Office, person, who

STRANGER = "sam@elsewhere.example"


async def token(office: Office, invitation_id: str, generation: int | None = None) -> str:
    invitation = await office.invitation(invitation_id)
    return KEYS.invitation_token(invitation.id, generation or invitation.generation)


async def test_the_invitee_becomes_a_member_with_role_and_seat(team: Office) -> None:
    dana = await team.member("dana")
    assert (dana.role, dana.status, dana.joined_via) == ("developer", MemberStatus.ACTIVE, Via.SLACK)
    async with team.reading() as tx:
        assert tx.organization.active_members == 4
        assert await tx.invitations.held() == 0


async def test_a_pending_invitation_holds_the_last_seat(team: Office) -> None:
    await team.invites("olivia", STRANGER, "developer")
    with pytest.raises(NoSeatLeft) as refused:
        await team.invites("olivia", "second@elsewhere.example", "developer")
    assert "4 of 5 seats are used and 1 held" in str(refused.value)


@pytest.mark.parametrize("ending", ["revoke", "decline", "expire"])
async def test_the_seat_is_free_again_when_the_invitation_ends(team: Office, ending: str) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    if ending == "revoke":
        await team.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    elif ending == "decline":
        link = LinkHolder(await token(team, invitation.id))
        await team.desk.submit(link, DeclineInvitation(invitation_id=invitation.id))
    else:
        team.clock.advance(days=7)
    second = await team.invites("olivia", "second@elsewhere.example", "developer")
    assert second.status is InvitationStatus.PENDING


@pytest.mark.parametrize(
    ("email", "role", "refusal"),
    [
        ("not an address", "developer", BadAddress),
        ("dana@northwind.example", "developer", AlreadyMember),
        ("DANA@NORTHWIND.EXAMPLE", "developer", AlreadyMember),
        (STRANGER, "super_admin", NoSuchRole),
        (STRANGER, "emperor", NoSuchRole),
    ],
)
async def test_a_single_line_is_refused_with_its_problem(
    team: Office, email: str, role: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await team.sends("olivia", email, role)


async def test_an_address_is_invited_once(team: Office) -> None:
    await team.invites("olivia", STRANGER, "developer")
    with pytest.raises(AlreadyInvited):
        await team.sends("adam", STRANGER.upper(), "developer")


async def test_only_allowed_domains_are_invited(team: Office) -> None:
    change = ChangeSettings(name="Northwind", allowed_domains=("northwind.example",))
    await team.desk.submit(who("olivia"), change)
    with pytest.raises(DomainNotAllowed) as refused:
        await team.sends("olivia", STRANGER, "developer")
    assert "elsewhere.example" in str(refused.value)


async def test_many_lines_are_each_accounted_for(team: Office) -> None:
    lines = [
        InvitationLine(email=STRANGER, role="developer"),
        InvitationLine(email="nonsense", role="developer"),
        InvitationLine(email=STRANGER, role="developer"),
        InvitationLine(email="dana@northwind.example", role="developer"),
        InvitationLine(email="late@elsewhere.example", role="developer"),
    ]
    sending = await team.desk.invite(who("olivia"), lines)
    assert sending.sent is not None
    assert len(sending.sent.made) == 1
    problems = [row.problem.code for row in sending.problems if row.problem]
    assert problems == ["BadAddress", "TwiceInList", "AlreadyMember", "NoSeatLeft"]


async def test_an_admin_invites_developers_at_once_and_an_admin_by_the_owners_yes(office: Office) -> None:
    await office.set_up(seats=20)
    await office.joins("adam", "admin")
    lines = [
        InvitationLine(email="one@elsewhere.example", role="developer"),
        InvitationLine(email="two@elsewhere.example", role="admin"),
    ]
    sending = await office.desk.invite(who("adam"), lines)
    assert sending.sent is not None
    (waiting,) = sending.waiting
    assert [member.name for member in waiting.approvers] == ["Olivia"]


async def test_accepting_by_an_old_link_says_a_newer_one_was_sent(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    await team.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    old = LinkHolder(await token(team, invitation.id, 1))
    with pytest.raises(InvitationOver) as refused:
        await team.desk.submit(old, AcceptInvitation(invitation_id=invitation.id))
    assert "newer invitation" in str(refused.value)
    new = LinkHolder(await token(team, invitation.id, 2))
    await team.desk.submit(new, AcceptInvitation(invitation_id=invitation.id, name="Sam"))
    assert (await team.invitation(invitation.id)).status is InvitationStatus.ACCEPTED


async def test_a_link_passed_on_links_no_slack_user_and_says_so(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    link = LinkHolder(await token(team, invitation.id))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Sam"))
    async with team.reading() as tx:
        member = await tx.members.by_email(STRANGER)
    assert member is not None
    assert (member.joined_via, member.slack_user_id, member.name) == (Via.LINK, None, "Sam")


async def test_a_link_works_once(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    link = LinkHolder(await token(team, invitation.id))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    with pytest.raises(InvitationOver):
        await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))


async def test_an_expired_invitation_is_not_accepted_even_before_its_timer(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    team.clock.advance(days=7)
    link = LinkHolder(await token(team, invitation.id))
    with pytest.raises(InvitationOver) as refused:
        await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    assert "expired" in str(refused.value)


async def test_the_timer_of_a_renewed_invitation_changes_nothing(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    team.clock.advance(days=6)
    await team.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    team.clock.advance(days=1)
    await team.desk.tick(TEAM, InvitationExpires(invitation_id=invitation.id, generation=1))
    assert (await team.invitation(invitation.id)).status is InvitationStatus.PENDING
    team.clock.advance(days=6)
    await team.desk.tick(TEAM, InvitationExpires(invitation_id=invitation.id, generation=2))
    assert (await team.invitation(invitation.id)).status is InvitationStatus.EXPIRED


@pytest.mark.parametrize("kind", ["guest", "bot", "stranger", "deleted"])
async def test_outsiders_of_the_workspace_never_accept_in_slack(team: Office, kind: str) -> None:
    await team.knows(person("gus", **{kind: True}))
    invitation = await team.invites("olivia", "gus@northwind.example", "developer")
    with pytest.raises(OutsidersNever):
        await team.desk.submit(who("gus"), AcceptInvitation(invitation_id=invitation.id))


async def test_somebody_else_does_not_accept_my_invitation(team: Office) -> None:
    await team.knows("nora")
    invitation = await team.invites("olivia", STRANGER, "developer")
    with pytest.raises(NotYourInvitation):
        await team.desk.submit(who("nora"), AcceptInvitation(invitation_id=invitation.id))


async def test_after_the_inviter_is_demoted_the_acceptance_waits_for_a_yes(team: Office) -> None:
    invitation = await team.invites("adam", STRANGER, "developer")
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    link = LinkHolder(await token(team, invitation.id))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Sam"))
    assert (await team.invitation(invitation.id)).status is InvitationStatus.WAITING
    async with team.reading() as tx:
        (request,) = await tx.requests.open(limit=10)
    await team.desk.decide(who("olivia"), request.id, Verdict.APPROVE)
    assert (await team.invitation(invitation.id)).status is InvitationStatus.ACCEPTED
    assert (await team.request(request.id)).status is RequestStatus.APPLIED


async def test_a_declined_admission_ends_the_invitation(team: Office) -> None:
    invitation = await team.invites("adam", STRANGER, "developer")
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    link = LinkHolder(await token(team, invitation.id))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    async with team.reading() as tx:
        (request,) = await tx.requests.open(limit=10)
    await team.desk.decide(who("olivia"), request.id, Verdict.DECLINE, reason="no")
    assert (await team.invitation(invitation.id)).status is InvitationStatus.REVOKED


async def test_where_invitations_hold_no_seat_the_late_acceptance_waits_and_enters_when_one_is_free(
    office: Office,
) -> None:
    await office.set_up(Preset.ANALYTICS, seats=2)
    dana = await office.joins("dana", "user")
    invitation = await office.invites("olivia", STRANGER, "user")
    link = LinkHolder(await token(office, invitation.id))
    await office.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Sam"))
    assert (await office.invitation(invitation.id)).waits_for == "seat"
    await office.desk.submit(who("olivia"), DeactivateMember(member_id=dana.id))
    assert (await office.invitation(invitation.id)).status is InvitationStatus.ACCEPTED
    with pytest.raises(NoSeatLeft):
        await office.desk.submit(who("olivia"), ActivateMember(member_id=dana.id))


async def test_the_seat_limit_does_not_go_below_use(team: Office) -> None:
    await team.invites("olivia", STRANGER, "developer")
    change = ChangeSubscription(seat_limit=4, plan=Plan.STANDARD, invoice_email="")
    with pytest.raises(SeatLimitBelowUse):
        await team.desk.submit(who("olivia"), change)


async def test_invitations_begin_to_hold_seats_only_when_there_are_enough(office: Office) -> None:
    await office.set_up(Preset.ANALYTICS, seats=1)
    await office.invites("olivia", STRANGER, "user")
    change = ChangeSeatHolding(pending_holds_seat=True)
    with pytest.raises(SeatLimitBelowUse):
        await office.desk.submit(who("olivia"), change)


async def test_a_deactivated_member_is_not_invited_but_activated(team: Office) -> None:
    dana = await team.member("dana")
    await team.desk.submit(who("adam"), DeactivateMember(member_id=dana.id))
    with pytest.raises(MemberIsDeactivated):
        await team.sends("olivia", "dana@northwind.example", "developer")
    await team.desk.submit(who("adam"), ActivateMember(member_id=dana.id))
    back = await team.member("dana")
    assert (back.status, back.role) == (MemberStatus.ACTIVE, "developer")


async def test_an_undelivered_mail_changes_nothing_while_slack_reaches_the_invitee(team: Office) -> None:
    await team.knows("nora")
    invitation = await team.invites("olivia", "nora@northwind.example", "developer")
    mailed = InvitationMailed(invitation_id=invitation.id, generation=1)
    await team.desk.undelivered(TEAM, mailed)
    assert not (await team.invitation(invitation.id)).passed_on
    sent = InvitationSent(invitation_id=invitation.id, generation=1, to="user:UNORA")
    await team.desk.undelivered(TEAM, sent)
    assert (await team.invitation(invitation.id)).passed_on
