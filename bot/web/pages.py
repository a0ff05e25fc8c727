"""Renders pages, with the headers that keep them to themselves."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup, escape

from bot.moments import moment

# The form needs its origin sent along with a POST, which "no-referrer" withholds; the path is never sent.
_WITH_FORM = "strict-origin"
_PLAIN = "no-referrer"
_POLICY = (
    "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
_YEAR = 365 * 24 * 60 * 60


class Pages:
    """The templates of one application."""

    def __init__(self, app: web.Application, public_url: str) -> None:
        environment = aiohttp_jinja2.setup(
            app,
            loader=jinja2.PackageLoader("bot.web", "templates"),
            filters=_FILTERS,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = environment.get_template("style.css").render()
        environment.globals["style"] = style
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": _POLICY.format(style=digest),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex, nofollow",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cache-Control": "no-store",
            "Referrer-Policy": _PLAIN,
        }
        if urlsplit(public_url).scheme == "https":
            self._headers["Strict-Transport-Security"] = f"max-age={_YEAR}"

    def page(
        self,
        request: web.Request,
        template: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        form: bool = False,
    ) -> web.Response:
        """Return a page; `form` says that it holds one."""
        response = aiohttp_jinja2.render_template(template, request, context, status=status)
        response.headers.update(self._headers)
        if form:
            response.headers["Referrer-Policy"] = _WITH_FORM
        return response

    def protect(self, response: web.StreamResponse) -> None:
        """Give the headers to a response that is no page."""
        response.headers.update(self._headers)


def remaining(until: datetime, now: datetime) -> str:
    """Return how long is left, rounded down, in its two largest units: "6 days 23 hours"."""
    left, told = until - now, list[str]()
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count and len(told) < 2:
            told.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(told) or "less than a minute"


def breakable(address: str) -> Markup:
    """Return an e-mail address that reads left to right and that a narrow page may break after the @."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(escape(address).replace("@", Markup("@<wbr>")))


_FILTERS: dict[str, Callable[..., str]] = {
    "moment": moment,
    "iso": datetime.isoformat,
    "remaining": remaining,
    "breakable": breakable,
}
