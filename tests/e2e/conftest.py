"""Fixtures of whole journeys: over HTTP and over Socket Mode."""

from collections.abc import AsyncIterator

import pytest

from tests.support.whole import Whole, whole_steward


@pytest.fixture(params=["http", "socket"])
async def whole(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Whole]:
    """Steward beside the local Slack, nothing set up, with mail."""
    async with whole_steward(database_url, socket=request.param == "socket") as started:
        yield started


@pytest.fixture
async def over_http(database_url: str) -> AsyncIterator[Whole]:
    """The same over HTTP alone."""
    async with whole_steward(database_url) as started:
        yield started
