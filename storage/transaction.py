"""The unit of work on one organization that the domain sees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.deliveries import ParkedRows
from domain.model import Organization
from domain.ports import (
    Audit,
    Blobs,
    Departments,
    Facilities,
    Imports,
    Invitations,
    Members,
    Outbox,
    People,
    Policies,
    Refusals,
    Requests,
    Roster,
)
from storage import mapping
from storage.blobs import SqlBlobs
from storage.outbox import SqlOutbox
from storage.parked import SqlParkedRows
from storage.repositories.addresses import Addresses
from storage.repositories.audit import SqlAudit
from storage.repositories.common import save_parameters, saving_organization
from storage.repositories.departments import SqlDepartments
from storage.repositories.imports import SqlImports
from storage.repositories.invitations import SqlInvitations
from storage.repositories.members import SqlMembers
from storage.repositories.people import SqlPeople
from storage.repositories.policies import SqlPolicies
from storage.repositories.refusals import SqlRefusals
from storage.repositories.requests import SqlRequests
from storage.repositories.roster import SqlRoster
from storage.session import Session, Stale
from storage.tables import deliveries, installations, organizations

_FOUND = insert(organizations)
_INSTALLER = select(installations.c.installed_by).where(
    installations.c.team_id == bindparam("team"), installations.c.ended.is_(None)
)
_SAVE = saving_organization()


def _seeing(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert(deliveries) if dialect == "postgresql" else sqlite.insert(deliveries)
    return insert.values(
        {name: bindparam(name) for name in ("team_id", "delivery", "seen_at")}
    ).on_conflict_do_nothing()


_SEE = {dialect: _seeing(dialect) for dialect in ("sqlite", "postgresql")}


class SqlTransaction:
    """`domain.ports.Transaction`."""

    def __init__(self, session: Session, facilities: Facilities) -> None:
        self._session = session
        self.now = session.now
        self.team_id = session.team_id
        self.facilities = facilities
        self._addresses = Addresses(session)
        self.refusals: Refusals = SqlRefusals(session)
        self.parked: ParkedRows = SqlParkedRows(session)
        self.policies: Policies = SqlPolicies(session)
        self.roster: Roster = SqlRoster(session)
        self.imports: Imports = SqlImports(session)
        self.blobs: Blobs = SqlBlobs(session)
        # What remembers something of this transaction is kept beside the port, which others may replace.
        self._people = SqlPeople(session, self._addresses)
        self._departments = SqlDepartments(session)
        self._members = SqlMembers(session, self._addresses)
        self._invitations = SqlInvitations(session, self._addresses)
        self._requests = SqlRequests(session)
        self._audit = SqlAudit(session)
        self._outbox = SqlOutbox(session)
        self.people: People = self._people
        self.departments: Departments = self._departments
        self.members: Members = self._members
        self.invitations: Invitations = self._invitations
        self.requests: Requests = self._requests
        self.audit: Audit = self._audit
        self.outbox: Outbox = self._outbox
        self._written = session.organization

    @property
    def organization(self) -> Organization:
        self._session.organization_id  # noqa: B018  raises NotSetUp
        assert self._session.organization is not None
        return self._session.organization

    @property
    def is_set_up(self) -> bool:
        return self._session.organization is not None

    def update(self, organization: Organization) -> None:
        self._session.must_write()
        self._session.organization = organization

    async def found(self, organization: Organization) -> None:
        await self._session.write(_FOUND, mapping.organization_values(organization))
        self._session.organization = self._written = organization

    async def installer(self) -> str | None:
        found = await self._session.bare(_INSTALLER, {"team": self.team_id})
        return str(found[0].installed_by) if found else None

    async def first_time(self, delivery: str) -> bool:
        seen = {"team_id": self.team_id, "delivery": delivery, "seen_at": datetime.now(UTC)}
        return await self._session.write(_SEE[self._session.dialect], seen) == 1

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        organization, written = self._session.organization, self._written
        audit, outbox = self._audit.mark(), self._outbox.mark()
        try:
            async with self._session.savepoint():
                yield
        except BaseException:
            self._session.organization, self._written = organization, written
            self._audit.back_to(audit)
            self._outbox.back_to(outbox)
            for read in (
                self._addresses,
                self._people,
                self._departments,
                self._members,
                self._invitations,
                self._requests,
            ):
                read.forget()
            raise

    async def flush(self) -> bool:
        """Write what waits for the commit; return whether something is due to leave at once."""
        await self._audit.flush()
        if self._session.organization is not self._written:
            await self._save()
        return await self._outbox.flush()

    async def _save(self) -> None:
        values = save_parameters(self._session, mapping.organization_values(self.organization))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"organization {self.organization.id} was not read at this version")
