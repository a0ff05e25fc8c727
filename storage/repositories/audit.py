"""The audit chain: entries wait in memory until the commit and are then written together."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert

from domain.model import AuditEntry, PersonalValue
from domain.ports import UnreadableEntry
from storage import mapping
from storage.repositories.common import columns_of, within
from storage.session import Session, limit
from storage.tables import audit_entries, audit_values

_ENTRIES = (
    within(audit_entries, *columns_of(audit_entries, AuditEntry))
    .where(audit_entries.c.seq > bindparam("after"))
    .order_by(audit_entries.c.seq)
    .limit(limit())
)
_VALUES = (
    within(audit_values, *columns_of(audit_values, PersonalValue))
    .where(audit_values.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(audit_values.c.seq, audit_values.c.field)
)
_ADD_ENTRIES = insert(audit_entries)
_ADD_VALUES = insert(audit_values)


class SqlAudit:
    """`domain.ports.Audit`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._entries: list[AuditEntry] = []
        self._values: list[PersonalValue] = []

    async def append(self, entries: Sequence[AuditEntry], values: Sequence[PersonalValue]) -> None:
        self._session.must_write()
        self._entries.extend(entries)
        self._values.extend(values)

    async def entries(self, *, after: int = 0, limit: int = 500) -> tuple[AuditEntry, ...]:
        await self.flush()
        try:
            return await self._read(after, limit)
        except ValueError:
            return await self._readable(after, limit)

    async def _read(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        rows = await self._session.rows(_ENTRIES, after=after, limit=limit)
        return tuple(mapping.entry_of(row) for row in rows)

    async def _readable(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        """The entries before the first that somebody made unreadable."""
        found: list[AuditEntry] = []
        for _ in range(limit):
            try:
                one = await self._read(found[-1].seq if found else after, 1)
            except ValueError as error:
                if not found:
                    raise UnreadableEntry(after + 1) from error
                break
            found.extend(one)
        return tuple(found)

    async def values(self, *, first: int, last: int) -> tuple[PersonalValue, ...]:
        await self.flush()
        rows = await self._session.rows(_VALUES, first=first, last=last)
        return tuple(mapping.value_of(row) for row in rows)

    async def flush(self) -> None:
        """Write what waits."""
        entries, self._entries = self._entries, []
        values, self._values = self._values, []
        if entries:
            await self._session.write_all(_ADD_ENTRIES, [mapping.plain(entry) for entry in entries])
        if values:
            await self._session.write_all(_ADD_VALUES, [mapping.plain(value) for value in values])

    def mark(self) -> tuple[list[AuditEntry], list[PersonalValue]]:
        """Return what waits, to come back to."""
        return list(self._entries), list(self._values)

    def back_to(self, mark: tuple[list[AuditEntry], list[PersonalValue]]) -> None:
        """Drop what was appended since the mark."""
        self._entries, self._values = mark
