"""The list shows members and open invitations by name, page by page; any word's beginning finds them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.model import InvitationStatus, Member, MemberStatus
from domain.ports import Transaction
from storage.store import SqlStore
from tests.storage.examples import START, TEAM, Clock, add_members, founded, invitation, member


async def listed(tx: Transaction, *, size: int = 3, **filters: str) -> list[str]:
    """The names of all pages, each page taken after the one before."""
    names: list[str] = []
    after: str | None = None
    while True:
        page = await tx.roster.page(limit=size, after=after, **filters)
        names += [row.name or row.email for row in page.rows]
        if page.next_after is None:
            return names
        assert len(page.rows) == size
        after = page.next_after


@pytest.fixture
async def crowd(store: SqlStore) -> Member:
    """A team of every status; the owner is returned."""
    made, owner = await founded(store)
    async with store.transaction(TEAM) as tx:
        await add_members(
            tx,
            member(made.id, "Zoë Çelik", email="zoe@corp.example", role="admin"),
            member(made.id, "ann-marie O'Neil", email="amo@corp.example"),
            member(made.id, "Ben", email="ben.smith@other.example", status=MemberStatus.DEACTIVATED),
            member(made.id, "Gone", email="gone@corp.example", status=MemberStatus.REMOVED),
            member(made.id, "हिन्दी नाम", email="h@corp.example"),
            member(made.id, "🎉", email="party@corp.example"),
        )
        await tx.invitations.add_all(
            [
                invitation(owner, "carl@new.example", name="Carl Pending", role="admin"),
                invitation(owner, "nameless@new.example", name=""),
                invitation(owner, "wait@new.example", name="Waiting Wanda", status=InvitationStatus.WAITING),
                invitation(owner, "over@new.example", name="Over", status=InvitationStatus.REVOKED),
                invitation(owner, "late@new.example", name="Late", expires_at=START + timedelta(hours=1)),
            ]
        )
    return owner


async def test_everybody_stands_in_one_list_by_name(store: SqlStore, crowd: Member, clock: Clock) -> None:
    everybody = [
        *("ann-marie O'Neil", "Ben", "Carl Pending", "Late", "nameless@new.example"),
        *("Olivia Owner", "Waiting Wanda", "Zoë Çelik", "हिन्दी नाम", "🎉"),
    ]
    async with store.reading(TEAM) as tx:
        for size in (1, 2, 3, 10, 11):
            assert await listed(tx, size=size) == everybody
        row = (await tx.roster.page(limit=3)).rows[2]
        assert (row.kind, row.email, row.role, row.status) == (
            *("invitation", "carl@new.example", "admin", "pending"),
        )
    clock.pass_time(hours=2)
    async with store.reading(TEAM) as tx:
        assert await listed(tx) == [name for name in everybody if name != "Late"]
        assert await tx.roster.counts() == {"active": 1, "deactivated": 1, "pending": 2, "waiting": 1}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"status": "active"}, ["ann-marie O'Neil", "Olivia Owner", "Zoë Çelik", "हिन्दी नाम", "🎉"]),
        ({"status": "deactivated"}, ["Ben"]),
        ({"status": "pending"}, ["Carl Pending", "Late", "nameless@new.example"]),
        ({"status": "waiting"}, ["Waiting Wanda"]),
        ({"status": "removed"}, []),
        ({"role": "admin"}, ["Carl Pending", "Zoë Çelik"]),
        ({"role": "admin", "status": "active"}, ["Zoë Çelik"]),
        ({"role": "nobody"}, []),
        ({"text": "ann"}, ["ann-marie O'Neil"]),
        ({"text": "MARIE o"}, ["ann-marie O'Neil"]),
        ({"text": "neil"}, ["ann-marie O'Neil"]),
        ({"text": "  Smith@other"}, ["Ben"]),
        ({"text": "zoe"}, ["Zoë Çelik"]),
        ({"text": "celik"}, ["Zoë Çelik"]),
        ({"text": "ÇELIK"}, ["Zoë Çelik"]),
        ({"text": "हिन्दी"}, ["हिन्दी नाम"]),
        ({"text": "नाम"}, ["हिन्दी नाम"]),
        ({"text": "party"}, ["🎉"]),
        ({"text": "@party"}, ["🎉"]),
        ({"text": "gone"}, []),
        ({"text": "over"}, []),
        ({"text": "nn"}, []),
        ({"text": "🎉"}, []),
        ({"text": "%"}, []),
        ({"text": "_nn"}, []),
        ({"text": "new", "role": "admin"}, ["Carl Pending"]),
        ({"text": "new", "status": "waiting"}, ["Waiting Wanda"]),
        ({"text": "new", "status": "waiting", "role": "admin"}, []),
    ],
)
async def test_the_list_is_narrowed(
    store: SqlStore, crowd: Member, filters: dict[str, str], names: list[str]
) -> None:
    async with store.reading(TEAM) as tx:
        assert sorted(await listed(tx, size=2, **filters)) == sorted(names)


async def test_whoever_matches_twice_is_listed_once(store: SqlStore) -> None:
    made, _ = await founded(store)
    names = [f"ann ann ann{letter}" for letter in "abcdefg"]
    async with store.transaction(TEAM) as tx:
        for name in names:
            await tx.members.add(member(made.id, name, email=f"ann@{name[-1]}.ann.example"))
    async with store.reading(TEAM) as tx:
        for size in (1, 2, 3, 50):
            assert sorted(await listed(tx, size=size, text="ann")) == names
        assert len(await tx.members.search("ann", limit=4)) == 4
        assert len({one.id for one in await tx.members.search("ann", limit=50)}) == len(names)


async def test_search_of_members_leaves_invitations_and_removed_members_out(
    store: SqlStore, crowd: Member
) -> None:
    async with store.reading(TEAM) as tx:
        assert [one.name for one in await tx.members.search("o", limit=9)] == [
            *("ann-marie O'Neil", "Olivia Owner", "Ben"),
        ]
        assert [one.name for one in await tx.members.search("", limit=2)] == ["ann-marie O'Neil", "Ben"]
        assert await tx.members.search("new.example", limit=9) == ()
        assert await tx.members.search("...", limit=9) == ()


async def test_a_change_is_found_under_its_new_words_alone(store: SqlStore, crowd: Member) -> None:
    async with store.transaction(TEAM) as tx:
        (zoe,) = await tx.members.search("zoe", limit=9)
        await tx.members.save(replace(zoe, name="Eva Braun", email="eva@corp.example"))
        (ben,) = await tx.members.search("ben", limit=9)
        await tx.members.save(replace(ben, status=MemberStatus.REMOVED))
        carl = (await tx.invitations.open_for(["carl@new.example"]))["carl@new.example"]
        await tx.invitations.save(replace(carl, status=InvitationStatus.REVOKED))
    async with store.transaction(TEAM) as tx:
        owner = await tx.members.get(crowd.id)
        assert owner is not None
        await tx.members.save(replace(owner, status=MemberStatus.DEACTIVATED, role="admin"))
    async with store.reading(TEAM) as tx:
        assert await listed(tx, text="zoe") == []
        assert await listed(tx, text="braun") == ["Eva Braun"]
        assert await listed(tx, text="ben") == []
        assert await listed(tx, text="carl") == []
        assert await listed(tx, text="olivia", status="active") == []
        assert await listed(tx, text="olivia", status="deactivated", role="admin") == ["Olivia Owner"]


async def test_a_page_goes_on_after_its_last_row_changed(store: SqlStore, crowd: Member) -> None:
    async with store.reading(TEAM) as tx:
        first = await tx.roster.page(limit=2)
    async with store.transaction(TEAM) as tx:
        ben = await tx.members.get(first.rows[-1].id)
        assert ben is not None
        await tx.members.save(replace(ben, status=MemberStatus.REMOVED))
    async with store.reading(TEAM) as tx:
        after = await tx.roster.page(limit=2, after=first.next_after)
        assert [row.name for row in after.rows] == ["Carl Pending", "Late"]
        unknown = await tx.roster.page(limit=2, after="no such row")
        assert [row.name for row in unknown.rows] == ["ann-marie O'Neil", "Carl Pending"]


async def test_holders_of_roles_come_oldest_first(store: SqlStore) -> None:
    made, owner = await founded(store)
    crew = [
        member(
            made.id,
            f"Member {number}",
            role=("admin", "developer")[number % 2],
            joined_at=START + timedelta(days=10 - number),
            slack_user_id=f"U{number}" if number < 4 else None,
        )
        for number in range(8)
    ]
    crew[6] = replace(crew[6], status=MemberStatus.DEACTIVATED)
    async with store.transaction(TEAM) as tx:
        await add_members(tx, *crew)
    async with store.reading(TEAM) as tx:
        holding = tx.members.holding
        assert await holding(["admin"], limit=9) == (crew[4], crew[2], crew[0])
        assert await holding(["admin"], active=False, limit=9) == (crew[6], crew[4], crew[2], crew[0])
        assert await holding(["admin"], linked=True, limit=9) == (crew[2], crew[0])
        assert await holding(["admin", "developer", "owner"], limit=3) == (owner, crew[7], crew[5])
        assert await holding([], limit=9) == ()


async def test_expired_invitations_of_a_month_are_listed_until_somebody_follows_them_up(
    store: SqlStore, clock: Clock
) -> None:
    made, owner = await founded(store)
    week = START + timedelta(days=7)
    async with store.transaction(TEAM) as tx:
        await tx.invitations.add_all(
            [
                invitation(
                    owner, f"{name}@x.org", name=name, role=role, expires_at=week + timedelta(hours=at)
                )
                for at, (name, role) in enumerate(
                    [("Ann Lee", "developer"), ("Ben", "admin"), ("Cy", "developer"), ("Di", "developer")]
                )
            ]
        )
        ann = (await tx.invitations.open_for(["Ann Lee@x.org"]))["ann lee@x.org"]
        await tx.invitations.save(replace(ann, status=InvitationStatus.EXPIRED))
    clock.pass_time(days=8)
    async with store.reading(TEAM) as tx:
        for size in (1, 2, 5):
            assert await listed(tx, size=size, status="expired") == ["Di", "Cy", "Ben", "Ann Lee"]
        assert await listed(tx, status="expired", role="admin") == ["Ben"]
        assert await listed(tx, status="expired", text="lee") == ["Ann Lee"]
        assert await listed(tx, size=1, status="expired", text="x.o") == ["Di", "Cy", "Ben", "Ann Lee"]
        assert await listed(tx, status="expired", text="ee") == []
        assert await listed(tx, status="expired", text="%") == []
        row = (await tx.roster.page(limit=1, status="expired")).rows[0]
        assert (row.kind, row.email, row.status) == ("invitation", "Di@x.org", "expired")
        assert await listed(tx) == ["Olivia Owner"]
    async with store.transaction(TEAM) as tx:
        late = tx.now + timedelta(days=7)
        await tx.invitations.add_all([invitation(owner, "cy@x.org", name="Cy", expires_at=late)])
        await add_members(tx, member(made.id, "Di", email="di@x.org"))
    async with store.reading(TEAM) as tx:
        assert await listed(tx, size=1, status="expired") == ["Ben", "Ann Lee"]
    clock.pass_time(days=60)
    async with store.reading(TEAM) as tx:
        assert await listed(tx, status="expired") == []
