"""Fixtures of the domain's tests: a team on each database."""

from collections.abc import AsyncIterator

import pytest

from tests.support.office import Office, open_office


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """A front desk on a fresh database, nothing set up."""
    opened = open_office(database_url)
    yield opened
    await opened.store.close()


@pytest.fixture
async def team(office: Office) -> Office:
    """A portal of five seats: Olivia owns, Adam is admin, Dana and Devi are developers."""
    await office.set_up()
    await office.joins("adam", "admin")
    await office.joins("dana", "developer")
    await office.joins("devi", "developer")
    return office
