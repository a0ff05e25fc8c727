"""A change costs few statements, and as many for hundreds of rows as for one."""

import asyncio

from domain.changes import AcceptInvitation, InvitationLine, InvitePeople
from domain.deliveries import Posting
from domain.desk import Applied, Waiting
from domain.founding import SetUp
from domain.front_desk import FrontDesk, SlackUser
from domain.inviting import Sending
from domain.model import Person, Plan, Preset, Verdict, new_id
from domain.notices import HomeStale
from storage.store import SqlStore
from tests.storage.examples import TEAM, founded, invitation

OLIVIA, ANN = SlackUser(TEAM, "U1"), SlackUser(TEAM, "U2")
BOOKKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


async def opened_desk(store: SqlStore) -> FrontDesk:
    """A front desk of a team that Olivia owns; Ann is in Slack, not yet in the team."""
    desk = FrontDesk(store)
    for user_id, name in (("U1", "olivia"), ("U2", "ann")):
        email = f"{name}@example.com"
        await desk.learn(Person(team_id=TEAM, user_id=user_id, email=email, name=name, email_confirmed=True))
    form = SetUp(name="Acme", preset=Preset.PORTAL, plan=Plan.STANDARD, seat_limit=5000, code="CODE")
    await desk.set_up(OLIVIA, form)
    return desk


def invite(*emails: str) -> InvitePeople:
    return InvitePeople(lines=tuple(InvitationLine(email=email, role="developer") for email in emails))


def worth_counting(statements: list[str]) -> list[str]:
    return [statement for statement in statements if not statement.startswith(BOOKKEEPING)]


async def test_a_direct_invitation_takes_eleven_statements(store: SqlStore, statements: list[str]) -> None:
    desk = await opened_desk(store)
    statements.clear()
    await desk.invite(OLIVIA, invite("stranger@example.com").lines, delivery=new_id())
    assert len(worth_counting(statements)) == 11
    statements.clear()
    await desk.invite(OLIVIA, invite("ann@example.com").lines, delivery=new_id())
    assert len(worth_counting(statements)) == 14  # three more things are asked of somebody in Slack


async def test_an_acceptance_takes_sixteen_statements(store: SqlStore, statements: list[str]) -> None:
    desk = await opened_desk(store)
    done = await desk.submit(OLIVIA, invite("ann@example.com"))
    assert isinstance(done, Applied)
    statements.clear()
    await desk.submit(ANN, AcceptInvitation(invitation_id=done.made[0]), delivery=new_id())
    assert len(worth_counting(statements)) == 16


async def test_a_deciding_vote_takes_eighteen_statements(store: SqlStore, statements: list[str]) -> None:
    desk = await opened_desk(store)
    done = await desk.submit(OLIVIA, invite("ann@example.com"))
    assert isinstance(done, Applied)
    await desk.submit(ANN, AcceptInvitation(invitation_id=done.made[0]))
    asked = await desk.submit(ANN, invite("stranger@example.com"))
    assert isinstance(asked, Waiting)
    statements.clear()
    await desk.decide(OLIVIA, asked.request.id, Verdict.APPROVE, delivery=new_id())
    assert len(worth_counting(statements)) == 18


async def test_five_hundred_invitations_take_as_many_statements_as_one(
    store: SqlStore, statements: list[str]
) -> None:
    desk = await opened_desk(store)
    statements.clear()
    change = invite(*(f"person{number}@example.com" for number in range(500)))
    sent = await desk.invite(OLIVIA, change.lines)
    assert isinstance(sent, Sending)
    assert len(worth_counting(statements)) <= 11


async def test_a_page_and_the_counts_take_one_statement_each(store: SqlStore, statements: list[str]) -> None:
    _, owner = await founded(store)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([invitation(owner)])
    statements.clear()
    async with store.reading(TEAM) as tx:
        await tx.roster.page(limit=20)
        await tx.roster.counts()
    assert len(worth_counting(statements)) == 3


async def test_a_claim_and_a_finish_take_one_statement_each(store: SqlStore, statements: list[str]) -> None:
    await opened_desk(store)
    statements.clear()
    (first, *_) = await store.queue.claim(limit=10)
    await store.queue.finish(first)
    assert len(worth_counting(statements)) == 2


async def test_what_is_finished_at_the_same_time_is_written_together(
    store: SqlStore, statements: list[str]
) -> None:
    await opened_desk(store)
    async with store.transaction(TEAM) as tx:
        for number in range(20):
            await tx.outbox.add(HomeStale(user_id=f"U{number}"))
    parcels = await store.queue.claim(limit=20)
    assert len(parcels) == 20
    told: list[str] = []
    store.watch(lambda statement, _parameters: told.append(statement))
    postings = [Posting(team_id=TEAM, key=f"k{parcel.id}", channel="D1", ts="1.1") for parcel in parcels]
    done = [store.queue.finish(parcel, its) for parcel, its in zip(parcels, postings, strict=True)]
    assert await asyncio.gather(*done) == [True] * 20
    assert told.count("COMMIT") == 1
    assert len(told) == 4
    assert [await store.queue.posting(TEAM, one.key) for one in postings] == postings
