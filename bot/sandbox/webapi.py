"""The Web API: arguments, tokens, scopes and faults before the method itself."""

import asyncio

from aiohttp import web

from bot.sandbox import methods
from bot.sandbox.core import Core
from bot.sandbox.errors import ApiError
from bot.sandbox.grants import Installation
from bot.sandbox.ids import Json
from bot.sandbox.locating import workspace_for
from bot.sandbox.method import Call, Method, read_call


class WebApi:
    """Answers `/api/<method>` as Slack does."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: 200 with `ok`, whatever the method thought of it."""
        core, name = self._core, request.match_info["method"]
        if core.faults.slack_down:
            return web.Response(status=503, text="Service Unavailable", content_type="text/html")
        if delay := core.faults.delay(name):
            await asyncio.sleep(delay)
        method = methods.METHODS.get(name)
        headers = {"x-slack-req-id": core.stamps.next().replace(".", "")}
        try:
            answer = await self._answer(request, name, method, headers)
        except ApiError as error:
            body = {"ok": False, "error": error.error, **error.extra}
            return web.json_response(body, status=error.status, headers={**headers, **error.headers})
        if core.faults.hits("api_lost_answer", name):
            _hang_up(request)
        if core.faults.hits("api_nonsense", name):
            return web.Response(text="<html>Please log in</html>", content_type="text/html")
        return web.json_response(answer, headers=headers)

    async def _answer(
        self, request: web.Request, name: str, method: Method | None, headers: dict[str, str]
    ) -> Json:
        token, args = await read_call(request)
        self._core.calls.add(name, args, token=token or "")
        self._misbehave(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        holder = self._holder(method, token)
        if holder is None:
            call = Call(self._core.first, args, token or "")
        else:
            headers["x-oauth-scopes"] = ",".join(holder.scopes)
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
            workspace = workspace_for(self._core, holder, args, about=method.about)
            call = Call(workspace, args, token or "", holder)
        for scope in method.scopes:
            call.scope(scope)
        if self._core.limits:
            call.workspace.limiter.check(name, method.tier, args)
        return {"ok": True, **method.run(call)}

    def _misbehave(self, name: str) -> None:
        faults = self._core.faults
        if faults.hits("api_429", name):
            raise ApiError("ratelimited", status=429, headers={"Retry-After": str(faults.retry_after)})
        if faults.hits("api_500", name):
            raise ApiError("internal_error", status=500)

    def _holder(self, method: Method, token: str | None) -> Installation | None:
        """Whose bot token it is; None where the method takes none, or the app's own."""
        if method.token == "none":
            return None
        if not token:
            raise ApiError("not_authed")
        if token == self._core.app.app_token:
            if method.token != "app":
                raise ApiError("not_allowed_token_type")
            return None
        holder = self._core.grants.holder(token)
        if method.token != "bot":
            raise ApiError("not_allowed_token_type")
        return holder


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("the answer is lost on purpose")
