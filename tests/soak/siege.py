"""A real `steward run` in a process of its own beside a local Slack, with people who go on working."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from bot.manifest import manifest
from bot.sandbox import LocalSlack, PersonSpec
from bot.sandbox.conversations import Message
from bot.sandbox.finding import find_button
from bot.sandbox.person import Person, Reply
from domain.notices import DEADLINES
from tests.soak.report import Report
from tests.support.office import run_sql
from tests.worker.processes import Process, steward

CODE = "let-me-in"
KEY = "a-secret-of-the-tests-long-enough"
ADMINS = ("olivia", "adam", "ada", "abe")
IN_TIME = 3.0
"""Seconds after which Slack no longer waits for an answer."""
DONE_SECONDS = 2.5
"""Seconds within which an answer to a click says that it is done; a little later Steward answers anyway."""
PAUSE = 0.03
KNOWN = 300
DRAINED_SECONDS = 300.0


@dataclass(kw_only=True)
class Ledger:
    """What people were told is done: handles of the invited, of those asked for, of those who answered."""

    invited: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Siege:
    """The local Slack, the database, what people were told, and the process that comes and goes."""

    slack: LocalSlack
    url: str
    report: Report
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    people: int = 0

    @property
    def settings(self) -> dict[str, str]:
        """The environment of `steward run`."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "STEWARD_DATABASE_URL": self.url,
            "STEWARD_PORT": "0",
            "STEWARD_SECRET_KEY": KEY,
            "STEWARD_SETUP_CODE": CODE,
            "STEWARD_SLACK_API_URL": self.slack.api_url,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        """Start Steward and connect Slack to it."""
        async with steward("run", env=self.settings) as process:
            line = await process.says("Steward listens on", seconds=60)
            self.slack.connect(request_url=f"{line.split()[-1]}/slack/events")
            try:
                yield process
            finally:
                self.report.hear(process.errors)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let everybody work meanwhile."""
        acts = [self._invites(handle) for handle in ADMINS]
        acts += [self._asks(), *(self._decides(handle) for handle in ADMINS[:2]), self._answers()]
        tasks = [asyncio.create_task(act) for act in acts]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    async def found(self) -> None:
        """Set up with four admins and two who may only ask."""
        olivia = self.slack.person("olivia")
        await olivia.command("/team", "setup")
        for label, value in {"Set-up code": CODE, "Seats": "100000"}.items():
            await olivia.fill(label, value)
        assert await olivia.submit() == {}
        await olivia.close()
        for handle, role in {"adam": "admin", "ada": "admin", "abe": "admin", "dana": "developer"}.items():
            person = self.slack.person(handle)
            await olivia.command("/team", f"invite @{handle} as {role}")
            await person.until(partial(card_to, person, "Accept"), timeout=60)
            await person.click("Accept")

    def newcomer(self) -> str:
        """Somebody nobody invited yet; the first ones are known to Steward from its start."""
        self.people += 1
        handle = f"p{self.people}"
        if self.people > KNOWN:
            join(self.slack, handle)
        return handle

    async def _invites(self, by: str) -> None:
        await self._now_and_then(lambda: self._invited(by))

    async def _invited(self, by: str) -> None:
        await self.invites(self.slack.person(by), self.newcomer())

    async def invites(self, person: Person, handle: str) -> Reply:
        """Somebody invites somebody; what is said to be done is noted."""
        reply = await self._timed(person.command("/team", f"invite @{handle}"))
        if _says(reply, "Invitation sent", handle):
            self.ledger.invited.add(handle)
        return reply

    async def _asks(self) -> None:
        async def ask() -> None:
            handle = self.newcomer()
            reply = await self._timed(self.slack.person("dana").command("/team", f"invite @{handle} because"))
            if _says(reply, "Asked", handle):
                self.ledger.asked.add(handle)

        await self._now_and_then(ask)

    async def _decides(self, by: str) -> None:
        async def decide() -> None:
            found = card_to(self.slack.person(by), "Approve")
            if found is None:
                return
            message, request_id = found
            begun = time.monotonic()
            reply = await self._timed(self.slack.person(by).click("Approve", message))
            if _silently_done(reply, begun):
                self.ledger.decided.add(request_id)

        await self._now_and_then(decide)

    async def _answers(self) -> None:
        async def answer() -> None:
            waiting = sorted((self.ledger.invited | self.ledger.asked) - self.ledger.accepted)
            for handle in self.chance.sample(waiting, min(2, len(waiting))):
                person = self.slack.person(handle)
                found = card_to(person, "Accept")
                if found is not None:
                    begun = time.monotonic()
                    reply = await self._timed(person.click("Accept", found[0]))
                    if _silently_done(reply, begun):
                        self.ledger.accepted.add(handle)

        await self._now_and_then(answer)

    async def _now_and_then(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(PAUSE * self.chance.uniform(1, 10))
            await act()

    async def _timed(self, act: Awaitable[Reply]) -> Reply:
        """Do something as a person; how long its answer took counts while there is somebody to answer."""
        begun = time.monotonic()
        reply = await act
        self.report.count("acts")
        if reply.error is None:
            self.report.count("acknowledged")
            self.report.most("slowest acknowledgement (s)", round(time.monotonic() - begun, 2))
        elif "timeout" in reply.error or "timed out" in reply.error:
            self.report.count("answered too late")
        return reply

    async def busy(self, acts: int) -> None:
        """Wait until people have done so many things more, however long that takes here."""
        wanted = self.report.figures.get("acts", 0) + acts
        while self.report.figures.get("acts", 0) < wanted:  # noqa: ASYNC110 - a figure rings no bell
            await asyncio.sleep(PAUSE)

    async def waiting(self) -> int:
        """How many rows are due, held or put off for a while: all but what the clock does in days."""
        rows = await run_sql(
            self.url,
            f"SELECT count(*) FROM outbox WHERE state <> 'parked' AND tag NOT IN ({_IN_DAYS})",
        )
        return int(str(rows[0][0]))

    async def a_while_later(self) -> None:
        """What waits for another attempt is due, as it is minutes later."""
        await run_sql(self.url, *_RETRIED)

    async def after_a_death(self) -> None:
        """What a killed process held is due too; while one lives it would be delivered by two at once."""
        await run_sql(self.url, "UPDATE outbox SET lease_until = created_at WHERE state = 'leased'")
        await self.a_while_later()

    async def drained(self) -> None:
        """Wait until all that waits is delivered."""
        async with asyncio.timeout(DRAINED_SECONDS):
            while await self.waiting():
                await self.a_while_later()
                await asyncio.sleep(0.2)


_IN_DAYS = ", ".join(f"'{kind.tag}'" for kind in DEADLINES)
_RETRIED = (
    "UPDATE postings SET settles_at = NULL WHERE settles_at IS NOT NULL",
    "UPDATE outbox SET run_at = created_at WHERE state = 'queued' AND attempts > 0",
)
"""What was tried is due again, and Slack can no longer take a post it had not answered."""


@asynccontextmanager
async def besieged(url: str, *, report: Report, seed: int, patience: float = IN_TIME) -> AsyncIterator[Siege]:
    """A local Slack with a team set up, Steward not running; at the end it must all have come out well.

    Args:
        patience: seconds Slack waits for an answer; longer where other work slows the machine down.
    """
    async with AsyncExitStack() as stack:
        app = manifest(socket=False, url="https://steward.example")
        slack = await stack.enter_async_context(LocalSlack(manifest=app))
        for handle in ("ada", "abe", *(f"p{number}" for number in range(1, KNOWN + 1))):
            join(slack, handle)
        slack.dispatcher.answer_seconds = patience
        siege = Siege(slack=slack, url=url, report=report, chance=random.Random(seed))
        async with siege.running():
            await siege.found()
            await siege.drained()
        yield siege


def _says(reply: Reply, words: str, handle: str) -> bool:
    """Whether somebody was told this of that person; the answer to an earlier act may come meanwhile."""
    return words in reply.text and f"{handle}@northwind.example" in reply.text


def _silently_done(reply: Reply, begun: float) -> bool:
    """Whether a click was answered as done; one that takes longer is answered before it is."""
    return reply.error is None and not reply.text and time.monotonic() - begun < DONE_SECONDS


def join(slack: LocalSlack, handle: str) -> None:
    """Somebody joins the workspace."""
    slack.workspace.join(PersonSpec(handle=handle, name=handle.title(), email=f"{handle}@northwind.example"))


def card_to(person: Person, words: str) -> tuple[Message, str] | None:
    """The oldest message to somebody with a button of these words, and the button's value."""
    for message in person.messages():
        if found := find_button(message.blocks, words):
            return message, str(found[1].get("value", ""))
    return None


def keys_of(slack: LocalSlack) -> dict[str, Counter[str]]:
    """How often each conversation has each message of Steward, by the key it carries."""
    found: dict[str, Counter[str]] = {}
    for channel in slack.workspace.conversations:
        keys = [key_of(channel.messages[ts]) for ts in channel.order]
        found[channel.id] = Counter(key for key in keys if key)
    return found


def key_of(message: Message) -> str:
    """The key Steward gave a message; empty for any other."""
    return str(((message.metadata or {}).get("event_payload") or {}).get("key") or "")
