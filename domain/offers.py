"""What somebody may do about one line of the list of members: at once, by asking, or not at all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.approvals import requirement_for
from domain.changes import (
    ActivateMember,
    AdmitInvitee,
    Change,
    ChangeRole,
    DeactivateMember,
    InvitePeople,
    ResendInvitation,
    RevokeInvitation,
)
from domain.model import Invitation, InvitationStatus, Member, MemberStatus
from domain.operations import Operation
from domain.permissions import (
    Outcome,
    Role,
    Standing,
    choosable_roles,
    owner_role,
    roles_that_may,
    standing_of,
)
from domain.ports import RosterRow, Transaction


class Way(StrEnum):
    """How somebody can bring an outcome about."""

    AT_ONCE = "at_once"
    BY_ASKING = "by_asking"


class Act(StrEnum):
    """What can be done about a line of the list."""

    CHANGE_ROLE = "change_role"
    DEACTIVATE = "deactivate"
    ACTIVATE = "activate"
    RESEND = "resend"
    REVOKE = "revoke"
    ADMIT = "admit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An act and how it would go."""

    act: Act
    way: Way


def row_of_member(member: Member) -> RosterRow:
    """Return a member as their line of the list."""
    return RosterRow(
        kind="member",
        id=member.id,
        name=member.name,
        email=member.email,
        role=member.role,
        status=member.status,
        slack_user_id=member.slack_user_id,
        since=member.joined_at,
    )


def row_of_invitation(invitation: Invitation, now: datetime) -> RosterRow:
    """Return an invitation as its line of the list."""
    return RosterRow(
        kind="invitation",
        id=invitation.id,
        name=invitation.name,
        email=invitation.email,
        role=invitation.role,
        status=invitation.status_at(now),
        slack_user_id=invitation.slack_user_id,
        since=invitation.sent_at,
    )


def way_to(tx: Transaction, actor: Member, kind: type[Change], outcome: Outcome) -> Way | None:
    """Return how the actor can bring `outcome` about by a kind of change, None when not even by asking."""
    operation = kind.operation
    assert operation is not None  # nobody is offered what carries its own right
    standing = standing_of(tx.organization, actor, operation, outcome)
    if standing is Standing.NO_PERMISSION:
        return None
    if standing is Standing.NO_GRANT:
        return Way.BY_ASKING if roles_that_may(tx.organization, operation, outcome) else None
    return Way.BY_ASKING if requirement_for(tx, actor, standing, outcome, tag=kind.tag) else Way.AT_ONCE


def roles_to_give(tx: Transaction, actor: Member, member_id: str, held: str) -> tuple[tuple[Role, Way], ...]:
    """Return the other roles the actor can give a member who holds `held`, highest first."""
    found = []
    for role in choosable_roles(tx.organization):
        outcome = Outcome(
            concerned=frozenset({member_id}), gives=frozenset({role.slug}), takes=frozenset({held})
        )
        way = way_to(tx, actor, ChangeRole, outcome)
        if role.slug != held and way is not None:
            found.append((role, way))
    return tuple(found)


def offers(tx: Transaction, actor: Member, row: RosterRow) -> tuple[Offer, ...]:
    """Return what the actor can do about a line; nothing about the owner, whose role is transferred."""
    if row.role == owner_role(tx.organization).slug:
        return ()
    ways = _about_member(tx, actor, row) if row.kind == "member" else _about_invitation(tx, actor, row)
    return tuple(Offer(act=act, way=way) for act, way in ways.items() if way is not None)


def _about_member(tx: Transaction, actor: Member, row: RosterRow) -> dict[Act, Way | None]:
    concerned, role = frozenset({row.id}), frozenset({row.role})
    given = [way for _, way in roles_to_give(tx, actor, row.id, row.role)]
    best = Way.AT_ONCE if Way.AT_ONCE in given else next(iter(given), None)
    ways: dict[Act, Way | None] = {Act.CHANGE_ROLE: best}
    if row.status == MemberStatus.ACTIVE:
        outcome = Outcome(concerned=concerned, takes=role)
        ways[Act.DEACTIVATE] = way_to(tx, actor, DeactivateMember, outcome)
    else:
        outcome = Outcome(concerned=concerned, gives=role)
        ways[Act.ACTIVATE] = way_to(tx, actor, ActivateMember, outcome)
    return ways


def _about_invitation(tx: Transaction, actor: Member, row: RosterRow) -> dict[Act, Way | None]:
    # The right to invite in general comes first: who may only ask to invite sees no invitations at all.
    if standing_of(tx.organization, actor, Operation.INVITE, Outcome()) is not Standing.MAY:
        return {}
    giving = way_to(tx, actor, ResendInvitation, Outcome(gives=frozenset({row.role})))
    if row.status == InvitationStatus.WAITING:
        return {Act.ADMIT: giving, Act.REVOKE: Way.AT_ONCE}
    return {Act.RESEND: giving, Act.REVOKE: Way.AT_ONCE} if row.status == InvitationStatus.PENDING else {}


def may_invite_again(tx: Transaction, actor: Member, row: RosterRow) -> bool:
    """Return whether the actor can send, or ask for, another invitation like the expired one of a line."""
    if row.status != InvitationStatus.EXPIRED:
        return False
    if standing_of(tx.organization, actor, Operation.INVITE, Outcome()) is not Standing.MAY:
        return False
    return way_to(tx, actor, InvitePeople, Outcome(gives=frozenset({row.role}))) is not None


def change_for(act: Act, subject_id: str, *, role: str = "") -> Change:
    """Return the change an act is."""
    match act:
        case Act.CHANGE_ROLE:
            return ChangeRole(member_id=subject_id, role=role)
        case Act.DEACTIVATE:
            return DeactivateMember(member_id=subject_id)
        case Act.ACTIVATE:
            return ActivateMember(member_id=subject_id)
        case Act.RESEND:
            return ResendInvitation(invitation_id=subject_id)
        case Act.REVOKE:
            return RevokeInvitation(invitation_id=subject_id)
        case Act.ADMIT:
            return AdmitInvitee(invitation_id=subject_id)
