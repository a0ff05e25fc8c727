"""Entities with every field filled, and small teams to write them for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.keys import KeyRing
from domain.model import (
    Approvers,
    Department,
    Invitation,
    InvitationStatus,
    Member,
    MemberStatus,
    Organization,
    Person,
    Plan,
    Preset,
    Request,
    RequestStatus,
    Requirement,
    Step,
    Via,
    new_id,
)
from domain.ports import Facilities, Transaction
from storage.store import SqlStore

TEAM = "T1"
START = datetime(2026, 5, 4, 9, 30, 15, 123456, tzinfo=UTC)

FACILITIES = Facilities(
    keys=KeyRing((b"a secret of sixteen bytes or more",)),
    mail=True,
    public_url="http://steward.test",
    normalise_email=str.strip,
    setup_code="CODE",
)


class Clock:
    """The store's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)


def organization(team_id: str = TEAM) -> Organization:
    return Organization(
        id=new_id(),
        team_id=team_id,
        name="Ärzte & Co <!channel> 🩺",
        preset=Preset.SUITE,
        plan=Plan.PREMIUM,
        seat_limit=1_000_000,
        active_members=0,
        pending_holds_seat=False,
        allowed_domains=("example.com", "bücher.example"),
        invoice_email="bills@example.com",
        approvals_channel="C1",
        audit_channel="C2",
        policy_version=3,
        audit_count=0,
        audit_head="",
        created_at=START,
    )


def member(organization_id: str, name: str = "Ann Example", **fields: object) -> Member:
    made = Member(
        id=new_id(),
        organization_id=organization_id,
        email=f"{name.replace(' ', '.').lower()}@example.com",
        name=name,
        role="developer",
        status=MemberStatus.ACTIVE,
        joined_via=Via.LINK,
        joined_at=START,
        status_at=START + timedelta(hours=1),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def invitation(inviter: Member, email: str = "new@example.com", **fields: object) -> Invitation:
    made = Invitation(
        id=new_id(),
        organization_id=inviter.organization_id,
        email=email,
        name="New Person",
        role="developer",
        departments=(),
        slack_user_id=None,
        inviter_id=inviter.id,
        authority_id=inviter.id,
        status=InvitationStatus.PENDING,
        token_hash=new_id(),
        sent_at=START,
        expires_at=START + timedelta(days=7),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def request(requester: Member, *asked: Member, **fields: object) -> Request:
    made = Request(
        id=new_id(),
        organization_id=requester.organization_id,
        change={"tag": "change_role", "member_id": "m", "role": "admin", "nested": [{"a": None}]},
        tag="change_role",
        requester_id=requester.id,
        reason="because she leads support",
        requirement=Requirement(
            steps=(Step(approvers=Approvers.OWNER, needed=None), Step(approvers=Approvers.ANYONE_WHO_MAY)),
            policy_version=3,
            rule="The owner decides.",
        ),
        asked=tuple(one.id for one in asked),
        status=RequestStatus.WAITING,
        created_at=START,
        expires_at=START + timedelta(days=7),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def department(organization_id: str, name: str) -> Department:
    return Department(id=new_id(), organization_id=organization_id, name=name)


def person(user_id: str, email: str, **fields: object) -> Person:
    made = Person(team_id=TEAM, user_id=user_id, email=email, name=f"Person {user_id}", email_confirmed=True)
    return replace(made, **fields)  # type: ignore[arg-type]


async def founded(store: SqlStore, team_id: str = TEAM) -> tuple[Organization, Member]:
    """A new organization with one member, both committed."""
    made = organization(team_id)
    owner = member(made.id, "Olivia Owner", role="owner", slack_user_id="UOWNER")
    async with store.transaction(team_id) as tx:
        await tx.found(made)
        await tx.members.add(owner)
        tx.update(replace(tx.organization, active_members=1))
    return made, owner


async def add_members(tx: Transaction, *members: Member) -> None:
    for one in members:
        await tx.members.add(one)
