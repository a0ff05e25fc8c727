"""Departments, by name."""

from sqlalchemy import bindparam, insert

from domain.model import Department
from storage import mapping
from storage.repositories.common import columns_of, save_parameters, saving, within
from storage.session import Session, Stale
from storage.tables import departments

_ALL = within(departments, *columns_of(departments, Department))
_BY_NAME = _ALL.order_by(departments.c.name_key, departments.c.id)
_OPEN = _BY_NAME.where(departments.c.retired_at.is_(None))
_GET = _ALL.where(departments.c.id == bindparam("id"))
_ADD = insert(departments)
_SAVE = saving(departments)


class SqlDepartments:
    """`domain.ports.Departments`; a list that was read in this transaction is not read again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lists: dict[bool, tuple[Department, ...]] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._lists.clear()

    async def all(self, *, retired: bool = False) -> tuple[Department, ...]:
        if retired not in self._lists:
            rows = await self._session.rows(_BY_NAME if retired else _OPEN)
            self._lists[retired] = tuple(mapping.department_of(row) for row in rows)
        return self._lists[retired]

    async def get(self, department_id: str) -> Department | None:
        row = await self._session.row(_GET, id=department_id)
        return mapping.department_of(row) if row else None

    async def add(self, department: Department) -> None:
        await self._session.write(_ADD, mapping.department_values(department))
        self.forget()

    async def save(self, department: Department) -> None:
        values = save_parameters(self._session, mapping.department_values(department))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"department {department.id} was not read at version {department.version}")
        self.forget()
