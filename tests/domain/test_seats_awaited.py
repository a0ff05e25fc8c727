"""A request whose deciding yes finds no seat: it waits, says so, and goes on when there is one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.admissions import AT_ONCE
from domain.changes import DeactivateMember, RevokeInvitation
from domain.desk import Applied
from domain.errors import NoSeatLeft
from domain.model import Approvers, Request, RequestStatus, Step, Verdict
from domain.notices import ApprovalAsked, Notice, RequestFiled
from domain.overview import request_facts
from tests.domain.test_who_decides import files
from tests.support.files import waiting
from tests.support.office import TEAM, Office, who

ANYONE = Approvers.ANYONE_WHO_MAY


async def finds_no_seat(team: Office, request: Request) -> str:
    """Let an invitation hold the last seat and Adam say yes all the same; return the invitation's id."""
    invitation = await team.invites("olivia", "last@elsewhere.example", "developer")
    await waiting(team, Notice)
    with pytest.raises(NoSeatLeft):
        await team.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    return invitation.id


async def test_every_card_is_brought_up_to_date_and_says_that_no_seat_is_free(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE))
    await finds_no_seat(team, request)
    told = await waiting(team, Notice)
    assert sum(isinstance(notice, ApprovalAsked) for notice in told) == 2
    assert sum(isinstance(notice, RequestFiled) for notice in told) == 1
    async with team.reading() as tx:
        facts = await request_facts(tx, await team.request(request.id))
    assert (facts.lacks_seats, facts.status) == (True, RequestStatus.WAITING)


async def test_a_yes_after_a_seat_became_free_makes_the_change(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE))
    invitation_id = await finds_no_seat(team, request)
    assert (await team.request(request.id)).lacks_seat
    await team.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation_id))
    await team.settle()
    assert not (await team.request(request.id)).lacks_seat
    assert isinstance(await team.desk.decide(who("adam"), request.id, Verdict.APPROVE), Applied)


async def with_every_yes_and_no_seat(team: Office, request: Request) -> str:
    """Let all have approved it, while invitations hold the last seats; return one of these."""
    await team.desk.decide(who("olivia"), request.id, Verdict.APPROVE)
    held = await team.invites("olivia", "one@elsewhere.example", "developer")
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    await team.invites("olivia", "two@elsewhere.example", "developer")
    await team.settle()
    assert (await team.request(request.id)).lacks_seat
    return held.id


async def test_what_all_have_approved_is_done_as_soon_as_there_is_a_seat(team: Office) -> None:
    request = await files(team, "dana", Step(approvers=ANYONE, needed=None))
    held = await with_every_yes_and_no_seat(team, request)
    await team.desk.submit(who("olivia"), RevokeInvitation(invitation_id=held))
    await team.settle()
    assert (await team.request(request.id)).status is RequestStatus.APPLIED


async def test_it_is_done_also_behind_more_open_requests_than_are_read_at_once(team: Office) -> None:
    first = await files(team, "dana", Step(approvers=ANYONE, needed=None))
    async with team.store.transaction(TEAM) as tx:
        for number in range(AT_ONCE):
            earlier = first.created_at - timedelta(minutes=number + 1)
            await tx.requests.add(replace(first, id=f"{number:04}", created_at=earlier))
    held = await with_every_yes_and_no_seat(team, first)
    await team.desk.submit(who("olivia"), RevokeInvitation(invitation_id=held))
    await team.settle()
    assert (await team.request(first.id)).status is RequestStatus.APPLIED
