"""Fixtures for a real browser: one process a test, one window a person, pictures in build/screenshots."""

import ipaddress
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from tests.support.machine import ROOT, chromium

BROWSER_FIXTURES = {"browser", "open_page", "page", "screenshot"}
SCREENSHOTS = ROOT / "build" / "screenshots"
WAIT_MILLISECONDS = 10_000

# Its own errands (updates, sync) have no place in a test; names lead to this machine or nowhere.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

OpenPage = Callable[..., Awaitable[Page]]
Screenshot = Callable[..., Awaitable[Path]]
failed_key = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for the picture taken when its windows close."""
    report = yield
    if report.when == "call":
        item.stash[failed_key] = report.failed
    return report


class Windows:
    """The windows one test opened, with what went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    async def open(self, **options: Any) -> Page:
        """A window with cookies of its own; options as for Playwright's `new_context`."""
        options.setdefault("viewport", {"width": 1280, "height": 800})
        options.setdefault("locale", "en-GB")
        options.setdefault("timezone_id", "Europe/Paris")
        options.setdefault("reduced_motion", "reduce")
        context = await self._browser.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        context.on("request", self._watch)
        return await context.new_page()

    async def close(self, *, picture: str | None) -> None:
        """Close them all, after a picture of each under the given name."""
        pages = [page for context in self._contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            if picture:
                await _shoot(page, f"failed/{picture}-{number}")
        for context in self._contexts:
            await context.close()

    def _watch(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and not _is_loopback(address.hostname or ""):
            self.problems.append(f"request outside this machine: {request.url}")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium, started for this test alone."""
    program = chromium()
    if not program:
        raise RuntimeError("No Chromium on this machine: run `make test`, which brings it.")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS])
        yield running
        await running.close()


@pytest.fixture
async def open_page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[OpenPage]:
    """`await open_page(**options)`: one more window, as for a second person, a phone, a dark screen.

    Options are Playwright's for a context: `viewport`, `color_scheme`, `java_script_enabled`, ... A script
    error in any window, or a request to another machine, fails the test; a failed test leaves a picture.
    """
    windows = Windows(browser)
    yield windows.open
    failed = request.node.stash.get(failed_key, False)
    await windows.close(picture=re.sub(r"[^\w-]+", "-", request.node.name) if failed else None)
    if windows.problems and not failed:
        pytest.fail("In the browser: " + "; ".join(windows.problems))


@pytest.fixture
async def page(open_page: OpenPage) -> Page:
    """One window."""
    return await open_page()


@pytest.fixture
def screenshot() -> Screenshot:
    """`await screenshot(page, "home-dark")` writes build/screenshots/home-dark.png and gives its path.

    Further arguments are Playwright's: `full_page=True`, `clip=...`.
    """
    return _shoot


async def _shoot(page: Page, name: str, **options: Any) -> Path:
    path = SCREENSHOTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path, **options)
    return path


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
