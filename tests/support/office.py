"""A real front desk on a real database, with a clock that moves and people who act by name."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.addresses import normalise_email
from bot.setting_values import database_url
from domain.changes import AcceptInvitation, InvitationLine
from domain.desk import Waiting
from domain.founding import SetUp
from domain.front_desk import FrontDesk, SlackUser
from domain.inviting import Sending
from domain.keys import KeyRing
from domain.model import Invitation, Member, Person, Plan, Preset, Request
from domain.notices import TIMERS
from domain.ports import Facilities, Store, Transaction
from storage.engines import address
from storage.store import SqlStore, open_store

TEAM = "T0NORTHWIND"
CODE = "let-me-in"
KEYS = KeyRing((b"a secret of the tests, long enough",))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class TestClock:
    """A clock that stands still until it is moved."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


def facilities(*, mail: bool = False) -> Facilities:
    """Return what the tests' deployment can do."""
    return Facilities(
        keys=KEYS,
        mail=mail,
        public_url="https://steward.example",
        normalise_email=normalise_email,
        setup_code=CODE,
    )


def person(handle: str, **values: object) -> Person:
    """Return the Slack user of a handle, a confirmed member of the workspace unless said otherwise."""
    known: dict[str, object] = {
        "team_id": TEAM,
        "user_id": user_id(handle),
        "email": f"{handle}@northwind.example",
        "name": handle.capitalize(),
        "email_confirmed": True,
    }
    return Person(**(known | values))  # type: ignore[arg-type]


def user_id(handle: str) -> str:
    """Return the Slack id of a handle."""
    return f"U{handle.upper()}"


def who(handle: str) -> SlackUser:
    """Return somebody in Slack by handle."""
    return SlackUser(TEAM, user_id(handle))


async def run_sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements past Steward, as somebody with the database's password could; return the last rows."""
    engine = create_async_engine(address(database_url(url)))
    rows: list[tuple[object, ...]] = []
    async with engine.begin() as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
    await engine.dispose()
    return rows


@dataclass
class Office:
    """The front desk with its store and clock."""

    url: str
    store: SqlStore
    clock: TestClock
    desk: FrontDesk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = FrontDesk(self.store)

    async def knows(self, *people: Person | str) -> None:
        """Put Slack users into the mirrored directory."""
        for one in people:
            await self.desk.learn(person(one) if isinstance(one, str) else one)

    async def set_up(
        self,
        preset: Preset = Preset.PORTAL,
        *,
        seats: int | None = 5,
        plan: Plan = Plan.STANDARD,
        owner: str = "olivia",
    ) -> None:
        """Found the organization with `owner`."""
        await self.knows(owner)
        form = SetUp(name="Northwind", preset=preset, plan=plan, seat_limit=seats, code=CODE)
        await self.desk.set_up(who(owner), form)

    async def joins(self, handle: str, role: str, *, by: str = "olivia") -> Member:
        """Let somebody be invited by `by` and accept in Slack."""
        await self.knows(handle)
        invitation = await self.invites(by, f"{handle}@northwind.example", role)
        await self.desk.submit(who(handle), AcceptInvitation(invitation_id=invitation.id))
        return await self.member(handle)

    async def invites(self, handle: str, email: str, role: str) -> Invitation:
        """Invite one address directly and return the invitation."""
        sending = await self.sends(handle, email, role)
        assert sending.sent is not None, sending
        return await self.invitation(sending.sent.made[0])

    async def sends(self, handle: str, email: str, role: str, *, reason: str = "") -> Sending:
        """Invite one address, whatever becomes of it."""
        return await self.desk.invite(who(handle), [InvitationLine(email=email, role=role)], reason=reason)

    async def asks(self, handle: str, email: str, role: str = "developer", *, reason: str = "") -> Waiting:
        """Invite one address and return the request it became."""
        (waiting,) = (await self.sends(handle, email, role, reason=reason)).waiting
        return waiting

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a snapshot."""
        return self.store.reading(TEAM)

    async def settle(self) -> None:
        """Do what timers that are due at once would do, until none is left."""
        while parcels := await self.store.queue.claim(limit=100):
            for parcel in parcels:
                if isinstance(parcel.notice, TIMERS):
                    await self.desk.tick(parcel.team_id, parcel.notice)
                await self.store.queue.finish(parcel)

    async def member(self, handle: str) -> Member:
        """Return the member linked to a handle."""
        async with self.store.reading(TEAM) as tx:
            member = await tx.members.by_user(user_id(handle))
        assert member is not None, f"{handle} is not a member"
        return member

    async def invitation(self, invitation_id: str) -> Invitation:
        """Return an invitation as it is stored."""
        async with self.store.reading(TEAM) as tx:
            invitation = await tx.invitations.get(invitation_id)
        assert invitation is not None
        return invitation

    async def request(self, request_id: str) -> Request:
        """Return a request as it is stored."""
        async with self.store.reading(TEAM) as tx:
            request = await tx.requests.get(request_id)
        assert request is not None
        return request


def open_office(url: str, *, mail: bool = False, clock: TestClock | None = None) -> Office:
    """Open a front desk on the database at `url`."""
    clock = clock or TestClock()
    store = open_store(url, facilities=facilities(mail=mail), clock=clock)
    return Office(url=url, store=store, clock=clock)


def as_port(office: Office) -> Store:
    """Return the office's store as the domain sees it (checked by the type checker)."""
    return office.store
