"""Statements compiled once and given to the driver itself: what the engine does beside that costs more."""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from sqlalchemy import CompoundSelect, Dialect, Insert, Select, Table, UpdateBase
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from storage.sqlite import QuickConnection, size_of

if TYPE_CHECKING:
    import asyncpg  # loaded only where PostgreSQL is used

Values: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Any
"""A named tuple of the columns that were asked for."""
Process = Callable[[Any], Any]
Watch = Callable[[str, Sequence[Any]], None]

MANY = 50
"""Rows that PostgreSQL takes as a copy: in half the time, which for fewer the copy's own beginning takes."""
_STATEMENTS = 1024
_SHAPES = 256


@dataclass(frozen=True, slots=True)
class Text:
    """What the database reads, and where its parameters come from, in order.

    Args:
        takes: the name, the place within a list (None for a single value), and what makes it the driver's.
        table: where each of the values becomes the column of its name and nothing else happens; "" for none.
    """

    sql: str
    takes: tuple[tuple[str, int | None, Process | None], ...]
    table: str = ""

    def arguments(self, values: Values) -> list[Any]:
        """Return the parameters as the driver wants them."""
        found = []
        for name, place, process in self.takes:
            value = values[name] if place is None else values[name][place]
            found.append(process(value) if process else value)
        return found

    def columns(self, rows: Sequence[Values]) -> list[tuple[Any, ...]]:
        """Return the parameters for each of many rows; made column by column, at a fraction of the cost."""
        made = []
        for name, place, process in self.takes:
            values = [row[name] if place is None else row[name][place] for row in rows]
            made.append(_processed(process, values) if process else values)
        return list(zip(*made, strict=True))


def _processed(process: Process, values: Sequence[Any]) -> list[Any]:
    """Return the driver's values; rows written together often share an object, which is converted once."""
    given = {id(value): value for value in values}
    made = {key: process(value) for key, value in given.items()}
    return [made[id(value)] for value in values]


class Prepared:
    """A statement for one kind of engine: its text for every length of its lists, and how rows come back."""

    def __init__(self, statement: Executable, dialect: Dialect, names: frozenset[str]) -> None:
        compiled = cast(Any, statement).compile(dialect=dialect, column_keys=sorted(names))
        self._dialect, self._compiled = dialect, cast(SQLCompiler, compiled)
        self._own = {name: value for name, value in compiled.params.items() if name not in names}
        late = compiled.post_compile_params | compiled.literal_execute_params
        self._late = sorted({compiled.bind_names[parameter] for parameter in late})
        self._table = _filled(statement)
        self._texts: dict[tuple[Any, ...], Text] = {}
        self._row, self._columns = _rows_of(statement, dialect)

    def with_own(self, values: Values) -> Values:
        """Return the values with those that stand in the statement itself."""
        return {**self._own, **values} if self._own else values

    def text(self, values: Values) -> Text:
        """Return the text for these values: some are written into it, some are lists."""
        shape = tuple(_shape(values[name]) for name in self._late)
        found = self._texts.get(shape)
        if found is None:
            if len(self._texts) >= _SHAPES:
                self._texts.clear()
            found = self._texts[shape] = self._text(values)
        return found

    def _text(self, values: Values) -> Text:
        state = self._compiled.construct_expanded_state(dict(values))
        places = {
            name: (key, place)
            for key, names in state.parameter_expansion.items()
            for place, name in enumerate(names)
        }
        takes = [places.get(name, (name, None)) for name in state.positiontup or ()]
        processed = tuple((name, place, self._process(name)) for name, place in takes)
        return Text(state.statement, processed, self._table)

    def _process(self, name: str) -> Process | None:
        kind = self._compiled.binds[name].type
        return kind.dialect_impl(self._dialect).bind_processor(self._dialect)

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Row]:
        """Return what the driver fetched, converted and named."""
        make, columns = self._row._make, self._columns
        if columns is None:
            return [make(row) for row in found]
        return [
            make([read(value) if read else value for read, value in zip(columns, row, strict=True)])
            for row in found
        ]


def _filled(statement: Executable) -> str:
    """Return the table that the statement only adds a row to, with the columns it is given; "" for none."""
    if not isinstance(statement, Insert) or statement._post_values_clause is not None:
        return ""
    plain = not statement._returning and statement.select is None and not statement._values
    return cast(Table, statement.table).name if plain else ""


def _shape(value: Any) -> Any:
    return len(value) if isinstance(value, list | tuple) else value


def _rows_of(statement: Executable, dialect: Dialect) -> tuple[Any, Sequence[Process | None] | None]:
    """Return the tuple of a statement's rows, and what converts its columns (None when none is converted)."""
    columns: Any
    if isinstance(statement, Select | CompoundSelect):
        columns = statement.selected_columns
    elif isinstance(statement, UpdateBase):
        columns = statement.exported_columns  # what it returns
    else:
        return None, None
    processes = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return namedtuple("Row", columns.keys()), processes if any(processes) else None


_dialects: dict[tuple[Any, ...], Dialect] = {}


def _prepared(statement: Executable, dialect: Dialect, names: frozenset[str]) -> Prepared:
    """Return the statement as all engines with this driver and this version of the server have it."""
    kind = (dialect.name, dialect.driver, dialect.server_version_info)
    return _compiled(statement, _dialects.setdefault(kind, dialect), names)


@lru_cache(_STATEMENTS)
def _compiled(statement: Executable, dialect: Dialect, names: frozenset[str]) -> Prepared:
    return Prepared(statement, dialect, names)


class Driver(Protocol):
    """A connection as its driver has it, with one transaction at a time."""

    @property
    def closed(self) -> bool:
        """Whether the connection is known to be gone."""

    async def begin(self, patience: float) -> None:
        """Begin a transaction.

        Args:
            patience: seconds SQLite waits for another process that writes.
        """

    async def commit(self) -> None:
        """Commit; raises RuntimeError when an error within had ended the transaction."""

    async def rollback(self) -> None:
        """Take back what was done in the open transaction, if there is one."""

    async def fetch(self, text: Text, values: Values) -> Sequence[Sequence[Any]]:
        """Run a query and return its rows."""

    async def execute(self, text: Text, values: Values) -> int:
        """Run a statement and return how many rows it touched."""

    async def execute_many(self, text: Text, values: Sequence[Values]) -> None:
        """Run a statement for each of the values."""


class SqliteDriver:
    """`Driver` on SQLite."""

    closed = False

    def __init__(self, connection: QuickConnection) -> None:
        self._connection = connection

    async def begin(self, patience: float) -> None:
        await self._connection.begin(patience)

    async def commit(self) -> None:
        await self._connection.commit()

    async def rollback(self) -> None:
        await self._connection.rollback()

    async def fetch(self, text: Text, values: Values) -> Sequence[Sequence[Any]]:
        arguments = text.arguments(values)

        def fetch(raw: sqlite3.Connection) -> list[Any]:
            return raw.execute(text.sql, arguments).fetchall()

        return await self._connection.run(fetch, size=size_of(arguments))

    async def execute(self, text: Text, values: Values) -> int:
        arguments = text.arguments(values)

        def execute(raw: sqlite3.Connection) -> int:
            return raw.execute(text.sql, arguments).rowcount

        return await self._connection.run(execute, size=size_of(arguments))

    async def execute_many(self, text: Text, values: Sequence[Values]) -> None:
        arguments = text.columns(values)

        def execute(raw: sqlite3.Connection) -> None:
            raw.executemany(text.sql, arguments)

        await self._connection.run(execute, size=len(arguments) * len(text.takes))


class PostgresDriver:
    """`Driver` on PostgreSQL."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    @property
    def closed(self) -> bool:
        return bool(self._connection.is_closed())

    async def begin(self, patience: float) -> None:
        await self._connection.execute("BEGIN")

    async def commit(self) -> None:
        # A transaction that an error ended is only rolled back by it, without another error.
        if await self._connection.execute("COMMIT") != "COMMIT":
            raise RuntimeError("nothing was committed: an error had ended the transaction")

    async def rollback(self) -> None:
        await self._connection.execute("ROLLBACK")

    async def fetch(self, text: Text, values: Values) -> Sequence[Sequence[Any]]:
        return cast(Sequence[Any], await self._connection.fetch(text.sql, *text.arguments(values)))

    async def execute(self, text: Text, values: Values) -> int:
        # "INSERT 0 1", "UPDATE 1"
        said = await self._connection.execute(text.sql, *text.arguments(values))
        return int(said.rpartition(" ")[2])

    async def execute_many(self, text: Text, values: Sequence[Values]) -> None:
        rows = text.columns(values)
        if text.table and len(rows) >= MANY:
            names = [name for name, _, _ in text.takes]
            await self._connection.copy_records_to_table(text.table, columns=names, records=rows)
        else:
            await self._connection.executemany(text.sql, rows)


class Statements:
    """Runs the statements of one transaction at a driver.

    Args:
        watch: told of every text that is run, with its parameters (the first row's of many).
    """

    def __init__(self, driver: Driver, dialect: Dialect, *, watch: Watch | None = None) -> None:
        self._driver, self._dialect, self._watch = driver, dialect, watch
        self.dialect = dialect.name

    async def begin(self, patience: float) -> None:
        """Begin a transaction; see `Driver.begin`."""
        self._tell("BEGIN")
        await self._driver.begin(patience)

    async def commit(self) -> None:
        """Commit; see `Driver.commit`."""
        self._tell("COMMIT")
        await self._driver.commit()

    async def rollback(self) -> None:
        """Take back what was done in the open transaction, if there is one."""
        self._tell("ROLLBACK")
        await self._driver.rollback()

    async def rows(self, statement: Executable, values: Values) -> list[Row]:
        """Run a query and return its rows."""
        prepared, text, values = self._ready(statement, values)
        return prepared.rows(await self._driver.fetch(text, values))

    async def write(self, statement: Executable, values: Values) -> int:
        """Run a statement and return how many rows it touched."""
        _, text, values = self._ready(statement, values)
        return await self._driver.execute(text, values)

    async def write_all(self, statement: Executable, values: Sequence[Values]) -> None:
        """Run a statement for each of the values, which have the same names."""
        prepared, text, _ = self._ready(statement, values[0])
        await self._driver.execute_many(text, [prepared.with_own(each) for each in values])

    async def run(self, sql: str) -> None:
        """Run a command without parameters."""
        self._tell(sql)
        await self._driver.fetch(Text(sql, ()), {})

    def _tell(self, command: str) -> None:
        if self._watch:
            self._watch(command, ())

    def _ready(self, statement: Executable, values: Values) -> tuple[Prepared, Text, Values]:
        prepared = _prepared(statement, self._dialect, frozenset(values))
        values = prepared.with_own(values)
        text = prepared.text(values)
        if self._watch:
            self._watch(text.sql, text.arguments(values))
        return prepared, text, values
