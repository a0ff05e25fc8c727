"""Home asks the database little, however many requests there are."""

from dataclasses import replace
from datetime import timedelta

from domain.changes import AcceptInvitation, InvitationLine
from domain.desk import Applied
from domain.model import Request, Step, Verdict, Vote
from domain.overview import HomeFacts, home_of
from domain.requirements import Approvers
from storage.store import SqlStore
from tests.storage.examples import TEAM
from tests.storage.test_statements import ANN, OLIVIA, invite, opened_desk, worth_counting

MOST = 13
"""Statements of one look at Home."""


async def first_request(store: SqlStore) -> Request:
    """Ann, a developer, asks Olivia for an invitation that needs two yeses."""
    desk = await opened_desk(store)
    done = await desk.submit(OLIVIA, invite("ann@example.com"))
    assert isinstance(done, Applied)
    await desk.submit(ANN, AcceptInvitation(invitation_id=done.made[0]))
    (asked,) = (await desk.invite(ANN, [InvitationLine(email="x@example.com", role="developer")])).waiting
    return asked.request


async def copies(store: SqlStore, request: Request, count: int) -> None:
    """Add so many requests like one, each of which needs two yeses and has one that is not Olivia's."""
    two = (Step(approvers=Approvers.ANYONE_WHO_MAY, needed=2),)
    requirement = replace(request.requirement, steps=two)
    async with store.transaction(TEAM) as tx:
        for number in range(count):
            at = request.created_at + timedelta(seconds=number + 1)
            copy = replace(
                request, id=f"{request.id[:-4]}{number:04}", requirement=requirement, created_at=at
            )
            await tx.requests.add(copy)
            voter = request.requester_id or ""
            vote = Vote(request_id=copy.id, step=0, voter_id=voter, verdict=Verdict.APPROVE, at=at)
            await tx.requests.add_vote(vote)


async def looked_at(store: SqlStore, statements: list[str], user_id: str) -> tuple[HomeFacts, int]:
    """Home of a Slack user, and how many statements it took."""
    async with store.reading(TEAM) as tx:
        member = await tx.members.by_user(user_id)
        assert member is not None
    statements.clear()
    async with store.reading(TEAM) as tx:
        home = await home_of(tx, member)
    return home, len(worth_counting(statements))


async def test_home_of_an_approver_takes_as_few_statements_for_a_hundred_requests_as_for_ten(
    store: SqlStore, statements: list[str]
) -> None:
    request = await first_request(store)
    await copies(store, request, 9)
    few, ten = await looked_at(store, statements, OLIVIA.user_id)
    assert (str(few.waiting), len(few.desk.waiting_for_me)) == ("10", 5)
    assert ten <= MOST
    others = "y" if request.id[-5] == "z" else "z"
    await copies(store, replace(request, id=request.id[:-5] + others + request.id[-4:]), 140)
    many, hundred = await looked_at(store, statements, OLIVIA.user_id)
    assert str(many.waiting) == "99+"
    assert hundred <= ten + 3  # a second look at a hundred open requests


async def test_home_of_a_requester_counts_what_is_open(store: SqlStore, statements: list[str]) -> None:
    request = await first_request(store)
    await copies(store, request, 120)
    home, count = await looked_at(store, statements, ANN.user_id)
    assert (str(home.asked), len(home.desk.asked_by_me)) == ("49+", 5)
    assert count <= MOST
