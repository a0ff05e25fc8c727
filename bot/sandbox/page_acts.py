"""What a person does on the page, read from its JSON and done in their workspace."""

from collections.abc import Awaitable, Callable

from bot.sandbox.acts import Acts, Outcome, Place
from bot.sandbox.conversations import Channel
from bot.sandbox.core import Workspace
from bot.sandbox.ids import Json
from bot.sandbox.mail import Mailboxes
from bot.sandbox.people import Account


class PageError(Exception):
    """A request of the page that makes no sense; its words are for the person."""


class PageActs:
    """The acts of one workspace's people, by the name they are posted under."""

    def __init__(self, workspace: Workspace, acts: Acts, boxes: Mailboxes) -> None:
        self._workspace = workspace
        self._acts = acts
        self._boxes = boxes
        self._by_name: dict[str, Callable[[Account, Json], Awaitable[Outcome]]] = {
            "command": self._command,
            "message": self._message,
            "shortcut": self._shortcut,
            "home": self._home,
            "action": self._action,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "read": self._read,
            "mail/read": self._read_mail,
        }

    async def act(self, name: str, body: Json) -> Json:
        """Does what was posted under a name; raises PageError with words for the person."""
        account = self._workspace.people.get(str(body.get("as", "")))
        if account is None:
            raise PageError("There is no such person.")
        self._workspace.notices.pop(account.id, None)
        outcome = await self._by_name[name](account, body)
        if outcome.error:
            raise PageError(outcome.error)
        return outcome.data

    def _slack_user(self, account: Account) -> Account:
        if not account.is_person:
            raise PageError(f"{account.name} cannot use this Slack.")
        return account

    def _channel(self, account: Account, body: Json, name: str = "channel") -> Channel:
        workspace, wanted = self._workspace, str(body.get(name, ""))
        self._slack_user(account)
        if workspace.people.get(wanted):
            if wanted == workspace.bot.user:
                return workspace.conversations.with_app(account.id)
            return workspace.conversations.between(account.id, wanted)
        channel = workspace.conversations.get(wanted)
        if channel is None or account.id not in channel.members:
            raise PageError("You are not in that conversation.")
        return channel

    def _place(self, account: Account, body: Json) -> Place:
        workspace, container = self._workspace, body.get("container") or {}
        match container.get("type"):
            case "message":
                channel = self._channel(account, container)
                message = channel.find(str(container.get("ts", "")), account.id)
                if message is None:
                    raise PageError("That message is gone.")
                return Place(channel=channel, message=message)
            case "view":
                view = workspace.views.get(str(container.get("view_id", "")))
            case "home":
                view = workspace.views.home(account.id)
            case _:
                view = None
        if view is None or view.user != account.id:
            raise PageError("That form is no longer open.")
        return Place(view=view)

    async def _command(self, account: Account, body: Json) -> Outcome:
        channel = self._channel(account, body)
        return await self._acts.command(
            account, channel, str(body.get("command", "")), str(body.get("text", ""))
        )

    async def _message(self, account: Account, body: Json) -> Outcome:
        return self._acts.say(account, self._channel(account, body), str(body.get("text", "")))

    async def _shortcut(self, account: Account, body: Json) -> Outcome:
        self._slack_user(account)
        callback_id = str(body.get("callback_id", ""))
        if not body.get("ts"):
            return await self._acts.shortcut(account, callback_id)
        channel = self._channel(account, body)
        return await self._acts.shortcut(account, callback_id, channel, channel.find(str(body["ts"])))

    async def _home(self, account: Account, body: Json) -> Outcome:
        return self._acts.open_home(self._slack_user(account), str(body.get("tab", "home")))

    async def _action(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, body)
        ids = {name: body.get(name) for name in ("block_id", "action_id")}
        action = {**body.get("action", {}), **ids}
        values = (body.get("state") or {}).get("values")
        return await self._acts.act(account, place, action, values)

    async def _options(self, account: Account, body: Json) -> Outcome:
        return await self._acts.options(
            account,
            self._place(account, body),
            block_id=str(body.get("block_id", "")),
            action_id=str(body.get("action_id", "")),
            value=str(body.get("value", "")),
        )

    async def _submit(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, {"container": {"type": "view", "view_id": body.get("view_id")}})
        assert place.view is not None
        outcome = await self._acts.submit(account, place.view, body.get("values") or {})
        return Outcome(outcome.error, data={"errors": outcome.errors})

    async def _close(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, {"container": {"type": "view", "view_id": body.get("view_id")}})
        assert place.view is not None
        return await self._acts.close(account, place.view, everything=bool(body.get("all")))

    async def _read(self, account: Account, body: Json) -> Outcome:
        self._channel(account, body).mark_read(account.id, self._workspace.stamps.next())
        self._workspace.changes.mark()
        return Outcome()

    async def _read_mail(self, account: Account, body: Json) -> Outcome:
        for mail in self._boxes.of(account.email):
            if mail.id == body.get("id"):
                mail.read = True
        self._workspace.changes.mark()
        return Outcome()
