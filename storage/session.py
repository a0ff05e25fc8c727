"""One unit of work: whose it is, what time it is, and how statements are run."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Integer, bindparam, literal
from sqlalchemy.sql import Executable

from domain.errors import NotSetUp
from domain.model import Organization
from storage.driving import Row, Statements, Values
from storage.failures import in_our_words

T = TypeVar("T")

CHUNK = 1000
"""How many values stand in one statement."""


class Session:
    """What the repositories of one transaction share."""

    def __init__(self, statements: Statements, *, team_id: str, now: datetime, writes: bool) -> None:
        self.dialect = statements.dialect
        self._statements = statements
        self._savepoints = 0
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

    async def rows(self, statement: Executable, **parameters: Any) -> Sequence[Row]:
        """Run a query within the organization and return all its rows."""
        return await self.bare(statement, {"org": self.organization_id, **parameters})

    async def row(self, statement: Executable, **parameters: Any) -> Row | None:
        """Run a query within the organization and return its first row."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    async def bare(self, statement: Executable, parameters: Values) -> Sequence[Row]:
        """Run a query whose tenant stands in its own parameters."""
        with in_our_words():
            return await self._statements.rows(statement, parameters)

    async def write(self, statement: Executable, parameters: Values) -> int:
        """Run one statement and return how many rows it touched."""
        self.must_write()
        with in_our_words():
            return await self._statements.write(statement, parameters)

    async def write_all(self, statement: Executable, parameters: Sequence[Values]) -> None:
        """Run one statement for each of the parameters."""
        self.must_write()
        with in_our_words():
            await self._statements.write_all(statement, parameters)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Take back what is done within when it ends with an error."""
        self._savepoints += 1
        name = f"savepoint_{self._savepoints}"
        await self._run(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            await self._run(f"ROLLBACK TO SAVEPOINT {name}")
            await self._run(f"RELEASE SAVEPOINT {name}")
            raise
        await self._run(f"RELEASE SAVEPOINT {name}")

    async def _run(self, command: str) -> None:
        with in_our_words():
            await self._statements.run(command)

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
