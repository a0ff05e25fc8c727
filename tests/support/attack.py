"""A whole Steward that is watched: all it says is kept, and whatever should never happen fails the test."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.sandbox import payloads, replies
from bot.sandbox.acts import Place
from bot.sandbox.conversations import Message
from bot.sandbox.dispatch import Answer, Delivery
from bot.sandbox.finding import words_of
from bot.sandbox.ids import Json
from bot.sandbox.person import Person
from bot.sandbox.views import OpenView
from domain.audit import lines, verify
from domain.model import Invitation, Member, Request, Via, email_key, new_id
from domain.seats import take
from tests.support.whole import Whole, whole_steward

T = TypeVar("T")

NEVER = frozenset(
    {
        *("slack.incident", "slack.undispatched", "slack.not_acknowledged", "slack.response_refused"),
        *("slack.nobody_listens", "worker.failed", "worker.parked"),
    }
)
"""Lines of the log that tell of a mistake of Steward's own, or of words lost."""

INCIDENT = "give whoever runs Steward this number"
_TOKENS = re.compile(r"<[^<>]*>?")
_HARMLESS = re.compile(
    r"<@[UW][A-Z0-9]+>|<#[CDG][A-Z0-9]+>|<!date\^\d+\^[^<>|]*\|[^<>]*>|<https?://[^\s<>|]+(\|[^<>]*)?>"
)


@dataclass
class Watched(Whole):
    """Steward and the local Slack, with everything that was said and logged.

    Args:
        said: what left for Slack: arguments of calls, answers to deliveries, posts to response addresses.
        logs: lines of the log.
        expected: lines of the log that this test brings about on purpose.
    """

    said: list[Any] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def events(self, name: str) -> list[Any]:
        """The lines of the log of that name."""
        return [line for line in self.logs if line["event"] == name]

    def check(self) -> None:
        """Nothing that was said pings or escapes its place; nothing failed that was not meant to."""
        calls = [call.args for call in self.slack.calls]
        harmful = [token for payload in [*calls, *self.said] for token in harmful_tokens(payload)]
        assert not harmful, f"tokens that Slack would act on: {harmful}"
        mistakes = [line for line in self.logs if line["event"] in NEVER - self.expected]
        assert not mistakes, mistakes

    async def crew(self, *, seats: str = "50", preset: str = "Portal") -> None:
        """As `team`, with seats to spare."""
        await self.set_up(preset=preset, seats=seats)
        for handle, role in {"adam": "admin", "dana": "developer", "devi": "developer"}.items():
            await self.joins(handle, role)

    async def staff(self, **roles: str) -> None:
        """Make people of the demo team members, by role's slug and without a word to anybody."""
        async with self.steward.store.transaction(self.team_id) as tx:
            for handle, role in roles.items():
                someone = self.person(handle)
                await tx.members.add(
                    Member(
                        id=new_id(),
                        organization_id=tx.organization.id,
                        email=someone.email,
                        name=someone.name,
                        role=role,
                        slack_user_id=someone.id,
                        joined_via=Via.SLACK,
                        joined_at=tx.now,
                        status_at=tx.now,
                    )
                )
                take(tx)

    async def tags(self) -> list[str]:
        """What the audit has, oldest first; the chain is whole."""
        async with self.reading() as tx:
            assert (await verify(tx)).fault is None
            return [line.tag async for line in lines(tx)]

    async def member(self, handle: str) -> Member:
        """The member somebody of Slack is."""
        async with self.reading() as tx:
            member = await tx.members.by_email(self.person(handle).email)
        assert member is not None, f"{handle} is not a member"
        return member

    async def invitation(self, address: str) -> Invitation | None:
        """The open invitation of an address."""
        async with self.reading() as tx:
            return (await tx.invitations.open_for([address])).get(email_key(address))

    async def requests(self) -> tuple[Request, ...]:
        """The requests that wait."""
        async with self.reading() as tx:
            return tuple(await tx.requests.open(limit=50))

    async def send(self, kind: Delivery, payload: Json) -> Answer:
        """Deliver what no client of Slack's would send."""
        return await self.slack.dispatcher.ask(kind, payload)

    async def press(
        self, person: Person, action_id: str, value: str, *, place: Place | None = None, kind: str = "button"
    ) -> str:
        """Click something with a forged value on a message or form; return what is said to the person."""
        workspace, where = self.slack.workspace, place or Place(channel=person.dm, message=note(person))
        held = {"value": value} if kind == "button" else {"selected_option": chosen(value)}
        action = {"type": kind, "action_id": action_id, "block_id": "forged", **held}
        if where.view:
            spot = payloads.view_place(workspace, where.view, where.view.values)
        else:
            assert where.channel is not None
            assert where.message is not None
            spot = payloads.message_place(workspace, person.account, where.channel, where.message)
        form = where.view.id if where.view and where.view.view["type"] == "modal" else None
        before, front = len(person.ephemerals), person.view
        payload = payloads.actions_payload(
            workspace, person.account, action, place=spot, values={}, view_id=form
        )
        answer = await self.send(Delivery.INTERACTIVE, payload)
        assert answer.failure is None, (action_id, value, answer)
        said = [message.words for message in person.ephemerals[before:]]
        return "\n".join([*said, *([shown(person)] if person.view is not front else [])])

    async def hand_in(self, person: Person, callback_id: str, metadata: str, values: Json) -> Any:
        """Submit a form with forged ids and values; return what Slack was answered."""
        workspace = self.slack.workspace
        workspace.views.close_all(person.id)
        opened = workspace.views.open(person.id, blank(callback_id, metadata))
        payload = payloads.submission_payload(workspace, person.account, opened, values)
        answer = await self.send(Delivery.INTERACTIVE, payload)
        assert answer.failure is None, (callback_id, metadata, values, answer)
        workspace.views.close_all(person.id)
        return answer.body


def chosen(value: str) -> Json:
    """An option of that value."""
    return {"text": {"type": "plain_text", "text": "Forged"}, "value": value}


def blank(callback_id: str, metadata: str = "") -> Json:
    """A form without a field."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": "Forged"},
        "blocks": [],
        "private_metadata": metadata,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "external_id": "",
    }


def note(person: Person) -> Message:
    """A message of Steward in the person's conversation, to click on."""
    ts = person.messages()[-1].ts if person.messages() else "1700000000.000100"
    return Message(ts=ts, channel=person.dm.id, user=person.id, text="A note", from_app=True)


def shown(person: Person) -> str:
    """Every word of the form in front of somebody."""
    return words_of(person.view.view) if person.view else ""


def form(person: Person) -> OpenView:
    """The form in front of somebody."""
    assert person.view is not None, f"{person} has no form open"
    return person.view


def said_to(person: Person) -> list[str]:
    """The words of Steward's messages to somebody, oldest first."""
    return [message.words for message in person.messages()]


async def hears(person: Person, *parts: str) -> str:
    """Wait for a message of Steward with all these parts; return its words."""
    return await person.until(
        lambda: next((words for words in said_to(person) if all(part in words for part in parts)), "")
    )


async def eventually(condition: Callable[[], T], timeout: float = 10.0) -> T:
    """Wait until the condition holds; unlike `until`, also for what Slack does not notice."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        await asyncio.sleep(0.02)
    return found


def card(person: Person, words: str) -> Message:
    """The newest message of Steward to somebody that has these words."""
    return next(message for message in reversed(person.messages()) if words in message.words)


async def link_for(whole: Watched, address: str) -> str:
    """The link in the first mail to an address."""
    mail = await whole.slack.until(lambda: whole.slack.inbox(address))
    return next(link for link in mail[0].links if "/invitations/" in link)


async def accept_on_the_page(whole: Watched, address: str, name: str) -> str:
    """Follow the link in the mail and accept under a name; return the page that answers."""
    link = await link_for(whole, address)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(link) as answer:
            page = await answer.text()
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
        fields |= {"name": name, "answer": "accept"}
        async with session.post(link, data=fields, headers={"Origin": whole.steward.url}) as answer:
            return await answer.text()


def harmful_tokens(payload: Any) -> Iterator[str]:
    """Yield what Slack would act on in markup: pings of everybody, links nobody wrote, torn tokens."""
    for text in _markup(payload):
        for token in _TOKENS.findall(text):
            if not _HARMLESS.fullmatch(token):
                yield token


def _markup(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _markup(each)
    elif isinstance(value, dict):
        if isinstance(text := value.get("text"), str) and value.get("type") != "plain_text":
            yield text
        for name, each in value.items():
            if name not in ("metadata", "private_metadata"):
                yield from _markup(each)


@asynccontextmanager
async def watched_steward(database_url: str, *, mail: bool = True) -> AsyncIterator[Watched]:
    """Start both over HTTP, keep what is said, and check it at the end."""
    with capture_logs() as logs:
        async with whole_steward(database_url, mail=mail) as whole:
            watched = Watched(slack=whole.slack, steward=whole.steward, clock=whole.clock, logs=logs)
            with _overheard(watched):
                yield watched
    watched.check()


@contextmanager
def _overheard(watched: Watched) -> Iterator[None]:
    """Keep what the local Slack is answered, to deliveries and at response addresses."""
    dispatcher, said = watched.slack.dispatcher, watched.said
    ask, content = dispatcher.ask, replies._content

    async def asked(kind: Delivery, payload: Json) -> Answer:
        answer = await ask(kind, payload)
        said.append(answer.body)
        return answer

    def replied(body: Json) -> Json:
        said.append(body)
        return content(body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher, "ask", asked)
        patch.setattr(replies, "_content", replied)
        yield
