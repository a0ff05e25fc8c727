"""What is written comes back equal, field by field."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from domain.errors import NotSetUp
from domain.model import (
    InvitationStatus,
    MemberStatus,
    RequestStatus,
    Verdict,
    Via,
    Vote,
    new_id,
)
from storage.store import SqlStore
from tests.storage.examples import (
    START,
    TEAM,
    department,
    founded,
    invitation,
    member,
    organization,
    person,
    request,
)


async def test_an_organization_comes_back_as_it_was_founded(store: SqlStore) -> None:
    made, _ = await founded(store)
    async with store.reading(TEAM) as tx:
        assert tx.organization == replace(made, active_members=1, version=2)
        assert tx.is_set_up
        assert tx.team_id == TEAM


async def test_without_an_organization_only_the_directory_is_there(store: SqlStore) -> None:
    async with store.transaction(TEAM) as tx:
        assert not tx.is_set_up
        with pytest.raises(NotSetUp):
            _ = tx.organization
        with pytest.raises(NotSetUp):
            await tx.members.get("m")
        await tx.people.save(person("U1", "ann@example.com"))
        assert await tx.first_time("delivery-1")
    async with store.reading(TEAM) as tx:
        assert await tx.people.get("U1") == person("U1", "ann@example.com")


async def test_a_member_comes_back_with_departments_in_their_order(store: SqlStore) -> None:
    made, _ = await founded(store)
    sales, support, legal = (department(made.id, name) for name in ("Sales", "Support", "Legal"))
    ann = member(made.id, departments=(support.id, legal.id, sales.id), slack_user_id="U1", role="admin")
    async with store.transaction(TEAM) as tx:
        for one in (sales, support, legal):
            await tx.departments.add(one)
        await tx.members.add(ann)
    async with store.reading(TEAM) as tx:
        assert await tx.members.get(ann.id) == ann
        assert await tx.members.by_user("U1") == ann
        assert await tx.members.by_email(" ANN.Example@example.com ") == ann
        assert await tx.members.many([ann.id, "nobody"]) == {ann.id: ann}
        assert await tx.members.get("nobody") is None


async def test_a_saved_member_comes_back_changed(store: SqlStore) -> None:
    made, _ = await founded(store)
    sales, support = (department(made.id, name) for name in ("Sales", "Support"))
    ann = member(made.id, departments=(sales.id,))
    async with store.transaction(TEAM) as tx:
        await tx.departments.add(sales)
        await tx.departments.add(support)
        await tx.members.add(ann)
    changed = replace(
        ann,
        name="Ann 🎉 Newname",
        email="ann@new.example",
        role="admin",
        status=MemberStatus.DEACTIVATED,
        slack_user_id="U9",
        joined_via=Via.MAIL,
        status_at=START + timedelta(days=3),
        departments=(support.id, sales.id),
    )
    async with store.transaction(TEAM) as tx:
        await tx.members.save(changed)
        assert await tx.members.get(ann.id) == replace(changed, version=2)
    async with store.reading(TEAM) as tx:
        assert await tx.members.get(ann.id) == replace(changed, version=2)
        assert await tx.members.by_email("ann.example@example.com") is None


async def test_an_invitation_comes_back_as_it_was_sent_and_as_it_was_answered(store: SqlStore) -> None:
    _, owner = await founded(store)
    sent = invitation(owner, slack_user_id="U2", passed_on=True, departments=("d2", "d1"))
    answered = replace(
        sent,
        status=InvitationStatus.ACCEPTED,
        answered_at=START + timedelta(days=1),
        answered_via=Via.LINK,
        waits_for="seat",
        member_id=owner.id,
        name="",
    )
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([sent])
    async with store.transaction(TEAM) as tx:
        assert await tx.invitations.get(sent.id) == sent
        assert await tx.invitations.open_for_user("U2") == (sent,)
        assert await tx.invitations.open_for(["NEW@example.com"]) == {"new@example.com": sent}
        assert await tx.invitations.held() == 1
        await tx.invitations.save(answered)
    async with store.reading(TEAM) as tx:
        assert await tx.invitations.get(sent.id) == replace(answered, version=2)
        assert await tx.invitations.open_for(["new@example.com"]) == {}
        assert await tx.invitations.held() == 0


async def test_every_link_ever_sent_finds_its_invitation(store: SqlStore) -> None:
    _, owner = await founded(store)
    first = invitation(owner)
    second = replace(first, generation=2, token_hash=new_id())
    third = replace(second, generation=3, token_hash=new_id(), version=2)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([first])
    async with store.transaction(TEAM) as tx:
        await tx.invitations.save(second)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.get(first.id)
        await tx.invitations.save(third)
    async with store.reading(TEAM) as tx:
        for sent in (first, second, third):
            assert await tx.invitations.by_token(sent.token_hash) == replace(third, version=3)
        assert await tx.invitations.by_token("unknown") is None
    for sent in (first, second, third):
        assert await store.team_of_token(sent.token_hash) == TEAM
    assert await store.team_of_token("unknown") is None


async def test_a_request_comes_back_with_its_requirement_and_its_votes(store: SqlStore) -> None:
    made, owner = await founded(store)
    ann, ben = member(made.id, "Ann A"), member(made.id, "Ben B")
    asked = request(ann, owner, ben)
    votes = [
        Vote(request_id=asked.id, step=0, voter_id=owner.id, verdict=Verdict.APPROVE, reason="ok", at=START),
        Vote(request_id=asked.id, step=1, voter_id=ben.id, verdict=Verdict.DECLINE, at=START),
    ]
    async with store.transaction(TEAM) as tx:
        await tx.members.add(ann)
        await tx.members.add(ben)
        await tx.requests.add(asked)
        for vote in votes:
            await tx.requests.add_vote(vote)
    closed = replace(
        asked,
        status=RequestStatus.DECLINED,
        step=1,
        decided_at=START,
        decided_by=ben.id,
        decision_reason="not now",
    )
    async with store.transaction(TEAM) as tx:
        assert await tx.requests.get(asked.id) == asked
        assert await tx.requests.votes(asked.id) == tuple(votes)
        assert await tx.requests.open_asked(ben.id, limit=5) == (asked,)
        await tx.requests.save(closed)
    async with store.reading(TEAM) as tx:
        assert await tx.requests.get(asked.id) == replace(closed, version=2)
        assert await tx.requests.open_asked(ben.id, limit=5) == ()
        assert await tx.requests.decided_by(ben.id, limit=5) == (replace(closed, version=2),)
        assert await tx.requests.recent_by(member_id=ann.id, user_id=None, limit=5) == (
            replace(closed, version=2),
        )


async def test_requests_are_found_by_who_asked_and_by_who_was_asked(store: SqlStore) -> None:
    made, owner = await founded(store)
    ann = member(made.id, "Ann A")
    inside = request(ann, owner, created_at=START + timedelta(hours=1))
    outside = replace(request(ann, owner), id=new_id(), requester_id=None, requester_user_id="U7")
    over = request(ann, owner, created_at=START - timedelta(days=9), expires_at=START)
    async with store.transaction(TEAM) as tx:
        await tx.members.add(ann)
        for one in (inside, outside, over):
            await tx.requests.add(one)
    async with store.reading(TEAM) as tx:
        assert await tx.requests.open(limit=9) == (outside, inside)
        assert await tx.requests.open(limit=1) == (outside,)
        assert await tx.requests.open_by(member_id=ann.id, user_id=None) == (inside,)
        assert await tx.requests.open_by(member_id=None, user_id="U7") == (outside,)
        assert await tx.requests.open_by(member_id=ann.id, user_id="U7") == (outside, inside)
        assert await tx.requests.recent_by(member_id=ann.id, user_id="U7", limit=2) == (inside, outside)
        assert await tx.requests.open_asked(owner.id, limit=9) == (outside, inside)


async def test_whoever_is_asked_later_finds_the_request_too(store: SqlStore) -> None:
    made, owner = await founded(store)
    ann, ben = member(made.id, "Ann A"), member(made.id, "Ben B")
    asked = request(ann, owner)
    async with store.transaction(TEAM) as tx:
        await tx.members.add(ann)
        await tx.members.add(ben)
        await tx.requests.add(asked)
    async with store.transaction(TEAM) as tx:
        await tx.requests.get(asked.id)
        await tx.requests.save(replace(asked, asked=(owner.id, ben.id)))
    async with store.reading(TEAM) as tx:
        expected = replace(asked, asked=(owner.id, ben.id), version=2)
        assert await tx.requests.open_asked(ben.id, limit=9) == (expected,)
        assert await tx.requests.open_asked(owner.id, limit=9) == (expected,)


async def test_departments_come_back_by_name_and_retired_ones_when_asked_for(store: SqlStore) -> None:
    made, _ = await founded(store)
    sales, legal = department(made.id, "Sales"), department(made.id, "legal")
    retired = replace(sales, retired_at=START)
    async with store.transaction(TEAM) as tx:
        await tx.departments.add(sales)
        await tx.departments.add(legal)
        assert await tx.departments.all() == (legal, sales)
        await tx.departments.save(retired)
    async with store.reading(TEAM) as tx:
        assert await tx.departments.all() == (legal,)
        assert await tx.departments.all(retired=True) == (legal, replace(retired, version=2))
        assert await tx.departments.get(sales.id) == replace(retired, version=2)
        assert await tx.departments.get("none") is None


async def test_people_are_found_by_address_and_stay_seen_once_home_was_opened(store: SqlStore) -> None:
    one, other = (
        person("U1", "Ann@Example.com"),
        person("U2", "ann@example.com", guest=True, time_zone="Asia/Tokyo"),
    )
    async with store.transaction(TEAM) as tx:
        await tx.found(organization())
        await tx.people.save_all([one, other, person("U3", "")])
        assert await tx.people.many(["U2", "U1", "U9"]) == {"U1": one, "U2": other}
        assert await tx.people.by_emails(["ANN@example.com", ""]) == {"ann@example.com": (one, other)}
        await tx.people.save(replace(one, home_opened=True))
        await tx.people.save(replace(one, name="Renamed", deleted=True))
    async with store.reading("T2") as tx:
        assert await tx.people.get("U1") is None
    async with store.reading(TEAM) as tx:
        assert await tx.people.get("U1") == replace(one, name="Renamed", deleted=True, home_opened=True)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (200, 100, "first"),
        (100, 200, "second"),
        (100, 100, "second"),
        (0, 100, "second"),
        (200, 0, "second"),
    ],
    ids=["overtaken", "newer", "same moment", "dated after undated", "undated"],
)
async def test_of_what_slack_says_of_a_person_the_newest_is_kept(
    store: SqlStore, first: int, second: int, kept: str
) -> None:
    await founded(store)
    async with store.transaction(TEAM) as tx:
        await tx.people.save(person("U1", "ann@example.com", name="first", updated=first))
    async with store.transaction(TEAM) as tx:
        await tx.people.save(person("U1", "bob@example.com", name="second", updated=second, home_opened=True))
    async with store.reading(TEAM) as tx:
        known = await tx.people.get("U1")
        assert known is not None
        assert (known.name, known.updated, known.home_opened) == (kept, max(first, second), True)
        address = "ann@example.com" if kept == "first" else "bob@example.com"
        assert await tx.people.by_emails(["ann@example.com", "bob@example.com"]) == {address: (known,)}


async def test_facts_without_a_date_do_not_open_the_way_for_older_ones(store: SqlStore) -> None:
    async with store.transaction(TEAM) as tx:
        for name, updated in (("newest", 200), ("undated", 0), ("older", 150)):
            await tx.people.save(person("U1", "", name=name, updated=updated))
    async with store.reading(TEAM) as tx:
        known = await tx.people.get("U1")
        assert known is not None
        assert known.name == "undated"


async def test_a_moment_comes_back_in_utc_whatever_zone_it_was_written_in(store: SqlStore) -> None:
    made, _ = await founded(store)
    tokyo = timezone(timedelta(hours=9))
    ann = member(made.id, joined_at=START.astimezone(tokyo))
    async with store.transaction(TEAM) as tx:
        await tx.members.add(ann)
    async with store.reading(TEAM) as tx:
        read = await tx.members.get(ann.id)
        assert read is not None
        assert read.joined_at == START
        assert read.joined_at.utcoffset() == timedelta(0)


async def test_a_moment_without_a_zone_is_not_taken(store: SqlStore) -> None:
    made, _ = await founded(store)
    with pytest.raises(Exception, match="needs a time zone"):
        async with store.transaction(TEAM) as tx:
            await tx.members.add(member(made.id, joined_at=START.replace(tzinfo=None)))


async def test_ten_thousand_addresses_are_looked_up_in_a_few_queries(
    store: SqlStore, statements: list[str]
) -> None:
    _, owner = await founded(store)
    addresses = [f"person{number}@example.com" for number in range(10_000)]
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all([invitation(owner, email) for email in addresses[:3]])
    statements.clear()
    async with store.reading(TEAM) as tx:
        assert len(await tx.invitations.open_for(addresses)) == 3
        assert await tx.members.by_emails(addresses) == {}
        assert await tx.people.by_emails(addresses) == {}
    assert len(statements) <= 14
