"""Two bots to point a local Slack at."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    """A section of formatted text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def field(label: str, block_id: str, element: Json | None = None, **more: Any) -> Json:
    """An input block, a line of text unless another element is given."""
    inner = {"type": "plain_text_input", **(element or {}), "action_id": "typed"}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": inner, **more}


def modal(*blocks: Json, title: str = "Form", **more: Any) -> Json:
    """A form that can be sent."""
    return {
        "type": "modal",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


class RecordingBot:
    """Records every request; `answers` decides what each gets, the last one for all that follow."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Callable[[], Awaitable[web.Response]]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    def answer(self, body: Any = None, *, status: int = 200, after: float = 0, **headers: str) -> None:
        """Sets the answer of the requests that follow: JSON, text, or nothing."""

        async def respond() -> web.Response:
            await asyncio.sleep(after)
            if isinstance(body, str) or body is None:
                return web.Response(text=body, status=status, headers=headers)
            return web.json_response(body, status=status, headers=headers)

        self.answers.append(respond)

    @property
    def forms(self) -> list[dict[str, str]]:
        """The form fields of what came as a form."""
        return [
            {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
            for headers, body in self.requests
            if headers["Content-Type"] == "application/x-www-form-urlencoded"
        ]

    @property
    def payloads(self) -> list[Json]:
        """What came as JSON: events, and interactions out of their form."""
        found = []
        for headers, body in self.requests:
            if headers["Content-Type"].startswith("application/json"):
                found.append(json.loads(body))
            elif "payload" in (form := parse_qs(body.decode())):
                found.append(json.loads(form["payload"][0]))
        return found

    async def start(self) -> None:
        """Listens on loopback."""
        app = web.Application()
        app.router.add_post("/slack/events", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        if not self.answers:
            return web.Response()
        respond = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await respond()


class BoltBot:
    """A small Bolt app: asks in a form, posts a card with buttons, edits it, publishes a Home tab."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.app = AsyncApp(
            client=self.client, signing_secret=slack.signing_secret, process_before_response=True
        )
        self.heard: list[str] = []
        self._runner: web.AppRunner | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._listen()

    def _listen(self) -> None:
        app = self.app
        app.command("/help-me")(self._command)
        app.shortcut("ask")(self._ask)
        app.view("ask")(self._asked)
        app.action("approve")(self._approve)
        app.options("who")(self._offer)
        app.event("app_home_opened")(self._home)
        app.event("team_join")(self._joined)
        app.event("message")(self._message)

    @asynccontextmanager
    async def running(self, *, over: str) -> AsyncIterator[None]:
        """Connected to the local Slack within the block."""
        try:
            await self._start(over=over)
            yield
        finally:
            await self._stop()

    async def _start(self, *, over: str) -> None:
        """Connects to the local Slack over `http` or `socket`."""
        if over == "socket":
            self._slack.connect()
            self._socket = AsyncSocketModeHandler(self.app, self._slack.app_token, web_client=self.client)
            await self._socket.connect_async()
            return
        self._runner = web.AppRunner(self.app.web_app(path="/slack/events"))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._slack.connect(request_url=f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events")

    async def _stop(self) -> None:
        """Ends every connection."""
        await self._slack.settle()
        if self._socket:
            await self._socket.close_async()
        if self._runner:
            await self._runner.cleanup()

    async def _command(self, ack: Any, command: Json, client: AsyncWebClient) -> None:
        if command["text"] == "form":
            await client.views_open(trigger_id=command["trigger_id"], view=self._form())
            await ack()
            return
        await client.chat_postMessage(
            channel=command["user_id"],
            text=f"{command['text']} waits",
            blocks=[
                section(f"*{command['text']}* waits"),
                {"type": "actions", "elements": [button("Approve", "approve", value=command["text"])]},
            ],
            metadata={"event_type": "asked", "event_payload": {"key": command["text"]}},
        )
        await ack(f"Asked for {command['text']}")

    def _form(self) -> Json:
        who = {"type": "external_select", "min_query_length": 1}
        picker = field("Who", "person", who)
        picker["element"]["action_id"] = "who"
        return modal(field("Topic", "topic"), picker, callback_id="ask")

    async def _ask(self, ack: Any, shortcut: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=shortcut["trigger_id"], view=self._form())
        await ack()

    async def _asked(self, ack: Any, view: Json) -> None:
        topic = view["state"]["values"]["topic"]["typed"]["value"]
        if topic == "nothing":
            await ack(response_action="errors", errors={"topic": "That is not a topic."})
            return
        self.heard.append(
            f"{topic} from {view['state']['values']['person']['who']['selected_option']['value']}"
        )
        await ack()

    async def _approve(self, ack: Any, body: Json, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="Approved",
            blocks=[section("Approved")],
        )
        await respond("Done", replace_original=False)

    async def _offer(self, ack: Any, payload: Json) -> None:
        names = ["Dana", "Devi", "Adam"]
        found = [name for name in names if name.lower().startswith(payload["value"].lower())]
        await ack(options=[{"text": plain(name), "value": name.lower()} for name in found])

    async def _home(self, event: Json, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": [section(f"Welcome <@{event['user']}>")]}
        await client.views_publish(user_id=event["user"], view=view)

    async def _joined(self, event: Json) -> None:
        self.heard.append(f"{event['user']['profile']['email']} joined")

    async def _message(self, event: Json, say: Any) -> None:
        await say(f"You said {event['text']}")
