"""What is known of a request now: everything its cards, lines and details show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain import changes
from domain.approvals import right_approvers, valid_votes
from domain.authority import owner
from domain.descriptions import Description, describe_request
from domain.errors import Refusal
from domain.handling import handling_of
from domain.model import Approvers, Member, Organization, Request, RequestStatus, Vote
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.seats import Seats, seats_now
from domain.waiting import people_of

APPROVERS_READ = 100
"""Who may decide a request, read no further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """Everything a request's card, line or details show."""

    organization: Organization
    request: Request
    status: RequestStatus
    """The true status now."""
    description: Description
    requester: Member | None
    """None when somebody from outside asked; then `requester_user_id` says who."""
    approvers: tuple[Member, ...]
    """Who may decide the current step now, at most `APPROVERS_READ`."""
    told: tuple[Member, ...]
    """Who got a card."""
    escalated: bool
    """Whether the owner is asked too by now."""
    decider: Member | None
    votes: tuple[Vote, ...]
    """Those that count: their voters have the authority still, or had it when the request ended."""
    dropped: tuple[Vote, ...]
    """Those of voters who lost the authority meanwhile."""
    known: Mapping[str, Member]
    """Those whom the rule names, who were asked and who voted, by id."""
    owner: Member | None
    """The owner, where the rule asks them."""
    seats: Seats
    people: int
    """How many seats it would take when applied."""
    lacks_seats: bool
    """Whether it waits for seats besides: there are too few to apply it now."""
    now: datetime


async def request_facts(tx: Transaction, request: Request, *, seats: Seats | None = None) -> RequestFacts:
    """Return what is known of a request now; `seats` are those of now, where they are known already."""
    status = request.status_at(tx.now)
    change = changes.from_json(request.change)
    votes = await tx.requests.votes(request.id)
    known = await tx.members.many({*people_of(request), *(vote.voter_id for vote in votes)})
    approvers: tuple[Member, ...] = ()
    counted, outcome = votes, Outcome()
    if status is RequestStatus.WAITING:
        try:
            outcome = await handling_of(change).outcome(tx, change)
            approvers = await right_approvers(tx, request, change, outcome, limit=APPROVERS_READ)
            counted = valid_votes(tx, request, votes, known, change, outcome)
        except Refusal:
            approvers = ()  # its subject is gone: the next click will say so
    now, people = seats or await seats_now(tx), 0
    if status is RequestStatus.WAITING:
        people = _seats_taken(tx.organization, change, outcome)
    return RequestFacts(
        organization=tx.organization,
        request=request,
        status=status,
        description=await describe_request(tx, request),
        requester=known.get(request.requester_id or ""),
        approvers=approvers,
        told=tuple(known[one] for one in request.asked if one in known and one not in request.silent),
        escalated=request.escalated(tx.now),
        decider=known.get(request.decided_by or ""),
        votes=counted,
        dropped=tuple(vote for vote in votes if vote not in counted),
        known=known,
        owner=await owner(tx) if _asks_owner(request) else None,
        seats=now,
        people=people,
        lacks_seats=people > 0 and not now.available(_fewest(change, people)),
        now=tx.now,
    )


def _fewest(change: changes.Change, people: int) -> int:
    """Return how many seats there must be at least: a file sends as many as find one."""
    return 1 if isinstance(change, changes.InviteFromFile) else people


def _asks_owner(request: Request) -> bool:
    return any(step.approvers is Approvers.OWNER for step in request.requirement.steps)


def _seats_taken(organization: Organization, change: changes.Change, outcome: Outcome) -> int:
    match change:
        case changes.InvitePeople() | changes.InviteFromFile():
            return outcome.people if organization.pending_holds_seat else 0
        case changes.AdmitInvitee():  # their invitation holds one already, where invitations do
            return 0 if organization.pending_holds_seat else 1
        case changes.JoinOrganization() | changes.ActivateMember():
            return 1
        case _:
            return 0
