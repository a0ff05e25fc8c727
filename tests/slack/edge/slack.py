"""What the edge meets: a small Web API, signed requests, and payloads as Slack's documentation shows them."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-the-bot"
TEAM = "T0001"
WHO_I_AM = {"ok": True, "team_id": TEAM, "bot_id": "B0001", "user_id": "U0BOT", "url": "https://x.slack.com/"}

NONSENSE = (
    (500, "text/plain", "oops"),
    (200, "text/plain", "ok"),
    (200, "text/html", "<html>Sign in</html>"),
    (200, "application/json", "<html>Sign in</html>"),
    (502, "application/json", ""),
    (200, "application/json", "[]"),
    (200, "application/json", "null"),
    (200, "application/json", '{"ok": true}'),
    (200, "application/octet-stream", "ok"),
)
"""What proxies say in Slack's place: status, content type and body."""


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """As Slack signs."""
    return (
        "v0="
        + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    )


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers Slack sends with `body`."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(body, timestamp, secret),
        "Content-Type": "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded",
    }


def form(fields: Mapping[str, str]) -> bytes:
    """A form's bytes."""
    return urlencode(fields).encode()


def interaction(payload: Mapping[str, Any]) -> bytes:
    """An interaction's bytes."""
    return form({"payload": json.dumps(payload)})


def command(text: str = "", *, command: str = "/team", **fields: str) -> dict[str, str]:
    """What a slash command sends."""
    return {
        "token": "old",
        "team_id": TEAM,
        "team_domain": "example",
        "channel_id": "C0001",
        "channel_name": "general",
        "user_id": "U0ANN",
        "user_name": "ann",
        "command": command,
        "text": text,
        "api_app_id": "A0001",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.example/commands/1",
        "trigger_id": "1.2.3",
        **fields,
    }


def click(action_id: str = "approve", **more: Any) -> dict[str, Any]:
    """A button in a message."""
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": "r1", "action_ts": "1.1"}
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "example"},
        "user": {"id": "U0ANN", "username": "ann", "team_id": TEAM},
        "api_app_id": "A0001",
        "token": "old",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D1", "is_ephemeral": False},
        "trigger_id": "1.2.3",
        "channel": {"id": "D1", "name": "directmessage"},
        "message": {"type": "message", "ts": "1.1", "text": "Please decide"},
        "actions": [action],
        **more,
    }


def submission(callback_id: str = "invite", blocks: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A form that was sent."""
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "example"},
        "user": {"id": "U0ANN", "username": "ann", "team_id": TEAM},
        "api_app_id": "A0001",
        "token": "old",
        "trigger_id": "1.2.3",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": callback_id,
            "team_id": TEAM,
            "private_metadata": "",
            "hash": "1.a",
            "blocks": blocks or [],
            "state": {"values": {"who": {"who": {"type": "plain_text_input", "value": "ann@example.com"}}}},
        },
    }


def suggestion(action_id: str = "member", value: str = "an") -> dict[str, Any]:
    """Somebody types into an external select."""
    return {
        "type": "block_suggestion",
        "team": {"id": TEAM, "domain": "example"},
        "user": {"id": "U0ANN", "team_id": TEAM},
        "api_app_id": "A0001",
        "token": "old",
        "action_id": action_id,
        "block_id": "b",
        "value": value,
        "view": {"id": "V1", "type": "modal", "callback_id": "invite", "team_id": TEAM},
    }


def shortcut(callback_id: str = "invite_people") -> dict[str, Any]:
    """A global shortcut."""
    return {
        "type": "shortcut",
        "team": {"id": TEAM, "domain": "example"},
        "user": {"id": "U0ANN", "team_id": TEAM},
        "token": "old",
        "action_ts": "1.1",
        "callback_id": callback_id,
        "trigger_id": "1.2.3",
    }


def event(kind: str = "team_join", **fields: Any) -> dict[str, Any]:
    """An event."""
    return {
        "token": "old",
        "team_id": TEAM,
        "api_app_id": "A0001",
        "event": {"type": kind, "event_ts": "1.1", **fields},
        "type": "event_callback",
        "event_id": "Ev1",
        "event_time": 1,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": "U0BOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }


@dataclass
class WebApi:
    """A Web API on loopback that remembers what was called."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: {"auth.test": dict(WHO_I_AM)})
    nonsense: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    drop_next: int = 0
    connections: set[int] = field(default_factory=set)
    url: str = ""

    def application(self) -> web.Application:
        """The server's routes."""
        application = web.Application()
        application.router.add_post("/api/{method}", self._call)
        application.router.add_post("/response/{id}", self._respond)
        return application

    def named(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = (
            await request.json() if request.content_type == "application/json" else dict(await request.post())
        )
        self.calls.append((method, arguments))
        self.connections.add(id(request.transport))
        if self.drop_next:
            self.drop_next -= 1
            assert request.transport is not None
            request.transport.close()
        if method in self.nonsense:
            status, content_type, text = self.nonsense[method]
            return web.Response(status=status, content_type=content_type, text=text)
        return web.json_response(self.answers.get(method, {"ok": True}))

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(("response", await request.json()))
        return web.Response(text="ok")


@dataclass
class Wire:
    """Slack's end of the connection to an application."""

    client: TestClient[web.Request, web.Application]

    async def send(
        self, body: bytes, *, headers: Mapping[str, str] | None = None, path: str = "/slack/events"
    ) -> ClientResponse:
        """Posts a signed body."""
        sent = {**signed(body), **(headers or {})}
        return await self.client.post(path, data=BytesIO(body), headers=sent)

    async def command(self, text: str = "", **fields: str) -> ClientResponse:
        """Sends a slash command."""
        return await self.send(form(command(text, **fields)))

    async def interact(self, payload: Mapping[str, Any]) -> ClientResponse:
        """Sends an interaction."""
        return await self.send(interaction(payload))

    async def event(self, payload: Mapping[str, Any]) -> ClientResponse:
        """Sends an event."""
        return await self.send(json.dumps(payload).encode())


async def wire(application: web.Application) -> Wire:
    """A started server for `application` and a client of it; close its `client` afterwards."""
    client = TestClient(TestServer(application))
    await client.start_server()
    return Wire(client)
