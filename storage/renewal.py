"""Opens a database anew when its files were moved, deleted or replaced under a running Steward."""

import asyncio
from time import monotonic

import structlog

from domain.ports import StoreUnavailable
from storage.engines import PATIENCE, Engines
from storage.place import Place
from storage.revision import must_be_newest, revision_of

log = structlog.get_logger("steward.store")

_LOOK_SECONDS = 0.01


class Renewal:
    """Sees to it that work is begun only on the files that stand at the database's path."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._one_at_a_time = asyncio.Lock()
        self._told = False

    async def see_to_it(self) -> None:
        """Open new connections where the files are not those that are open.

        Raises:
            StoreUnavailable: no database of this version of Steward is there; says what to do.
        """
        place = self._engines.place
        if place is None or not (self._told or place.moved):
            return
        async with self._one_at_a_time:
            if self._told or place.moved:
                await self._renew(place)

    async def _renew(self, place: Place) -> None:
        if not self._told:
            log.error("store.file_moved", path=place.path)
            self._told = True
        # The last of the old connections removes the log by its name: a new one must not have it open yet.
        if place.moved:
            await self._close()
            place.must_have_file()
            place.leave()
        async with self._engines.reading.connect() as connection:
            must_be_newest(await connection.run_sync(revision_of))
        self._told = False
        log.info("store.file_opened_anew", path=place.path)

    async def _close(self) -> None:
        engines = (self._engines.writing, self._engines.reading)
        deadline = monotonic() + PATIENCE
        while any(engine.pool.checkedout() for engine in engines):  # type: ignore[attr-defined]
            if monotonic() > deadline:
                raise StoreUnavailable("The database file was moved while work on it was under way.")
            await asyncio.sleep(_LOOK_SECONDS)
        await self._engines.dispose()
