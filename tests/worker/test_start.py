"""Starting and stopping a whole Steward: what it says, what stops it, and what it waits for."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.app import Steward
from bot.config import CannotStart, load_settings
from bot.manifest import manifest
from bot.sandbox import LocalSlack
from domain.notices import SeatsFreed
from tests.support.office import run_sql
from tests.worker.bench import CODE

KEY = "a-secret-of-the-tests-long-enough"


@pytest.fixture
async def local_slack() -> AsyncIterator[LocalSlack]:
    """A local Slack whose app uses Socket Mode."""
    async with LocalSlack(manifest=manifest(socket=True)) as local:
        yield local


def settings(slack: LocalSlack, url: str, **values: str) -> dict[str, str]:
    env = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "STEWARD_DATABASE_URL": url,
        "STEWARD_PORT": "0",
        "STEWARD_SECRET_KEY": KEY,
        "STEWARD_SLACK_API_URL": slack.api_url,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    return env | values


@asynccontextmanager
async def started(env: dict[str, str]) -> AsyncIterator[tuple[Steward, list[str]]]:
    said: list[str] = []
    steward = Steward(load_settings(env), tell=said.append)
    await steward.start()
    yield steward, said
    await steward.stop()


async def ready(steward: Steward) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(f"{steward.url}/readyz") as response:
        return response.status, (await response.json())["checks"]


async def refused(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(CannotStart) as raised:
        await Steward(load_settings(env), tell=lambda _words: None).start()
    return raised.value.problems


async def test_a_start_says_the_address_and_the_set_up_code(local_slack: LocalSlack, sqlite_url: str) -> None:
    env = settings(local_slack, sqlite_url, STEWARD_SETUP_CODE=CODE)
    async with started(env) as (steward, said):
        await local_slack.core.changes.until(lambda: len(said) == 4, 5)
        assert said.pop(0) == f"Steward listens on {steward.url}"
        assert "set STEWARD_PUBLIC_URL" in said.pop(0)
        assert said[0] == f"Set-up code for Northwind Labs: {CODE}"
        assert said[1].startswith("Type /team")
        assert await ready(steward) == (200, {"database": "ok", "slack": "ok", "worker": "ok"})


async def test_a_public_address_leaves_nothing_to_say_of_links(
    local_slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(local_slack, sqlite_url, STEWARD_PUBLIC_URL="https://steward.example.org")
    async with started(env) as (_steward, said):
        assert not any("STEWARD_PUBLIC_URL" in each for each in said)


async def test_the_code_is_the_same_after_a_restart_and_on_every_replica(
    local_slack: LocalSlack, sqlite_url: str
) -> None:
    codes = []
    for _ in range(2):
        async with started(settings(local_slack, sqlite_url)) as (steward, _said):
            codes.append(steward.setup_code)
    other = Steward(load_settings(settings(local_slack, sqlite_url, STEWARD_SECRET_KEY="another-secret-key")))
    assert codes[0] == codes[1] != other.setup_code
    assert len(codes[0]) == 9


async def test_every_token_slack_does_not_accept_is_named_at_once(
    local_slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(local_slack, sqlite_url, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_APP_TOKEN="xapp-wrong")
    problems = await refused(env)
    assert sorted(problem.split(":")[0] for problem in problems) == ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]
    assert not any("wrong" in problem for problem in problems)


async def test_a_taken_port_is_named(local_slack: LocalSlack, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        (problem,) = await refused(settings(local_slack, sqlite_url, STEWARD_PORT=port))
    assert problem.startswith(f"STEWARD_PORT: something listens on port {port} already")


async def test_a_database_that_does_not_answer_is_named_without_its_password(
    local_slack: LocalSlack,
) -> None:
    url = "postgresql://steward:the-password@127.0.0.1:9/steward"
    (problem,) = await refused(settings(local_slack, url))
    assert problem.startswith("STEWARD_DATABASE_URL: the database cannot be used")
    assert "the-password" not in problem


async def test_a_file_that_is_no_database_is_named(local_slack: LocalSlack, sqlite_url: str) -> None:
    path = Path(sqlite_url.partition(":///")[2])
    path.write_text("not a database, but long enough to be looked at" * 50, encoding="utf-8")
    (problem,) = await refused(settings(local_slack, sqlite_url))
    assert problem.startswith("STEWARD_DATABASE_URL: the database cannot be used")


async def test_slack_down_at_the_start_is_waited_for(local_slack: LocalSlack, sqlite_url: str) -> None:
    local_slack.faults.slack_down = True
    async with started(settings(local_slack, sqlite_url)) as (steward, said):
        assert "Slack does not answer yet; Steward keeps trying." in said
        status, checks = await ready(steward)
        assert (status, checks["slack"]) == (503, "Slack has not answered yet.")
        local_slack.faults.slack_down = False
        async with asyncio.timeout(15):
            account = await steward.contact.account()
            assert account.name == "Northwind Labs"
        await local_slack.core.changes.until(lambda: any("Set-up code" in each for each in said), 5)


async def test_slack_down_at_a_restart_holds_up_no_timer_of_the_team(
    local_slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(local_slack, sqlite_url, STEWARD_SETUP_CODE=CODE)
    async with started(env) as (steward, _said):
        await local_slack.core.changes.until(lambda: local_slack.socket.connections, 10)
        olivia = local_slack.person("olivia")
        await olivia.command("/team", "setup")
        await olivia.fill("Team name", "Northwind")
        await olivia.fill("Set-up code", CODE)
        assert await olivia.submit() == {}
        team = (await steward.contact.account()).team_id
    local_slack.faults.slack_down = True
    async with started(env) as (steward, _said):
        async with steward.store.transaction(team) as tx:
            await tx.outbox.add(SeatsFreed())
        async with asyncio.timeout(20):
            while "seats_freed" in await waiting(sqlite_url):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    local_slack.faults.clear()
    assert "seats_freed" not in await waiting(sqlite_url)


async def waiting(url: str) -> list[object]:
    """The tags of what waits to leave."""
    return [tag for (tag,) in await run_sql(url, "SELECT tag FROM outbox")]


async def test_a_stop_in_the_middle_of_a_start_leaves_nothing_open(
    local_slack: LocalSlack, sqlite_url: str
) -> None:
    local_slack.faults.api_slow = 5
    begun = asyncio.create_task(
        Steward(load_settings(settings(local_slack, sqlite_url)), tell=lambda _words: None).start()
    )
    await asyncio.sleep(0.7)
    begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begun
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "bot.slack" in repr(task) or "bot.worker" in repr(task)]
    local_slack.faults.clear()
