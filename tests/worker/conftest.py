"""Benches on both databases, and on SQLite alone where the database plays no part."""

from collections.abc import AsyncIterator

import pytest

from tests.worker.bench import Bench, bench


@pytest.fixture
async def northwind(database_url: str) -> AsyncIterator[Bench]:
    """Without mail, the worker at work."""
    async with bench(database_url) as made:
        made.worker.start()
        yield made


@pytest.fixture
async def with_mail(sqlite_url: str) -> AsyncIterator[Bench]:
    """With mail, the worker at work."""
    async with bench(sqlite_url, mail=True) as made:
        made.worker.start()
        yield made


@pytest.fixture
async def idle(sqlite_url: str) -> AsyncIterator[Bench]:
    """Without mail; the test starts the worker."""
    async with bench(sqlite_url) as made:
        yield made
