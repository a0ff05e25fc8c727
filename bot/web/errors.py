"""Pages for what goes wrong: each in its own words; of the unexpected only an incident's number."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.incidents import incident_number
from bot.metrics import Metrics
from bot.web.pages import Pages
from domain.errors import Busy, NoSuchInvitation, NotSetUp, Refusal
from domain.ports import StoreUnavailable

BUSY_SECONDS, AWAY_SECONDS = 2, 30

log = structlog.get_logger(__name__)


class Problem(Exception):
    """A request that is answered with the page of an HTTP status."""

    def __init__(self, status: int, *, retry_after: float = 0.0) -> None:
        super().__init__(str(status))
        self.status, self.retry_after = status, retry_after


class ErrorPages:
    """Turns what a handler of a page raises into a page."""

    def __init__(self, pages: Pages, metrics: Metrics) -> None:
        self._pages, self._metrics = pages, metrics

    def guard(self, name: str, handler: Handler) -> Handler:
        """Return `handler` with its errors made pages and its answers counted under `name`."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            response = await self._answer(name, request, handler)
            self._metrics.served(name, response.status)
            return response

        return guarded

    def middleware(self) -> Middleware:
        """Return a middleware that makes a page of the web server's own 404 and 405, but for Slack's door."""

        @web.middleware
        async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith("/slack/"):
                return await handler(request)
            return await self._answer("other", request, handler)

        return error_pages

    async def _answer(self, name: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return self._page(request, problem.status, retry_after=problem.retry_after)
        except (NoSuchInvitation, NotSetUp):
            return self._page(request, 404, kind="unknown_link")
        except Busy:
            return self._page(request, 503, retry_after=BUSY_SECONDS)
        except StoreUnavailable as unavailable:
            log.error("web.database_away", error=str(unavailable))
            return self._page(request, 503, kind="away", retry_after=AWAY_SECONDS)
        except Refusal as refusal:
            return self._page(request, 409, refusal=refusal)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            response = self._page(request, error.status)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
            return response
        except Exception:  # whatever it was, the person gets a page and the log the whole story
            incident = incident_number()
            self._metrics.incident("web")
            log.exception("web.incident", incident=incident, page=name, method=request.method)
            return self._page(request, 500, incident=incident)

    def _page(
        self,
        request: web.Request,
        status: int,
        *,
        kind: str = "",
        incident: str = "",
        refusal: Refusal | None = None,
        retry_after: float = 0.0,
    ) -> web.Response:
        context = {"status": status, "kind": kind or str(status), "incident": incident, "refusal": refusal}
        response = self._pages.page(request, "error.html", context, status=status)
        if retry_after:
            response.headers["Retry-After"] = str(max(1, round(retry_after + 0.5)))
        return response
