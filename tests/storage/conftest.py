"""Fixtures of the store's tests: a store on each database, with a clock moved by hand."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from storage.store import SqlStore, open_store
from tests.storage.examples import FACILITIES, Clock
from tests.support.watching import watch

OpenStore = Callable[..., SqlStore]


@pytest.fixture
def clock() -> Clock:
    """The time of every transaction of the test."""
    return Clock()


@pytest.fixture
async def opened(clock: Clock) -> AsyncIterator[OpenStore]:
    """Opens stores, and closes them after the test."""
    stores: list[SqlStore] = []

    def opened(url: str, *, lease: float = 60.0, on_outgoing: Callable[[], None] | None = None) -> SqlStore:
        stores.append(
            open_store(
                url,
                facilities=FACILITIES,
                clock=clock,
                on_outgoing=on_outgoing,
                durable=False,
                lease=timedelta(seconds=lease),
            )
        )
        return stores[-1]

    yield opened
    for store in stores:
        await store.close()


@pytest.fixture
def store(database_url: str, opened: OpenStore) -> SqlStore:
    """A store on a fresh database, on SQLite, then on PostgreSQL."""
    return opened(database_url)


@pytest.fixture
def statements(store: SqlStore) -> list[str]:
    """What the store sends to its database from now on."""
    sent: list[str] = []
    watch(store, sent.append)
    return sent
