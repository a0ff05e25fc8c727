"""A workspace whose `steward run` is killed between posts, and what is known to be delivered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.manifest import manifest
from bot.sandbox import LocalSlack, PersonSpec
from bot.sandbox.conversations import Message
from tests.worker.bench import CODE
from tests.worker.processes import Process, steward

PEOPLE = 60
"""More than all the processes that are killed have under way together."""
INVITED = [f"p{number}" for number in range(PEOPLE)]


def settings(slack: LocalSlack, url: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "STEWARD_DATABASE_URL": url,
        "STEWARD_PORT": "0",
        "STEWARD_SECRET_KEY": "a-secret-of-the-tests-long-enough",
        "STEWARD_SETUP_CODE": CODE,
        "STEWARD_SLACK_API_URL": slack.api_url,
    }


@asynccontextmanager
async def workspace() -> AsyncIterator[LocalSlack]:
    """A local Slack with some dozens of people more."""
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack:
        for handle in INVITED:
            slack.workspace.join(
                PersonSpec(handle=handle, name=handle.title(), email=f"{handle}@northwind.example")
            )
        yield slack


@asynccontextmanager
async def running(slack: LocalSlack, url: str) -> AsyncIterator[Process]:
    async with steward("run", env=settings(slack, url)) as process:
        line = await process.says("Steward listens on")
        slack.connect(request_url=f"{line.split()[-1]}/slack/events")
        yield process


async def set_up(slack: LocalSlack) -> None:
    """Olivia sets up and invites them all, while Slack takes no message."""
    slack.faults.update({"api_429": True, "api_method": "chat.postMessage"})
    olivia = slack.person("olivia")
    await olivia.command("/team", "setup")
    await olivia.fill("Set-up code", CODE)
    await olivia.fill("Seats", "100")
    assert await olivia.submit() == {}
    await olivia.close()
    for handle in INVITED:
        assert (await olivia.command("/team", f"invite @{handle}")).error is None


async def undelivered(url: str) -> int:
    """How many invitations are not known to be delivered."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT count(*) FROM outbox WHERE tag = 'invitation_sent'"))
        count = found.scalar_one()
    await engine.dispose()
    return int(count)


async def make_due(url: str) -> None:
    """What the killed process held, and what waits after a limit, is due: as it is a minute later."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET lease_until = created_at WHERE state = 'leased'"))
        await connection.execute(text("UPDATE outbox SET run_at = created_at WHERE tag = 'invitation_sent'"))
    await engine.dispose()


def kill_after(posts: int, slack: LocalSlack, process: Process) -> None:
    """The process dies after Slack has posted so many messages, before it hears of the last."""
    conversations, left = slack.workspace.conversations, posts
    say = conversations.say

    def say_and_kill(message: Message) -> Message:
        nonlocal left
        left -= 1
        if left == 0:
            process.kill()
            conversations.say = say  # type: ignore[method-assign]
        return say(message)

    conversations.say = say_and_kill  # type: ignore[method-assign]


async def until_delivered(url: str) -> None:
    for _ in range(200):
        if not await undelivered(url):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("some invitations were not delivered")
