"""What every Web API method works with: its arguments, read the way Slack reads them."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Core
from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.people import Account

_TRUE = ("1", "true", "True")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method."""

    core: Core
    args: Json

    def text(self, name: str) -> str:
        """A text argument, or the empty string."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        """A text argument; raises ApiError `invalid_arguments` where it is missing."""
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"[ERROR] missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        """A yes or no argument, as JSON or as text."""
        return self.args.get(name) is True or self.text(name) in _TRUE

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number argument of at most `most`; raises ApiError `invalid_limit` beyond it."""
        raw = self.text(name)
        if not raw:
            return default
        if not raw.isdigit():
            raise invalid_arguments(f"[ERROR] must be an integer [json-pointer:/{name}]")
        if int(raw) > most:
            raise ApiError("invalid_limit")
        return int(raw) or default

    def parsed(self, name: str, *, error: str) -> object:
        """An argument that may come as JSON or as text holding JSON; raises ApiError `error`."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None

    def person(self, name: str = "user") -> Account:
        """The Slack user an argument names; raises ApiError `user_not_found`."""
        account = self.core.people.get(self.needed(name))
        if account is None or not account.in_slack:
            raise ApiError("user_not_found")
        return account

    def channel(self, name: str = "channel") -> Channel:
        """The conversation an argument names by id; raises ApiError `channel_not_found`."""
        channel = self.core.conversations.get(self.needed(name))
        if channel is None or (not channel.app_in and (channel.is_private or channel.is_im)):
            raise ApiError("channel_not_found")
        return channel

    def scope(self, *scopes: str) -> None:
        """Requires one of these scopes."""
        require_scope(self.core, *scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the Web API: what runs, which scopes it needs, how often it may be called."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    tier: Tier = Tier.THREE
    token: str = "bot"


def require_scope(core: Core, *scopes: str) -> None:
    """Raises ApiError `missing_scope` unless the app has one of the scopes."""
    provided = core.app.manifest.bot_scopes
    if not any(scope in provided for scope in scopes):
        raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(provided))


def scope_for(channel: Channel, verb: str) -> str:
    """The scope that opens this kind of conversation: `im:history`, `groups:read`, `channels:read`."""
    kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
    return f"{kind}:{verb}"


def message_json(core: Core, message: Message, *, with_metadata: bool = False) -> Json:
    """A message as history and payloads tell it."""
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.from_app:
        app = core.app
        body |= {"bot_id": app.bot_id, "app_id": app.id, "bot_profile": bot_json(core)}
    body["team"] = core.team.id
    for name in ("username", "thread_ts"):
        if value := getattr(message, name):
            body[name] = value
    for name in ("blocks", "attachments", "files"):
        if value := getattr(message, name):
            body[name] = value
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.edited}
    if with_metadata and message.metadata:
        body["metadata"] = message.metadata
    return body


def bot_json(core: Core) -> Json:
    """The `bot` object of `bots.info`."""
    app = core.app
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.user,
        "name": app.manifest.bot_name,
        "icons": {},
        "deleted": core.uninstalled,
        "updated": 0,
        "team_id": core.team.id,
    }


async def read_call(request: web.Request) -> tuple[str | None, Json]:
    """The token and the arguments of a call, from the query, a form or a JSON body.

    The token counts in the Authorization header and in a form, never in the query or in JSON.
    """
    args: Json = dict(request.query)
    args.pop("token", None)
    token: str | None = None
    kind = request.content_type
    if request.method == "POST" and kind == "application/json":
        body = await _json_body(request)
        body.pop("token", None)
        args |= body
    elif request.method == "POST":
        form = await request.post()
        args |= {key: value for key, value in form.items() if isinstance(value, str)}
        token = args.pop("token", None)
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        token = header[7:].strip()
    return token, args


async def _json_body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body
