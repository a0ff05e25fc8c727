"""The local Slack itself: starts, listens, stops."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.authorizing import Authorizing
from bot.sandbox.calls import Calls
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.mail import Mail, Mailboxes, MailServer
from bot.sandbox.manifest import Manifest
from bot.sandbox.page import Page
from bot.sandbox.page_state import Clock
from bot.sandbox.places import Places
from bot.sandbox.replies import answer_later
from bot.sandbox.team import Kind, PersonSpec, Team, demo_team
from bot.sandbox.webapi import WebApi

T = TypeVar("T")
STATIC = Path(__file__).parent / "static"
MOST_REQUEST = 120 * 1024 * 1024


class LocalSlack(Places):
    """A Slack on this machine with one app, in one workspace or several.

    `manifest` is the parsed app manifest: it decides commands, shortcuts, scopes, events, tabs, redirect
    addresses, token rotation. `team` is the first workspace; with `installed` it has the app, with
    `bot_token`. Ports of 0 pick free ones. After `start`: `url` is the page, `api_url` the Web API,
    `authorize_url` where apps are installed, `smtp_url` the mail server.
    Events wait for a Socket Mode connection unless `connect(request_url=…)` names the bot's address.
    """

    def __init__(
        self,
        *,
        manifest: Mapping[str, Any],
        host: str = "127.0.0.1",
        port: int = 0,
        smtp_port: int = 0,
        signing_secret: str = "local-signing-secret",
        bot_token: str = "xoxb-local-bot-token",
        app_token: str = "xapp-local-app-token",
        client_secret: str = "local-client-secret",
        redirect_urls: Sequence[str] = (),
        team: Team | None = None,
        installed: bool = True,
        clock: Clock | None = None,
    ) -> None:
        team, declared = team or demo_team(), Manifest.parse(manifest)
        super().__init__(
            manifest=declared,
            team_id=team.id,
            signing_secret=signing_secret,
            app_token=app_token,
            client_secret=client_secret,
            redirect_urls=redirect_urls,
        )
        self._host, self._port, self._smtp_port = host, port, smtp_port
        self._boxes = Mailboxes(self._mail_arrived)
        self._mail = MailServer(self._boxes, self.core.faults)
        self._page = Page(self.core, self.dispatcher, self._boxes, clock)
        self._runner: web.AppRunner | None = None
        self.workspace = self.add_workspace(team, installed=installed, bot_token=bot_token)

    async def start(self) -> None:
        """Begins to listen."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.core.base_url = f"http://{self._host}:{port}"
        await self._mail.start(self._host, self._smtp_port)
        await self.dispatcher.start()

    async def stop(self) -> None:
        """Stops listening; what was said is forgotten with the object."""
        self._page.end()
        await self.dispatcher.stop()
        await self.socket.stop()
        await self._mail.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=MOST_REQUEST)
        app.on_response_prepare.append(_never_stale)
        api = WebApi(self.core)
        app.router.add_route("*", "/api/{method}", api.handle)
        app.router.add_post("/response/{id}", self._respond)
        app.router.add_get("/link/", self.socket.handle)
        app.add_routes(self._page.routes())
        app.add_routes(Files(self.core).routes())
        app.add_routes(Authorizing(self.core).routes())
        if (STATIC / "index.html").exists():
            app.router.add_get("/", _index)
        if STATIC.is_dir():
            app.router.add_static("/static", STATIC)
            app.router.add_static("/", STATIC)
        return app

    async def _respond(self, request: web.Request) -> web.Response:
        if self.core.faults.slack_down:
            return web.Response(status=503)
        try:
            body = json.loads(await request.read())
            response = self.core.responses.use(request.match_info["id"])
            answer_later(self.core.workspaces[response.team], response, body)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except ApiError as error:
            status = error.status if error.status != 200 else 400
            return web.json_response({"ok": False, "error": error.error, **error.extra}, status=status)
        return web.Response(text="ok")

    def _mail_arrived(self, mail: Mail) -> None:
        if not any(each.people.email(mail.to) for each in self.core.workspaces.values()):
            name = mail.to.partition("@")[0]
            spec = PersonSpec(handle=mail.to.lower(), name=name, email=mail.to, kind=Kind.STRANGER)
            self.workspace.people.add(spec)
        self.core.changes.mark()

    def connect(self, *, request_url: str | None = None) -> None:
        """Says where the bot listens; without an address, commands and events go through Socket Mode."""
        self.dispatcher.request_url = request_url

    @property
    def url(self) -> str:
        """The page."""
        return f"{self.core.base_url}/"

    @property
    def api_url(self) -> str:
        """The Web API, as `AsyncWebClient(base_url=…)` wants it."""
        return f"{self.core.base_url}/api/"

    @property
    def smtp_url(self) -> str:
        """The mail server."""
        return f"smtp://{self._host}:{self._mail.port}"

    @property
    def faults(self) -> Faults:
        """What goes wrong on demand."""
        return self.core.faults

    @property
    def calls(self) -> Calls:
        """Every Web API call made."""
        return self.core.calls

    @property
    def limits(self) -> bool:
        """Whether Slack's rate limits apply."""
        return self.core.limits

    @limits.setter
    def limits(self, on: bool) -> None:
        self.core.limit(on=on)

    def inbox(self, address: str) -> list[Mail]:
        """The mails an address got, oldest first."""
        return self._boxes.of(address)

    async def verify_request_url(self) -> bool:
        """Whether the bot's address answers the challenge Slack sends when an address is entered."""
        return await self.dispatcher.challenge()

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Seconds before each redelivery of an event; Slack's own are 0, 60 and 300."""
        return self.dispatcher.retry_delays

    @retry_delays.setter
    def retry_delays(self, delays: tuple[float, ...]) -> None:
        self.dispatcher.retry_delays = delays

    async def until(self, condition: Callable[[], T], timeout: float = 5.0) -> T:
        """Waits until the condition holds and returns what it gave; raises TimeoutError after `timeout` s."""
        return await self.core.changes.until(condition, timeout)

    async def settle(self) -> None:
        """Waits until every event under way was delivered or given up."""
        await self.dispatcher.settle()


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _never_stale(request: web.Request, response: web.StreamResponse) -> None:
    """A browser asks again after an upgrade instead of keeping the old page."""
    response.headers.setdefault("Cache-Control", "no-cache")
