"""Every change that can be asked of the desk, with its JSON form."""

import dataclasses
import json
import types
import typing
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from domain.model import Plan, Rule
from domain.operations import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants to be true; the same value is previewed, approved, applied and audited."""

    tag: ClassVar[str]
    operation: ClassVar[Operation | None]
    """What its actor must be allowed to do; None when the change carries its own right (an invitation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLine:
    """One person to invite."""

    email: str
    role: str
    departments: tuple[str, ...] = ()
    name: str = ""
    slack_user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePeople(Change):
    """Send an invitation to each line (seed 001, "To invite technicians")."""

    tag = "invite_people"
    operation = Operation.INVITE
    lines: tuple[InvitationLine, ...]
    among: int = 0
    """How many people the list they stand in invites; 0: these alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteFromFile(Change):
    """Send the invitations of one part of a reviewed file."""

    tag = "invite_from_file"
    operation = Operation.INVITE
    import_id: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendInvitation(Change):
    """Send a pending invitation again: new link, seven new days."""

    tag = "resend_invitation"
    operation = Operation.INVITE
    invitation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation(Change):
    """Take a pending invitation back."""

    tag = "revoke_invitation"
    operation = Operation.INVITE
    invitation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation(Change):
    """Accept an invitation (seed 002, "Adding Users to Your Organization")."""

    tag = "accept_invitation"
    operation = None
    invitation_id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineInvitation(Change):
    """Decline an invitation."""

    tag = "decline_invitation"
    operation = None
    invitation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitInvitee(Change):
    """Let in somebody who accepted but whose inviter may no longer grant the role, or who found no seat."""

    tag = "admit_invitee"
    operation = Operation.INVITE
    invitation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinOrganization(Change):
    """Make a Slack user who asked for it a member with the default role."""

    tag = "join_organization"
    operation = Operation.INVITE
    slack_user_id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMember(Change):
    """Say that a member is this Slack user."""

    tag = "link_member"
    operation = Operation.MANAGE_MEMBERS
    member_id: str
    slack_user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRole(Change):
    """Give a member another role (seed 002, "Change a User Role")."""

    tag = "change_role"
    operation = Operation.MANAGE_MEMBERS
    member_id: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateMember(Change):
    """End a member's access and free the seat (seed 002, "Activate or Deactivate a User")."""

    tag = "deactivate_member"
    operation = Operation.MANAGE_MEMBERS
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateMember(Change):
    """Give a deactivated member access again, with the role they had."""

    tag = "activate_member"
    operation = Operation.MANAGE_MEMBERS
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDepartment(Change):
    """Define a department."""

    tag = "create_department"
    operation = Operation.DEPARTMENTS
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameDepartment(Change):
    """Give a department another name."""

    tag = "rename_department"
    operation = Operation.DEPARTMENTS
    department_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireDepartment(Change):
    """Close a department: nobody can be given it any more."""

    tag = "retire_department"
    operation = Operation.DEPARTMENTS
    department_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings(Change):
    """Set the organization's name, the domains invitations may go to, and its channels."""

    tag = "change_settings"
    operation = Operation.SETTINGS
    name: str
    allowed_domains: tuple[str, ...] = ()
    approvals_channel: str | None = None
    audit_channel: str | None = None
    built_from: str = ""
    """`domain.settings.mark` of the values that were shown; empty: whatever they are by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSubscription(Change):
    """Set the seat limit (None: no limit), the plan and the address invoices go to."""

    tag = "change_subscription"
    operation = Operation.MANAGE_SUBSCRIPTION
    seat_limit: int | None
    plan: Plan
    invoice_email: str
    built_from: str = ""
    """`domain.settings.mark` of the values that were shown; empty: whatever they are by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeatHolding(Change):
    """Set whether a pending invitation holds a seat."""

    tag = "change_seat_holding"
    operation = Operation.MANAGE_SUBSCRIPTION
    pending_holds_seat: bool
    built_from: str = ""
    """`domain.settings.mark` of the values that were shown; empty: whatever they are by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeApprovalRules(Change):
    """Set the rules of the approval policy; `basis` is the version they were made from."""

    tag = "change_approval_rules"
    operation = Operation.APPROVAL_POLICY
    rules: tuple[Rule, ...]
    basis: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPinging(Change):
    """Say whether oneself gets requests for approval as messages; all who may decide still can."""

    tag = "set_pinging"
    operation = None
    pinged: bool


CHANGES: dict[str, type[Change]] = {kind.tag: kind for kind in Change.__subclasses__()}


def to_json(change: Change) -> dict[str, object]:
    """Return the change as plain JSON values, with its tag."""
    values: dict[str, object] = json.loads(json.dumps({"tag": change.tag, **dataclasses.asdict(change)}))
    return values


def from_json(data: dict[str, Any]) -> Change:
    """Return the change that `to_json` wrote.

    Raises:
        ValueError: the tag or a field is unknown, missing or of another type.
    """
    values = dict(data)
    kind = CHANGES.get(str(values.pop("tag", "")))
    if kind is None:
        raise ValueError(f"unknown change {data.get('tag')!r}")
    return typing.cast(Change, _read(kind, values))


@cache
def _kinds_of_fields(kind: type[Any]) -> dict[str, Any]:
    """Return what each field holds; found out once, since it takes longer than to read a change."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        kinds = _kinds_of_fields(kind)
        if not isinstance(value, dict) or not kinds.keys() >= value.keys():
            raise ValueError(f"not a {kind.__name__}: {value!r}")
        try:
            return kind(**{name: _read(kinds[name], item) for name, item in value.items()})
        except TypeError as error:
            raise ValueError(str(error)) from error
    origin = typing.get_origin(kind)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_read(typing.get_args(kind)[0], item) for item in value)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _read(next(arm for arm in typing.get_args(kind) if arm is not type(None)), value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"expected {kind}, got {value!r}")
