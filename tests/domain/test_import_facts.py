"""What changes while a file is sent: seats, rights, domains, people; each piece looks again."""

import pytest

from domain.changes import (
    ChangeRole,
    ChangeSettings,
    DeactivateMember,
)
from domain.desk import Applied
from domain.errors import (
    NoSeatLeft,
    SeatLimitBelowUse,
)
from domain.import_jobs import ImportState, PartState
from domain.import_pieces import piece_of, send_piece
from domain.model import Verdict
from domain.notices import ApprovalAsked, ImportFinished, ImportSends, Notice
from tests.support.files import (
    finish,
    first_invitation,
    held,
    known,
    next_ready,
    people,
    piece,
    reserved,
    reviewed,
    seats,
    sends,
    table,
    waiting,
)
from tests.support.office import TEAM, Office, who


async def test_of_too_many_the_number_that_fits_is_sent_and_the_rest_is_named(team: Office) -> None:
    await seats(team, 4 + 15)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    assert await reserved(team) == 15
    done = await finish(team, job)
    assert (done.sent, done.parts[0].failed, await reserved(team)) == (15, 10, 0)
    outcomes = [row["outcome"] for row in await table(team, job)]
    assert outcomes == ["sent"] * 15 + ["not sent"] * 10
    assert "seat" in (await table(team, job))[-1]["problem"]


async def test_seats_that_are_kept_are_nobody_elses(team: Office) -> None:
    await seats(team, 4 + 20)
    job = await reviewed(team, "olivia", people(20))
    await sends(team, "olivia", job)
    await piece(team, job)
    with pytest.raises(NoSeatLeft):
        await team.invites("adam", "other@example.org", "developer")
    with pytest.raises(SeatLimitBelowUse):
        await seats(team, 4 + 19)
    assert (await finish(team, job)).sent == 20


async def test_without_a_seat_nothing_is_begun_and_it_can_be_sent_later(team: Office) -> None:
    await seats(team, 4)
    job = await reviewed(team, "olivia", people(3))
    with pytest.raises(NoSeatLeft):
        await sends(team, "olivia", job)
    assert (await known(team, job.id)).state is ImportState.REVIEWED
    await seats(team, 10)
    await sends(team, "olivia", job)
    assert (await finish(team, job)).sent == 3


async def test_a_piece_that_was_rolled_back_is_sent_by_the_next_try(team: Office) -> None:
    class Crash(Exception):
        """The process dies before the commit."""

    await seats(team, None)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    await piece(team, job)
    ready = await next_ready(team, job)
    assert ready is not None
    with pytest.raises(Crash):
        async with team.store.transaction(TEAM) as tx:
            await send_piece(tx, job.id, 0, ready)
            raise Crash
    assert await held(team) == 10
    assert (await finish(team, job)).sent == 25
    assert not await piece(team, job)
    assert await held(team) == 25


async def test_a_piece_made_ready_twice_is_sent_once(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    ready = await next_ready(team, job)
    assert ready is not None
    for _ in range(2):
        async with team.store.transaction(TEAM) as tx:
            assert await send_piece(tx, job.id, 0, ready)
    assert await held(team) == 10
    assert (await finish(team, job)).sent == 25


async def test_others_get_their_turn_while_a_piece_is_made_ready(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(95), piece=95)
    job = await sends(team, "olivia", job)
    async with team.reading() as tx:
        reviewed_lines, keys = await tx.blobs.pieces(job.review_blob), tx.facilities.keys
    *turns, ready = piece_of(keys, job.parts[0], 0, reviewed_lines)
    assert turns == [None] * 10
    assert ready is not None
    assert len(ready.drafts) == 95


async def test_an_inviter_who_lost_the_right_in_the_middle_sends_nothing_more(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "adam", people(25))
    await sends(team, "adam", job)
    await piece(team, job)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    done = await finish(team, job)
    assert (done.state, done.sent, done.parts[0].state) == (ImportState.DONE, 10, PartState.STOPPED)
    assert "approval" in done.parts[0].why
    assert await reserved(team) == 0
    found = await table(team, job, problems=True)
    assert len(found) == 15
    assert done.parts[0].why in found[0]["problem"]


async def test_an_inviter_who_was_deactivated_in_the_middle_sends_nothing_more(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "adam", people(25))
    await sends(team, "adam", job)
    await piece(team, job)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    done = await finish(team, job)
    assert (done.sent, done.parts[0].state, await reserved(team)) == (10, PartState.STOPPED, 0)


async def test_domains_that_change_in_the_middle_hold_for_the_lines_that_are_left(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    await piece(team, job)
    change = ChangeSettings(name="Northwind", allowed_domains=("northwind.example",))
    await team.desk.submit(who("olivia"), change)
    done = await finish(team, job)
    assert (done.sent, done.parts[0].failed) == (10, 15)
    assert "northwind.example" in (await table(team, job))[-1]["problem"]


async def test_who_joined_or_was_invited_in_the_middle_is_left_alone(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    await team.invites("adam", "p20@example.org", "developer")
    done = await finish(team, job)
    assert (done.sent, done.parts[0].failed) == (24, 1)
    assert "invited already" in (await table(team, job, problems=True))[0]["problem"]


async def test_whoever_asks_makes_one_request_for_the_whole_file(team: Office) -> None:
    await seats(team, None)
    await waiting(team, Notice)
    job = await reviewed(team, "dana", people(25), reason="A new office")
    asked = await sends(team, "dana", job)
    (part,) = asked.parts
    assert (asked.state, part.state, await reserved(team)) == (ImportState.SENDING, PartState.WAITING, 0)
    cards = await waiting(team, ApprovalAsked)
    assert len(cards) == 2  # one for Olivia, one for Adam
    assert {row["outcome"] for row in await table(team, job)} == {"asked"}
    assert part.request_id is not None
    request = await team.request(part.request_id)
    assert request.reason == "A new office"
    answer = await team.desk.decide(who("adam"), request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)
    assert len(await waiting(team, ImportSends)) == 1
    assert (await finish(team, job)).sent == 25
    invitation = await first_invitation(team)
    assert invitation.inviter_id == (await team.member("dana")).id
    assert invitation.authority_id == (await team.member("adam")).id


async def test_a_request_that_is_declined_ends_the_file_and_says_so(team: Office) -> None:
    job = await reviewed(team, "dana", people(1))
    (part,) = (await sends(team, "dana", job)).parts
    await waiting(team, Notice)
    await team.desk.decide(who("adam"), part.request_id or "", Verdict.DECLINE, reason="Not now")
    done = await known(team, job.id)
    assert (done.state, done.parts[0].state) == (ImportState.DONE, PartState.REFUSED)
    assert "Not now" in (await table(team, job))[0]["problem"]
    assert len(await waiting(team, ImportFinished)) == 1


async def test_roles_that_need_a_yes_wait_while_the_others_are_sent(team: Office) -> None:
    await seats(team, None)
    lines = [*people(5), *people(3, start=5, role="admin")]
    job = await reviewed(team, "adam", lines)
    sent = await sends(team, "adam", job)
    states = {part.roles: part.state for part in sent.parts}
    assert states == {("developer",): PartState.SENDING, ("admin",): PartState.WAITING}
    first = next(at for at, part in enumerate(sent.parts) if part.roles == ("developer",))
    assert (await finish(team, job, first)).sent == 5
    outcomes = [row["outcome"] for row in await table(team, job)]
    assert outcomes == ["sent"] * 5 + ["asked"] * 3


async def test_an_approver_who_lost_the_right_stops_what_they_approved(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "dana", people(25))
    (part,) = (await sends(team, "dana", job)).parts
    await team.desk.decide(who("adam"), part.request_id or "", Verdict.APPROVE)
    await piece(team, job)
    adam = await team.member("adam")
    await team.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    done = await finish(team, job)
    assert (done.sent, done.parts[0].state) == (10, PartState.STOPPED)
    assert "approved" in done.parts[0].why
