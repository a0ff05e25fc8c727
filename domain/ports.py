"""What the domain needs from outside: the transaction with its repositories, and the store that opens it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.deliveries import ParkedRows
from domain.import_jobs import ImportJob
from domain.keys import KeyRing
from domain.model import (
    AuditEntry,
    Department,
    Invitation,
    Member,
    Organization,
    Person,
    PersonalValue,
    Policy,
    RecordedRefusal,
    Request,
    Vote,
)
from domain.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities:
    """What this deployment can do; the same for every transaction."""

    keys: KeyRing
    mail: bool
    """Whether SMTP is set up."""
    public_url: str
    """The address of Steward's web pages, without a trailing slash."""
    normalise_email: Callable[[str], str]
    """Returns the address in its one written form; raises ValueError with the reason in words."""
    setup_code: str | None
    """The one-time code that the first set-up asks for; None: only who installed the app may set up."""

    @property
    def install_url(self) -> str:
        """The page on which people install the app, where they do so themselves."""
        return f"{self.public_url}/slack/install"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One line of the list of members and pending invitations."""

    kind: str
    """"member" or "invitation"."""
    id: str
    name: str
    email: str
    role: str
    status: str
    """A `MemberStatus`, or "pending", "waiting", "expired"."""
    slack_user_id: str | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPage:
    """A page of the roster and where the next one starts (None: this is the last)."""

    rows: tuple[RosterRow, ...]
    next_after: str | None


class Members(Protocol):
    """Members of the organization of the transaction; every method is bounded by it."""

    async def get(self, member_id: str) -> Member | None: ...
    async def many(self, member_ids: Collection[str]) -> dict[str, Member]: ...
    async def by_email(self, email: str) -> Member | None:
        """Return the member with this address, removed ones included."""

    async def by_emails(self, emails: Collection[str]) -> dict[str, Member]:
        """Return members by `email_key`, removed ones included."""

    async def by_user(self, user_id: str) -> Member | None: ...
    async def by_users(self, user_ids: Collection[str]) -> dict[str, Member]:
        """Return members by Slack user id."""

    async def holding(
        self, roles: Collection[str], *, active: bool = True, linked: bool = False, limit: int
    ) -> tuple[Member, ...]:
        """Return members holding one of `roles`, oldest first."""

    async def add(self, member: Member) -> None: ...
    async def save(self, member: Member) -> None:
        """Write a changed member; `member.version` is the one read, the row gets the next."""

    async def search(self, text: str, *, limit: int) -> tuple[Member, ...]:
        """Return active and deactivated members whose name or address has a word beginning with `text`."""


class Invitations(Protocol):
    """Invitations of the organization of the transaction."""

    async def get(self, invitation_id: str) -> Invitation | None: ...
    async def many(self, invitation_ids: Collection[str]) -> dict[str, Invitation]: ...
    async def by_token(self, token_hash: str) -> Invitation | None:
        """Return the invitation a link belongs to, whichever generation it was made for."""

    async def open_for(self, emails: Collection[str]) -> dict[str, Invitation]:
        """Return pending (unexpired) and waiting invitations by `email_key`."""

    async def open_for_users(self, user_ids: Collection[str]) -> dict[str, Invitation]:
        """Return a pending (unexpired) or waiting invitation of each of these Slack users who has one."""

    async def open_for_user(self, user_id: str) -> tuple[Invitation, ...]:
        """Return pending (unexpired) invitations sent to this Slack user."""

    async def held(self) -> int:
        """Return how many seats are promised: to pending, unexpired invitations and to those who
        accepted and wait for an approval."""

    async def waiting(self, *, limit: int) -> tuple[Invitation, ...]:
        """Return accepted invitations that wait for a seat, oldest first."""

    async def add_all(self, invitations: Sequence[Invitation]) -> None: ...
    async def save(self, invitation: Invitation) -> None: ...


class Requests(Protocol):
    """Requests for approval of the organization of the transaction."""

    async def get(self, request_id: str) -> Request | None: ...
    async def add(self, request: Request) -> None: ...
    async def save(self, request: Request) -> None: ...
    async def votes(self, request_id: str) -> tuple[Vote, ...]: ...
    async def read_votes(self, request_ids: Collection[str]) -> None:
        """Read the votes on several requests together, so that `votes` need not ask for each."""

    async def add_vote(self, vote: Vote) -> None:
        """Record a vote.

        Raises:
            AlreadyVoted: the same person voted on the same step.
        """

    async def open_by(self, *, member_id: str | None, user_id: str | None) -> tuple[Request, ...]:
        """Return the person's waiting, unexpired requests, oldest first (at most some dozens)."""

    async def recent_by(
        self, *, member_id: str | None, user_id: str | None, limit: int
    ) -> tuple[Request, ...]:
        """Return the person's requests, newest first."""

    async def open_asked(self, member_id: str, *, limit: int) -> tuple[Request, ...]:
        """Return waiting, unexpired requests this member was asked to decide (`asked`), oldest first."""

    async def open(self, *, limit: int, after: Request | None = None) -> tuple[Request, ...]:
        """Return waiting, unexpired requests, oldest first, beginning behind `after`."""

    async def lacking_seat(self, *, limit: int) -> tuple[Request, ...]:
        """Return those of them whose deciding yes found no seat, oldest first."""

    async def decided_by(self, member_id: str, *, limit: int) -> tuple[Request, ...]:
        """Return requests this member voted on, newest first."""


class Policies(Protocol):
    """Versions of the approval policy of the organization of the transaction."""

    async def get(self, version: int) -> Policy | None:
        """Return a version; one that was never changed may not be kept."""

    async def add(self, policy: Policy) -> None: ...


class Departments(Protocol):
    """Departments of the organization of the transaction."""

    async def all(self, *, retired: bool = False) -> tuple[Department, ...]:
        """Return departments by name; open ones only unless `retired`."""

    async def get(self, department_id: str) -> Department | None: ...
    async def add(self, department: Department) -> None: ...
    async def save(self, department: Department) -> None: ...


class People(Protocol):
    """The mirrored directory of the transaction's Slack workspace."""

    async def get(self, user_id: str) -> Person | None: ...
    async def many(self, user_ids: Collection[str]) -> dict[str, Person]: ...
    async def by_emails(self, emails: Collection[str]) -> dict[str, tuple[Person, ...]]:
        """Return Slack users by `email_key`."""

    async def save(self, person: Person) -> None:
        """Insert or update; `home_opened` is kept once true.

        Facts older than those known, by `updated`, change nothing; undated ones count as new.
        """

    async def save_all(self, people: Sequence[Person]) -> None:
        """`save` for many, in one statement."""


class Audit(Protocol):
    """The audit chain of the organization of the transaction."""

    async def append(self, entries: Sequence[AuditEntry], values: Sequence[PersonalValue]) -> None: ...
    async def entries(self, *, after: int = 0, limit: int = 500) -> tuple[AuditEntry, ...]:
        """Return entries in order, from sequence number `after` + 1.

        Raises:
            UnreadableEntry: somebody made the next one unreadable.
        """

    async def values(self, *, first: int, last: int) -> tuple[PersonalValue, ...]: ...


class Outbox(Protocol):
    """What leaves after the commit."""

    async def add(self, notice: Notice, *, run_at: datetime | None = None, bulk: bool = False) -> None:
        """Queue a notice (at `run_at`, else at once); an unsent one with the same key is replaced.

        Args:
            bulk: one of thousands, which wait behind everything else.
        """


class Refusals(Protocol):
    """Recorded refusals of the organization of the transaction."""

    async def add(self, refusal: RecordedRefusal) -> None: ...
    async def get(self, refusal_id: str) -> RecordedRefusal | None: ...
    async def last(self, *, member_id: str | None, user_id: str | None) -> RecordedRefusal | None: ...


class Imports(Protocol):
    """Files of people to invite, of the organization of the transaction."""

    async def get(self, import_id: str) -> ImportJob | None: ...
    async def add(self, job: ImportJob) -> None: ...
    async def save(self, job: ImportJob) -> None:
        """Write a changed import; `job.version` is the one read, the row gets the next."""


class Blobs(Protocol):
    """Large bytes of the organization of the transaction, kept in numbered pieces."""

    async def put(self, key: str, pieces: Mapping[int, bytes]) -> None:
        """Add pieces to what is kept under the key."""

    async def pieces(self, key: str, *, below: int | None = None) -> dict[int, bytes]:
        """Return the pieces under the key in order, every one or those numbered below `below`."""

    async def drop(self, key: str) -> None:
        """Erase what is kept under the key."""


class Roster(Protocol):
    """Members and open invitations in one list, by name."""

    async def page(
        self,
        *,
        text: str = "",
        status: str | None = None,
        role: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> RosterPage:
        """Return a page; removed members and ended invitations are left out.

        Expired ones of the last 30 days, without a newer invitation or a member, are listed by status alone.

        Args:
            text: beginning of a word of the name or address.
            status: "active", "deactivated", "pending", "waiting", "expired" or None for all but the last.
            role: a role's slug.
            after: `next_after` of the page before.
        """

    async def counts(self) -> dict[str, int]:
        """Return how many are "active", "deactivated", "pending" (unexpired), "waiting"."""


class Transaction(Protocol):
    """One unit of work on one organization; leaving `Store.transaction` without an error commits it."""

    now: datetime
    facilities: Facilities
    members: Members
    invitations: Invitations
    requests: Requests
    departments: Departments
    people: People
    audit: Audit
    outbox: Outbox
    parked: ParkedRows
    refusals: Refusals
    policies: Policies
    roster: Roster
    imports: Imports
    blobs: Blobs
    team_id: str

    @property
    def organization(self) -> Organization:
        """The locked organization, as changed so far.

        Raises:
            NotSetUp: the workspace has none.
        """

    @property
    def is_set_up(self) -> bool: ...

    def update(self, organization: Organization) -> None:
        """Replace the organization's values; written once, before the commit."""

    async def found(self, organization: Organization) -> None:
        """Insert the workspace's organization.

        Raises:
            AlreadySetUp: there is one.
        """

    async def installer(self) -> str | None:
        """Return the Slack user who installed the app in the workspace, None where that is not known."""

    async def first_time(self, delivery: str) -> bool:
        """Return whether this delivery id is new here, and remember it."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A nested unit: an exception that leaves it undoes what it did, `update` included."""


class UnreadableEntry(Exception):
    """A stored audit entry is not what Steward wrote: it cannot even be read."""


class StoreUnavailable(Exception):
    """The database cannot be used now: gone, locked up, damaged or out of space.

    Nothing is half-done: the unit of work was rolled back, or, when the answer to its commit was lost, it
    stands whole or not at all. The next one reconnects by itself.
    """


class Store(Protocol):
    """Opens transactions. No network inside one.

    Every method, and every statement of a transaction, may raise `StoreUnavailable`.
    """

    def transaction(self, team_id: str) -> AbstractAsyncContextManager[Transaction]:
        """Lock the workspace's organization and open a unit of work.

        Raises:
            Busy: the lock was not had in 1.5 s; nothing was done.
        """

    def reading(self, team_id: str) -> AbstractAsyncContextManager[Transaction]:
        """Open a read-only snapshot without a lock; writing through it is a programming error."""

    def team_of_token(self, token_hash: str) -> Awaitable[str | None]:
        """Return the workspace an invitation's link belongs to."""
