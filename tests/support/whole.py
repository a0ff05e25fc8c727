"""A whole Steward beside a whole local Slack, as `steward demo` starts them, for tests that act as people."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.app import Steward
from bot.clock import MovableClock
from bot.config import load_settings
from bot.manifest import manifest
from bot.sandbox import Workspace
from bot.sandbox.person import Person
from bot.sandbox.server import LocalSlack
from bot.sandbox.team import Team
from domain.ports import Transaction

CODE = "OPEN-SESAME"


@dataclass
class Whole:
    """Steward and the local Slack, connected."""

    slack: LocalSlack
    steward: Steward
    clock: MovableClock

    def person(self, handle: str) -> Person:
        """Return somebody of the demo team."""
        return self.slack.person(handle)

    @property
    def team_id(self) -> str:
        return self.workspace.team.id

    @property
    def workspace(self) -> Workspace:
        """The workspace of the local Slack it is about."""
        return self.slack.workspace

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Open a snapshot of Steward's database."""
        async with self.steward.store.reading(self.team_id) as tx:
            yield tx

    async def set_up(self, *, preset: str = "Portal", seats: str = "") -> None:
        """Let Olivia set the organization up through the form."""
        olivia = self.person("olivia")
        await olivia.command("/team")
        await olivia.fill("Team name", "Northwind Labs")
        await olivia.fill("Kind of team", preset)
        if seats:
            await olivia.fill("Seats", seats)
        await olivia.fill("Set-up code", CODE)
        assert await olivia.submit() == {}

    async def joins(self, handle: str, role: str) -> None:
        """Let Olivia invite somebody and them accept in Slack."""
        olivia, newcomer = self.person("olivia"), self.person(handle)
        await olivia.command("/team", f"invite {newcomer.email} as {role}")
        await newcomer.until(lambda: has_button(newcomer, "Accept"))
        await newcomer.click("Accept")

    async def team(self) -> None:
        """Set up with Adam as admin, Dana and Devi as developers."""
        await self.set_up()
        await self.joins("adam", "admin")
        await self.joins("dana", "developer")
        await self.joins("devi", "developer")


def has_button(person: Person, words: str) -> bool:
    """Return whether a message of Steward to this person has a button of these words."""
    return any(words in buttons(message.blocks) for message in person.messages())


def has_no_button(person: Person, words: str) -> bool:
    """Return whether no message of Steward to this person has a button of these words any more."""
    return not has_button(person, words)


def buttons(blocks: list[dict[str, object]] | None) -> list[str]:
    """Return the words of all buttons in blocks."""
    found: list[str] = []
    stack: list[object] = list(blocks or [])
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if item.get("type") == "button" and isinstance(item.get("text"), dict):
                found.append(str(item["text"]["text"]))
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return found


@asynccontextmanager
async def whole_steward(
    database_url: str,
    *,
    socket: bool = False,
    mail: bool = True,
    team: Team | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> AsyncIterator[Whole]:
    """Start both, over HTTP or Socket Mode, with or without mail, in the demo's workspace or `team`."""
    clock = MovableClock()
    app = manifest(socket=socket, url=None if socket else "https://steward.example")
    async with LocalSlack(manifest=app, clock=clock, team=team) as slack:
        environment = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "STEWARD_DATABASE_URL": database_url,
            "STEWARD_PORT": "0",
            "STEWARD_SECRET_KEY": "a-secret-of-the-tests-long-enough",
            "STEWARD_SETUP_CODE": CODE,
            "STEWARD_SLACK_API_URL": slack.api_url,
        }
        if socket:
            environment["SLACK_APP_TOKEN"] = slack.app_token
        if mail:
            environment["STEWARD_SMTP_URL"] = slack.smtp_url
        steward = Steward(load_settings(environment), now=clock.now, tell=tell)
        await steward.start()
        if not socket:
            slack.connect(request_url=f"{steward.url}/slack/events")
        try:
            yield Whole(slack=slack, steward=steward, clock=clock)
        finally:
            await steward.stop()
