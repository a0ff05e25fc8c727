"""A local Slack, the settings of a Steward in it, and what the doctor says of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest

from bot.doctor.examination import examine, needs_somebody
from bot.doctor.printing import as_text
from bot.manifest import manifest
from bot.sandbox import LocalSlack
from tests.worker.bench import CODE
from tests.worker.processes import Process, steward

KEY = "a-secret-of-the-tests-long-enough"


@dataclass(frozen=True)
class Answer:
    """What the doctor said."""

    code: int
    text: str
    errors: str

    def line(self, part: str) -> str:
        """The line of one part, without its sign."""
        return self.lines(part)[0]

    def lines(self, part: str) -> list[str]:
        """The lines of one part."""
        return [line[6:] for line in self.text.splitlines() if line[6:].startswith(f"{part}: ")]

    def to_do(self) -> set[str]:
        """The parts that need somebody."""
        return {line[6:].partition(":")[0] for line in self.text.splitlines() if line.startswith("TO DO ")}


async def doctor(env: Mapping[str, str]) -> Answer:
    """What the doctor finds, with the settings of `env` alone."""
    findings = await examine(env)
    return Answer(int(needs_somebody(findings)), as_text(findings), "")


async def command(env: Mapping[str, str], *arguments: str, fresh: bool = False) -> Answer:
    """`steward doctor` as a process of its own, which loads all it needs by itself, if `fresh`."""
    async with steward("doctor", *arguments, env=env, fresh=fresh) as process:
        code = await process.ends()
    return Answer(code, "\n".join(process.output), "\n".join(process.errors))


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack whose app has what the manifest asks for."""
    async with LocalSlack(manifest=manifest(socket=True)) as local:
        yield local


def settings(slack: LocalSlack, url: str, **values: str) -> dict[str, str]:
    """Everything that must be set, and Socket Mode."""
    env = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "STEWARD_DATABASE_URL": url,
        "STEWARD_PORT": "0",
        "STEWARD_SECRET_KEY": KEY,
        "STEWARD_SETUP_CODE": CODE,
        "STEWARD_SLACK_API_URL": slack.api_url,
    }
    return env | values


async def set_up(slack: LocalSlack, process: Process) -> None:
    """Olivia sets Steward up in the local Slack."""
    await process.says("Steward listens on")
    await slack.core.changes.until(lambda: slack.socket.connections, 20)
    olivia = slack.person("olivia")
    await olivia.command("/team", "setup")
    await olivia.fill("Team name", "Northwind")
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}
