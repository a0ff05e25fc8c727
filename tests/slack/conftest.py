"""A running Steward beside a local Slack, on SQLite."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox import dispatch as local_delivery
from bot.sandbox import triggers
from bot.slack import directory, visit
from bot.slack.edge import dispatch
from tests.slack.local import Local, running


@pytest.fixture(autouse=True)
def _a_patient_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with much else to do is no reason to fail; tests of Slack's three seconds set their own."""
    monkeypatch.setattr(local_delivery, "ANSWER_SECONDS", 30.0)
    monkeypatch.setattr(triggers, "TRIGGER_SECONDS", 30.0)
    monkeypatch.setattr(dispatch, "LATEST", 27.0)
    monkeypatch.setattr(directory, "PATIENCE", 25.0)
    monkeypatch.setattr(visit, "PATIENCE", 25.0)


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
