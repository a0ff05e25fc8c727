"""One unit of work on one connection: whose it is, what time it is, and how statements are run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Integer, Row, bindparam, literal
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ClauseElement, Executable

from domain.errors import NotSetUp
from domain.model import Organization
from storage.bulk import FROM_ROWS, bulk
from storage.failures import in_our_words

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
T = TypeVar("T")

CHUNK = 1000
"""How many values stand in one statement."""


class Session:
    """What the repositories of one transaction share."""

    def __init__(self, connection: AsyncConnection, *, team_id: str, now: datetime, writes: bool) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.team_id = team_id
        self.now = now
        self.writes = writes
        self.organization: Organization | None = None

    @property
    def organization_id(self) -> str:
        """The tenant of every statement.

        Raises:
            NotSetUp: the workspace has no organization.
        """
        if self.organization is None:
            raise NotSetUp("Steward is not set up in this workspace yet.", remedy="Type /team to set it up.")
        return self.organization.id

    async def rows(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        """Run a query within the organization and return all its rows."""
        with in_our_words():
            result = await self.connection.execute(statement, {"org": self.organization_id, **parameters})
            return result.all()

    async def row(self, statement: Executable, **parameters: Any) -> Row[Any] | None:
        """Run a query within the organization and return its first row."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    async def bare(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[Row[Any]]:
        """Run a query whose tenant stands in its own parameters."""
        with in_our_words():
            return (await self.connection.execute(statement, parameters)).all()

    async def write(self, statement: Executable, parameters: Parameters) -> int:
        """Run one statement, once or for each of the parameters, and return how many rows it touched."""
        self.must_write()
        with in_our_words():
            if self.dialect == "sqlite" and isinstance(parameters, list) and len(parameters) >= FROM_ROWS:
                assert isinstance(statement, ClauseElement)  # they all are
                ready = bulk(statement, self.connection.dialect, parameters[0])
                values = ready.parameters(parameters)
                return (await self.connection.exec_driver_sql(ready.text, values)).rowcount
            return (await self.connection.execute(statement, parameters)).rowcount

    def must_write(self) -> None:
        """Stop whoever writes through a snapshot."""
        if not self.writes:
            raise RuntimeError("this transaction only reads")


class Stale(Exception):
    """A row was written from a value that is not the newest: a bug in the caller."""


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists short enough for one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def fixed(value: str) -> BindParameter[str]:
    """Return a constant that the database sees in the text, so that it can choose a partial index."""
    return literal(value, literal_execute=True)


def limit() -> BindParameter[int]:
    """Return the parameter `limit`, which the planner sees as a number."""
    return bindparam("limit", type_=Integer, literal_execute=True)
