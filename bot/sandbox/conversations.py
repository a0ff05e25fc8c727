"""Channels, direct messages and what was said in them."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from bot.sandbox.finding import words_of
from bot.sandbox.ids import Json, Stamps, fresh_id, stable_id

SHOWN = 200
"""Messages of a conversation the page gets to see."""


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as everybody, or only `ephemeral_to`, sees it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    from_app: bool = False
    username: str | None = None
    icon: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    files: list[Json] = field(default_factory=list)
    edited: str | None = None
    deleted: bool = False
    ephemeral_to: str | None = None

    @property
    def words(self) -> str:
        """Every word a person sees of it: its blocks where it has some, else its text."""
        shown = words_of([self.blocks, self.attachments])
        return shown if self.blocks else "\n".join(part for part in (self.text, shown) if part)


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation: a channel, or a direct one with the app or between two people."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    is_im: bool = False
    user: str = ""
    created: int = 0
    archived: bool = False
    app_in: bool = False
    for_everybody: bool = False
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    whispers: dict[str, deque[Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Appends a message, or shows it to one person only."""
        if message.ephemeral_to:
            self.whispers.setdefault(message.ephemeral_to, deque(maxlen=SHOWN)).append(message)
            return
        self.messages[message.ts] = message
        self.order.append(message.ts)

    def remove(self, message: Message) -> None:
        """Takes a message away."""
        message.deleted = True
        if message.ephemeral_to:
            whispers = self.whispers[message.ephemeral_to]
            if message in whispers:
                whispers.remove(message)
        elif self.messages.pop(message.ts, None):
            del self.order[bisect_left(self.order, message.ts)]

    def find(self, ts: str, viewer: str | None = None) -> Message | None:
        """The message with that stamp that everybody, or this viewer, sees."""
        message = self.messages.get(ts)
        if message is None and viewer:
            message = next((each for each in self.whispers.get(viewer, ()) if each.ts == ts), None)
        return message

    def latest(self, viewer: str) -> list[Message]:
        """The last messages this viewer sees, oldest first."""
        shared = [self.messages[ts] for ts in self.order[-SHOWN:]]
        own = self.whispers.get(viewer)
        return sorted([*shared, *own], key=lambda message: message.ts)[-SHOWN:] if own else shared

    def between(self, *, after: str, before: str, inclusive: bool) -> Iterator[Message]:
        """The messages between two stamps, newest first; replies in threads are not among them."""
        low = (bisect_left if inclusive else bisect_right)(self.order, after)
        high = (bisect_right if inclusive else bisect_left)(self.order, before)
        for index in range(high - 1, low - 1, -1):
            message = self.messages[self.order[index]]
            if message.thread_ts in (None, message.ts):
                yield message

    def unread(self, viewer: str) -> int:
        """How many messages came since the viewer last looked."""
        seen = self.read.get(viewer, "0")
        own = self.whispers.get(viewer, ())
        return len(self.order) - bisect_right(self.order, seen) + sum(each.ts > seen for each in own)

    def mark_read(self, viewer: str, ts: str) -> None:
        """The viewer saw everything up to a stamp."""
        self.read[viewer] = ts


class Directs:
    """The direct conversations of a workspace, or of all workspaces of an Enterprise org."""

    def __init__(self, owner_id: str, app_user: str, stamps: Stamps) -> None:
        self._owner_id = owner_id
        self._app_user = app_user
        self._stamps = stamps
        self._by_id: dict[str, Channel] = {}
        self._of: dict[str, list[Channel]] = {}

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._by_id.values())

    def get(self, channel_id: str) -> Channel | None:
        """The conversation with that id."""
        return self._by_id.get(channel_id)

    def of(self, user_id: str) -> list[Channel]:
        """The conversations somebody is in."""
        return self._of.get(user_id, [])

    def with_app(self, user_id: str) -> Channel:
        """The conversation between somebody and the app, made when it is missing."""
        return self._direct(user_id, self._app_user, app_in=True)

    def between(self, first: str, second: str) -> Channel:
        """The conversation of two people, made when it is missing."""
        return self._direct(*sorted((first, second)), app_in=False)

    def _direct(self, user_id: str, other: str, *, app_in: bool) -> Channel:
        channel_id = stable_id("D", self._owner_id, user_id, other)
        channel = self._by_id.get(channel_id)
        if channel is None:
            created = int(float(self._stamps.next()))
            channel = Channel(
                id=channel_id, name="directmessage", is_im=True, user=user_id, created=created, app_in=app_in
            )
            self._by_id[channel_id] = channel
            for member in dict.fromkeys((user_id, other)):
                channel.members.add(member)
                channel.mark_read(member, self._stamps.next())
                self._of.setdefault(member, []).append(channel)
        return channel


class Conversations:
    """Every conversation of the workspace: the direct ones are those of whom it `knows`."""

    def __init__(
        self, team_id: str, directs: Directs, stamps: Stamps, *, knows: Callable[[str], object]
    ) -> None:
        self._team_id = team_id
        self._directs = directs
        self._stamps = stamps
        self._knows = knows
        self._by_id: dict[str, Channel] = {}
        self._named: dict[str, Channel] = {}
        self._of: dict[str, dict[str, Channel]] = {}

    def __iter__(self) -> Iterator[Channel]:
        return chain(self._by_id.values(), (each for each in self._directs if self._knows(each.user)))

    def get(self, channel_id: str) -> Channel | None:
        """The conversation with that id."""
        direct = self._directs.get(channel_id)
        if direct is not None:
            return direct if self._knows(direct.user) else None
        return self._by_id.get(channel_id)

    def named(self, name: str) -> Channel | None:
        """The channel with that name, with or without `#`."""
        return self._named.get(name.removeprefix("#"))

    def for_everybody(self) -> list[Channel]:
        """The channels a newcomer is put into."""
        return [channel for channel in self._named.values() if channel.for_everybody]

    def of(self, user_id: str) -> list[Channel]:
        """The conversations somebody is in."""
        return [*self._of.get(user_id, {}).values(), *self._directs.of(user_id)]

    def open_channel(
        self, name: str, *, topic: str, is_private: bool, app_in: bool, for_everybody: bool
    ) -> Channel:
        """Makes a channel."""
        channel = Channel(
            id=stable_id("C", self._team_id, name),
            name=name,
            topic=topic,
            is_private=is_private,
            app_in=app_in,
            for_everybody=for_everybody,
            created=int(float(self._stamps.next())),
        )
        self._by_id[channel.id] = self._named[name] = channel
        return channel

    def join(self, channel: Channel, user_id: str) -> None:
        """Somebody is in a channel from now on; what was said before counts as read."""
        channel.members.add(user_id)
        channel.mark_read(user_id, self._stamps.next())
        self._of.setdefault(user_id, {})[channel.id] = channel

    def with_app(self, user_id: str) -> Channel:
        """The direct conversation between somebody and the app, made when it is missing."""
        return self._directs.with_app(user_id)

    def between(self, first: str, second: str) -> Channel:
        """The direct conversation of two people."""
        return self._directs.between(first, second)

    def say(self, message: Message) -> Message:
        """Puts a message into its conversation; its author has read everything above it.

        Raises KeyError for a conversation that is not of this workspace.
        """
        channel = self.get(message.channel)
        if channel is None:
            raise KeyError(message.channel)
        channel.add(message)
        if not message.ephemeral_to:
            channel.mark_read(message.user, message.ts)
        return message


def client_message_id() -> str:
    """The id a Slack client gives what a person types."""
    return fresh_id("", 8).lower()
