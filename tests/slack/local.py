"""Steward on a fresh database, connected to a local Slack as it would be to the real one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.addresses import normalise_email
from bot.clock import MovableClock
from bot.connectors.letters import render_letter
from bot.connectors.smtp import Mailer
from bot.manifest import manifest
from bot.metrics import Metrics
from bot.routes import MailWay, Routes
from bot.sandbox import Kind, LocalSlack, Person, PersonSpec, Team, demo_team
from bot.slack.calls import Caller
from bot.slack.delivery import Delivery
from bot.slack.directory import Directory, register_directory
from bot.slack.edge import SlackEdge, build_bolt, web_client
from bot.slack.home import render as render_home
from bot.slack.importing import Importing
from bot.slack.lines import OneLine
from bot.slack.listeners import register
from bot.slack.messages import render as render_message
from bot.slack.pacing import Pacing
from bot.slack.refusals import explain
from bot.slack.scopes import Granted
from bot.slack.visit import Services
from bot.worker import Worker
from domain.front_desk import FrontDesk, SlackUser
from domain.keys import KeyRing
from domain.model import Member
from domain.ports import Facilities
from storage.store import SqlStore, open_store

CODE = "let-me-in"
SECRET = "local-signing-secret"
TOKEN = "xoxb-local-bot-token"
KEYS = KeyRing((b"a secret of the tests, long enough",))
MAIL_FROM = "steward@northwind.example"
PAGES = "https://steward.example"

GUEST = PersonSpec(handle="gina", name="Gina Guest", email="gina@visitor.example", kind=Kind.GUEST)
NAMELESS = PersonSpec(handle="max", name="Max <!channel> & Söhne", email="max@northwind.example")


def team() -> Team:
    """The demo team, a guest, and somebody with a difficult name."""
    known = demo_team()
    return replace(known, people=(*known.people, GUEST, NAMELESS))


@dataclass
class Local:
    """A running pair: what people do goes through `slack`, what is true is read from `store`."""

    slack: LocalSlack
    store: SqlStore
    front_desk: FrontDesk
    clock: MovableClock
    directory: Directory
    team_id: str
    scopes: Granted

    def person(self, handle: str) -> Person:
        """Somebody at the keyboard."""
        return self.slack.person(handle)

    def who(self, handle: str) -> SlackUser:
        """The same person as the front desk knows them."""
        return SlackUser(self.team_id, self.person(handle).id)

    async def set_up(self, owner: str = "olivia", **filled: Any) -> Person:
        """Send the set-up form as somebody."""
        person = self.person(owner)
        await person.command("/team", "setup")
        for label, value in {"Team name": "Northwind", "Set-up code": CODE, **filled}.items():
            await person.fill(label, value)
        assert await person.submit() == {}
        await person.close()
        return person

    async def member_of(self, handle: str) -> Member:
        """The member somebody is."""
        async with self.front_desk.reading(self.who(handle)) as (_, actor):
            assert isinstance(actor, Member)
            return actor

    async def member(self, handle: str, role: str, *, by: str = "olivia") -> Person:
        """Invite somebody as the owner and accept as them."""
        person = self.person(handle)
        await self.person(by).command("/team", f"invite @{handle} as {role}")
        await person.until(lambda: any("Accept" in message.words for message in person.messages()))
        await person.click("Accept")
        await person.until(lambda: any("Welcome to" in message.words for message in person.messages()))
        return person


@asynccontextmanager
async def running(
    url: str,
    *,
    mail: bool = False,
    prefill: bool = False,
    delivers: bool = True,
    people: Callable[[], Team] = team,
) -> AsyncIterator[Local]:
    """Start both; everything goes over loopback, signed. What leaves waits unless Steward `delivers`."""
    async with (
        LocalSlack(manifest=manifest(socket=False, url=PAGES), team=people()) as slack,
        _steward(slack, url, mail=mail, prefill=prefill, delivers=delivers) as local,
    ):
        yield local


@asynccontextmanager
async def _steward(
    slack: LocalSlack, url: str, *, mail: bool, prefill: bool, delivers: bool
) -> AsyncIterator[Local]:
    clock, due, caller = MovableClock(), asyncio.Event(), Caller(Pacing(per_second=1000, burst=1000))
    facilities = Facilities(
        keys=KEYS, mail=mail, public_url=PAGES, normalise_email=normalise_email, setup_code=CODE
    )
    store = open_store(url, facilities=facilities, clock=clock.now, durable=False, on_outgoing=due.set)
    front_desk = FrontDesk(store)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        client = web_client(token=TOKEN, session=session, base_url=slack.api_url)
        lines = OneLine(client=client, caller=caller)
        directory = Directory(lines=lines, store=store)
        letters = MailWay(render=render_letter, send=Mailer(slack.smtp_url, MAIL_FROM).send) if mail else None
        routes = Routes(
            store=store,
            tick=front_desk.tick,
            undelivered=front_desk.undelivered,
            slack=Delivery(lines=lines, queue=store.queue, now=clock.now),
            render_message=render_message,
            render_home=render_home,
            mail=letters,
            jobs=Importing(store=store, lines=lines).run,
        )
        granted = Granted()
        granted.learn(slack.workspace.team.id, {"X-OAuth-Scopes": ",".join(slack.workspace.scopes)})
        services = Services(
            scopes=granted,
            front_desk=front_desk,
            directory=directory,
            mail=mail,
            setup_code_prefill=CODE if prefill else None,
            clock=clock.now,
        )
        async with (
            _served(_edge(client, services, directory)) as address,
            _working(store, routes, clock, due) if delivers else nullcontext(),
        ):
            slack.connect(request_url=f"{address}/slack/events")
            yield Local(slack, store, front_desk, clock, directory, slack.workspace.team.id, granted)
    await store.close()


def _edge(client: AsyncWebClient, services: Services, directory: Directory) -> SlackEdge:
    bolt = build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client, explain=explain)
    register(bolt, services)
    register_directory(bolt, directory)
    return SlackEdge(bolt, SECRET)


@asynccontextmanager
async def _working(
    store: SqlStore, routes: Routes, clock: MovableClock, due: asyncio.Event
) -> AsyncIterator[None]:
    worker = Worker(queue=store.queue, routes=routes, now=clock.now, metrics=Metrics())
    clock.moved = worker.wake
    worker.start()
    waking = asyncio.create_task(_wake(worker, due))
    try:
        yield
    finally:
        waking.cancel()
        await worker.stop()


async def _wake(worker: Worker, due: asyncio.Event) -> None:
    """The store is made before the worker that it wakes."""
    while True:
        await due.wait()
        due.clear()
        worker.wake()


@asynccontextmanager
async def _served(edge: SlackEdge) -> AsyncIterator[str]:
    application = web.Application()
    edge.add_to(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
