"""A connection out of a pool: taken, used at its driver, given back or ended."""

from typing import Any, Protocol, cast

from sqlalchemy import Dialect, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from storage.driving import Driver, PostgresDriver, SqliteDriver, Statements, Watch
from storage.sqlite import QuickConnection


class _Pool(Protocol):
    def size(self) -> int:
        """Return how many connections it keeps."""


class Held:
    """A connection of a pool. The engine's own transactions cost several times what the database's do."""

    def __init__(self, taken: PoolProxiedConnection, dialect: Dialect, watch: Watch | None) -> None:
        self._taken = taken
        raw = taken.driver_connection
        driver: Driver = (
            SqliteDriver(raw) if isinstance(raw, QuickConnection) else PostgresDriver(cast(Any, raw))
        )
        self._driver = driver
        self.statements = Statements(driver, dialect, watch=watch)

    @property
    def closed(self) -> bool:
        """Whether the connection is known to be gone."""
        return self._driver.closed

    def give_back(self) -> None:
        """Give the connection back to its pool; its transaction has ended."""
        self._taken.close()

    async def let_go(self) -> None:
        """End a connection whose state is not known; the database rolls back what it had not committed."""
        await greenlet_spawn(self._taken.invalidate)


async def take(engine: AsyncEngine, watch: Watch | None = None) -> Held:
    """Return a connection of the engine's pool, none that is known to be gone.

    Args:
        watch: as for `Statements`.
    """
    for _ in range(cast(_Pool, engine.pool).size()):
        held = Held(await engine.raw_connection(), engine.dialect, watch)
        if not held.closed:
            return held
        await held.let_go()
    return Held(await engine.raw_connection(), engine.dialect, watch)
