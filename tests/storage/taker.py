"""A process of its own that takes seats: `python -m tests.storage.taker ADDRESS HOW_MANY`."""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime

from domain.errors import Busy
from storage.store import open_store
from tests.storage.examples import FACILITIES, TEAM


async def take(url: str, wanted: int) -> None:
    store = open_store(url, facilities=FACILITIES, clock=lambda: datetime.now(UTC), durable=False)
    while wanted:
        try:
            async with store.transaction(TEAM) as tx:
                taken = tx.organization.active_members
                await asyncio.sleep(0.001)
                tx.update(replace(tx.organization, active_members=taken + 1))
        except Busy:
            continue
        wanted -= 1
    await store.close()


asyncio.run(take(sys.argv[1], int(sys.argv[2])))
