"""Puts the web pages into the application that the composition root serves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.metrics import Metrics
from bot.web import imports
from bot.web.errors import ErrorPages
from bot.web.forgery import FormGuard
from bot.web.invitation import PATH, InvitationDoor
from bot.web.operations import Check, OperationsDoor, Readiness, backlog
from bot.web.pages import Pages
from domain.deliveries import Queue
from domain.front_desk import FrontDesk
from domain.keys import KeyRing


def mount_web(
    app: web.Application,
    *,
    front_desk: FrontDesk,
    keys: KeyRing,
    public_url: str,
    metrics: Metrics,
    checks: Mapping[str, Check],
    queue: Queue,
    now: Callable[[], datetime],
) -> None:
    """Add the routes of invitations, downloads, `/healthz`, `/readyz` and `/metrics`, and pages for errors.

    Args:
        public_url: under which people reach the pages; its scheme decides on secure cookies.
        checks: what `/readyz` asks, by name: "database", "slack", "worker".
        queue: counted for `/metrics`.
        now: the clock by which its rows fall due.
    """
    pages = Pages(app, public_url)
    errors = ErrorPages(pages, metrics)
    invitations = InvitationDoor(front_desk=front_desk, pages=pages, guard=FormGuard(keys, public_url))
    downloads = imports.ImportDoor(front_desk=front_desk, keys=keys, pages=pages)
    counted = partial(backlog, queue, now)
    operations = OperationsDoor(readiness=Readiness(checks), metrics=metrics, backlog=counted)
    app.middlewares.append(errors.middleware())
    app.add_routes(
        [
            web.get(PATH, errors.guard("invitation", invitations.show)),
            web.post(PATH, errors.guard("invitation", invitations.answer)),
            web.get(imports.PATH, errors.guard("import", downloads.download)),
            web.get("/healthz", operations.health),
            web.get("/readyz", operations.ready),
            web.get("/metrics", operations.measures),
        ]
    )
