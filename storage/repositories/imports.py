"""Files of people to invite, each with where it stands."""

from sqlalchemy import bindparam, insert

from domain.import_jobs import ImportJob
from storage import mapping
from storage.repositories.common import save_parameters, saving, within
from storage.session import Session, Stale
from storage.tables import imports

_GET = within(imports, *imports.columns).where(imports.c.id == bindparam("id"))
_ADD = insert(imports)
_SAVE = saving(imports)


class SqlImports:
    """`domain.ports.Imports`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, import_id: str) -> ImportJob | None:
        row = await self._session.row(_GET, id=import_id)
        return mapping.import_of(row) if row else None

    async def add(self, job: ImportJob) -> None:
        await self._session.write(_ADD, mapping.import_values(job))

    async def save(self, job: ImportJob) -> None:
        values = save_parameters(self._session, mapping.import_values(job))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"import {job.id} was not read at version {job.version}")
