"""Who a Slack user is: what the directory says is evidence only while it is confirmed and still true."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from domain import overview
from domain.changes import (
    AcceptInvitation,
    DeactivateMember,
    InvitationLine,
    InvitePeople,
    JoinOrganization,
)
from domain.desk import Waiting
from domain.errors import AccountNotLinked, AlreadyMember, NotYourInvitation, Refusal
from domain.front_desk import FrontDesk, LinkHolder
from domain.model import MemberStatus, Verdict
from storage.store import SqlStore
from storage.transaction import SqlTransaction
from tests.support.office import KEYS, TEAM, Office, person, user_id, who


async def test_an_address_slack_has_not_confirmed_accepts_no_invitation_sent_to_it(team: Office) -> None:
    await team.knows(person("mallory", email="ceo@northwind.example", email_confirmed=False))
    invitation = await team.invites("olivia", "ceo@northwind.example", "admin")
    with pytest.raises(NotYourInvitation):
        await team.desk.submit(who("mallory"), AcceptInvitation(invitation_id=invitation.id))


async def test_an_address_of_a_slack_user_who_is_a_member_under_another_is_not_invited(team: Office) -> None:
    await team.knows(person("dana", email="dana.new@northwind.example"))
    line = InvitationLine(email="dana.new@northwind.example", role="developer")
    with pytest.raises(AlreadyMember):
        await team.desk.submit(who("olivia"), InvitePeople(lines=(line,)))


async def test_such_an_address_keeps_nobody_else_in_the_list_from_being_invited(office: Office) -> None:
    await office.set_up(seats=None)
    await office.joins("dana", "developer")
    await office.knows(person("dana", email="dana.new@northwind.example"))
    lines = [
        InvitationLine(email=email, role="developer")
        for email in ("dana.new@northwind.example", "sam@elsewhere.example")
    ]
    sending = await office.desk.invite(who("olivia"), lines)
    assert [row.line.email for row in sending.problems] == ["dana.new@northwind.example"]
    assert sending.sent is not None


async def test_without_mail_the_button_beside_the_code_still_asks_an_admin(team: Office) -> None:
    invitation = await team.invites("olivia", "nora@northwind.example", "admin")
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Nora"))
    await team.knows("nora")
    with pytest.raises(AccountNotLinked) as refused:
        await team.desk.send_link_code(who("nora"))
    if refused.value.refusal_id is None:  # as a screen does with a refusal that was not kept
        await team.desk.remember(who("nora"), refused.value)
    assert refused.value.can_ask
    assert isinstance(await team.desk.ask(who("nora"), refused.value.refusal_id or ""), Waiting)


async def test_a_member_who_was_removed_asks_to_join_again(team: Office) -> None:
    async with team.store.transaction(TEAM) as tx:
        dana = await tx.members.by_user(user_id("dana"))
        assert dana is not None
        await tx.members.save(replace(dana, status=MemberStatus.REMOVED))
        tx.update(replace(tx.organization, active_members=tx.organization.active_members - 1))
    assert isinstance(await team.desk.join(who("dana")), Waiting)


async def test_opening_home_does_not_undo_what_slack_said_meanwhile(team: Office) -> None:
    await team.knows("nora")

    class Between(SqlStore):
        @asynccontextmanager
        async def reading(self, team_id: str) -> AsyncIterator[SqlTransaction]:
            async with team.store.reading(team_id) as tx:
                yield tx
            await team.knows(person("nora", deleted=True))

    slow = copy.copy(team.store)
    slow.__class__ = Between
    await FrontDesk(slow).saw_home(who("nora"))
    async with team.reading() as tx:
        nora = await tx.people.get(user_id("nora"))
    assert nora is not None
    assert nora.deleted


async def test_who_became_a_guest_meanwhile_does_not_join_by_a_late_yes(team: Office) -> None:
    await team.knows("nora")
    waiting = await team.desk.join(who("nora"))
    assert isinstance(waiting, Waiting)
    await team.knows(person("nora", guest=True))
    await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    async with team.reading() as tx:
        assert await tx.members.by_user(user_id("nora")) is None


async def test_a_guest_does_not_ask_to_join_at_any_door(team: Office) -> None:
    await team.knows(person("gus", guest=True))
    change = JoinOrganization(slack_user_id=user_id("gus"), email="gus@northwind.example", name="Gus")
    with pytest.raises(Refusal):
        await team.desk.submit(who("gus"), change)


async def test_nobody_asks_to_join_as_somebody_else(team: Office) -> None:
    await team.knows("nora", "paul")
    change = JoinOrganization(slack_user_id=user_id("paul"), email="paul@northwind.example", name="Paul")
    with pytest.raises(Refusal):
        await team.desk.submit(who("nora"), change)


async def test_who_became_a_member_meanwhile_still_sees_and_withdraws_what_they_asked_before(
    team: Office,
) -> None:
    await team.knows("nora")
    waiting = await team.desk.join(who("nora"))
    assert isinstance(waiting, Waiting)
    await team.joins("nora", "developer")
    async with team.desk.reading(who("nora")) as (tx, nora):
        asked = (await overview.desk_of(tx, nora)).asked_by_me
    assert [facts.request.id for facts in asked] == [waiting.request.id]
    await team.desk.withdraw(who("nora"), waiting.request.id)


async def test_a_deactivated_member_who_is_invited_under_another_address_is_told_so(team: Office) -> None:
    invitation = await team.invites("olivia", "private@elsewhere.example", "developer")
    dana = await team.member("dana")
    await team.desk.submit(who("adam"), DeactivateMember(member_id=dana.id))
    with pytest.raises(Refusal) as refused:
        await team.desk.submit(who("dana"), AcceptInvitation(invitation_id=invitation.id))
    assert "deactivated" in str(refused.value)
