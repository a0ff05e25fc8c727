"""The vocabulary: what a team consists of, as frozen values."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.requirements import Approvers as Approvers
from domain.requirements import Deadlines as Deadlines
from domain.requirements import Kind as Kind
from domain.requirements import Policy as Policy
from domain.requirements import Requirement as Requirement
from domain.requirements import Rule as Rule
from domain.requirements import Step as Step

INVITATION_LIFETIME = timedelta(days=7)
OPEN_REQUESTS_PER_PERSON = 10
APPROVERS_TOLD = 10

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return a 26-character identifier that sorts by the time of its birth (milliseconds)."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def email_key(email: str) -> str:
    """Return the form under which two addresses are the same person (case-insensitive)."""
    return email.strip().casefold()


class Preset(StrEnum):
    """Which product's roles an organization starts from."""

    PORTAL = "portal"
    SUPPORT = "support"
    ANALYTICS = "analytics"
    SUITE = "suite"


class Plan(StrEnum):
    """The subscription plan; the preset `analytics` gates roles by it."""

    FREE = "free"
    STANDARD = "standard"
    PREMIUM = "premium"


class MemberStatus(StrEnum):
    """Where a member stands; only `active` uses a seat."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    REMOVED = "removed"


class InvitationStatus(StrEnum):
    """Where an invitation stands; `expired` follows from the clock, never from storage alone."""

    PENDING = "pending"
    WAITING = "waiting"  # accepted, but a seat or an approval is missing
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


class RequestStatus(StrEnum):
    """Where a request for approval stands; `expired` follows from the clock."""

    WAITING = "waiting"
    APPLIED = "applied"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"
    VOID = "void"


class Verdict(StrEnum):
    """One approver's answer."""

    APPROVE = "approve"
    DECLINE = "decline"


class Via(StrEnum):
    """How an invitation was accepted."""

    SLACK = "slack"
    MAIL = "mail"
    LINK = "link"  # the inviter passed the link on: proves no address and no Slack user


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The team Steward administers: one per Slack workspace, or per Enterprise org."""

    id: str
    team_id: str
    name: str
    preset: Preset
    plan: Plan = Plan.STANDARD
    seat_limit: int | None = None
    active_members: int = 0
    reserved_seats: int = 0
    pending_holds_seat: bool = True
    rules: tuple[Rule, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    invoice_email: str = ""
    approvals_channel: str | None = None
    audit_channel: str | None = None
    policy_version: int = 1
    audit_count: int = 0
    audit_head: str = ""
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in an organization, known by e-mail and, once linked, by Slack user id."""

    id: str
    organization_id: str
    email: str
    name: str
    role: str
    status: MemberStatus = MemberStatus.ACTIVE
    slack_user_id: str | None = None
    joined_via: Via = Via.SLACK
    joined_at: datetime
    status_at: datetime
    departments: tuple[str, ...] = ()
    pinged: bool = True
    """Whether requests for approval come as messages; all who may decide can, in any case."""
    version: int = 1

    @property
    def active(self) -> bool:
        return self.status is MemberStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A Slack user as the mirrored directory knows them: evidence of who someone is, never authority."""

    team_id: str
    user_id: str
    email: str = ""
    name: str = ""
    time_zone: str = "UTC"
    email_confirmed: bool = False
    bot: bool = False
    guest: bool = False
    stranger: bool = False
    deleted: bool = False
    updated: int = 0
    """When Slack last changed what it says of them, in epoch seconds; 0 where it did not say."""
    home_opened: bool = False

    @property
    def belongs(self) -> bool:
        """Whether this is a full human user of the workspace."""
        return not (self.bot or self.guest or self.stranger or self.deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A part of the organization that members may have access to."""

    id: str
    organization_id: str
    name: str
    retired_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An offer to one address to become a member with a role."""

    id: str
    organization_id: str
    email: str
    name: str = ""
    role: str
    departments: tuple[str, ...] = ()
    slack_user_id: str | None = None
    inviter_id: str
    authority_id: str
    status: InvitationStatus = InvitationStatus.PENDING
    generation: int = 1
    token_hash: str
    passed_on: bool = False
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    answered_via: Via | None = None
    waits_for: str = ""
    member_id: str | None = None
    version: int = 1

    def status_at(self, now: datetime) -> InvitationStatus:
        """Return the true status at `now`: a pending invitation past its date is expired."""
        if self.status is InvitationStatus.PENDING and now >= self.expires_at:
            return InvitationStatus.EXPIRED
        return self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One approver's vote on one step of a request."""

    request_id: str
    step: int
    voter_id: str
    verdict: Verdict
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A change that waits for approval, with the policy that was in force when it was asked.

    `on_behalf`: Steward asked in the requester's name, to complete an acceptance.
    `channel`: the approvals channel at the time; its copy of the card stays there.
    """

    id: str
    organization_id: str
    change: dict[str, object]
    tag: str
    requester_id: str | None = None
    requester_user_id: str | None = None
    reason: str = ""
    requirement: Requirement
    step: int = 0
    asked: tuple[str, ...] = ()
    channel: str | None = None
    silent: tuple[str, ...] = ()
    """Those of `asked` who get no message: they turned them off, or the policy names others."""
    on_behalf: bool = False
    lacks_seat: bool = False
    """Whether its deciding yes found no seat; it waits until there is one."""
    status: RequestStatus = RequestStatus.WAITING
    created_at: datetime
    expires_at: datetime
    stepped_at: datetime | None = None
    """When the current step began; None: with the request."""
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_reason: str = ""
    version: int = 1

    def status_at(self, now: datetime) -> RequestStatus:
        """Return the true status at `now`: a waiting request past its date is expired."""
        if self.status is RequestStatus.WAITING and now >= self.expires_at:
            return RequestStatus.EXPIRED
        return self.status

    @property
    def reminded_at(self) -> datetime | None:
        """When those asked in the current step are reminded, None for never."""
        return self._after(self.requirement.deadlines.remind)

    @property
    def escalated_at(self) -> datetime | None:
        """When the owner is asked in the current step too, None for never."""
        owner_asked = self.requirement.steps[self.step].approvers is Approvers.OWNER
        return None if owner_asked else self._after(self.requirement.deadlines.escalate)

    def _after(self, hours: int) -> datetime | None:
        at = (self.stepped_at or self.created_at) + timedelta(hours=hours)
        return at if hours and at < self.expires_at else None

    def escalated(self, now: datetime) -> bool:
        """Return whether the owner may decide the current step too by now."""
        return self.escalated_at is not None and now >= self.escalated_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRefusal:
    """A refusal kept so that `/team why` can explain it and its button can ask."""

    id: str
    organization_id: str
    member_id: str | None
    user_id: str | None
    code: str
    rule: str
    fact: str
    remedy: str
    who: tuple[str, ...] = ()
    can_ask: bool = False
    change: dict[str, object] | None = None
    reason: str = ""
    """What the person gave as their reason when they were refused."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One link of the audit chain; personal values stand outside it as salted digests."""

    organization_id: str
    seq: int
    at: datetime
    actor: str
    authority: str
    tag: str
    subject: str
    facts: dict[str, object] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    key_id: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalValue:
    """An erasable personal value behind a digest of an audit entry."""

    organization_id: str
    seq: int
    field: str
    salt: str
    value: str


# Who acts: a member, or one of these.


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """A Slack user who is not a member of the organization."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """The holder of an invitation's link, of its newest generation or an older one."""

    invitation: Invitation
    token_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Steward itself: the clock, or the operator at the command line."""

    name: str


CLOCK = System(name="clock")
OPERATOR = System(name="operator")

Actor = Member | Outsider | Invitee | System


def label(actor: Actor) -> str:
    """Return how the audit names an actor: kind and id, nothing personal."""
    match actor:
        case Member(id=member_id):
            return f"member:{member_id}"
        case Outsider(person=person):
            return f"user:{person.user_id}"
        case Invitee(invitation=invitation):
            return f"invitation:{invitation.id}"
        case System(name=name):
            return f"system:{name}"
