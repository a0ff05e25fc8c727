"""Fills a team: many members, difficult names, many requests."""

from dataclasses import replace
from typing import Protocol

from domain.model import Department, Member, MemberStatus, Via, new_id
from domain.permissions import default_role
from domain.ports import Transaction
from storage.store import SqlStore

DIFFICULT = (
    "Max <!channel> & Söhne *bold* `code`",
    "שרה כהן אלמוג",
    "👩🏽‍🚀🧑‍🧑‍🧒‍🧒" * 8,
    "x" * 80,
    "<@U0NOBODY> | <https://evil.example|click>",
    "مريم عبد الله الطويل جدا",
)
"""Names people may have."""


class Filled(Protocol):
    """What is filled: a team in a store."""

    @property
    def store(self) -> SqlStore: ...
    @property
    def team_id(self) -> str: ...


def member_of(
    tx: Transaction, name: str, email: str, *, role: str = "", user_id: str | None = None
) -> Member:
    """A member who joined now."""
    return Member(
        id=new_id(),
        organization_id=tx.organization.id,
        email=email,
        name=name,
        role=role or default_role(tx.organization).slug,
        slack_user_id=user_id,
        joined_via=Via.SLACK,
        joined_at=tx.now,
        status_at=tx.now,
    )


async def fill(local: Filled, count: int, *, role: str = "", seats: int | None = None) -> list[Member]:
    """Let `count` people be members, with every difficult name among them."""
    async with local.store.transaction(local.team_id) as tx:
        found = [
            member_of(
                tx,
                DIFFICULT[number % len(DIFFICULT)] if number % 2 else f"Person {number:05}",
                f"person{number:05}@{role or 'many'}.example",
                role=role,
            )
            for number in range(count)
        ]
        for member in found:
            await tx.members.add(member)
        organization = tx.organization
        tx.update(replace(organization, active_members=organization.active_members + count, seat_limit=seats))
    return found


async def deactivated(local: Filled, member: Member) -> None:
    """Let a member be deactivated."""
    async with local.store.transaction(local.team_id) as tx:
        known = await tx.members.get(member.id)
        assert known is not None
        await tx.members.save(replace(known, status=MemberStatus.DEACTIVATED, status_at=tx.now))
        tx.update(replace(tx.organization, active_members=tx.organization.active_members - 1))


async def departments(local: Filled, count: int) -> list[Department]:
    """Define departments."""
    async with local.store.transaction(local.team_id) as tx:
        found = [
            Department(id=new_id(), organization_id=tx.organization.id, name=f"{number:03} {'Ü' * 55}")
            for number in range(count)
        ]
        for department in found:
            await tx.departments.add(department)
    return found
