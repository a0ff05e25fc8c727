"""What the parts of the local Slack share."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.changes import Changes
from bot.sandbox.conversations import Channel, Conversations, Message
from bot.sandbox.faults import Faults
from bot.sandbox.ids import Json, Stamps, fresh_id, stable_id
from bot.sandbox.limits import Limiter
from bot.sandbox.manifest import Manifest
from bot.sandbox.people import SLACKBOT, Account, People
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team
from bot.sandbox.triggers import ResponseUrls, Triggers
from bot.sandbox.views import Views

KEPT_CALLS = 50_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A Web API call as it came; `time` is seconds since the epoch."""

    method: str
    args: Json
    time: float


class Calls:
    """The Web API calls made: the last 50,000 to look at, all of them counted."""

    def __init__(self) -> None:
        self._kept: deque[ApiCall] = deque(maxlen=KEPT_CALLS)
        self._counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[ApiCall]:
        return iter(self._kept)

    def __len__(self) -> int:
        return self._counts.total()

    def count(self, method: str) -> int:
        """How often a method was called."""
        return self._counts[method]

    def of(self, method: str) -> list[ApiCall]:
        """The kept calls of one method, oldest first."""
        return [call for call in self._kept if call.method == method]

    def add(self, method: str, args: Json) -> None:
        """Notes a call."""
        self._kept.append(ApiCall(method, args, time.time()))
        self._counts[method] += 1

    def clear(self) -> None:
        """Starts counting anew."""
        self._kept.clear()
        self._counts.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The installed app and its secrets."""

    id: str
    user: str
    bot_id: str
    manifest: Manifest
    signing_secret: str
    bot_token: str
    app_token: str
    verification_token: str = field(default_factory=lambda: fresh_id("", 24).lower())


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file somebody, or the app, uploaded."""

    id: str
    user: str
    name: str
    mimetype: str
    content: bytes
    created: int
    title: str = ""
    channels: list[str] = field(default_factory=list)
    complete: bool = True


@dataclass(slots=True, kw_only=True)
class Core:
    """The state of the workspace."""

    team: Team
    app: App
    people: People
    conversations: Conversations
    stamps: Stamps
    changes: Changes = field(default_factory=Changes)
    faults: Faults = field(default_factory=Faults)
    triggers: Triggers = field(default_factory=Triggers)
    responses: ResponseUrls = field(default_factory=ResponseUrls)
    views: Views = field(default_factory=Views)
    calls: Calls = field(default_factory=Calls)
    files: dict[str, StoredFile] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    limits: bool = False
    limiter: Limiter = field(default_factory=Limiter)
    uninstalled: bool = False
    base_url: str = ""

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """A trigger for an act, already expired if that fault is on."""
        return self.triggers.mint(user, view_id=view_id, expired=self.faults.take("expired_trigger"))

    def response_url(self, *, user: str, channel: str, message_ts: str | None = None) -> str:
        """An address the bot may answer at."""
        response_id = self.responses.mint(user=user, channel=channel, message_ts=message_ts)
        return f"{self.base_url}/response/{response_id}"

    def post(self, channel: Channel, **content: Any) -> Message:
        """Says something as the app; `content` are further fields of Message."""
        message = Message(
            ts=self.stamps.next(), channel=channel.id, user=self.app.user, from_app=True, **content
        )
        self.conversations.say(message)
        self.changes.mark()
        return message

    def whisper(self, channel: Channel, user: str, **content: Any) -> Message:
        """Shows a message from the app to one person only; `content` as in `post`."""
        return self.post(channel, ephemeral_to=user, **content)

    def join(self, spec: PersonSpec) -> Account:
        """Adds somebody; whoever is no guest comes into the channels that are for everybody."""
        account = self.people.add(spec)
        if account.is_person:
            self.conversations.with_app(account.id)
            if account.is_full_member:
                for channel in self.conversations.for_everybody():
                    self.conversations.join(channel, account.id)
        self.changes.mark()
        return account

    def add_channel(self, spec: ChannelSpec) -> Channel:
        """Makes a channel with its members, given by handle; raises KeyError for an unknown one."""
        if unknown := [handle for handle in spec.members if self.people.handle(handle) is None]:
            raise KeyError(unknown[0])
        channel = self.conversations.open_channel(
            spec.name,
            topic=spec.topic,
            is_private=spec.is_private,
            app_in=spec.app_in,
            for_everybody=not spec.members,
        )
        for account in self.people:
            if account.handle in spec.members or (not spec.members and account.is_full_member):
                self.conversations.join(channel, account.id)
        if spec.app_in:
            self.conversations.join(channel, self.app.user)
        return channel


def build_core(
    *, team: Team, manifest: Manifest, signing_secret: str, bot_token: str, app_token: str
) -> Core:
    """A workspace with its team, its channels and the app installed."""
    app_id = stable_id("A", team.id, manifest.name)
    handle = manifest.bot_name.lower().replace(" ", "")
    app = App(
        id=app_id,
        user=stable_id("U", team.id, app_id),
        bot_id=stable_id("B", team.id, app_id),
        manifest=manifest,
        signing_secret=signing_secret,
        bot_token=bot_token,
        app_token=app_token,
    )
    stamps = Stamps()
    core = Core(
        team=team,
        app=app,
        people=People(team.id),
        conversations=Conversations(team.id, app.user, stamps),
        stamps=stamps,
    )
    core.people.add(PersonSpec(handle="slackbot", name="Slackbot", email="", kind=Kind.BOT), user_id=SLACKBOT)
    bot = PersonSpec(handle=handle, name=manifest.bot_name, email="", kind=Kind.BOT)
    core.people.add(bot, user_id=app.user, bot_id=app.bot_id)
    for person in team.people:
        core.join(person)
    for channel in team.channels:
        core.add_channel(channel)
    return core
