"""What people see: bounded reads for Home, lists and answers; none loads an organization whole."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import combining

from domain.authority import owner, those_who_may
from domain.descriptions import role_name
from domain.errors import NotAMember
from domain.model import (
    Actor,
    Invitation,
    Member,
    Outsider,
    RecordedRefusal,
    Request,
)
from domain.operations import OPERATION_NAMES, Access, Operation
from domain.permissions import Outcome, Role, access, role_for, roles_of
from domain.ports import RosterPage, RosterRow, Transaction
from domain.request_facts import APPROVERS_READ as APPROVERS_READ
from domain.request_facts import RequestFacts as RequestFacts
from domain.request_facts import request_facts as request_facts
from domain.seats import Seats, seats_now
from domain.waiting import COUNTED_AMONG, WaitingPage, meet, waiting_for
from domain.waiting import has_voted as has_voted
from domain.waiting import may_decide_now as may_decide_now

PAGE = 20
SHOWN_REQUESTS = 10
SHOWN_AT_HOME = 5
DECIDED_AT_HOME = 3
MOST_COUNTED = 99
MOST_ASKED = 49
"""Own open requests are counted no further: the store reads 50 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The team in numbers."""

    active: int
    deactivated: int
    pending: int
    waiting: int
    seats: Seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many there are, counted no further than `MOST_COUNTED`; `more`: there are or may be others."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person's requests: waiting for them, asked by them, decided by them."""

    waiting_for_me: tuple[RequestFacts, ...]
    asked_by_me: tuple[RequestFacts, ...]
    decided_by_me: tuple[RequestFacts, ...]
    more_waiting: str | None = None
    """`WaitingPage.next_after`."""
    more_asked: bool = False
    more_decided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """What the Home tab of a member shows."""

    member: Member
    role: Role
    held: Role
    """The role given; differs from `role` while the plan lacks it."""
    allows: tuple[tuple[Operation, Access], ...]
    desk: Desk
    waiting: Counted
    """Requests that wait for this member."""
    asked: Counted
    """Own requests that are open."""
    glance: Glance | None
    """None for who may not see the health of the team."""
    owner: Member
    first_steps: bool
    """Whether nobody else is a member or invited yet."""


async def glance(tx: Transaction) -> Glance:
    """Return the team in numbers."""
    counts = await tx.roster.counts()
    return Glance(
        active=counts.get("active", 0),
        deactivated=counts.get("deactivated", 0),
        pending=counts.get("pending", 0),
        waiting=counts.get("waiting", 0),
        seats=await seats_now(tx),
    )


async def desk_of(
    tx: Transaction,
    actor: Actor,
    *,
    limit: int = SHOWN_REQUESTS,
    skip: int = 0,
    after: str | None = None,
) -> Desk:
    """Return a person's requests, each list bounded by `limit`.

    Args:
        skip: how many of those asked and decided were on the pages before.
        after: `more_waiting` of the page before.
    """
    member_id = actor.id if isinstance(actor, Member) else None
    user_id = actor.person.user_id if isinstance(actor, Outsider) else None
    if isinstance(actor, Member):
        user_id = actor.slack_user_id  # what they asked before they were a member
    most = skip + limit
    mine = await tx.requests.recent_by(member_id=member_id, user_id=user_id, limit=most + 1)
    page = WaitingPage(requests=(), next_after=None)
    decided: tuple[Request, ...] = ()
    if isinstance(actor, Member):
        page = await waiting_for(tx, actor, limit=limit, after=after)
        decided = await tx.requests.decided_by(actor.id, limit=most + 1)
    return Desk(
        waiting_for_me=await _all_facts(tx, page.requests),
        asked_by_me=await _all_facts(tx, mine[skip:most]),
        decided_by_me=await _all_facts(tx, decided[skip:most]),
        more_waiting=page.next_after,
        more_asked=len(mine) > most,
        more_decided=len(decided) > most,
    )


async def _all_facts(tx: Transaction, requests: Sequence[Request]) -> tuple[RequestFacts, ...]:
    """Return what is known of some requests, read together."""
    if not requests:
        return ()
    await meet(tx, requests, shown=True)
    seats = await seats_now(tx)
    return tuple([await request_facts(tx, one, seats=seats) for one in requests])


async def _home_desk(tx: Transaction, member: Member) -> tuple[Desk, Counted, Counted]:
    """Return the first of a member's requests, and how many wait for them and for others."""
    by = {"member_id": member.id, "user_id": member.slack_user_id}
    page = await waiting_for(tx, member, limit=MOST_COUNTED, among=COUNTED_AMONG)
    if not page.requests and page.next_after:  # the oldest are all for others
        page = await waiting_for(tx, member, limit=SHOWN_AT_HOME, after=page.next_after)
    mine = await tx.requests.recent_by(**by, limit=SHOWN_AT_HOME)
    decided = await tx.requests.decided_by(member.id, limit=DECIDED_AT_HOME)
    still_open = len(await tx.requests.open_by(**by))
    waiting = page.requests[:SHOWN_AT_HOME]
    facts = await _all_facts(tx, [*waiting, *mine, *decided])
    desk = Desk(
        waiting_for_me=facts[: len(waiting)],
        asked_by_me=facts[len(waiting) : len(waiting) + len(mine)],
        decided_by_me=facts[len(waiting) + len(mine) :],
    )
    asked = Counted(number=min(still_open, MOST_ASKED), more=still_open > MOST_ASKED)
    return desk, Counted(number=len(page.requests), more=page.next_after is not None), asked


async def home_of(tx: Transaction, member: Member) -> HomeFacts:
    """Return what a member's Home tab shows."""
    organization = tx.organization
    role = role_for(organization, member.role)
    sees = sees_details(tx, member)
    team = await glance(tx)
    desk, waiting, asked = await _home_desk(tx, member)
    return HomeFacts(
        member=member,
        role=role,
        held=role_held(tx, member),
        allows=allowed(tx, role),
        desk=desk,
        waiting=waiting,
        asked=asked,
        glance=team if sees else None,
        owner=await owner(tx),
        first_steps=sees and team.active + team.pending + team.deactivated == 1,
    )


def role_held(tx: Transaction, member: Member) -> Role:
    """Return the role a member was given, whatever the plan makes of it."""
    return roles_of(tx.organization)[member.role]


def allowed(tx: Transaction, role: Role) -> tuple[tuple[Operation, Access], ...]:
    """Return what a role holds in any way, in the table's order."""
    cells = ((operation, access(tx.organization, role, operation)) for operation in OPERATION_NAMES)
    return tuple((operation, cell) for operation, cell in cells if cell is not Access.NONE)


def sees_details(tx: Transaction, actor: Actor) -> bool:
    """Return whether the actor sees everybody's e-mails, pending invitations and the team's health."""
    if not isinstance(actor, Member) or not actor.active:
        return False
    return (
        access(tx.organization, role_for(tx.organization, actor.role), Operation.SEE_DETAILS) is Access.FULL
    )


async def roster(
    tx: Transaction,
    actor: Actor,
    *,
    text: str = "",
    status: str | None = None,
    role: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> RosterPage:
    """Return a page of members and open invitations, with what the actor may see of each.

    Raises:
        NotAMember: an outsider or a deactivated member asks.
    """
    if not isinstance(actor, Member) or not actor.active:
        raise NotAMember(
            f"Only active members see who is in {tx.organization.name}.",
            remedy="Ask to become one with /team join.",
        )
    details = sees_details(tx, actor)
    if not details and status in ("pending", "waiting", "expired"):
        return RosterPage(rows=(), next_after=None)
    wanted = status if details else (status or "active")
    page = await tx.roster.page(text=text, status=wanted, role=role, after=after, limit=limit)
    if details:
        return page
    # Who may not see addresses does not find people by them either.
    rows = [row for row in page.rows if row.id == actor.id or _named_so(row.name, text)]
    return replace(page, rows=tuple(_names_only(row, actor) for row in rows))


def _named_so(name: str, text: str) -> bool:
    """Return whether a word of the name begins with `text`, whatever its case and accents."""
    folded = [
        "".join(sign for sign in unicodedata.normalize("NFKD", words.casefold()) if not combining(sign))
        for words in (name, text.strip())
    ]
    return re.search(rf"(?<!\w){re.escape(folded[1])}", folded[0]) is not None


def _names_only(row: RosterRow, actor: Member) -> RosterRow:
    return row if row.id == actor.id else replace(row, email="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Can:
    """The answer to "can this person do that?"."""

    member: Member
    role: Role
    operation: Operation
    access: Access
    others: tuple[Member, ...]
    """Some who may do it themselves."""


async def can(tx: Transaction, member: Member, operation: Operation) -> Can:
    """Return what the table says of one member and one operation."""
    role = role_for(tx.organization, member.role)
    cell = access(tx.organization, role, operation) if member.active else Access.NONE
    others = await those_who_may(tx, operation, Outcome(), limit=5)
    return Can(member=member, role=role, operation=operation, access=cell, others=others)


async def who_can(tx: Transaction, operation: Operation, *, limit: int = 20) -> tuple[Member, ...]:
    """Return members who may do this themselves, oldest first, at most `limit`."""
    return await those_who_may(tx, operation, Outcome(), limit=limit)


async def last_refusal(tx: Transaction, actor: Actor) -> RecordedRefusal | None:
    """Return the actor's last recorded refusal."""
    member_id = actor.id if isinstance(actor, Member) else None
    user_id = actor.person.user_id if isinstance(actor, Outsider) else None
    return await tx.refusals.last(member_id=member_id, user_id=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFacts:
    """What an invitation's card, mail and page show."""

    invitation: Invitation
    status: str
    """The true status now."""
    role: str
    departments: tuple[str, ...]
    inviter: Member | None
    organization_name: str
    newer_sent: bool
    """Whether the link in hand was replaced by a newer one."""
    expires_at: datetime


async def invitation_facts(
    tx: Transaction, invitation: Invitation, *, token_hash: str | None = None
) -> InvitationFacts:
    """Return what is known of an invitation now; `token_hash` is that of the link in hand."""
    names = (
        {one.id: one.name for one in await tx.departments.all(retired=True)} if invitation.departments else {}
    )
    return InvitationFacts(
        invitation=invitation,
        status=str(invitation.status_at(tx.now)),
        role=role_name(tx.organization, invitation.role),
        departments=tuple(names[one] for one in invitation.departments if one in names),
        inviter=await tx.members.get(invitation.inviter_id),
        organization_name=tx.organization.name,
        newer_sent=token_hash is not None and token_hash != invitation.token_hash,
        expires_at=invitation.expires_at,
    )
