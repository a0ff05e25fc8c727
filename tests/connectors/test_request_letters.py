"""Letters about requests: who can decide is named, and counted beyond ten."""

from collections.abc import AsyncIterator

import pytest

from bot.connectors.request_letters import request_filed
from domain.notices import RequestFiled
from tests.support.office import Office, open_office


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    """A front desk on a fresh database, nothing set up."""
    opened = open_office(sqlite_url)
    yield opened
    await opened.store.close()


async def test_ten_who_can_decide_are_named_and_the_others_counted(office: Office) -> None:
    await office.set_up(seats=40)
    for number in range(12):
        await office.joins(f"admin{number}", "admin")
    dana = await office.joins("dana", "developer")
    waiting = await office.asks("dana", "sam@elsewhere.example")
    async with office.reading() as tx:
        words = await request_filed(tx, RequestFiled(request_id=waiting.request.id, to=f"member:{dana.id}"))
    assert "Admin8, 3 more." in str(words)
