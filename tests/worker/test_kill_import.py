"""`steward run`, killed by SIGKILL while it sends a file of people, sends every line once and goes on."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.sandbox import LocalSlack
from tests.worker.bench import CODE
from tests.worker.killing import running, workspace

pytestmark = pytest.mark.long

LINES = 3000


async def ask(engine: AsyncEngine, statement: str) -> int:
    """One number."""
    async with engine.connect() as connection:
        return int((await connection.execute(text(statement))).scalar_one() or 0)


async def until(engine: AsyncEngine, statement: str, *, least: int) -> int:
    """Wait until a number is reached; the machine may be slow."""
    for _ in range(2400):
        if (found := await ask(engine, statement)) >= least:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError(statement)


SENT = "SELECT count(*) FROM invitations"
REVIEWED = "SELECT count(*) FROM imports WHERE state = 'reviewed'"
DONE = "SELECT count(*) FROM imports WHERE state = 'done'"


async def lease_over(engine: AsyncEngine) -> None:
    """What the killed process held is anybody's: as it is a minute later."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET lease_until = created_at WHERE state = 'leased'"))


async def attach(slack: LocalSlack) -> None:
    """Olivia sets up and attaches the file."""
    olivia = slack.person("olivia")
    await olivia.command("/team", "setup")
    await olivia.fill("Set-up code", CODE)
    await olivia.fill("Seats", str(LINES + 1))
    assert await olivia.submit() == {}
    await olivia.close()
    await olivia.command("/team", "invite")
    content = "email\n" + "".join(f"p{number}@example.org\n" for number in range(LINES))
    await olivia.upload("CSV file", "people.csv", content.encode())
    assert await olivia.submit() == {}


async def test_a_steward_killed_while_it_sends_a_file_sends_every_line_once(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with workspace() as slack:
        olivia = slack.person("olivia")
        async with running(slack, database_url) as process:
            await attach(slack)
            await until(engine, REVIEWED, least=1)
            await olivia.until(lambda: _button(olivia.view) != "", timeout=60)
            assert await olivia.submit() == {}
            sent = await until(engine, SENT, least=1)
            process.kill()
            await process.ends()
        assert sent < LINES
        await lease_over(engine)
        async with running(slack, database_url):
            await until(engine, DONE, least=1)
        assert await ask(engine, SENT) == LINES
        assert await ask(engine, "SELECT count(DISTINCT email_key) FROM invitations") == LINES
        assert await ask(engine, "SELECT reserved_seats FROM organizations") == 0
        audited = "SELECT count(*) FROM audit_entries WHERE tag = 'invitation.sent'"
        assert await ask(engine, audited) == LINES
    await engine.dispose()


def _button(view: object) -> str:
    """The words of the form's Send; empty while there is none."""
    submit = getattr(view, "view", {}).get("submit") or {}
    words = str(submit.get("text") or "")
    return words if words.startswith("Send") else ""
