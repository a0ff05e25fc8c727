"""Pages keep to themselves, and nobody overwhelms them."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from domain.changes import RevokeInvitation
from domain.model import InvitationStatus
from tests.support.office import open_office, who
from tests.support.postgres import PostgresServer
from tests.web.conftest import Site, serve


def check_headers(headers: Mapping[str, str], body: str) -> None:
    """Check that a page shows itself to nobody else and loads nothing."""
    parts = headers["Content-Security-Policy"].split(";")
    policy = dict(part.strip().partition(" ")[::2] for part in parts)
    style = re.search(r"<style>(.*?)</style>", body, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "<script" not in body
    assert " style=" not in body
    assert not re.search(r'(src|href|action)="(?!data:)', body)


async def test_every_page_carries_the_headers_and_loads_nothing(site: Site) -> None:
    invitation, path = await site.invited()
    open_page = await site.get(path)
    assert open_page.headers["Referrer-Policy"] == "strict-origin"
    await site.office.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    pages = [open_page, await site.get(path), await site.get("/nowhere"), await site.get(path, method="PUT")]
    for page in pages:
        check_headers(page.headers, page.body)
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "Strict-Transport-Security" not in page.headers
    for page in pages[1:]:
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in page.headers


async def test_over_https_the_browser_is_told_to_stay_there(https_site: Site) -> None:
    _, path = await https_site.invited()
    assert (await https_site.get(path)).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert (await https_site.answers(path, Origin="https://tools.example")).headers["Location"] == "?answered"


async def test_a_redirect_is_protected_too(site: Site) -> None:
    _, path = await site.invited()
    answer = await site.answers(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b'{"answer": "accept"}', "application/json", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"answer=perhaps", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"answer=accept&name=%ff%fe", "application/x-www-form-urlencoded", 400),
        ("answer=accept&name=é".encode(), "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=b"] * 50), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_a_body_that_is_no_modest_form_is_refused(
    site: Site, body: bytes, content_type: str, status: int
) -> None:
    invitation, path = await site.invited()
    answer = await site.post(path, body, Content_Type=content_type)
    assert answer.status == status
    assert "Nothing was changed." in answer.text
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING


async def test_an_endless_body_is_cut_off(site: Site) -> None:
    _, path = await site.invited()
    written = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal written
        while written < 10_000_000:
            written += 4096
            yield b"a" * 4096
            await asyncio.sleep(0)

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        ClientSession() as session,
        session.post(site.url + path, data=endless(), headers=headers) as answer,
    ):
        assert answer.status == 413
    assert written < 5_000_000


async def test_a_body_that_never_comes_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.invitation.FORM_SECONDS", 0.2)
    _, path = await site.invited()
    address = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 100\r\n\r\nanswer=".encode()
    )
    async with asyncio.timeout(5):
        answer = await reader.readline()
    writer.close()
    assert b"408" in answer


async def test_one_link_takes_few_answers_a_minute(site: Site) -> None:
    _, path = await site.invited()
    statuses = [(await site.post(path, {"answer": "accept"})).status for _ in range(10)]
    assert statuses == [403] * 8 + [429] * 2
    _, other = await site.invited("carol@example.com")
    assert (await site.answers(other)).status == 303


async def test_one_address_takes_few_answers_a_minute_whatever_the_link(site: Site) -> None:
    answers = [await site.post(f"/invitations/{number:043}", {"answer": "accept"}) for number in range(70)]
    assert [answer.status for answer in answers].count(404) == 60
    assert answers[-1].status == 429
    assert "Too many tries" in answers[-1].text
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


async def test_somebody_else_behind_the_same_proxy_is_not_held_up(site: Site) -> None:
    _, path = await site.invited()
    pages = [await site.get(path, X_Forwarded_For="203.0.113.7, 8.8.8.8") for _ in range(130)]
    assert pages[-1].status == 429
    assert (await site.get(path, X_Forwarded_For="8.8.8.8, 9.9.9.9")).status == 200
    assert (await site.get(path, X_Forwarded_For="9.9.9.9, 8.8.8.8")).status == 429


async def test_the_unexpected_shows_a_number_that_the_log_knows(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = await site.invited()

    async def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("bot.web.invitation.invitation_page", broken)
    with capture_logs() as logs:
        page = await site.get(path)
    assert page.status == 500
    assert "secret detail" not in page.body
    assert "Traceback" not in page.body
    number = re.search(r'class="incident">([2-9A-Z]{4}-[2-9A-Z]{4})<', page.body)
    assert number is not None
    (entry,) = [entry for entry in logs if entry["event"] == "web.incident"]
    assert entry["incident"] == number[1]
    assert path not in str(logs)
    assert b'steward_incidents_total{door="web"} 1.0' in site.metrics.render()[0]


async def test_no_log_line_holds_a_token(site: Site) -> None:
    _, path = await site.invited()
    token = path.rpartition("/")[2]
    with capture_logs() as logs:
        await site.post(path, {"answer": "accept"})
        await site.answers(path)
        await site.post(path, {"answer": "decline"})
    assert logs
    assert token not in str(logs)


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("/", "GET", 404, "Steward lives in Slack"),
        ("/invitations/", "GET", 404, "Open the link in the mail once more"),
        ("/invitations/abc/def", "GET", 404, "There is no page here"),
        ("/invitations/abc", "PUT", 405, "That does not work here"),
        ("/healthz", "POST", 405, "That does not work here"),
    ],
)
async def test_errors_have_their_own_plain_page(
    site: Site, path: str, method: str, status: int, words: str
) -> None:
    page = await site.get(path, method=method)
    assert page.status == status
    assert words in page.text
    assert status != 405 or "GET" in page.headers["Allow"]


async def test_a_database_that_is_gone_is_said_in_words_and_nothing_is_half_done(
    postgresql_url: str, postgres: PostgresServer
) -> None:
    office = open_office(postgresql_url, mail=True)
    await office.set_up()
    async with serve(office) as site:
        invitation, path = await site.invited()
        page = await site.get(path)
        fields = {"form_key": page.form_key, "name": "Bob", "answer": "accept"}
        postgres.stop()
        for answer in (
            await site.get(path),
            await site.post(path, fields, Cookie=page.cookie, Origin=site.url),
            await site.get("/invitations/abc"),
            await site.get("/invitations/%ff%C3%A9%00"),
            await site.post("/invitations/abc", fields, Cookie=page.cookie, Origin=site.url),
        ):
            assert answer.status == 503
            assert "It cannot reach its records just now" in answer.text
            assert "Retry-After" in answer.headers
        postgres.start()
        assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING
        assert (await site.answers(path)).status == 303
    await office.store.close()
