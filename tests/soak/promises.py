"""What is true of an organization at any moment, whatever people did."""

from sqlalchemy import select

from domain.audit import lines, verify
from domain.model import Member, MemberStatus, Organization, Request, RequestStatus
from domain.permissions import Rank, owner_role, roles_of
from domain.ports import Transaction
from storage.tables import requests
from tests.support.office import Office

DECIDE = (Rank.OWNER, Rank.ADMIN)
MOST = 100


async def everything_holds(office: Office, roles: list[str], asked: set[str]) -> set[str]:
    """Check an organization; return the ids of the requests that Steward filed by itself.

    Args:
        roles: every role somebody may have by now.
        asked: the requests people made.
    """
    async with office.store.engines[1].connect() as connection:
        own = set((await connection.execute(_FILED_BY_STEWARD)).scalars())
    async with office.reading() as tx:
        await _one_owner(tx)
        await _seats(tx, roles)
        await _nobody_holds_what_was_not_given(tx, roles)
        waiting = {request.id for request in await tx.requests.open(limit=MOST)}
        assert waiting <= asked | own, "no request from nowhere"
        found = await verify(tx)
        assert found.fault is None, found
    return own


_FILED_BY_STEWARD = select(requests.c.id).where(requests.c.tag == "admit_invitee")


async def _one_owner(tx: Transaction) -> None:
    owners = await tx.members.holding([owner_role(tx.organization).slug], limit=5)
    assert len(owners) == 1, "exactly one active owner"


async def _seats(tx: Transaction, roles: list[str]) -> None:
    team = tx.organization
    active = len(await tx.members.holding(roles, limit=MOST))
    assert active == team.active_members, "the counter tells the truth"
    held = await tx.invitations.held() if team.pending_holds_seat else 0
    assert team.seat_limit is not None
    assert active + held <= team.seat_limit, "seats within the limit"


async def _nobody_holds_what_was_not_given(tx: Transaction, roles: list[str]) -> None:
    """The audit, told from its beginning, ends at the roles and members there are."""
    given: dict[str, str] = {}
    async for line in lines(tx):
        kind, _, one = line.subject.partition(":")
        if kind != "member":
            continue
        if line.tag in ("member.joined", "member.activated"):
            given[one] = str(line.facts["role"])
        elif line.tag == "member.role_changed" and one in given:
            given[one] = str(line.facts["after"])
        elif line.tag == "member.deactivated":
            given.pop(one)
    held = {member.id: member.role for member in await tx.members.holding(roles, limit=MOST)}
    assert held == given, "no power without a grant in the audit"


async def decided_by_who_may(tx: Transaction, before: Request, after: Request, voter: Member | None) -> None:
    """A decision was made by an active owner or admin who neither asked nor is concerned."""
    if before.status is not RequestStatus.WAITING or after.status not in _DECIDED or after.decided_by is None:
        return
    assert voter is not None, "somebody unknown decided"
    assert after.decided_by == voter.id, "the decision is the voter's"
    assert voter.status is MemberStatus.ACTIVE, "who decides is active"
    assert after.requester_id != voter.id, "nobody decides what they asked for"
    assert _rank(tx.organization, voter) in DECIDE, "who decides may do it"
    assert voter.id not in str(after.change), "nobody decides about themself"


_DECIDED = (RequestStatus.APPLIED, RequestStatus.DECLINED)


def _rank(organization: Organization, member: Member) -> Rank:
    return roles_of(organization)[member.role].rank
