"""What people are told and what the clock must do: past tense, carrying ids, never secrets."""

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One outgoing thing: `key` says which unsent one it replaces, `lane` what it keeps order with."""

    tag: ClassVar[str]

    @property
    def key(self) -> str:
        return ":".join((self.tag, *map(str, to_json(self).values())))

    @property
    def lane(self) -> str:
        return str(getattr(self, "to", "")) or self.key


# To people. `to` is "member:<id>", "user:<Slack user id>" or, for a card that is also shown in the approvals
# channel, "channel:<id>". A card is posted once and edited afterwards.


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked(Notice):
    """Card for an approver: who asks, for what, Approve / Decline / Details."""

    tag = "approval_asked"
    request_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFiled(Notice):
    """Card for the requester: what was asked, of whom, and what became of it."""

    tag = "request_filed"
    request_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided(Notice):
    """The requester hears how their request ended; an edited card alone would not reach their eye."""

    tag = "request_decided"
    request_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReminded(Notice):
    """An approver hears that a request still waits for them, or for them too from now on."""

    tag = "approval_reminded"
    request_id: str
    step: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSent(Notice):
    """Card for the invited Slack user: Accept / Decline; each generation has its own."""

    tag = "invitation_sent"
    invitation_id: str
    generation: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMailed(Notice):
    """Mail with the link of one generation of an invitation."""

    tag = "invitation_mailed"
    invitation_id: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReady(Notice):
    """The inviter gets the link to pass on, because neither Slack nor mail reaches the invitee."""

    tag = "link_ready"
    invitation_id: str
    generation: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAnswered(Notice):
    """The inviter hears that the invitation was accepted, declined or waits."""

    tag = "invitation_answered"
    invitation_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatAwaited(Notice):
    """An admin hears that somebody accepted and finds no seat."""

    tag = "seat_awaited"
    invitation_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWelcomed(Notice):
    """The new member is welcomed."""

    tag = "member_welcomed"
    member_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(Notice):
    """A member hears of their new role."""

    tag = "role_changed"
    member_id: str
    role: str
    version: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanged(Notice):
    """A member hears that they were deactivated or activated."""

    tag = "access_changed"
    member_id: str
    active: bool
    version: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCodeMailed(Notice):
    """Mail with the code that proves a Slack user owns a member's address."""

    tag = "link_code_mailed"
    member_id: str
    slack_user_id: str
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTold(Notice):
    """Card for whoever attached a file: its review, the progress, what became of it."""

    tag = "import_told"
    import_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Notice):
    """Whoever attached a file hears that it is done; an edited card alone would not reach their eye."""

    tag = "import_finished"
    import_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLapsed(Notice):
    """Whoever attached a file hears how many have not answered, when their time is over."""

    tag = "import_lapsed"
    import_id: str
    to: str


# To places


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPosted(Notice):
    """New audit entries for the audit channel."""

    tag = "audit_posted"
    first: int
    last: int
    channel: str

    @property
    def lane(self) -> str:
        return f"channel:{self.channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChosen(Notice):
    """First words in a channel chosen for "approvals" or "audit"; they show whether it can be used."""

    tag = "channel_chosen"
    use: str
    chosen_by: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelClosed(Notice):
    """Whoever chose a channel hears that Steward cannot post there, and what to do."""

    tag = "channel_closed"
    use: str
    channel: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStale(Notice):
    """A person's Home tab no longer tells the truth."""

    tag = "home_stale"
    user_id: str

    @property
    def lane(self) -> str:
        return f"home:{self.user_id}"


# Work that takes longer than somebody waits


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBegun(Notice):
    """A file was attached: fetch it and review it."""

    tag = "import_begun"
    import_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSends(Notice):
    """A part of a file may be sent: send what is left of it, piece by piece."""

    tag = "import_sends"
    import_id: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportListed(Notice):
    """Somebody wants the lines of a file as a file: all, or those with a problem."""

    tag = "import_listed"
    import_id: str
    problems: bool
    at: str


# From the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationExpires(Notice):
    """Timer: announce that a generation of an invitation has expired.

    `together`: it came from a file, whose sender hears of all of them at once.
    """

    tag = "invitation_expires"
    invitation_id: str
    generation: int
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExpires(Notice):
    """Timer: announce that a request has expired."""

    tag = "request_expires"
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReminds(Notice):
    """Timer: those who have not voted on a step of a request are reminded."""

    tag = "request_reminds"
    request_id: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEscalates(Notice):
    """Timer: a step of a request has waited so long that the owner is asked too."""

    tag = "request_escalates"
    request_id: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReconsidered(Notice):
    """Timer, due at once: somebody who could decide a request no longer can; look at it again."""

    tag = "request_reconsidered"
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsFreed(Notice):
    """Timer, due at once: more people wait for the seats that became free."""

    tag = "seats_freed"


DEADLINES = (InvitationExpires, RequestExpires, RequestReminds, RequestEscalates)
TIMERS = (*DEADLINES, RequestReconsidered, SeatsFreed)
JOBS = (ImportBegun, ImportSends, ImportListed)
CARDS = (ApprovalAsked, RequestFiled, InvitationSent, ImportTold)
MAILS = (InvitationMailed, LinkCodeMailed)
NOTICES: dict[str, type[Notice]] = {kind.tag: kind for kind in Notice.__subclasses__()}


def to_json(notice: Notice) -> dict[str, object]:
    """Return the notice's fields as plain JSON values."""
    kind: Any = type(notice)
    return {name: getattr(notice, name) for name in _names(kind)}


@cache
def _names(kind: type[Notice]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def from_json(tag: str, data: dict[str, Any]) -> Notice:
    """Return the notice `to_json` wrote.

    Raises:
        KeyError: the tag is unknown.
    """
    return NOTICES[tag](**data)


def to_member(member_id: str) -> str:
    """Return the address of a member: Slack when linked, else mail."""
    return f"member:{member_id}"


def to_user(user_id: str) -> str:
    """Return the address of a Slack user."""
    return f"user:{user_id}"


def to_channel(channel_id: str) -> str:
    """Return the address of a Slack channel."""
    return f"channel:{channel_id}"
