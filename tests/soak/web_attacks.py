"""Attacks on the pages: links that were torn or forged, forms from elsewhere, bytes that are no HTTP."""

import asyncio
from contextlib import suppress
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from tests.soak.attacks import Attack
from tests.soak.mutations import CANARY

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PATHS = (
    *("/", "/healthz", "/readyz", "/metrics", "/slack/events", "/slack/other", "/invitations/"),
    *("/../etc/passwd", "/%00", "/invitations/%ff%fe", f"/{'x' * 4000}"),
)
BODIES = (
    *(b"", b"answer=accept", b"answer=decline&form_key=", b"answer=accept&name=%ff&form_key=x"),
    *(b"answer=accept&name=Ann&form_key=%00", b"\xff\xfe", b"answer=" + b"x" * 20_000, b"{}", b"a=1&" * 50),
)
KINDS = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "")
_POST = b"POST /slack/events HTTP/1.1\r\nHost: x\r\n"
TORN = (
    *(b"GET / HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", b"\r\n\r\n\r\n"),
    *(b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET " + b"/x" * 9000 + b" HTTP/1.1\r\n\r\n"),
    *(_POST + b"Content-Length: 99999\r\n\r\nshort", _POST + b"Content-Length: -5\r\n\r\n"),
    *(_POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", _POST + b"X: \x00\r\n\r\n"),
    _POST + b"X-A: b\r\n" * 3000 + b"\r\n",
)


async def pages(attack: Attack) -> None:
    """Ask for every page in every way; nothing changes, not even by a real link without its form."""
    before, address = await attack.records.heads(), attack.here.steward.url
    tokens = [*(await attack.records.rival(attack.here)).tokens, *attack.there.tokens]
    forged = [*tokens, *(f"{token[:-1]}x" for token in tokens), *(token[:8] for token in tokens)]
    forged += ["x", CANARY, "²", "'; --", "a" * 3000]
    for path in (*PATHS, *(f"/invitations/{quote(token)}" for token in forged)):
        for method in attack.some(METHODS):
            await _asked(attack, method, f"{address}{path}")
        for body in attack.some(BODIES):
            await _asked(attack, "POST", f"{address}{path}", body=body, kind=attack.chance.choice(KINDS))
    for torn in TORN:
        await _torn(attack, torn)
    attack.report.hold(await attack.records.heads() == before, "a page changed something without its form")


async def _asked(attack: Attack, method: str, url: str, *, body: bytes = b"", kind: str = "") -> None:
    headers = {
        "Cookie": f"steward_form={CANARY}",
        "X-Forwarded-For": f"198.51.100.{attack.chance.randrange(255)}",
    }
    if kind:
        headers["Content-Type"] = kind
    attack.report.count("requests")
    raw = URL(url, encoded=True)
    with suppress(aiohttp.ServerDisconnectedError):
        async with attack.session.request(
            method, raw, data=body, headers=headers, allow_redirects=False, skip_auto_headers={"Content-Type"}
        ) as answer:
            words = await answer.text(errors="replace")
            attack.report.hold(answer.status < 500, f"{answer.status} for {method} {url[:200]}")
            attack.report.hold(CANARY not in words, f"{method} {url[:200]} says what was sent to it")


async def _torn(attack: Attack, torn: bytes) -> None:
    """Send bytes as they are, then hang up."""
    place = urlsplit(attack.here.steward.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    attack.report.count("requests")
    with suppress(ConnectionError, TimeoutError):
        writer.write(torn)
        writer.write_eof()
        async with asyncio.timeout(10):
            answer = await reader.read(64)
        attack.report.hold(not answer.startswith(b"HTTP/1.1 5"), f"{answer!r} for {torn[:80]!r}")
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
