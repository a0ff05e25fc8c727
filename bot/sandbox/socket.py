"""Socket Mode: the bot's own connections, envelopes out, acknowledgements in."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.core import Core
from bot.sandbox.ids import Json, fresh_id

MOST_CONNECTIONS = 10
GRACE_SECONDS = 10.0
"""How long a connection that was asked to come back may stay."""


@dataclass(eq=False, slots=True)
class Connection:
    """One connection of the bot; `gone` is set when it ended."""

    socket: web.WebSocketResponse = field(default_factory=web.WebSocketResponse)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """Up to ten connections; each envelope goes to one of them, in turn."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._connections: list[Connection] = []
        self._waiting: dict[str, tuple[Connection, asyncio.Future[Any]]] = {}
        self._turn = 0
        self._came = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A new connection at the address `apps.connections.open` gave; the address works once."""
        tickets = self._core.tickets
        ticket = request.query.get("ticket", "")
        if self._core.faults.slack_down or ticket not in tickets:
            return web.Response(status=503 if self._core.faults.slack_down else 404)
        tickets.discard(ticket)
        connection = Connection()
        await connection.socket.prepare(request)
        if len(self._connections) >= MOST_CONNECTIONS:
            await connection.socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.socket.close()
            return connection.socket
        await connection.socket.send_json(self._hello())
        self._connections.append(connection)
        self._came.set()
        try:
            await self._read(connection.socket)
        finally:
            self._gone(connection)
        return connection.socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "debug_info": {
                "host": "local",
                "started": self._core.stamps.next(),
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._core.app.id},
        }

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                answer = json.loads(message.data)
            except ValueError:
                continue
            if not isinstance(answer, dict):
                continue
            waiting = self._waiting.get(str(answer.get("envelope_id")))
            if waiting and not waiting[1].done():
                waiting[1].set_result(answer.get("payload"))

    def _leave(self, connection: Connection) -> None:
        self._connections.remove(connection)
        if not self._connections:
            self._came.clear()

    def _gone(self, connection: Connection) -> None:
        connection.gone.set()
        if connection not in self._connections:
            return
        self._leave(connection)
        for used, answer in list(self._waiting.values()):
            if used is connection and not answer.done():
                answer.set_exception(ConnectionResetError("the connection was closed before the answer"))

    async def available(self) -> Connection:
        """The connection whose turn it is, waiting for the first one."""
        await self._came.wait()
        self._turn += 1
        return self._connections[self._turn % len(self._connections)]

    async def send(
        self, connection: Connection, kind: str, payload: Json, retry: tuple[int, str] | None
    ) -> Any:
        """Sends one envelope and waits for the payload of its acknowledgement."""
        envelope_id = fresh_id("", 24).lower()
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": str(reason)}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (connection, answer)
        try:
            await connection.socket.send_json(envelope)
            return await answer
        finally:
            del self._waiting[envelope_id]

    async def refresh(self, reason: str = "refresh_requested", *, grace: float = GRACE_SECONDS) -> None:
        """Asks every connection to come back, as Slack does every few hours; closes it after `grace` seconds.

        Envelopes under way on it may be acknowledged on the connection that follows.
        """
        words = {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
        leaving = list(self._connections)
        for connection in leaving:
            self._leave(connection)
            await connection.socket.send_json(words)
        try:
            async with asyncio.timeout(grace):
                for connection in leaving:
                    await connection.gone.wait()
        except TimeoutError:
            for connection in leaving:
                await connection.socket.close()

    async def stop(self) -> None:
        """Closes every connection."""
        for connection in list(self._connections):
            await connection.socket.close()
