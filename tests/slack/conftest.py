"""A running Steward beside a local Slack, on SQLite."""

from collections.abc import AsyncIterator

import pytest

from tests.slack.local import Local, running


@pytest.fixture
async def local(sqlite_url: str) -> AsyncIterator[Local]:
    """Nothing is set up yet; no mail server."""
    async with running(sqlite_url) as local:
        yield local


@pytest.fixture
async def local_with_mail(sqlite_url: str) -> AsyncIterator[Local]:
    """Nothing is set up yet; mail arrives in the local Slack's inbox."""
    async with running(sqlite_url, mail=True) as local:
        yield local


@pytest.fixture
async def northwind(local: Local) -> Local:
    """Set up by Olivia: Adam is an Admin, Dana a Developer."""
    await local.set_up()
    await local.member("adam", "Admin")
    await local.member("dana", "Developer")
    return local
