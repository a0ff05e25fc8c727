"""The pages on which people install Steward in their workspace: a button, and what came of it."""

import re
import secrets
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.web.errors import Problem
from bot.web.limits import RateLimit, client_address
from bot.web.pages import Pages
from domain.installations import (
    Installation,
    Installations,
    InstallFailed,
    InstallProblem,
    StateRefusal,
)
from domain.keys import hash_token

PAGE, BEGIN, BACK = "/slack/install", "/slack/install/begin", "/slack/oauth_redirect"
COOKIE = "steward_install"
SECONDS = 600
"""How long an installation that was begun may take."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST = 512
"""Signs of a state or a code; Slack's are shorter."""
_STATUS = {InstallProblem.NO_ANSWER: 502, InstallProblem.WRONG_APP: 500, InstallProblem.REFUSED: 502}

log = structlog.get_logger(__name__)


class Installs(Protocol):
    """What `bot.slack.installing.Installing` does."""

    def address(self, state: str) -> str: ...
    async def finish(self, code: str) -> Installation: ...


class Installed(Protocol):
    """Told of each new installation once it is kept."""

    def __call__(self, installation: Installation) -> None: ...


class InstallDoor:
    """The handlers of `/slack/install` and `/slack/oauth_redirect`."""

    def __init__(
        self,
        *,
        installations: Installations,
        installing: Installs,
        installed: Installed,
        pages: Pages,
        public_url: str,
    ) -> None:
        self._installations, self._installing, self._installed = installations, installing, installed
        self._pages, self._public = pages, urlsplit(public_url)
        self._views = RateLimit(burst=60, per_minute=60)
        self._begun = RateLimit(burst=20, per_minute=20)

    async def show(self, request: web.Request) -> web.Response:
        """Answer with the button; nothing begins before somebody clicks it."""
        _within(self._views.wait(client_address(request)))
        return self._pages.page(request, "install.html", {"begin": self._path(BEGIN)})

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to Slack, with a state that only this browser can bring back."""
        _within(self._begun.wait(client_address(request)))
        state, held = secrets.token_urlsafe(32), request.cookies.get(COOKIE, "")
        browser = held if _NONCE.fullmatch(held) else secrets.token_urlsafe(32)
        if request.method == "HEAD":
            raise Problem(405)
        await self._installations.begin_state(hash_token(state), hash_token(browser), seconds=SECONDS)
        response = web.Response(status=302, headers={"Location": self._installing.address(state)})
        self._pages.protect(response)
        response.set_cookie(
            COOKIE,
            browser,
            max_age=SECONDS,
            path=f"{self._public.path}/slack/",
            httponly=True,
            secure=self._public.scheme == "https",
            samesite="Lax",  # Strict would be withheld on the way back from Slack
        )
        return response

    async def back(self, request: web.Request) -> web.Response:
        """Take what Slack's page brought back, and say what came of it."""
        _within(self._begun.wait(client_address(request)))
        if request.method == "HEAD":
            raise Problem(405)
        refusal = await self._state_refusal(request)
        if refusal is not None:
            log.info("install.state_refused", why=str(refusal))
            return self._failed(request, str(refusal), status=403)
        try:
            installation = await self._finished(request)
        except InstallFailed as failed:
            log.warning("install.failed", why=str(failed.problem), word=failed.word[:200])
            status = _STATUS.get(failed.problem, 409)
            return self._failed(request, str(failed.problem), status=status, word=failed.word)
        log.info("install.done", team=installation.team_id, org_wide=installation.org_wide)
        return self._pages.page(request, "installed.html", {"installation": installation})

    async def _state_refusal(self, request: web.Request) -> StateRefusal | None:
        state, browser = request.query.get("state", ""), request.cookies.get(COOKIE, "")
        if not state or len(state) > _LONGEST:
            return StateRefusal.UNKNOWN
        hashes = [hash_token(each.encode("utf-8", "replace").decode()) for each in (state, browser)]
        return await self._installations.take_state(hashes[0], hashes[1])

    async def _finished(self, request: web.Request) -> Installation:
        error, code = request.query.get("error", ""), request.query.get("code", "")
        if error or not code or len(code) > _LONGEST:
            denied = error in ("access_denied", "")
            problem = InstallProblem.DENIED if denied else InstallProblem.REFUSED
            raise InstallFailed(problem, word=error if error.isascii() and error.isprintable() else "")
        installation = await self._installing.finish(code)
        await self._installations.install(installation)
        self._installed(installation)
        return installation

    def _failed(self, request: web.Request, kind: str, *, status: int, word: str = "") -> web.Response:
        context = {"kind": kind, "word": word[:200], "begin": self._path(BEGIN)}
        return self._pages.page(request, "install_failed.html", context, status=status)

    def _path(self, path: str) -> str:
        return f"{self._public.path}{path}"


def _within(wait: float) -> None:
    if wait:
        raise Problem(429, retry_after=wait)
