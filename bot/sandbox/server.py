"""The local Slack itself: starts, listens, stops."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.acts import Acts
from bot.sandbox.conversations import Channel
from bot.sandbox.core import Calls, Core, build_core
from bot.sandbox.dispatch import Dispatcher
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.mail import Mail, Mailboxes, MailServer
from bot.sandbox.manifest import Manifest
from bot.sandbox.page import Page
from bot.sandbox.page_state import Clock
from bot.sandbox.person import Person
from bot.sandbox.replies import answer_later
from bot.sandbox.socket import SocketMode
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team, demo_team
from bot.sandbox.webapi import WebApi

T = TypeVar("T")
STATIC = Path(__file__).parent / "static"
MOST_REQUEST = 120 * 1024 * 1024


class LocalSlack:
    """A Slack workspace on this machine with one app installed.

    `manifest` is the parsed app manifest: it decides commands, shortcuts, scopes, events and tabs. Ports of 0
    pick free ones. After `start`: `url` is the page, `api_url` the Web API, `smtp_url` the mail server.
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
        team: Team | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._smtp_port = smtp_port
        self.core: Core = build_core(
            team=team or demo_team(),
            manifest=Manifest.parse(manifest),
            signing_secret=signing_secret,
            bot_token=bot_token,
            app_token=app_token,
        )
        self.socket = SocketMode(self.core)
        self.dispatcher = Dispatcher(self.core, self.socket)
        self._acts = Acts(self.core, self.dispatcher)
        self._boxes = Mailboxes(self._mail_arrived)
        self._mail = MailServer(self._boxes, self.core.faults)
        self._page = Page(self.core, self._acts, self._boxes, clock)
        self._runner: web.AppRunner | None = None
        self._persons: dict[str, Person] = {}

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
            answer_later(self.core, self.core.responses.use(request.match_info["id"]), body)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except ApiError as error:
            status = error.status if error.status != 200 else 400
            return web.json_response({"ok": False, "error": error.error, **error.extra}, status=status)
        return web.Response(text="ok")

    def _mail_arrived(self, mail: Mail) -> None:
        if self.core.people.email(mail.to) is None:
            name = mail.to.partition("@")[0]
            spec = PersonSpec(handle=mail.to.lower(), name=name, email=mail.to, kind=Kind.STRANGER)
            self.core.people.add(spec)
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
    def signing_secret(self) -> str:
        """The secret deliveries are signed with."""
        return self.core.app.signing_secret

    @property
    def bot_token(self) -> str:
        """The app's bot token."""
        return self.core.app.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode."""
        return self.core.app.app_token

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
        self.core.limits = on
        self.core.limiter.clear()

    def person(self, handle: str) -> Person:
        """Somebody to act as, by handle; raises KeyError when there is nobody of that name."""
        account = self.core.people.handle(handle)
        if account is None:
            raise KeyError(handle)
        if account.id not in self._persons:
            self._persons[account.id] = Person(self.core, self._acts, account)
        return self._persons[account.id]

    def add_person(
        self,
        *,
        name: str,
        email: str = "",
        handle: str | None = None,
        title: str = "",
        kind: Kind | str = Kind.MEMBER,
        confirmed: bool = True,
        deleted: bool = False,
    ) -> Person:
        """Somebody joins the workspace (or, as a stranger, only gets a mailbox); the app hears of it."""
        spec = PersonSpec(
            handle=handle or name.split()[0].lower(),
            name=name,
            email=email,
            title=title,
            kind=Kind(kind),
            confirmed=confirmed,
            deleted=deleted,
        )
        account = self.core.join(spec)
        if account.in_slack:
            self._acts.person_event("team_join", account)
        return self.person(account.handle)

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] = (),
        is_private: bool = False,
        app_in: bool = True,
        topic: str = "",
    ) -> Channel:
        """Makes a channel; `members` are handles, none means everybody but guests."""
        spec = ChannelSpec(
            name=name, topic=topic, is_private=is_private, members=tuple(members), app_in=app_in
        )
        channel = self.core.add_channel(spec)
        self.core.changes.mark()
        return channel

    def channel(self, name: str) -> Channel:
        """A channel by name; raises KeyError."""
        found = self.core.conversations.named(name)
        if found is None:
            raise KeyError(name)
        return found

    def inbox(self, address: str) -> list[Mail]:
        """The mails an address got, oldest first."""
        return self._boxes.of(address)

    def uninstall(self) -> None:
        """Removes the app: it hears of it, and its tokens are worth nothing from then on."""
        self._acts.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.core.app.user]}})
        self._acts.event({"type": "app_uninstalled"})
        self.core.uninstalled = True
        self.core.changes.mark()

    def reinstall(self) -> None:
        """Installs the app again with the same tokens."""
        self.core.uninstalled = False
        self.core.changes.mark()

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
