"""Many rows with one statement: the parameters are made ready here, at a fraction of the usual cost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

FROM_ROWS = 50
"""Below so many rows the usual way is as quick."""

Row = Mapping[str, Any]


class Bulk:
    """A statement as SQLite runs it for many rows that have the same columns."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, columns: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns))
        assert isinstance(compiled, SQLCompiler)  # every statement with rows is one
        self.statement, self.text = statement, str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if name not in columns}
        self._plan = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]

    def parameters(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """The values of each row in the statement's order, as the driver takes them."""
        made = [self._column(rows, name, process) for name, process in self._plan]
        return list(zip(*made, strict=True))

    def _column(self, rows: Sequence[Row], name: str, process: Callable[[Any], Any] | None) -> Sequence[Any]:
        if name in self._constants:
            value = self._constants[name]
            return [process(value) if process else value] * len(rows)
        if process is None:
            return [row[name] for row in rows]
        return [process(row[name]) for row in rows]


_known: dict[tuple[int, str, tuple[str, ...]], Bulk] = {}


def bulk(statement: ClauseElement, dialect: Dialect, row: Row) -> Bulk:
    """Return the statement made ready; it is kept, so that its identity is nobody else's."""
    key = (id(statement), dialect.name, tuple(row))
    if key not in _known:
        _known[key] = Bulk(statement, dialect, key[2])
    return _known[key]
