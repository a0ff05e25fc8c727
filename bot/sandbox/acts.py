"""What a person does in Slack, and what they get to see of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox import payloads
from bot.sandbox.checks import check_choices
from bot.sandbox.conversations import Channel, Message, client_message_id
from bot.sandbox.core import Workspace
from bot.sandbox.dispatch import Answer, Delivery, Dispatcher, Failure
from bot.sandbox.errors import ApiError
from bot.sandbox.escaping import escaped
from bot.sandbox.ids import Json
from bot.sandbox.inputs import missing_or_wrong, state_of
from bot.sandbox.people import Account
from bot.sandbox.replies import apply_response, post_reply
from bot.sandbox.team import Kind
from bot.sandbox.views import OpenView

TROUBLE = "We had some trouble connecting. Try again?"
NO_CHOICES = "The choices could not be loaded."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act went for the person: the words of an error, or the faults of a form by block id."""

    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a button was: a message of a conversation, or a form or Home tab."""

    channel: Channel | None = None
    message: Message | None = None
    view: OpenView | None = None


class Acts:
    """Acts of people, delivered to the bot, with their consequences drawn."""

    def __init__(self, workspace: Workspace, dispatcher: Dispatcher) -> None:
        self._workspace = workspace
        self._dispatcher = dispatcher

    async def command(self, account: Account, channel: Channel, command: str, text: str) -> Outcome:
        """Types a slash command."""
        workspace = self._workspace
        if not account.is_person:
            return _barred(account)
        declared = workspace.app.manifest.command(command)
        if command == "/invite" and text.strip().lstrip("@") == self._bot_handle():
            return self._invite_app(channel)
        if declared is None or not workspace.installed or account.kind is Kind.EXTERNAL:
            return Outcome(f"{command} is not a valid command. Messages that start with / are commands here.")
        words = text.strip()
        if declared.should_escape:
            words = escaped(workspace, words)
        form = payloads.command_form(workspace, account, channel, command, words)
        answer = await self._dispatcher.ask(Delivery.COMMAND, form)
        if answer.failure:
            name = "operation_timeout" if answer.failure is Failure.TIMEOUT else "dispatch_failed"
            return Outcome(f'{command} failed with the error "{name}"', status=answer.status)
        return self._shown(lambda: post_reply(workspace, channel, account.id, answer.body))

    def _bot_handle(self) -> str:
        bot = self._workspace.people.get(self._workspace.bot.user)
        return bot.handle if bot else ""

    def _invite_app(self, channel: Channel) -> Outcome:
        if channel.is_im:
            return Outcome("Apps can only be invited to channels.")
        channel.app_in = True
        self._workspace.conversations.join(channel, self._workspace.bot.user)
        self._workspace.changes.mark()
        return Outcome()

    def _shown(self, show: Callable[[], object]) -> Outcome:
        try:
            show()
        except ApiError as error:
            detail = error.extra.get("response_metadata", {}).get("messages", [])
            words = f"The app answered with something Slack refuses: {error.error}."
            return Outcome(" ".join([words, *detail]))
        self._workspace.changes.mark()
        return Outcome()

    def _refused(self, account: Account) -> Outcome | None:
        if not account.is_person:
            return _barred(account)
        if self._workspace.app.manifest.interactivity and self._workspace.installed:
            return None
        return Outcome("This app is not configured to handle interactive responses.")

    async def act(self, account: Account, place: Place, action: Json, values: Json | None = None) -> Outcome:
        """Clicks a button, chooses an option or picks a date; `action` names its block and action id."""
        if refused := self._refused(account):
            return refused
        workspace, view = self._workspace, place.view
        state = state_of(view.view["blocks"], values or {}) if view else values or {}
        if view:
            view.values = state
        where = self._where(account, place, state)
        payload = payloads.actions_payload(
            workspace, account, action, place=where, values=state, view_id=self._form_id(view)
        )
        answer = await self._dispatcher.ask(Delivery.INTERACTIVE, payload)
        return Outcome(_interaction_error(answer), status=answer.status)

    def _form_id(self, view: OpenView | None) -> str | None:
        return view.id if view and view.view["type"] == "modal" else None

    def _where(self, account: Account, place: Place, values: Json) -> Json:
        if place.view:
            return payloads.view_place(self._workspace, place.view, values)
        assert place.channel is not None
        assert place.message is not None
        return payloads.message_place(self._workspace, account, place.channel, place.message)

    async def options(
        self, account: Account, place: Place, *, block_id: str, action_id: str, value: str
    ) -> Outcome:
        """Types into an external select; `data` has `options` or `option_groups`."""
        if refused := self._refused(account):
            return refused
        where = self._where(account, place, place.view.values if place.view else {})
        payload = payloads.suggestion_payload(
            self._workspace, account, block_id=block_id, action_id=action_id, value=value, place=where
        )
        answer = await self._dispatcher.ask(Delivery.INTERACTIVE, payload)
        if answer.failure:
            return Outcome(NO_CHOICES, status=answer.status)
        try:
            return Outcome(data=check_choices(answer.body))
        except ApiError:
            return Outcome(NO_CHOICES)

    async def submit(self, account: Account, view: OpenView, values: Json) -> Outcome:
        """Sends a form; faults are shown on their fields, and the client finds some by itself."""
        workspace = self._workspace
        if refused := self._refused(account):
            return refused
        view.values = state_of(view.view["blocks"], values)
        view.errors = missing_or_wrong(view.view["blocks"], view.values)
        workspace.changes.mark()
        if view.errors:
            return Outcome(errors=view.errors)
        payload = payloads.submission_payload(workspace, account, view, view.values)
        view.busy = True
        try:
            answer = await self._dispatcher.ask(Delivery.INTERACTIVE, payload)
        finally:
            view.busy = False
            workspace.changes.mark()
        if answer.failure:
            return Outcome(TROUBLE)
        try:
            apply_response(workspace, view, answer.body)
        except ApiError:
            return Outcome(TROUBLE)
        workspace.changes.mark()
        return Outcome(errors=view.errors)

    async def close(self, account: Account, view: OpenView, *, everything: bool) -> Outcome:
        """Closes one form, or all of them; the app hears of those that asked for it."""
        workspace = self._workspace
        everything = everything or bool(view.view["clear_on_close"])
        closed = workspace.views.close_all(account.id) if everything else [view]
        if not everything:
            workspace.views.close(view)
        workspace.changes.mark()
        for each in closed:
            if each.view["notify_on_close"]:
                payload = payloads.closed_payload(workspace, account, each, cleared=everything)
                await self._dispatcher.ask(Delivery.INTERACTIVE, payload)
        return Outcome()

    async def shortcut(
        self,
        account: Account,
        callback_id: str,
        channel: Channel | None = None,
        message: Message | None = None,
    ) -> Outcome:
        """Runs a global shortcut, or one of the menu of a message."""
        workspace = self._workspace
        if refused := self._refused(account):
            return refused
        declared = workspace.app.manifest.shortcut(callback_id)
        if declared is None or (declared.type == "message") != (message is not None):
            return Outcome(f"There is no shortcut {callback_id}.")
        if channel and message:
            payload = payloads.message_shortcut_payload(workspace, account, declared, channel, message)
        else:
            payload = payloads.shortcut_payload(workspace, account, declared)
        answer = await self._dispatcher.ask(Delivery.INTERACTIVE, payload)
        return Outcome(_interaction_error(answer), status=answer.status)

    def open_home(self, account: Account, tab: str = "home") -> Outcome:
        """Opens the Home or the Messages tab of the app."""
        workspace = self._workspace
        if not account.is_person:
            return _barred(account)
        event: Json = {
            "type": "app_home_opened",
            "user": account.id,
            "channel": workspace.conversations.with_app(account.id).id,
            "tab": tab,
        }
        home = workspace.views.home(account.id)
        if home and tab == "home":
            event["view"] = payloads.view_json(workspace, home)
        self.event(event)
        return Outcome()

    def say(self, account: Account, channel: Channel, text: str) -> Outcome:
        """Writes a message; the app hears of those in the conversations it is in."""
        workspace, manifest = self._workspace, self._workspace.app.manifest
        if not account.is_person:
            return _barred(account)
        if channel.is_im and channel.app_in and (manifest.messages_read_only or not manifest.messages_tab):
            return Outcome("Sending messages to this app has been turned off.")
        if not text.strip():
            return Outcome("There is nothing to send.")
        words = escaped(workspace, text, named=False)
        message = Message(ts=workspace.stamps.next(), channel=channel.id, user=account.id, text=words)
        workspace.conversations.say(message)
        workspace.changes.mark()
        if channel.app_in:
            self._tell_message(account, channel, message)
        return Outcome(data={"ts": message.ts})

    def _tell_message(self, account: Account, channel: Channel, message: Message) -> None:
        kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
        names = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}
        event: Json = {
            "client_msg_id": client_message_id(),
            "type": "message",
            "text": message.text,
            "user": account.id,
            "ts": message.ts,
            "team": self._workspace.team.id,
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": kind,
        }
        self.event(event, subscription=names[kind])

    def person_event(self, name: str, account: Account) -> None:
        """Tells the app that somebody came or changed: `team_join` or `user_change`."""
        with_email = "users:read.email" in self._workspace.scopes
        user = account.to_json(with_email=with_email)
        self.event({"type": name, "user": user, "cache_ts": account.updated})

    def event(self, event: Json, *, subscription: str | None = None) -> None:
        """Tells the app of something it subscribed to."""
        name = subscription or event["type"]
        if name in self._workspace.app.manifest.bot_events and self._workspace.installed:
            self._dispatcher.tell(payloads.event_payload(self._workspace, event))


def _barred(account: Account) -> Outcome:
    return Outcome(f"{account.name} cannot use this Slack.")


def _interaction_error(answer: Answer) -> str | None:
    if answer.failure is None:
        return None
    if answer.failure is Failure.TIMEOUT:
        return "Operation timed out. Apps need to respond within 3 seconds."
    if answer.failure is Failure.STATUS:
        return f"This app responded with Status Code {answer.status}."
    return TROUBLE
