"""What people do most costs few statements, counted from Slack's request to its answer, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.slack.local import Local, running
from tests.support.watching import watch

TURNS = ("BEGIN", "SAVEPOINT", "RELEASE")


@pytest.fixture
async def silent(database_url: str) -> AsyncIterator[Local]:
    """A team of Olivia's; nothing is delivered, so that every statement is of who asks."""
    async with running(database_url, delivers=False) as made:
        await made.set_up()
        yield made


@pytest.fixture
def counted(silent: Local) -> list[str]:
    """The statements from now on."""
    found: list[str] = []

    def tell(statement: str) -> None:
        if not statement.startswith(TURNS):
            found.append(statement)

    watch(silent.store, tell)
    return found


async def test_inviting_somebody_takes_sixteen_statements(silent: Local, counted: list[str]) -> None:
    await silent.person("olivia").command("/team", "invite ann@far.example")
    assert len(counted) == 16


async def test_opening_home_again_takes_as_many_statements_for_five_requests_as_for_one(
    silent: Local, counted: list[str]
) -> None:
    olivia = silent.person("olivia")
    await olivia.open_home()
    counted.clear()
    await olivia.open_home()
    assert len(counted) == 10
