"""Steward for several workspaces beside a local Slack with them, and browsers that install it."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from bot.app import Steward
from bot.clock import MovableClock
from bot.config import load_settings
from bot.manifest import manifest
from bot.sandbox import LocalSlack, Person, Team
from domain.installations import Installations
from domain.ports import Transaction

PUBLIC = "http://steward.example"
"""What the browser knows Steward as; `Browser` goes to where it really listens."""
KEY = "a-secret-of-the-tests-long-enough"


@dataclass
class Browser:
    """Somebody's browser: it keeps Steward's cookie, and follows no redirect by itself."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, address: str, method: str = "GET") -> tuple[int, str, str]:
        """Open an address of Steward's; return status, page and where it leads."""
        own = address.removeprefix(PUBLIC)
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": sent} if sent else {}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, f"{self.url}{own}", headers=headers, allow_redirects=False) as response,
        ):
            self.cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
            return response.status, await response.text(), response.headers.get("Location", "")

    async def begin(self) -> str:
        """Click the button of the page for installing; return Slack's address."""
        status, page, _ = await self.get("/slack/install")
        assert status == 200
        found = re.search(r'class="button" href="([^"]+)"', page)
        assert found is not None
        status, _, location = await self.get(found[1])
        assert status == 302
        return location


@dataclass
class Deployment:
    """One deployment; `replicas` are equal."""

    slack: LocalSlack
    clock: MovableClock
    replicas: list[Steward]
    said: list[str]

    @property
    def steward(self) -> Steward:
        return self.replicas[0]

    @property
    def installations(self) -> Installations:
        """Where the app is installed, as the first replica's database has it."""
        assert self.steward.store.installations is not None
        return self.steward.store.installations

    def browser(self) -> Browser:
        return Browser(self.steward.url)

    async def install(self, person: Person, *, org_wide: bool = False) -> str:
        """Let somebody install Steward; return the last page."""
        browser = self.browser()
        back = self.slack.allow(await browser.begin(), person, org_wide=org_wide)
        status, page, _ = await browser.get(back)
        assert status == 200, page
        return page

    @asynccontextmanager
    async def reading(self, team_id: str) -> AsyncIterator[Transaction]:
        """Open a snapshot of a workspace."""
        async with self.steward.store.reading(team_id) as tx:
            yield tx


async def set_up(person: Person, name: str, *, seats: str = "") -> None:
    """Let who installed Steward set the organization up: no code is asked for."""
    await person.command("/team")
    await person.fill("Team name", name)
    if seats:
        await person.fill("Seats", seats)
    assert await person.submit() == {}
    await person.close()


@asynccontextmanager
async def deployment(
    url: str,
    *,
    replicas: int = 1,
    socket: bool = False,
    rotation: bool = True,
    team: Team | None = None,
    **settings: str,
) -> AsyncIterator[Deployment]:
    """Start the local Slack, where nobody has installed the app yet, and Steward for several workspaces."""
    clock, said = MovableClock(), list[str]()
    app = manifest(socket=socket, url=PUBLIC, several=True)
    app["settings"]["token_rotation_enabled"] = rotation
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            LocalSlack(manifest=app, clock=clock, team=team, installed=False)
        )
        environment = {
            "SLACK_CLIENT_ID": slack.client_id,
            "SLACK_CLIENT_SECRET": slack.client_secret,
            "STEWARD_DATABASE_URL": url,
            "STEWARD_PORT": "0",
            "STEWARD_PUBLIC_URL": PUBLIC,
            "STEWARD_SECRET_KEY": KEY,
            "STEWARD_SLACK_API_URL": slack.api_url,
            **({"SLACK_APP_TOKEN": slack.app_token} if socket else {}),
            **({} if socket else {"SLACK_SIGNING_SECRET": slack.signing_secret}),
            **settings,
        }
        stewards = []
        for _ in range(replicas):
            stewards.append(Steward(load_settings(environment), now=clock.now, tell=said.append))
            await stewards[-1].start()
            stack.push_async_callback(stewards[-1].stop)
        if not socket:
            slack.connect(request_url=f"{stewards[0].url}/slack/events")
        yield Deployment(slack=slack, clock=clock, replicas=stewards, said=said)
