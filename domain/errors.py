"""Refusals: what cannot be done, by which rule, for want of what, and who could.

Refusal
├── NotAllowed   the person may not
├── NotFound     what it is about is not there
├── Conflict     the facts forbid it now
└── Invalid      the input itself is wrong
"""

from collections.abc import Sequence


class Refusal(Exception):
    """A change that is not made, in words for the person who asked.

    Args:
        rule: which rule refuses, one sentence.
        fact: what fact stands against it or is missing, one sentence.
        remedy: what to do next, one sentence.
        who: member ids of those who could do it (shown as mentions).
        field: the form field the refusal belongs to, if any.
        can_ask: whether a button may ask those in `who`.
    """

    def __init__(
        self,
        rule: str,
        *,
        fact: str = "",
        remedy: str = "",
        who: Sequence[str] = (),
        field: str | None = None,
        can_ask: bool = False,
    ) -> None:
        super().__init__(rule)
        self.rule, self.fact, self.remedy = rule, fact, remedy
        self.who, self.field, self.can_ask = tuple(who), field, can_ask
        self.refusal_id: str | None = None
        """Set once it is recorded."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.rule, self.fact, self.remedy) if part)

    @property
    def code(self) -> str:
        return type(self).__name__


class NotAllowed(Refusal):
    """The person may not do this."""


class NotFound(Refusal):
    """What the change is about does not exist here."""


class Conflict(Refusal):
    """The facts forbid it now."""


class Invalid(Refusal):
    """The input itself is wrong."""


# NotAllowed


class NoPermission(NotAllowed):
    """The role does not include the operation."""


class RoleNotYoursToGrant(NotAllowed):
    """The role may not be granted, changed or taken away by this holder."""


class NotAMember(NotAllowed):
    """Only members of the organization can do this."""


class NotYourRequest(NotAllowed):
    """The person is not an approver, or not the requester, of this request."""


class NotYourInvitation(NotAllowed):
    """The invitation is addressed to somebody else."""


class NobodyCanDecide(NotAllowed):
    """No one is left who may approve, not even the owner."""


class SetupCodeWrong(NotAllowed):
    """The one-time set-up code does not match."""


class OnlyTheInstaller(NotAllowed):
    """Only who installed the app may set up the workspace."""


class OutsidersNever(NotAllowed):
    """Guests, bots and people of other workspaces take no part."""


class AccountNotLinked(NotAllowed):
    """The Slack user could not be matched with one member for sure."""


# NotFound


class NotSetUp(NotFound):
    """No organization exists for this Slack workspace yet."""


class NoSuchMember(NotFound):
    """The member is not in this organization."""


class NoSuchInvitation(NotFound):
    """The invitation is not in this organization."""


class NoSuchRequest(NotFound):
    """The request is not in this organization."""


class NoSuchImport(NotFound):
    """The file is not known here, or was erased since."""


class NoSuchDepartment(NotFound):
    """The department is not in this organization."""


class NoSuchRole(NotFound):
    """The preset has no such role, or it cannot be given today."""


# Conflict


class AlreadySetUp(Conflict):
    """The workspace has an organization already."""


class AlreadyMember(Conflict):
    """The address belongs to a member."""


class AlreadyInvited(Conflict):
    """The address has a pending invitation."""


class MemberIsDeactivated(Conflict):
    """The address belongs to a deactivated member; reactivate instead."""

    member_id: str = ""
    """Who it is."""


class AlreadySo(Conflict):
    """What is asked is so already."""


class ChangedMeanwhile(Conflict):
    """Somebody changed the same settings after they were shown."""


class NoSeatLeft(Conflict):
    """Every seat of the licence is used or held."""


class SeatLimitBelowUse(Conflict):
    """The seat limit cannot go below the seats in use."""


class OwnerMustStay(Conflict):
    """The owner cannot be demoted, deactivated or removed; ownership is transferred."""


class InvitationOver(Conflict):
    """The invitation was answered, revoked, replaced or has expired."""


class RequestOver(Conflict):
    """The request is decided, withdrawn or expired."""


class AlreadyAsked(Conflict):
    """The same thing is waiting for a decision already."""


class TooManyOpenRequests(Conflict):
    """Ten requests of this person are open."""


class NameTaken(Conflict):
    """Another one of that name exists."""


class DepartmentRetired(Conflict):
    """The department is closed."""


class ImportOver(Conflict):
    """The file was sent, cancelled, or could not be read."""


class AlreadyVoted(Conflict):
    """One person has one vote."""


class AlreadyDone(Conflict):
    """This very delivery was handled before."""


class Busy(Conflict):
    """The organization is being changed by others; nothing was done."""


# Invalid


class BadAddress(Invalid):
    """Not an e-mail address."""


class DomainNotAllowed(Invalid):
    """The organization does not invite to this domain."""


class TwiceInList(Invalid):
    """The address stands in the list more than once."""


class BadLine(Invalid):
    """A line of a file that cannot be read."""


class NobodyNamed(Invalid):
    """The change names nobody."""


class BadValue(Invalid):
    """A field is empty, too long or not of its kind."""
