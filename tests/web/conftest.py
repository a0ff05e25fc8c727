"""A served invitation page on a real front desk, and a browser's share of it: cookies, forms, headers."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape

import pytest
from aiohttp import ClientResponse, ClientSession, DummyCookieJar, web
from aiohttp.test_utils import unused_port

from bot.metrics import Metrics
from bot.web.mount import mount_web
from domain.changes import ChangeSeatHolding, ChangeSubscription
from domain.model import Invitation, Plan
from tests.support.office import Office, open_office, who


@dataclass(frozen=True)
class Seen:
    """An answer as a visitor sees it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def text(self) -> str:
        """The visible words, without what is between the tags."""
        without_style = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", self.body, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", "", without_style)).split())

    @property
    def form_key(self) -> str:
        """The hidden field of the form."""
        found = re.search(r'name="form_key" value="([^"]+)"', self.body)
        assert found is not None, self.text
        return found[1]

    @property
    def cookie(self) -> str:
        """The cookie that came along, as it is sent back."""
        return self.headers["Set-Cookie"].partition(";")[0]


@dataclass
class Site:
    """Steward's pages at an address, with the office behind them."""

    office: Office
    url: str
    session: ClientSession
    metrics: Metrics = field(default_factory=Metrics)

    async def get(self, path: str, *, method: str = "GET", **headers: str) -> Seen:
        """Ask for a page, without cookies and without following."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, self.url + path, headers=headers, allow_redirects=False
        ) as answer:
            return await _seen(answer)

    async def post(self, path: str, fields: Mapping[str, str] | str | bytes, **headers: str) -> Seen:
        """Send a form."""
        sent = {"Content-Type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(
            self.url + path, data=fields, headers=sent, allow_redirects=False
        ) as answer:
            return await _seen(answer)

    async def answers(
        self, path: str, answer: str = "accept", *, name: str = "Bob Ray", **headers: str
    ) -> Seen:
        """Answer as a browser does: load the page, send its form with its cookie."""
        page = await self.get(path)
        fields = {"form_key": page.form_key, "name": name, "answer": answer}
        return await self.post(path, fields, **({"Cookie": page.cookie, "Origin": self.url} | headers))

    async def invites(self, email: str = "bob@example.com", role: str = "developer") -> Invitation:
        """Let the owner invite somebody."""
        return await self.office.invites("olivia", email, role)

    async def path(self, invitation: Invitation, generation: int | None = None) -> str:
        """Return the path of an invitation's page, of its newest link unless said otherwise."""
        current = await self.office.invitation(invitation.id)
        async with self.office.reading() as tx:
            keys = tx.facilities.keys
        token = keys.invitation_token(current.id, generation or current.generation)
        return f"/invitations/{token}"

    async def invited(
        self, email: str = "bob@example.com", role: str = "developer"
    ) -> tuple[Invitation, str]:
        """Let the owner invite somebody; return the invitation and its page's path."""
        invitation = await self.invites(email, role)
        return invitation, await self.path(invitation)

    async def limit_seats(self, seats: int, *, held: bool = True) -> None:
        """Set the licence, and whether a pending invitation holds a seat of it."""
        owner = who("olivia")
        async with self.office.reading() as tx:
            now = tx.organization
        if now.pending_holds_seat is not held:
            change = ChangeSeatHolding(pending_holds_seat=held)
            await self.office.desk.submit(owner, change)
        limit = ChangeSubscription(seat_limit=seats, plan=Plan.STANDARD, invoice_email=now.invoice_email)
        await self.office.desk.submit(owner, limit)

    async def state(self, invitation: Invitation) -> tuple[object, ...]:
        """Return what a page could have changed: the organization, the invitation, what waits to leave."""
        async with self.office.reading() as tx:
            organization = replace(tx.organization)
        depth = await self.office.store.queue.depth()
        return organization, await self.office.invitation(invitation.id), depth


async def _seen(answer: ClientResponse) -> Seen:
    return Seen(answer.status, answer.headers.copy(), await answer.text())


@asynccontextmanager
async def serve(office: Office, *, public_url: str = "") -> AsyncIterator[Site]:
    """Serve the pages of an office."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    app, metrics = web.Application(), Metrics()

    async def well() -> str | None:
        return None

    async with office.reading() as tx:
        keys = tx.facilities.keys
    mount_web(
        app,
        front_desk=office.desk,
        keys=keys,
        public_url=public_url or url,
        metrics=metrics,
        checks={"database": well},
        queue=office.store.queue,
        now=office.clock,
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with ClientSession(cookie_jar=DummyCookieJar()) as session:
            yield Site(office, url, session, metrics)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def northwind(database: str, *, public_url: str = "", mail: bool = True) -> AsyncIterator[Site]:
    """Serve a new organization; Olivia owns it."""
    office = open_office(database, mail=mail)
    try:
        await office.set_up(seats=10)
        async with serve(office, public_url=public_url) as site:
            yield site
    finally:
        await office.store.close()


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Site]:
    """Northwind's pages; Olivia owns it."""
    async with northwind(sqlite_url) as served:
        yield served


@pytest.fixture
async def site_on_each(database_url: str) -> AsyncIterator[Site]:
    """The same on SQLite, then on PostgreSQL."""
    async with northwind(database_url) as served:
        yield served


@pytest.fixture
async def https_site(sqlite_url: str) -> AsyncIterator[Site]:
    """The same behind a proxy that speaks https under a path of its own."""
    async with northwind(sqlite_url, public_url="https://tools.example/steward") as served:
        yield served
