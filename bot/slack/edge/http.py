"""The HTTP endpoint Slack posts to."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.slack.edge.dispatch import Dispatcher, Observe
from bot.slack.edge.guard import Guard, Refused, is_ssl_check

log = structlog.get_logger("steward.slack")

PATH = "/slack/events"
BODY_LIMIT = 3 * 1024 * 1024
"""Bytes: a view of 250 KB with its state, percent-encoded, stays well below."""
READING = 5.0
"""Seconds a body may take to arrive."""


class SlackEdge:
    """Guards and dispatches commands, interactions, options and events.

    Args:
        app: the Bolt app, from `build_bolt`.
        signing_secret: of the Slack app.
        clock: real time in seconds since 1970.
        body_limit: bytes.
        observe: told of every delivery, for metrics.

    Raises:
        ValueError: the signing secret is empty, or the app answers before its listeners have run.
    """

    def __init__(
        self,
        app: AsyncApp,
        signing_secret: str,
        *,
        clock: Callable[[], float] = time.time,
        body_limit: int = BODY_LIMIT,
        observe: Observe | None = None,
    ) -> None:
        self._guard = Guard(signing_secret, clock=clock)
        self._dispatcher = Dispatcher(app, via="http", observe=observe)
        self._body_limit = body_limit
        self._draining = False

    def add_to(self, application: web.Application, path: str = PATH) -> None:
        """Serves `path` of an aiohttp application, which may be a part of another."""
        application.router.add_post(path, self.handle)
        application.router.add_get(path, self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The answer to one request."""
        try:
            response = await self._answer(request)
        except Refused as refused:
            log.info("slack.turned_away", status=int(refused.status), reason=refused.reason)
            response = web.json_response({"error": refused.reason}, status=refused.status)
        if self._draining:
            response.force_close()
        return response

    async def drain(self, seconds: float = 10.0) -> bool:
        """Waits for what is under way, for at most so long; connections are closed as they are answered."""
        self._draining = True
        return await self._dispatcher.drain(seconds)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            checks = request.query.get("ssl_check") == "1"
            return web.Response(status=HTTPStatus.OK if checks else HTTPStatus.METHOD_NOT_ALLOWED)
        body = await self._body(request)
        if "X-Slack-Signature" not in request.headers and is_ssl_check(body):
            return web.Response()
        payload = self._guard.admit(request.headers, body)
        if payload.get("ssl_check") == "1":
            return web.Response()
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload.get("challenge", ""))})
        response = await self._dispatcher.run(payload, request.headers)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._guard.let_return(request.headers)
        return _to_aiohttp(response)

    async def _body(self, request: web.Request) -> bytes:
        """The body, read past aiohttp's own limit and no further than ours."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refused(HTTPStatus.BAD_REQUEST, "encoded body")
        if (request.content_length or 0) > self._body_limit:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        body = bytearray()
        try:
            async with asyncio.timeout(READING):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > self._body_limit:
                        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        except TimeoutError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "body came too slowly") from error
        return bytes(body)


def _to_aiohttp(response: BoltResponse) -> web.Response:
    if not response.body:
        return web.Response(status=response.status)
    content_type = response.first_headers().get("content-type", "text/plain").partition(";")[0]
    return web.Response(status=response.status, text=response.body, content_type=content_type)
