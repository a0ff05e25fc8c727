"""A file of people on its way: reviewed, sent in pieces, accounted for, stopped and erased."""

import pytest

from domain import imports
from domain.audit import verify
from domain.changes import (
    ChangeSettings,
    InvitationLine,
    ResendInvitation,
)
from domain.errors import (
    ImportOver,
    NoSuchImport,
    Refusal,
)
from domain.front_desk import identify
from domain.import_accounts import unanswered
from domain.import_jobs import ImportState, unpack
from domain.notices import TIMERS, InvitationAnswered, InvitationExpires, LinkReady, Notice
from tests.support.files import (
    finish,
    held,
    known,
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


async def test_every_line_is_sent_once_and_the_audit_holds(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(25))
    assert (job.state, job.good, job.bad, job.chunks) == (ImportState.REVIEWED, 25, 0, 3)
    await sends(team, "olivia", job)
    done = await finish(team, job)
    assert (done.state, done.sent) == (ImportState.DONE, 25)
    assert await held(team) == 25
    assert await reserved(team) == 0
    assert {row["outcome"] for row in await table(team, job)} == {"sent"}
    async with team.reading() as tx:
        assert (await verify(tx)).fault is None
        tags = [entry.tag for entry in await tx.audit.entries()]
    assert tags.count("invitation.sent") == 25 + 3
    assert "import.begun" in tags


async def test_the_same_file_sent_twice_sends_nothing_twice(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(12))
    await sends(team, "olivia", job)
    await finish(team, job)
    again = await reviewed(team, "olivia", people(12))
    assert (again.good, again.problems) == (0, {"AlreadyInvited": 12})
    with pytest.raises(ImportOver):
        await sends(team, "olivia", again)
    assert await held(team) == 12


async def test_two_reviews_of_one_file_both_sent_invite_everybody_once(team: Office) -> None:
    await seats(team, None)
    first, second = [await reviewed(team, "olivia", people(12)) for _ in range(2)]
    await sends(team, "olivia", first)
    await sends(team, "olivia", second)
    await piece(team, first)
    await piece(team, second)
    await finish(team, first)
    done = await finish(team, second)
    assert await held(team) == 12
    assert (done.sent, done.parts[0].failed) == (0, 12)
    assert await reserved(team) == 0


async def test_every_problem_is_found_and_handed_out_to_be_mended(team: Office) -> None:
    await seats(team, None)
    lines = [
        *people(1),
        InvitationLine(email="P0@EXAMPLE.org", role="developer"),
        InvitationLine(email="foo", role="developer", name="=1+1"),
        InvitationLine(email="adam@northwind.example", role="developer"),
        InvitationLine(email="x@example.org", role="wizard"),
        InvitationLine(email="y@example.org", role="developer", departments=("Nowhere",)),
        InvitationLine(email="z@example.org", role="super_admin"),
    ]
    job = await reviewed(team, "olivia", lines, piece=2)
    assert job.problems == {
        "TwiceInList": 1,
        "BadAddress": 1,
        "AlreadyMember": 1,
        "NoSuchRole": 2,
        "NoSuchDepartment": 1,
    }
    found = await table(team, job, problems=True)
    assert [row["line"] for row in found] == ["2", "3", "4", "5", "6", "7"]
    assert [row["email"] for row in found][:2] == ["P0@example.org", "foo"]
    assert found[1]["name"] == "'=1+1"
    assert all(row["problem"] for row in found)
    assert found[4]["problem"].startswith("There is no department “Nowhere” here.")


async def test_sending_can_be_stopped_and_what_is_left_is_named(team: Office) -> None:
    await seats(team, 40)
    job = await reviewed(team, "olivia", people(25))
    await sends(team, "olivia", job)
    await piece(team, job)
    async with team.store.transaction(TEAM) as tx:
        await imports.cancel(tx, await identify(tx, who("olivia")), job.id)
    assert not await piece(team, job)
    done = await known(team, job.id)
    assert (done.state, done.sent, await reserved(team)) == (ImportState.DONE, 10, 0)
    assert len(await table(team, job, problems=True)) == 15


async def test_a_cancelled_file_is_erased_and_cannot_be_sent(team: Office) -> None:
    job = await reviewed(team, "olivia", people(1))
    async with team.store.transaction(TEAM) as tx:
        await imports.cancel(tx, await identify(tx, who("olivia")), job.id)
    async with team.reading() as tx:
        assert await tx.blobs.pieces(job.review_blob) == {}
    with pytest.raises(ImportOver):
        await sends(team, "olivia", job)


async def test_a_file_is_its_senders_alone(team: Office) -> None:
    job = await reviewed(team, "olivia", people(1))
    with pytest.raises(NoSuchImport):
        await sends(team, "adam", job)
    async with team.store.transaction(TEAM) as tx:
        with pytest.raises(NoSuchImport):
            await imports.cancel(tx, await identify(tx, who("adam")), job.id)


async def test_no_message_goes_out_for_each_link_that_the_summary_lists(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(3))
    await sends(team, "olivia", job)
    await finish(team, job)
    assert await waiting(team, LinkReady) == []
    links = [row["link"] for row in await table(team, job)]
    assert len(set(links)) == 3
    assert all(link.startswith("https://steward.example/invitations/") for link in links)
    team.clock.advance(days=8)
    joined = 3  # those who were invited one by one before
    assert len(await waiting(team, InvitationExpires)) == joined + 3


async def test_the_pieces_are_kept_as_they_were_reviewed(team: Office) -> None:
    job = await reviewed(team, "olivia", people(12))
    async with team.reading() as tx:
        pieces = await tx.blobs.pieces(job.review_blob)
    assert [len(unpack(packed)) for packed in pieces.values()] == [10, 2]


async def test_old_files_are_swept(team: Office) -> None:
    job = await reviewed(team, "olivia", people(3))
    team.clock.advance(days=31)
    await team.store.queue.sweep()
    async with team.reading() as tx:
        assert await tx.imports.get(job.id) is None
        assert await tx.blobs.pieces(job.review_blob) == {}


async def test_an_invitation_cannot_be_sent_again_to_a_domain_that_is_closed_by_now(team: Office) -> None:
    invitation = await team.invites("olivia", "bob@example.org", "developer")
    change = ChangeSettings(name="Northwind", allowed_domains=("northwind.example",))
    await team.desk.submit(who("olivia"), change)
    with pytest.raises(Refusal, match=r"invites only addresses at northwind\.example"):
        await team.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))


async def test_the_sender_hears_once_how_many_have_not_answered(team: Office) -> None:
    await seats(team, None)
    job = await reviewed(team, "olivia", people(3))
    await sends(team, "olivia", job)
    await finish(team, job)
    await waiting(team, Notice)
    team.clock.advance(days=7, minutes=2)
    for notice in await waiting(team, Notice):
        if isinstance(notice, TIMERS):
            await team.desk.tick(TEAM, notice)
    assert await waiting(team, InvitationAnswered) == []
    async with team.reading() as tx:
        assert await unanswered(tx, await imports.load(tx, job.id)) == 3
    again = await reviewed(team, "olivia", people(3))
    assert again.good == 3
