"""What every Web API method works with: its arguments, read the way Slack reads them."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from aiohttp import web

from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Workspace
from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.grants import Installation
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.locating import About
from bot.sandbox.people import Account

_TRUE = ("1", "true", "True")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method, with the token it came with, in the workspace it is about."""

    workspace: Workspace
    args: Json
    token: str = ""
    holder: Installation | None = None

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
        account = self.workspace.people.get(self.needed(name))
        if account is None or not account.in_slack:
            raise ApiError("user_not_found")
        return account

    def channel(self, name: str = "channel") -> Channel:
        """The conversation an argument names by id; raises ApiError `channel_not_found`."""
        channel = self.workspace.conversations.get(self.needed(name))
        if channel is None or (not channel.app_in and (channel.is_private or channel.is_im)):
            raise ApiError("channel_not_found")
        return channel

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the token may do."""
        return self.holder.scopes if self.holder else ()

    def scope(self, *scopes: str) -> None:
        """Requires one of these scopes; raises ApiError `missing_scope`."""
        if not any(each in self.scopes for each in scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(self.scopes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the Web API: what runs, which scopes it needs, how often it may be called.

    `token` says which kind it takes, `about` how the workspace of a call with an org's token is found.
    """

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    tier: Tier = Tier.THREE
    token: str = "bot"
    about: About = About.WHAT_IS_NAMED


def scope_for(channel: Channel, verb: str) -> str:
    """The scope that opens this kind of conversation: `im:history`, `groups:read`, `channels:read`."""
    kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
    return f"{kind}:{verb}"


def message_json(workspace: Workspace, message: Message, *, with_metadata: bool = False) -> Json:
    """A message as history and payloads tell it."""
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.from_app:
        bot = {"bot_id": workspace.bot.id, "app_id": workspace.app.id, "bot_profile": bot_json(workspace)}
        body |= bot
    body["team"] = workspace.team.id
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


def bot_json(workspace: Workspace) -> Json:
    """The `bot` object of `bots.info`."""
    return {
        "id": workspace.bot.id,
        "app_id": workspace.app.id,
        "user_id": workspace.bot.user,
        "name": workspace.app.manifest.bot_name,
        "icons": {},
        "deleted": not workspace.installed,
        "updated": 0,
        "team_id": workspace.team.id,
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
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = credentials.strip()
    elif scheme.lower() == "basic":
        args |= _client(credentials)
    return token, args


def _client(credentials: str) -> Json:
    """The client id and secret of HTTP Basic authentication."""
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        raise ApiError("invalid_client_id") from None
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


async def _json_body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body
