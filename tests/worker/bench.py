"""A worker on a real store with a local Slack; what notices say is given by the test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.addresses import normalise_email
from bot.clock import MovableClock, real_now
from bot.manifest import manifest
from bot.metrics import Metrics
from bot.routes import MailWay, Routes
from bot.sandbox import LocalSlack, Person
from bot.slack.blocks import actions, button, home, message, section
from bot.slack.calls import Caller
from bot.slack.delivery import Delivery
from bot.slack.directory import person_from_slack
from bot.slack.edge import web_client
from bot.slack.importing import Importing
from bot.slack.lines import OneLine
from bot.slack.pacing import Pacing
from bot.worker import Worker
from domain.founding import SetUp
from domain.front_desk import FrontDesk, SlackUser
from domain.keys import KeyRing
from domain.model import Preset
from domain.notices import ApprovalAsked, InvitationAnswered, Notice, RoleChanged, to_member
from domain.ports import Facilities, Transaction
from storage.store import SqlStore, open_store

CODE = "let-me-in"
LEASE = timedelta(seconds=2)
PAGES = "https://steward.example"


@dataclass
class Letters:
    """A mail server that keeps what it gets, and fails or says nothing as it is told."""

    sent: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def render(self, tx: Transaction, notice: Notice) -> str:
        """The letter is the notice's key."""
        return notice.key

    async def send(self, letter: str) -> None:
        """Keep the letter, or fail, once it answers."""
        await self.answers.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(letter)


@dataclass
class Words:
    """What each notice says now; a notice without words has nothing left to say."""

    of: dict[str, str] = field(default_factory=dict)
    clickable: bool = True
    failures: list[Exception] = field(default_factory=list)

    async def render(self, tx: Transaction, notice: Notice) -> Mapping[str, Any] | None:
        """The message of a notice."""
        if self.failures:
            raise self.failures.pop(0)
        words = self.of.get(notice.key)
        if words is None:
            return None
        buttons = [actions(button("Approve", "approve", value="1"))] if self.clickable else []
        return message(words, [section(words), *buttons])

    async def render_home(self, tx: Transaction, user_id: str) -> Mapping[str, Any]:
        """Home says when it was drawn."""
        return home([section(f"Home of {user_id}")])


@dataclass
class Bench:
    """One store, one local Slack and as many workers as a test starts."""

    slack: LocalSlack
    store: SqlStore
    clock: MovableClock
    words: Words
    letters: Letters
    pacing: Pacing
    caller: Caller
    session: aiohttp.ClientSession
    worker: Worker
    owner_id: str = ""

    @property
    def team_id(self) -> str:
        """The workspace."""
        return self.slack.workspace.team.id

    @property
    def olivia(self) -> Person:
        """The owner, linked to Slack."""
        return self.slack.person("olivia")

    async def queue(self, *notices: Notice, run_at: datetime | None = None) -> None:
        """Commit notices to the outbox."""
        async with self.store.transaction(self.team_id) as tx:
            for notice in notices:
                await tx.outbox.add(notice, run_at=run_at)

    def card(self, words: str, request_id: str = "1") -> ApprovalAsked:
        """A card for the owner that says `words`: edited in place when it is queued again."""
        notice = ApprovalAsked(request_id=request_id, to=to_member(self.owner_id))
        self.words.of[notice.key] = words
        return notice

    def note(self, words: str, invitation_id: str = "1", *, to: str = "") -> InvitationAnswered:
        """A notice that says `words`: a new message each time."""
        notice = InvitationAnswered(invitation_id=invitation_id, to=to or to_member(self.owner_id))
        self.words.of[notice.key] = words
        return notice

    def role_note(self, words: str, version: int, *, to: str) -> RoleChanged:
        """One of many notices to the same person."""
        notice = RoleChanged(member_id="m", role="admin", version=version, to=to)
        self.words.of[notice.key] = words
        return notice

    def said(self, person: Person | None = None) -> list[str]:
        """The words of every message of Steward to somebody, oldest first."""
        return [each.text for each in (person or self.olivia).messages()]

    async def until(self, condition: Callable[[], object], timeout: float = 8.0) -> None:
        """Wait until something holds."""
        await self.slack.core.changes.until(condition, timeout)

    async def drained(self, timeout: float = 8.0) -> None:
        """Wait until every row is delivered, or put aside."""
        await self._gone("due", "leased", "scheduled", timeout=timeout)

    async def tried(self, timeout: float = 8.0) -> None:
        """Wait until nothing is due or under way; what failed waits for another attempt."""
        await self._gone("due", "leased", timeout=timeout)

    async def _gone(self, *states: str, timeout: float) -> None:
        async with asyncio.timeout(timeout):
            depth = await self.store.queue.depth()
            while any(depth[state] for state in states):
                await asyncio.sleep(0.02)
                depth = await self.store.queue.depth()


@asynccontextmanager
async def bench(
    url: str,
    *,
    mail: bool = False,
    pacing: Pacing | None = None,
    scopes: Callable[[list[str]], list[str]] = lambda scopes: scopes,
    poll_seconds: float = 0.2,
) -> AsyncIterator[Bench]:
    """Set up by Olivia; nothing waits in the outbox, and the worker is not started yet."""
    content = manifest(socket=True)
    bot = content["oauth_config"]["scopes"]
    bot["bot"] = scopes(bot["bot"])
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack(manifest=content))
        clock, words, letters = MovableClock(), Words(), Letters()
        store = _open(url, clock, mail=mail)
        stack.push_async_callback(store.close)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3))
        )
        pacing = pacing or Pacing(per_second=1000, burst=1000)
        caller = Caller(pacing)
        client = web_client(token=slack.bot_token, session=session, base_url=slack.api_url)
        routes = Routes(
            store=store,
            tick=FrontDesk(store).tick,
            undelivered=FrontDesk(store).undelivered,
            slack=Delivery(lines=OneLine(client=client, caller=caller), queue=store.queue, now=clock.now),
            render_message=words.render,
            render_home=words.render_home,
            mail=MailWay(render=letters.render, send=letters.send) if mail else None,
            jobs=Importing(store=store, lines=OneLine(client=client, caller=caller)).run,
        )
        worker = Worker(
            queue=store.queue, routes=routes, now=clock.now, metrics=Metrics(), poll_seconds=poll_seconds
        )
        stack.push_async_callback(worker.stop)
        clock.moved = worker.wake
        made = Bench(slack, store, clock, words, letters, pacing, caller, session, worker)
        await _set_up(made)
        yield made


def _open(url: str, clock: MovableClock, *, mail: bool) -> SqlStore:
    facilities = Facilities(
        keys=KeyRing((b"a secret of sixteen bytes or more",)),
        mail=mail,
        public_url=PAGES,
        normalise_email=normalise_email,
        setup_code=CODE,
    )
    return open_store(url, facilities=facilities, clock=clock.now, durable=False, lease=LEASE)


async def _set_up(made: Bench) -> None:
    front_desk = FrontDesk(made.store)
    for account in made.slack.workspace.people:
        if account.is_person:
            await front_desk.learn(person_from_slack(made.team_id, account.to_json(with_email=True)))
    form = SetUp(name="Northwind", preset=Preset.PORTAL, seat_limit=5, code=CODE)
    await front_desk.set_up(SlackUser(made.team_id, made.olivia.id), form)
    async with made.store.reading(made.team_id) as tx:
        owner = await tx.members.by_user(made.olivia.id)
        assert owner is not None
        made.owner_id = owner.id
    for parcel in await made.store.queue.claim(limit=100):
        await made.store.queue.finish(parcel)
    assert (await made.store.queue.depth())["due"] == 0


def long_ago() -> datetime:
    """A moment that is past for every row."""
    return real_now() - timedelta(days=1)


@asynccontextmanager
async def another_worker(made: Bench) -> AsyncIterator[Worker]:
    """A second worker on the same store and Slack, as another process would have."""
    client = web_client(token=made.slack.bot_token, session=made.session, base_url=made.slack.api_url)
    routes = Routes(
        store=made.store,
        tick=FrontDesk(made.store).tick,
        undelivered=FrontDesk(made.store).undelivered,
        slack=Delivery(
            lines=OneLine(client=client, caller=Caller(made.pacing)),
            queue=made.store.queue,
            now=made.clock.now,
        ),
        render_message=made.words.render,
        render_home=made.words.render_home,
        mail=None,
        jobs=Importing(store=made.store, lines=OneLine(client=client, caller=made.caller)).run,
    )
    worker = Worker(
        queue=made.store.queue, routes=routes, now=made.clock.now, metrics=Metrics(), poll_seconds=0.2
    )
    yield worker
    await worker.stop()
