"""Answers that do not come from our own page count for nothing."""

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.forgery import COOKIE, FormGuard
from domain.keys import KeyRing
from domain.model import InvitationStatus
from tests.web.conftest import Seen, Site


async def sent(site: Site, path: str, page: Seen, *, form_key: str | None = None, **headers: str) -> Seen:
    """Post an acceptance with the key and cookie of a page, unless given otherwise."""
    fields = {"form_key": page.form_key if form_key is None else form_key, "name": "Eve", "answer": "accept"}
    return await site.post(path, fields, **({"Cookie": page.cookie, "Origin": site.url} | headers))


async def assert_refused(site: Site, path: str, answer: Seen) -> None:
    """Check that the answer was refused in words, with a form to answer again, and nothing was changed."""
    assert answer.status == 403
    assert "Nothing was changed. We could not tell that this answer came from this page." in answer.text
    assert "Join Northwind" in (await site.get(path)).text
    again = await sent(site, path, answer)
    assert again.status == 303


async def test_a_form_without_its_key_is_refused(site: Site) -> None:
    _, path = await site.invited()
    page = await site.get(path)
    await assert_refused(site, path, await sent(site, path, page, form_key=""))


@pytest.mark.parametrize("forged", ["0" * 64, "é", "'", "x" * 5000])
async def test_a_form_with_a_made_up_key_is_refused(site: Site, forged: str) -> None:
    _, path = await site.invited()
    page = await site.get(path)
    await assert_refused(site, path, await sent(site, path, page, form_key=forged))


@pytest.mark.parametrize("cookie", ["", "steward_form=", "steward_form=guess", "steward_form=" + "A" * 43])
async def test_a_form_without_its_own_cookie_is_refused(site: Site, cookie: str) -> None:
    _, path = await site.invited()
    page = await site.get(path)
    await assert_refused(site, path, await sent(site, path, page, Cookie=cookie))


async def test_the_key_of_one_invitation_answers_no_other(site: Site) -> None:
    invitation, path = await site.invited("bob@example.com")
    _, other = await site.invited("eve@example.com")
    page = await site.get(other)
    await assert_refused(site, path, await sent(site, path, page))
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.ACCEPTED


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    ],
    ids=str,
)
async def test_a_form_on_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    _, path = await site.invited()
    page = await site.get(path)
    await assert_refused(site, path, await sent(site, path, page, **headers))


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "same-origin"}, {"Origin": "null", "Sec_Fetch_Site": "same-origin"}],
    ids=str,
)
async def test_a_form_of_our_own_page_is_taken(site: Site, headers: dict[str, str]) -> None:
    _, path = await site.invited()
    page = await site.get(path)
    assert (await sent(site, path, page, **headers)).status == 303


async def test_behind_a_proxy_the_public_address_is_our_own(https_site: Site) -> None:
    site = https_site
    _, path = await site.invited()
    page = await site.get(path)
    assert (await sent(site, path, page, Origin="https://tools.example")).status == 303
    _, path = await site.invited("carol@example.com")
    page = await site.get(path)
    assert (await sent(site, path, page, Origin="http://tools.example")).status == 403


async def test_two_tabs_of_one_browser_both_work(site: Site) -> None:
    _, first = await site.invited("bob@example.com")
    _, second = await site.invited("carol@example.com")
    one = await site.get(first)
    two = await site.get(second, Cookie=one.cookie)
    assert one.cookie == two.cookie
    assert (await sent(site, first, one)).status == 303
    assert (await sent(site, second, two)).status == 303


def test_a_key_made_before_the_servers_secret_was_renewed_still_counts() -> None:
    old, new = b"the old secret of the server", b"the new secret of the server"
    before = FormGuard(KeyRing((old,)), "http://localhost")
    after = FormGuard(KeyRing((new, old)), "http://localhost")
    nonce = before.nonce(make_mocked_request("GET", "/"))
    request = make_mocked_request("POST", "/", headers={"Cookie": f"{COOKIE}={nonce}"})
    assert after.genuine(request, "token", before.form_key(nonce, "token"))
    assert not before.genuine(request, "token", after.form_key(nonce, "token"))


async def test_the_cookie_tells_nothing_and_stays_here(site: Site) -> None:
    _, path = await site.invited()
    cookie = (await site.get(path)).headers["Set-Cookie"]
    assert path.rpartition("/")[2] not in cookie
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        *("HttpOnly", "SameSite=Lax", "Path=/invitations/", "Max-Age=86400")
    }


async def test_over_https_the_cookie_goes_nowhere_else(https_site: Site) -> None:
    _, path = await https_site.invited()
    secure = (await https_site.get(path)).headers["Set-Cookie"]
    assert "Secure" in secure
    assert "Path=/steward/invitations/" in secure
