"""The rows of a change written again by the bare driver: what the database itself costs.

One act of Steward's is watched in the tables alone: which rows it added, changed and removed. The same rows
are then written to a copy of the database, with new ids each time, in one transaction, one statement a table.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import create_async_engine

Row = dict[str, Any]
Key = tuple[Any, ...]
Statement = tuple[str, list[tuple[Any, ...]]]

_ID = re.compile(r"[0-9a-z]{26}|[0-9a-f]{64}")
_COUNTED = "seq"
"""The column that numbers rows within a key of several columns."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every row of every table, by primary key."""

    schema: MetaData
    rows: dict[str, dict[Key, Row]]

    def texts(self) -> set[str]:
        """Every text there is."""
        rows = (row for table in self.rows.values() for row in table.values())
        return {value for row in rows for value in row.values() if isinstance(value, str)}


async def snapshot(url: str) -> Snapshot:
    """Read a small database whole, values as the driver gives them."""
    engine = create_async_engine(url)
    schema = MetaData()
    rows: dict[str, dict[Key, Row]] = {}
    async with engine.connect() as connection:
        await connection.run_sync(schema.reflect)
        for table in schema.sorted_tables:
            found = await connection.exec_driver_sql(f"SELECT * FROM {table.name}")
            keys = [column.name for column in table.primary_key]
            rows[table.name] = {tuple(row[name] for name in keys): dict(row) for row in found.mappings()}
    await engine.dispose()
    return Snapshot(schema, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is different each time an act is done.

    Args:
        words: a word in the watched act's rows.
        subject: the id of what the watched act was about, "" for nothing.
        subjects: ids of what the acts after it are about; each is used once.
    """

    words: str
    subject: str = ""
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Renewal:
    number: int
    news: dict[str, str]


Cell = Callable[[_Renewal], Any]


class Written:
    """What one act wrote, to be written again and again."""

    def __init__(self, before: Snapshot, after: Snapshot, about: About, *, numbered_marks: bool) -> None:
        self._before, self._after, self._about = before, after, about
        self._numbered = numbered_marks
        tables = before.schema.sorted_tables
        made = {text for text in after.texts() - before.texts() if _ID.fullmatch(text)}
        self._fresh = sorted(made)
        renewed = [*self._fresh, about.words, *([about.subject] if about.subject else [])]
        self._parts = re.compile(f"({'|'.join(map(re.escape, renewed))})")
        self._statements = [
            statement for table in tables for statement in (*self._inserts(table), *self._updates(table))
        ]
        self._statements += [deletion for table in reversed(tables) for deletion in self._deletes(table)]
        self._times = 0

    async def times(self) -> int:
        """Return how often it was written."""
        return self._times

    @property
    def statements(self) -> int:
        """How many statements it takes, with the begin and the commit."""
        return len(self._statements) + 2

    def again(self) -> list[Statement]:
        """Return the statements that write the rows once more, with new ids."""
        number, self._times = self._times, self._times + 1
        news = {
            old: f"{number * len(self._fresh) + place:0{len(old)}x}" for place, old in enumerate(self._fresh)
        }
        news[self._about.words] = f"again-{number}"
        if self._about.subject:
            news[self._about.subject] = self._about.subjects[number]
        renewal = _Renewal(number, news)
        return [
            (sql, [tuple([cell(renewal) for cell in row]) for row in rows]) for sql, rows in self._statements
        ]

    def _inserts(self, table: Table) -> Iterator[tuple[str, list[list[Cell]]]]:
        before, after = self._before.rows[table.name], self._after.rows[table.name]
        added = [row for key, row in after.items() if key not in before]
        generated = table.autoincrement_column
        names = [column.name for column in table.columns if column is not generated]
        if added:
            marks = ", ".join(self._mark(place) for place in range(len(names)))
            sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
            yield sql, [[self._cell(name, row[name]) for name in names] for row in added]

    def _updates(self, table: Table) -> Iterator[tuple[str, list[list[Cell]]]]:
        before, after = self._before.rows[table.name], self._after.rows[table.name]
        for key, row in after.items():
            if key in before and row != before[key]:
                names = [name for name, value in row.items() if value != before[key][name]]
                sets = ", ".join(f"{name} = {self._mark(place)}" for place, name in enumerate(names))
                news = [self._cell("", row[name]) for name in names]
                where, at = self._at(table, key, len(names))
                yield f"UPDATE {table.name} SET {sets} WHERE {where}", [[*news, *at]]

    def _deletes(self, table: Table) -> Iterator[tuple[str, list[list[Cell]]]]:
        gone = [key for key in self._before.rows[table.name] if key not in self._after.rows[table.name]]
        places = [self._at(table, key, 0) for key in gone]
        if places:
            yield f"DELETE FROM {table.name} WHERE {places[0][0]}", [at for _, at in places]

    def _at(self, table: Table, key: Key, first: int) -> tuple[str, list[Cell]]:
        names = [column.name for column in table.primary_key]
        where = " AND ".join(f"{name} = {self._mark(first + place)}" for place, name in enumerate(names))
        return where, [self._cell("", value) for value in key]

    def _mark(self, place: int) -> str:
        return f"${place + 1}" if self._numbered else "?"

    def _cell(self, name: str, value: Any) -> Cell:
        """What makes a value anew."""
        if name == _COUNTED:
            return lambda renewal: value + 10 * (renewal.number + 1)
        parts = self._parts.split(value) if isinstance(value, str) else []
        if len(parts) < 2:
            return lambda renewal: value
        if parts[0] == parts[2] == "" and len(parts) == 3:
            return lambda renewal: renewal.news[parts[1]]
        return lambda renewal: "".join([renewal.news.get(part, part) for part in parts])


async def watched(url: str, act: Callable[[], Awaitable[object]], about: About) -> Written:
    """Return what `act` writes into the database."""
    before = await snapshot(url)
    await act()
    numbered = url.startswith("postgresql")
    return Written(before, await snapshot(url), about, numbered_marks=numbered)
