"""Puts the web pages into the application that the composition root serves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.metrics import Metrics
from bot.web import imports, installing
from bot.web.errors import ErrorPages
from bot.web.forgery import FormGuard
from bot.web.installing import InstallDoor, Installed, Installs
from bot.web.invitation import PATH, InvitationDoor
from bot.web.operations import Check, OperationsDoor, Readiness, backlog
from bot.web.pages import Pages
from domain.deliveries import Queue
from domain.front_desk import FrontDesk
from domain.installations import Installations
from domain.keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """What the pages for installing the app work with."""

    installations: Installations
    installing: Installs
    installed: Installed


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
    install: Install | None = None,
) -> None:
    """Add the routes of invitations, downloads, `/healthz`, `/readyz` and `/metrics`, and pages for errors.

    Args:
        public_url: under which people reach the pages; its scheme decides on secure cookies.
        checks: what `/readyz` asks, by name: "database", "slack", "worker".
        queue: counted for `/metrics`.
        now: the clock by which its rows fall due.
        install: how people install the app in their workspaces; None where one token is set.
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
    if install is not None:
        _mount_install(app, install, pages=pages, errors=errors, public_url=public_url)


def _mount_install(
    app: web.Application, install: Install, *, pages: Pages, errors: ErrorPages, public_url: str
) -> None:
    door = InstallDoor(
        installations=install.installations,
        installing=install.installing,
        installed=install.installed,
        pages=pages,
        public_url=public_url,
    )
    app.add_routes(
        [
            web.get(installing.PAGE, errors.guard("install", door.show)),
            web.get(installing.BEGIN, errors.guard("install", door.begin)),
            web.get(installing.BACK, errors.guard("install", door.back)),
        ]
    )
