"""The Web API: arguments, tokens, scopes and faults before the method itself."""

import asyncio

from aiohttp import web

from bot.sandbox import methods
from bot.sandbox.core import Core
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json
from bot.sandbox.method import Call, Method, read_call, require_scope


class WebApi:
    """Answers `/api/<method>` as Slack does."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: 200 with `ok`, whatever the method thought of it."""
        core, name = self._core, request.match_info["method"]
        if core.faults.slack_down:
            return web.Response(status=503, text="Service Unavailable", content_type="text/html")
        if core.faults.api_slow:
            await asyncio.sleep(core.faults.api_slow)
        method = methods.METHODS.get(name)
        headers = self._scope_headers(method)
        try:
            answer = await self._answer(request, name, method)
        except ApiError as error:
            body = {"ok": False, "error": error.error, **error.extra}
            return web.json_response(body, status=error.status, headers={**headers, **error.headers})
        if core.faults.hits("api_lost_answer", name):
            _hang_up(request)
        if core.faults.hits("api_nonsense", name):
            return web.Response(text="<html>Please log in</html>", content_type="text/html")
        return web.json_response(answer, headers=headers)

    async def _answer(self, request: web.Request, name: str, method: Method | None) -> Json:
        token, args = await read_call(request)
        self._core.calls.add(name, args)
        self._misbehave(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        if method.token != "none":
            self._authenticate(method, token)
        call = Call(self._core, args)
        self._check_scopes(method.scopes)
        if self._core.limits:
            call.core.limiter.check(name, method.tier, args)
        return {"ok": True, **method.run(call)}

    def _misbehave(self, name: str) -> None:
        faults = self._core.faults
        if faults.hits("api_429", name):
            raise ApiError("ratelimited", status=429, headers={"Retry-After": str(faults.retry_after)})
        if faults.hits("api_500", name):
            raise ApiError("internal_error", status=500)

    def _authenticate(self, method: Method, token: str | None) -> None:
        app = self._core.app
        if not token:
            raise ApiError("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise ApiError("invalid_auth")
        if self._core.uninstalled:
            raise ApiError("account_inactive")
        if token != (app.app_token if method.token == "app" else app.bot_token):
            raise ApiError("not_allowed_token_type")

    def _check_scopes(self, needed: tuple[str, ...]) -> None:
        for scope in needed:
            require_scope(self._core, scope)

    def _scope_headers(self, method: Method | None) -> dict[str, str]:
        headers = {"x-slack-req-id": self._core.stamps.next().replace(".", "")}
        if method and method.token == "bot":
            headers["x-oauth-scopes"] = ",".join(self._core.app.manifest.bot_scopes)
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return headers


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("the answer is lost on purpose")
