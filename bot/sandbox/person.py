"""A person at the keyboard, in Python: types commands, fills forms, clicks buttons, reads messages."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.sandbox.acts import Acts, Outcome, Place
from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Workspace
from bot.sandbox.files import MOST_ATTACHED, TOO_LARGE, file_json, keep_file
from bot.sandbox.finding import Spot, find_button, find_field, options_of, plain, words_of
from bot.sandbox.ids import Json
from bot.sandbox.people import Account
from bot.sandbox.team import Kind
from bot.sandbox.typing_in import value_for
from bot.sandbox.views import OpenView

T = TypeVar("T")
MIN_QUERY = 3
"""Characters an external select waits for where it does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person saw of an act by the time the bot had answered it.

    `status` is the bot's HTTP status (200 over Socket Mode, 0 without an answer), `ephemeral` the messages
    only this person sees that came meanwhile, `view` the form that was opened, `error` what Slack showed.
    """

    status: int
    ephemeral: tuple[Message, ...] = ()
    view: OpenView | None = None
    error: str | None = None

    @property
    def text(self) -> str:
        """Every word of the ephemeral messages."""
        return "\n".join(message.words for message in self.ephemeral)


class Person:
    """Somebody acting in the local Slack; made by `LocalSlack.person`."""

    def __init__(self, workspace: Workspace, acts: Acts, account: Account) -> None:
        self._workspace = workspace
        self._acts = acts
        self.account = account

    def __repr__(self) -> str:
        return f"Person({self.handle})"

    @property
    def workspace(self) -> Workspace:
        """Where they are."""
        return self._workspace

    @property
    def id(self) -> str:
        """The Slack user id."""
        return self.account.id

    @property
    def handle(self) -> str:
        """The name after the `@`."""
        return self.account.handle

    @property
    def name(self) -> str:
        """The whole name."""
        return self.account.name

    @property
    def email(self) -> str:
        """The address."""
        return self.account.email

    @property
    def dm(self) -> Channel:
        """The direct conversation with the app."""
        return self._workspace.conversations.with_app(self.id)

    @property
    def view(self) -> OpenView | None:
        """The form in front of this person."""
        return self._workspace.views.top(self.id)

    @property
    def views(self) -> list[OpenView]:
        """Every open form, the front one last."""
        return list(self._workspace.views.stack(self.id))

    @property
    def home(self) -> OpenView | None:
        """The Home tab as the app published it last."""
        return self._workspace.views.home(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """The messages only this person sees, oldest first."""
        mine = [
            message
            for channel in self._workspace.conversations.of(self.id)
            for message in channel.whispers.get(self.id, ())
        ]
        return sorted(mine, key=lambda message: message.ts)

    @property
    def notice(self) -> str | None:
        """The last error words of an act nobody read the answer of."""
        return self._workspace.notices.get(self.id)

    def messages(self, channel: str | None = None) -> list[Message]:
        """The messages of the direct conversation with the app, or of a channel; at most the last 200."""
        where = self.dm if channel is None else self._channel(channel)
        return [message for message in where.latest(self.id) if message.ephemeral_to is None]

    async def command(self, command: str, text: str = "", *, channel: str | None = None) -> Reply:
        """Types a slash command, in #general unless a channel is named."""
        where = self._channel(channel)
        return await self._seen(lambda: self._acts.command(self.account, where, command, text))

    async def shortcut(self, callback_id: str, *, message: Message | None = None) -> Reply:
        """Runs a global shortcut, or one of a message."""
        where = self._workspace.conversations.get(message.channel) if message else None
        return await self._seen(lambda: self._acts.shortcut(self.account, callback_id, where, message))

    async def say(self, channel: str | None, text: str) -> str:
        """Writes a message to a channel, or to the app when `channel` is None; returns its ts."""
        where = self.dm if channel is None else self._channel(channel)
        outcome = self._acts.say(self.account, where, text)
        if outcome.error:
            raise PermissionError(outcome.error)
        return str(outcome.data["ts"])

    async def open_home(self, *, wait: float = 3.0) -> list[Json]:
        """Opens the Home tab and returns its blocks once the app has published it anew.

        With `wait` 0 it only looks; otherwise raises TimeoutError after `wait` seconds.
        """
        before = self.home.hash if self.home else None
        self._acts.open_home(self.account)
        if wait > 0:
            await self.until(lambda: self.home is not None and self.home.hash != before, timeout=wait)
        return list(self.home.view["blocks"]) if self.home else []

    async def click(self, words: str, in_: "Message | OpenView | None" = None) -> Reply:
        """Clicks the button with these words: in the open form, else the newest message with one, else Home.

        `in_` names a message or view instead. Confirmation dialogs are accepted.
        """
        for place, blocks in self._places(in_):
            if found := find_button(blocks, words):
                spot, pressed = found
                return await self._act(place, {**pressed, **spot.ids})
        raise LookupError(f"{self.handle} sees no button {words!r}\n{self._seen_words()}")

    async def select(self, label: str, value: Any, in_: "Message | OpenView | None" = None) -> Reply:
        """Chooses in a select, date picker, radio or checkbox group called `label`; the app hears of it.

        In an `input` block without `dispatch_action` the choice is only filled in.
        """
        for place, blocks in self._places(in_):
            if spot := find_field(blocks, label):
                return await self._choose(place, spot, value)
        raise LookupError(f"{self.handle} sees no field {label!r}\n{self._seen_words()}")

    async def fill(self, label: str, value: Any) -> None:
        """Puts a value into the field of the open form with that label, block_id or action_id."""
        view = self._form()
        spot = find_field(view.view["blocks"], label)
        if spot is None:
            raise LookupError(f"the form has no field {label!r}\n{words_of(view.view)}")
        await self._choose(Place(view=view), spot, value)

    async def upload(self, label: str, filename: str, content: bytes) -> None:
        """Adds a file to the file field of the open form; raises ValueError when it is over 10 MB."""
        view = self._form()
        spot = find_field(view.view["blocks"], label)
        if spot is None or spot.element["type"] != "file_input":
            raise LookupError(f"the form has no file field {label!r}")
        if len(content) > MOST_ATTACHED:
            raise ValueError(TOO_LARGE)
        stored = keep_file(self._workspace, user=self.id, name=filename, content=content)
        block_id, action_id = str(spot.block["block_id"]), str(spot.element["action_id"])
        before = view.values.get(block_id, {}).get(action_id, {}).get("files", [])
        entry = {"type": "file_input", "files": [*before, file_json(self._workspace, stored)]}
        view.values.setdefault(block_id, {})[action_id] = entry

    async def submit(self) -> dict[str, str]:
        """Sends the open form; returns the faults shown on it by the label of their field.

        Raises ConnectionError with the words Slack showed when the bot did not answer properly.
        """
        view = self._form()
        outcome = self._noted(await self._acts.submit(self.account, view, view.values))
        if outcome.error:
            raise ConnectionError(outcome.error)
        labels = {block.get("block_id"): plain(block.get("label")) for block in view.view["blocks"]}
        return {labels.get(block_id) or block_id: words for block_id, words in outcome.errors.items()}

    async def close(self, *, everything: bool = False) -> None:
        """Closes the open form, or the whole stack."""
        await self._acts.close(self.account, self._form(), everything=everything)

    async def options(self, name: str, typed: str, in_: "Message | OpenView | None" = None) -> list[str]:
        """The texts an external select offers for what was typed."""
        for place, blocks in self._places(in_):
            if spot := find_field(blocks, name):
                return [plain(option["text"]) for option in await self._load(place, spot, typed)]
        raise LookupError(f"{self.handle} sees no field {name!r}")

    def change(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        kind: Kind | str | None = None,
        confirmed: bool | None = None,
        deleted: bool | None = None,
    ) -> None:
        """Changes who this person is in Slack; the app hears of it as `user_change`."""
        account = self.account
        if email is not None:
            self._workspace.people.move(account, email=email)
        account.name = account.name if name is None else name
        account.kind = account.kind if kind is None else Kind(kind)
        account.confirmed = account.confirmed if confirmed is None else confirmed
        account.deleted = account.deleted if deleted is None else deleted
        account.updated = max(account.updated + 1, int(time.time()))
        self._workspace.changes.mark()
        self._acts.person_event("user_change", account)

    async def until(self, condition: Callable[[], T], timeout: float = 5.0) -> T:
        """Waits until the condition holds and returns what it gave; raises TimeoutError after `timeout` s."""
        try:
            return await self._workspace.changes.until(condition, timeout)
        except TimeoutError:
            words = f"{self.handle} waited {timeout} s and sees:\n{self._seen_words()}"
            raise TimeoutError(words) from None

    async def _choose(self, place: Place, spot: Spot, value: Any) -> Reply:
        choices = None
        if spot.element["type"] in ("external_select", "multi_external_select"):
            texts = [value] if isinstance(value, str) else list(value)
            loaded = [await self._load(place, spot, text) for text in texts]
            choices = [option for options in loaded for option in options]
        held = value_for(self._workspace, spot.element, value, choices=choices)
        block_id, action_id = str(spot.block["block_id"]), str(spot.element["action_id"])
        if place.view:
            place.view.values.setdefault(block_id, {})[action_id] = held
        if spot.block["type"] == "input" and not spot.block.get("dispatch_action"):
            return Reply(200)
        return await self._act(place, {**held, **spot.ids}, {block_id: {action_id: held}})

    async def _load(self, place: Place, spot: Spot, typed: str) -> list[Json]:
        if len(typed) < spot.element.get("min_query_length", MIN_QUERY):
            return []
        ids = spot.ids
        outcome = await self._acts.options(
            self.account, place, block_id=ids["block_id"], action_id=ids["action_id"], value=typed
        )
        if outcome.error:
            raise ConnectionError(outcome.error)
        return options_of(outcome.data)

    async def _act(self, place: Place, action: Json, values: Json | None = None) -> Reply:
        state = place.view.values if place.view else values
        return await self._seen(lambda: self._acts.act(self.account, place, action, state))

    async def _seen(self, act: Callable[[], Any]) -> Reply:
        newest = self._workspace.stamps.next()
        front = self.view.id if self.view else None
        outcome = self._noted(await act())
        opened = self.view if self.view and self.view.id != front else None
        fresh = tuple(message for message in self.ephemerals if message.ts > newest)
        return Reply(outcome.status, fresh, opened, outcome.error)

    def _noted(self, outcome: Outcome) -> Outcome:
        """Keeps the words of an error for the page, which did not see the act itself."""
        self._workspace.notices.pop(self.id, None)
        if outcome.error:
            self._workspace.notices[self.id] = outcome.error
            self._workspace.changes.mark()
        return outcome

    def _places(self, in_: "Message | OpenView | None") -> list[tuple[Place, list[Json]]]:
        if isinstance(in_, OpenView):
            return [(Place(view=in_), in_.view["blocks"])]
        if in_ is not None:
            return [self._message_place(in_)]
        views = [view for view in (self.view,) if view]
        mine = self._workspace.conversations.of(self.id)
        found = [message for channel in mine for message in channel.latest(self.id)]
        newest = sorted(found, key=lambda message: message.ts, reverse=True)
        places = [(Place(view=view), view.view["blocks"]) for view in views]
        places += [self._message_place(message) for message in newest]
        return places + [(Place(view=home), home.view["blocks"]) for home in (self.home,) if home]

    def _message_place(self, message: Message) -> tuple[Place, list[Json]]:
        channel = self._workspace.conversations.get(message.channel)
        attached = [block for each in message.attachments for block in each.get("blocks", [])]
        return Place(channel=channel, message=message), [*message.blocks, *attached]

    def _channel(self, name: str | None) -> Channel:
        if name is None:
            mine = [each for each in self._workspace.conversations.of(self.id) if not each.is_im]
            return next((each for each in mine if each.name == "general"), mine[0] if mine else self.dm)
        channel = self._workspace.conversations.get(name) or self._workspace.conversations.named(name)
        if channel is None or self.id not in channel.members:
            raise LookupError(f"{self.handle} is not in {name}")
        return channel

    def _form(self) -> OpenView:
        if self.view is None:
            raise LookupError(f"{self.handle} has no form open")
        return self.view

    def _seen_words(self) -> str:
        parts = [message.words for message in self.messages()[-5:]]
        parts += [f"(only you) {message.words}" for message in self.ephemerals[-3:]]
        parts += [words_of(view.view) for view in (self.view, self.home) if view]
        return "\n---\n".join(parts)
