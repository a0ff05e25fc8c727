"""What Slack would send, as signed bytes over a connection kept open, with as little work as possible."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

PATH = "/slack/events"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


Place = dict[str, Any]
"""The part of a click's payload that says where it was."""


class WrongAnswer(Exception):
    """The answer was not what the act should bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One local Slack: where it is, its secrets, and who acts in it."""

    team_id: str
    app_id: str
    bot_token: str
    signing_secret: str
    api_url: str
    smtp_url: str
    owner_id: str
    people: tuple[tuple[str, str], ...] = ()
    """Other Slack users: id and address."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A body and its content type."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Makes what the owner of a workspace does in Slack."""

    workspace: Workspace

    def command(self, text: str, *, channel: str = "C0GENERAL") -> Delivery:
        """A slash command."""
        workspace = self.workspace
        fields = {
            "token": "verification",
            "team_id": workspace.team_id,
            "team_domain": "bench",
            "channel_id": channel,
            "channel_name": "general",
            "user_id": workspace.owner_id,
            "user_name": "olivia",
            "command": "/team",
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": f"{workspace.api_url}response/none",
            "trigger_id": _trigger(),
        }
        return Delivery(urlencode(fields).encode(), FORM)

    def click(self, action_id: str, value: str, place: Place) -> Delivery:
        """A button, pressed somewhere."""
        pressed = {
            "type": "button",
            "action_id": action_id,
            "block_id": f"decide:{value}",
            "value": value,
            "text": {"type": "plain_text", "text": "Approve", "emoji": True},
            "action_ts": f"{time.time():.6f}",
        }
        return _interaction(self._act() | {"type": "block_actions", "actions": [pressed]} | place)

    def typed(self, action_id: str, text: str) -> Delivery:
        """Some letters in an external select of a form."""
        view = {"id": "V0FORM", "team_id": self.workspace.team_id, "type": "modal", "callback_id": "pick"}
        typing = {"type": "block_suggestion", "action_id": action_id, "block_id": "member", "value": text}
        return _interaction(self._act() | typing | {"view": view | {"private_metadata": ""}})

    def submitted(self, callback_id: str, values: dict[str, Any], metadata: dict[str, Any]) -> Delivery:
        """A form, sent; `values` by block and action."""
        view = {
            "id": f"V{secrets.token_hex(5).upper()}",
            "team_id": self.workspace.team_id,
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": json.dumps(metadata),
            "blocks": [],
            "state": {"values": values},
            "hash": f"{time.time():.6f}.form",
        }
        return _interaction(self._act() | {"type": "view_submission", "view": view, "response_urls": []})

    def home_opened(self) -> Delivery:
        """The Home tab comes into view."""
        event = {
            "type": "app_home_opened",
            "user": self.workspace.owner_id,
            "channel": "D0OWNER",
            "tab": "home",
            "event_ts": f"{time.time():.6f}",
        }
        payload = {
            "token": "verification",
            "team_id": self.workspace.team_id,
            "api_app_id": self.workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [],
        }
        return Delivery(json.dumps(payload).encode(), JSON)

    def _act(self) -> dict[str, Any]:
        workspace = self.workspace
        return {
            "user": {"id": workspace.owner_id, "username": "olivia", "team_id": workspace.team_id},
            "api_app_id": workspace.app_id,
            "token": "verification",
            "trigger_id": _trigger(),
            "team": {"id": workspace.team_id, "domain": "bench"},
            "enterprise": None,
            "is_enterprise_install": False,
        }


def whisper() -> Place:
    """A message only the person sees; Slack does not send it along, so there is nothing to redraw."""
    container = {"type": "message", "message_ts": "1.0", "channel_id": "D0OWNER", "is_ephemeral": True}
    return {"container": container, "channel": {"id": "D0OWNER", "name": "directmessage"}}


def home_tab(team_id: str) -> Place:
    """The Home tab."""
    view = {
        "id": "V0HOME",
        "team_id": team_id,
        "type": "home",
        "blocks": [],
        "private_metadata": "",
        "callback_id": "",
        "state": {"values": {}},
        "hash": "1.home",
    }
    return {"container": {"type": "view", "view_id": "V0HOME"}, "view": view}


def card(message: dict[str, Any], response_url: str) -> Place:
    """A message of the bot's; the answer goes to `response_url`."""
    where = {"message_ts": message["ts"], "channel_id": message["channel"]}
    return {
        "container": {"type": "message", "is_ephemeral": False, **where},
        "channel": {"id": message["channel"], "name": "directmessage"},
        "message": message,
        "response_url": response_url,
    }


def _interaction(payload: dict[str, Any]) -> Delivery:
    return Delivery(urlencode({"payload": json.dumps(payload)}).encode(), FORM)


def _trigger() -> str:
    return f"{secrets.randbelow(10**13):013d}.{secrets.token_hex(16)}"


@dataclass(slots=True)
class Line:
    """One connection to a bot; a delivery is signed, sent and its answer read to the end."""

    secret: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str
    answer: bytes = field(default=b"")
    """The body of the last answer."""

    @classmethod
    async def open(cls, url: str, signing_secret: str) -> Self:
        """Connect to `http://host:port`."""
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        return cls(signing_secret.encode(), reader, writer, f"{host}:{port}")

    async def send(self, delivery: Delivery) -> None:
        """Deliver and wait for the answer.

        Raises:
            WrongAnswer: it was not 200.
        """
        self.writer.write(self._head(delivery) + delivery.body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        self.answer = await self.reader.readexactly(length)
        if head[9:12] != b"200":
            raise WrongAnswer(f"{head.splitlines()[0].decode()}: {self.answer[:500].decode()}")

    def _head(self, delivery: Delivery) -> bytes:
        stamp = str(int(time.time())).encode()
        signature = hmac.new(self.secret, b"v0:%b:%b" % (stamp, delivery.body), hashlib.sha256).hexdigest()
        return (
            f"POST {PATH} HTTP/1.1\r\nHost: {self.host}\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
            f"Content-Type: {delivery.content_type}\r\nContent-Length: {len(delivery.body)}\r\n"
            f"X-Slack-Request-Timestamp: {stamp.decode()}\r\nX-Slack-Signature: v0={signature}\r\n\r\n"
        ).encode()

    def close(self) -> None:
        """Hang up."""
        self.writer.close()
