"""The composition root: puts storage, domain and the front doors together, starts and stops them."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from time import monotonic

import aiohttp
import structlog
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.addresses import normalise_email
from bot.clock import real_now
from bot.config import CannotStart, KeySettings, Settings
from bot.listening import listen, own_url, reach_without_proxy
from bot.many import Many, many
from bot.metrics import Metrics
from bot.routes import MailWay, Routes
from bot.setup_code import setup_code
from bot.slack import home, messages
from bot.slack.calls import Caller
from bot.slack.contact import Account, Contact, OneContact
from bot.slack.delivery import Delivery
from bot.slack.directory import Directory, register_directory
from bot.slack.edge import Outcome, SlackEdge, StewardApp, build_bolt, web_client
from bot.slack.importing import Importing
from bot.slack.lines import Lines, OneLine
from bot.slack.listeners import register
from bot.slack.pacing import Pacing
from bot.slack.refusals import explain
from bot.slack.scopes import Granted
from bot.slack.socket import SocketMode
from bot.slack.visit import Services
from bot.web.installing import PAGE
from bot.web.mount import mount_web
from bot.worker import Worker
from domain.deliveries import Served, Serves
from domain.errors import Busy
from domain.front_desk import FrontDesk
from domain.installations import Sealer
from domain.keys import KeyRing
from domain.ports import Facilities, StoreUnavailable
from storage.revision import current, head
from storage.store import SqlStore, open_store

log = structlog.get_logger("steward.process")

QUICK_SECONDS, PATIENT_SECONDS = 3.0, 30.0
"""How long a call of Slack's Web API may take while a person waits, and in the background."""
FINISH_SECONDS = 8.0
"""How long all that was begun may take together when Steward is told to stop."""


class Steward:
    """One running Steward.

    Args:
        settings: checked ones.
        now: the clock of everything that has a date; only the demo wires another than the real one.
        prefill_setup_code: the set-up form comes with the code filled in (the demo).
        tell: says to the operator what they must know.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] = real_now,
        prefill_setup_code: bool = False,
        tell: Callable[[str], None] = print,
    ) -> None:
        self._settings, self._now, self._prefill, self._tell = settings, now, prefill_setup_code, tell
        self._keys = KeyRing(settings.secret_keys)
        self._metrics = Metrics()
        self._stack = AsyncExitStack()
        self._finish_by: float | None = None
        self._announced = asyncio.Event()
        self.setup_code = setup_code(settings, self._keys)
        self.url = ""
        """Where this process listens."""
        self.store: SqlStore
        self.contact: OneContact
        """Where one workspace's token is set."""
        self._worker: Worker | None = None
        self._caller = Caller(Pacing(), limited=self._metrics.rate_limited)
        self._scopes = Granted()
        self.workspaces: Many | None = None
        """Where people install the app in their workspaces themselves."""
        self._reach: Contact

    async def start(self) -> None:
        """Listen, deliver, and get to know Slack, which may be away.

        Raises:
            CannotStart: something is in the way; the words say what to do.
        """
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, and leave."""
        log.info("steward.stopping")
        self._finish_by = monotonic() + FINISH_SECONDS
        await self._stack.aclose()
        log.info("steward.stopped")

    async def _finish(self, stop: Callable[[float], Awaitable[object]]) -> None:
        """Stop a part within what is left of the time for all."""
        left = FINISH_SECONDS if self._finish_by is None else self._finish_by - monotonic()
        await stop(max(0.1, left))

    def wake(self) -> None:
        """Look at the outbox now: something was queued, or the clock was moved."""
        if self._worker is not None:
            self._worker.wake()

    async def _start(self) -> None:
        listening = listen(self._settings.host, self._settings.port)
        self._stack.callback(listening.close)
        self.url = own_url(self._settings.host, listening)
        public_url = self._settings.public_url or self.url
        await self._open_store(public_url)
        quick, patient = self._clients()
        await self._build_many(public_url, quick, patient)
        one = OneLine(client=patient, caller=self._caller)
        lines: Lines = self.workspaces.slack.lines if self.workspaces else one
        front_desk = FrontDesk(self.store, decided=self._metrics.decided)
        directory = Directory(lines=lines, store=self.store)
        worker = self._worker = self._build_worker(front_desk, lines)
        bolt = self._build_bolt(quick, front_desk, directory)
        self._reach = self._build_contact(bolt, patient, directory)
        await self._serve(listening, bolt, front_desk, public_url)
        self._stack.push_async_callback(self._finish, self._reach.stop)
        reached = await self._reach.start()
        worker.start()
        self._tell(f"Steward listens on {self.url}")
        if self._settings.public_url is None:
            self._tell(
                f"Links to invitations begin with {self.url}; for links that others can open, "
                "set STEWARD_PUBLIC_URL."
            )
        if not reached:
            self._tell("Slack does not answer yet; Steward keeps trying.")
        if self.workspaces is not None:
            self._tell(f"Install Steward in a workspace: {public_url}{PAGE}")
        self._announced.set()

    async def _open_store(self, public_url: str) -> None:
        url = self._settings.database_url.get_secret_value()
        await upgrade_database(url)
        facilities = Facilities(
            keys=self._keys,
            mail=self._settings.mail is not None,
            public_url=public_url,
            normalise_email=normalise_email,
            setup_code=None if self._settings.several else self.setup_code,
        )
        sealer = sealer_of(self._keys) if self._settings.several else None
        self.store = open_store(
            url, facilities=facilities, clock=self._now, on_outgoing=self.wake, sealer=sealer
        )
        self._stack.push_async_callback(self.store.close)
        self.store.queue.serve(Serves.INSTALLED if self._settings.several else await self._likely())

    async def _likely(self) -> Served:
        """Whom to serve until Slack has said whose token it is: the only organization there is, if any."""
        try:
            teams = await self.store.teams()
        except (Busy, StoreUnavailable):
            return Serves.NOBODY
        return teams[0] if len(teams) == 1 else Serves.NOBODY

    async def _build_many(self, public_url: str, quick: AsyncWebClient, patient: AsyncWebClient) -> None:
        if self.store.installations is None:
            return
        self.workspaces = many(
            self._settings,
            self.store.installations,
            public_url=public_url,
            quick=quick,
            patient=patient,
            scopes=self._scopes,
            limited=self._metrics.rate_limited,
            wake=self.wake,
        )
        await self.workspaces.renew_seals()

    def _clients(self) -> tuple[AsyncWebClient, AsyncWebClient]:
        """Return the client that answers people and the one that works in the background."""
        reach_without_proxy(self._settings.slack_api_url)
        connector = aiohttp.TCPConnector(limit=100, ttl_dns_cache=60)
        self._stack.push_async_callback(connector.close)
        clients = []
        for seconds in (QUICK_SECONDS, PATIENT_SECONDS):
            session = aiohttp.ClientSession(
                connector=connector, connector_owner=False, timeout=aiohttp.ClientTimeout(total=seconds)
            )
            self._stack.push_async_callback(session.close)
            given = self._settings.bot_token
            token = given.get_secret_value() if given else None
            clients.append(web_client(token=token, session=session, base_url=self._settings.slack_api_url))
        return clients[0], clients[1]

    def _build_worker(self, front_desk: FrontDesk, lines: Lines) -> Worker:
        routes = Routes(
            store=self.store,
            tick=front_desk.tick,
            undelivered=front_desk.undelivered,
            slack=Delivery(lines=lines, queue=self.store.queue, now=self._now),
            render_message=messages.render,
            render_home=home.render,
            mail=self._mail(),
            jobs=Importing(store=self.store, lines=lines).run,
        )
        worker = Worker(queue=self.store.queue, routes=routes, now=self._now, metrics=self._metrics)
        self._stack.push_async_callback(self._finish, worker.stop)
        return worker

    def _mail(self) -> MailWay | None:
        mail = self._settings.mail
        if mail is None:
            return None
        from bot.connectors.letters import render_letter  # only where mail is set
        from bot.connectors.smtp import Mailer

        mailer = Mailer(mail.url, mail.sender)
        self._stack.push_async_callback(mailer.close)
        return MailWay(render=render_letter, send=mailer.send)

    def _build_bolt(self, client: AsyncWebClient, front_desk: FrontDesk, directory: Directory) -> StewardApp:
        given, token = self._settings.signing_secret, self._settings.bot_token
        bolt = build_bolt(
            # With Socket Mode alone nothing comes signed: a secret that nobody knows.
            signing_secret=given.get_secret_value() if given else secrets.token_hex(32),
            bot_token=token.get_secret_value() if token else "",
            installed=self.workspaces.slack.authorize if self.workspaces else None,
            web_client=client,
            explain=explain,
            count_incident=partial(self._metrics.incident, "slack"),
        )
        services = Services(
            front_desk=front_desk,
            directory=directory,
            mail=self._settings.mail is not None,
            asks_setup_code=self.workspaces is None,
            setup_code_prefill=self.setup_code if self._prefill else None,
            scopes=self._scopes,
            clock=self._now,
        )
        register(bolt, services)
        register_directory(bolt, directory)
        return bolt

    def _build_contact(self, bolt: StewardApp, client: AsyncWebClient, directory: Directory) -> Contact:
        token = self._settings.app_token
        socket_mode = None
        if token is not None:
            secret = token.get_secret_value()
            socket_mode = SocketMode(bolt, app_token=secret, web_client=client, observe=self._observe)
        if self.workspaces is not None:
            return self.workspaces.contact(directory=directory, socket=socket_mode)
        self.contact = OneContact(
            client=client,
            caller=self._caller,
            directory=directory,
            socket=socket_mode,
            met=self._met,
            scopes=self._scopes,
        )
        return self.contact

    async def _met(self, account: Account) -> None:
        """Deliver what leaves, and say how to begin where nobody has begun yet; after the address."""
        self.store.queue.serve(account.team_id)
        self.wake()
        await self._announced.wait()
        try:
            async with self.store.reading(account.team_id) as tx:
                if tx.is_set_up:
                    return
        except StoreUnavailable:
            log.warning("steward.set_up_unknown")  # the code does no harm where it is of no use
        self._tell(f"Set-up code for {account.name}: {self.setup_code}")
        self._tell("Type /team in Slack and give the code: whoever does so first owns the team.")

    async def _serve(
        self, listening: socket.socket, bolt: StewardApp, front_desk: FrontDesk, public_url: str
    ) -> None:
        application = web.Application()
        mount_web(
            application,
            front_desk=front_desk,
            keys=self._keys,
            public_url=public_url,
            metrics=self._metrics,
            checks={"database": self._database, "slack": self._reach.problem, "worker": self._deliveries},
            queue=self.store.queue,
            now=self._now,
            install=self.workspaces.install() if self.workspaces else None,
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=3.0)
        self._stack.push_async_callback(runner.cleanup)
        secret = self._settings.signing_secret
        if secret is not None:
            edge = SlackEdge(bolt, secret.get_secret_value(), observe=self._observe)
            edge.add_to(application)
            self._stack.push_async_callback(self._finish, edge.drain)
        await runner.setup()
        site = web.SockSite(runner, listening)
        await site.start()
        self._stack.push_async_callback(site.stop)

    async def _database(self) -> str | None:
        try:
            await self.store.check()
            self.store.check_room()
        except StoreUnavailable as unavailable:
            return str(unavailable)
        return None

    async def _deliveries(self) -> str | None:
        well = self._worker is not None and self._worker.healthy
        return None if well else "The outbox could not be read."

    def _observe(self, outcome: Outcome) -> None:
        self._metrics.acknowledged(outcome.kind, outcome.seconds)


def sealer_of(keys: KeyRing) -> Sealer:
    """Return what seals tokens with the server's keys."""
    from bot.sealing import AesSealer  # only where there are several workspaces

    return AesSealer(keys)


async def upgrade_database(url: str) -> None:
    """Bring the database to this version of Steward.

    Raises:
        CannotStart: it cannot be reached or changed.
    """
    try:
        if await current(url) != head():
            from storage.migrations import upgrade  # Alembic takes half a second to load

            await upgrade(url)
    except Exception as error:  # each driver has its own errors, and the operator gets words in any case
        first_line = str(error).partition("\n")[0]
        raise CannotStart(
            [f"STEWARD_DATABASE_URL: the database cannot be used ({type(error).__name__}: {first_line})."]
        ) from error


async def database_problem(url: str) -> str | None:
    """Return what keeps Steward from working with the database, in words; None for nothing."""
    try:
        revision = await current(url)
    except StoreUnavailable as unavailable:
        return f"The database cannot be reached ({unavailable}). Check STEWARD_DATABASE_URL and the server."
    if revision == head():
        return None
    if revision is None:
        return "There is no database of Steward's yet. Run: steward db upgrade (steward run does it too)."
    return (
        f"The database is at revision {revision}, this Steward works with {head()}. "
        "Run: steward db upgrade. If that does not help, a newer Steward used it: install that one."
    )


@asynccontextmanager
async def opened_store(settings: KeySettings) -> AsyncIterator[SqlStore]:
    """Open the store for a command that works beside a running Steward, or without one.

    Raises:
        CannotStart: the database cannot be reached, or is of another version.
    """
    facilities = Facilities(
        keys=KeyRing(settings.secret_keys),
        mail=False,
        public_url="",
        normalise_email=normalise_email,
        setup_code=secrets.token_hex(16),
    )
    url = settings.database_url.get_secret_value()
    store = open_store(url, facilities=facilities, clock=real_now, sealer=sealer_of(facilities.keys))
    try:
        await store.check()
        yield store
    except StoreUnavailable as unavailable:
        raise CannotStart([f"STEWARD_DATABASE_URL: {unavailable}"]) from unavailable
    finally:
        await store.close()
