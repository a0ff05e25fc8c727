"""Members: found by id, address, Slack user or role; saved against the version they were read with."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    delete,
    func,
    insert,
    select,
    union_all,
)

from domain.model import Member, MemberStatus, email_key
from storage import mapping
from storage.driving import Row
from storage.repositories import search
from storage.repositories.addresses import Addresses
from storage.repositories.common import columns_of, save_parameters, saving, within
from storage.repositories.search import Listed
from storage.session import Session, Stale, chunks, fixed, limit
from storage.tables import member_departments, members
from storage.words import beginning, end_of

LISTED = (MemberStatus.ACTIVE, MemberStatus.DEACTIVATED)


def _departments() -> Subquery:
    return (
        select(member_departments.c.department_id)
        .where(
            member_departments.c.organization_id == members.c.organization_id,
            member_departments.c.member_id == members.c.id,
        )
        .order_by(member_departments.c.position)
        .correlate(members)
        .subquery()
    )


_accessible = _departments()
COLUMNS = [
    *columns_of(members, Member),
    select(func.aggregate_strings(_accessible.c.department_id, " ")).scalar_subquery().label("departments"),
]
_ALL = within(members, *COLUMNS)
_GET = _ALL.where(members.c.id == bindparam("id"))
_MANY = _ALL.where(members.c.id.in_(bindparam("ids", expanding=True)))
_BY_USERS = _ALL.where(
    members.c.slack_user_id.in_(bindparam("user_ids", expanding=True)), members.c.slack_user_id.is_not(None)
)
_ADD = insert(members)
_SAVE = saving(members)
_GIVE = insert(member_departments)
_TAKE = delete(member_departments).where(
    member_departments.c.organization_id == bindparam("_org"),
    member_departments.c.member_id == bindparam("_member"),
)


def _first(order: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The first members of one branch, by an index that has them in this order."""
    branch = (
        within(members, *COLUMNS, order.label("place"))
        .where(*conditions)
        .order_by(order, members.c.id)
        .limit(limit())
    )
    return select(branch.subquery())


def _best_of(branches: Sequence[Select[Any]]) -> Select[Any]:
    """The first members of all branches together, as whole rows: joining them later takes a large table."""
    picked = union_all(*branches).subquery()
    found = [picked.c[column.name] for column in COLUMNS]
    return select(*found).order_by(picked.c.place, picked.c.id).limit(limit())


@cache
def _holding(roles: int, statuses: tuple[MemberStatus, ...], *, linked: bool) -> Select[Any]:
    """The query of the holders of so many roles, oldest first, one branch for each role and status."""
    is_linked = [members.c.slack_user_id.is_not(None)] if linked else []
    return _best_of(
        [
            _first(
                members.c.joined_at,
                members.c.status == fixed(status),
                members.c.role == bindparam(f"role_{number}"),
                *is_linked,
            )
            for number in range(roles)
            for status in statuses
        ]
    )


_BY_NAME = _best_of([_first(members.c.sort_key, members.c.status == fixed(status)) for status in LISTED])


def _found() -> Select[Any]:
    branches = [search.matching(status, with_role=False, after=False).subquery() for status in LISTED]
    found = union_all(*(select(branch.c.term.label("place"), branch.c.subject_id) for branch in branches))
    picked = found.subquery()
    return (
        _ALL.join(picked, members.c.id == picked.c.subject_id)
        .order_by(picked.c.place, members.c.id)
        .limit(limit())
    )


_SEARCH = _found()


class SqlMembers:
    """`domain.ports.Members`; what was read is not read again: the organization's lock holds it still."""

    def __init__(self, session: Session, addresses: Addresses) -> None:
        self._session = session
        self._addresses = addresses
        self._known: dict[str, Member] = {}
        self._users: dict[str, Member | None] = {}
        self._holders: dict[tuple[Any, ...], tuple[Member, ...]] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._users.clear()
        self._holders.clear()

    def _keep(self, rows: Iterable[Row]) -> list[Member]:
        found = [mapping.member_of(row) for row in rows]
        self._known.update((member.id, member) for member in found)
        return found

    async def get(self, member_id: str) -> Member | None:
        if member_id in self._known:
            return self._known[member_id]
        found = self._keep(await self._session.rows(_GET, id=member_id))
        return found[0] if found else None

    async def many(self, member_ids: Collection[str]) -> dict[str, Member]:
        missing = [member_id for member_id in dict.fromkeys(member_ids) if member_id not in self._known]
        for chunk in chunks(missing):
            self._keep(await self._session.rows(_MANY, ids=chunk))
        return {member_id: self._known[member_id] for member_id in member_ids if member_id in self._known}

    async def by_email(self, email: str) -> Member | None:
        return (await self.by_emails([email])).get(email_key(email))

    async def by_emails(self, emails: Collection[str]) -> dict[str, Member]:
        known = await self._addresses.look(email_key(email) for email in emails)
        ids = {key: one.member_id for key, one in known.items() if one.member_id}
        found = await self.many(ids.values())
        return {key: found[member_id] for key, member_id in ids.items()}

    async def by_user(self, user_id: str) -> Member | None:
        return (await self.by_users([user_id])).get(user_id)

    async def by_users(self, user_ids: Collection[str]) -> dict[str, Member]:
        wanted = dict.fromkeys(user_ids)
        for chunk in chunks(user_id for user_id in wanted if user_id not in self._users):
            found = self._keep(await self._session.rows(_BY_USERS, user_ids=chunk))
            self._users |= dict.fromkeys(chunk) | {str(member.slack_user_id): member for member in found}
        return {user_id: member for user_id in wanted if (member := self._users[user_id])}

    async def holding(
        self, roles: Collection[str], *, active: bool = True, linked: bool = False, limit: int
    ) -> tuple[Member, ...]:
        if not roles:
            return ()
        statuses = (MemberStatus.ACTIVE,) if active else LISTED
        named = tuple(sorted(roles))
        asked = (named, statuses, linked, limit)
        if asked not in self._holders:
            statement = _holding(len(named), statuses, linked=linked)
            parameters = {f"role_{number}": role for number, role in enumerate(named)}
            rows = await self._session.rows(statement, limit=limit, **parameters)
            self._holders[asked] = tuple(self._keep(rows))
        return self._holders[asked]

    async def add(self, member: Member) -> None:
        await self._session.write(_ADD, mapping.member_values(member))
        await self._give(member)
        if listed := _listed(member):
            await search.add(self._session, [listed])
        self._remember(member)

    async def save(self, member: Member) -> None:
        before = self._known.get(member.id)
        values = save_parameters(self._session, mapping.member_values(member))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"member {member.id} was not read at version {member.version}")
        if before is None or before.departments != member.departments:
            key = {"_org": self._session.organization_id, "_member": member.id}
            await self._session.write(_TAKE, key)
            await self._give(member)
        was = _listed(before) if before else None
        if before is None or was != _listed(member):
            await search.change(self._session, was, _listed(member), subject_id=member.id)
        self._remember(replace(member, version=member.version + 1))

    def _remember(self, member: Member) -> None:
        self._known[member.id] = member
        self._users.clear()
        self._holders.clear()
        self._addresses.forget(email_key(member.email))

    async def _give(self, member: Member) -> None:
        rows = [
            {
                "organization_id": self._session.organization_id,
                "member_id": member.id,
                "department_id": department_id,
                "position": position,
            }
            for position, department_id in enumerate(member.departments)
        ]
        if rows:
            await self._session.write_all(_GIVE, rows)

    async def search(self, text: str, *, limit: int) -> tuple[Member, ...]:
        prefix = beginning(text)
        if not prefix and text.strip():
            return ()
        if not prefix:
            return tuple(self._keep(await self._session.rows(_BY_NAME, limit=limit)))
        rows = await self._session.rows(_SEARCH, prefix=prefix, end=end_of(prefix), limit=limit)
        return tuple(self._keep(rows))


def _listed(member: Member) -> Listed | None:
    if member.status not in LISTED:
        return None
    return Listed(member.id, member.name, member.email, str(member.status), member.role)
