"""What the approval policy can ask: who decides in which steps, how many of them, by when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Approvers(StrEnum):
    """Who decides in one step of a requirement; all of them only what they could do themselves."""

    ANYONE_WHO_MAY = "anyone_who_may"
    OWNER = "owner"
    ROLE = "role"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a requirement: who decides, and how many yeses it takes (None: everyone who may).

    Args:
        role: whose holders decide, for `Approvers.ROLE`.
        people: the ids of the members who decide, for `Approvers.PEOPLE`.
    """

    approvers: Approvers
    needed: int | None = 1
    role: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each step waits, in hours, before those asked are reminded and the owner is asked too (0:
    never), and how long the whole request stays open."""

    remind: int = 24
    escalate: int = 48
    expire: int = 7 * 24


class Kind(StrEnum):
    """Kinds of outcome the approval policy has rules for."""

    INVITE = "invite"
    ADMIN_ROLE = "admin_role"
    ROLE = "role"
    ACCESS = "access"
    JOIN = "join"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind of outcome needs, where its conditions hold; without steps it is direct.

    Args:
        role: the role that is given or taken; empty for any.
        people: how many people it is about, at least.
        department: the id of a department that is given; empty for any or none.
        pinged: the ids of the members who get a message; empty: those who may decide.
    """

    kind: Kind
    role: str = ""
    people: int = 1
    department: str = ""
    steps: tuple[Step, ...] = ()
    deadlines: Deadlines = Deadlines()
    pinged: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Kind, str, int, str]:
        return self.kind, self.role, self.people, self.department


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the approval policy."""

    version: int
    rules: tuple[Rule, ...]
    changed_by: str
    """The actor's label."""
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the policy asks before a change is applied; pinned on the request."""

    steps: tuple[Step, ...]
    policy_version: int
    rule: str
    deadlines: Deadlines = Deadlines()
    pinged: tuple[str, ...] = ()
    """Who gets a message, by member id; empty: those who may decide."""
    about: str = ""
    """What the rules that ask for it are about, in words; empty: the asker's role alone wants it."""
