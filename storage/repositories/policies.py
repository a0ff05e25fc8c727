"""Versions of the approval policy."""

from sqlalchemy import bindparam, insert

from domain.model import Policy
from storage import mapping
from storage.repositories.common import columns_of, within
from storage.session import Session
from storage.tables import policies

_GET = within(policies, *columns_of(policies, Policy)).where(policies.c.version == bindparam("version"))
_ADD = insert(policies)


class SqlPolicies:
    """`domain.ports.Policies`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, version: int) -> Policy | None:
        row = await self._session.row(_GET, version=version)
        return mapping.policy_of(row) if row else None

    async def add(self, policy: Policy) -> None:
        values = mapping.policy_values(policy) | {"organization_id": self._session.organization_id}
        await self._session.write(_ADD, values)
