"""The invitation page in a real browser: without scripts, wide and narrow, light and dark, by keyboard."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.changes import RevokeInvitation
from domain.model import InvitationStatus
from tests.support.browser import OpenPage, Screenshot
from tests.support.office import who
from tests.web.conftest import Site

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

# Every visible text against what is painted behind it, by the formula of WCAG 2.
POOR_CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!(own || element.matches("input[type=text]")) || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName} ${element.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def expect_heading(page: Page, words: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)


@SCREENS
async def test_a_stranger_accepts_without_javascript(
    site: Site, open_page: OpenPage, screen: dict[str, Any]
) -> None:
    invitation, path = await site.invited()
    page = await open_page(**screen, java_script_enabled=False)
    await page.goto(site.url + path)
    await expect_heading(page, "Join Northwind")
    await page.get_by_label("Your name").fill("Bob Ray")
    await page.get_by_role("button", name="Accept").click()
    await expect_heading(page, "Welcome to Northwind, Bob Ray")
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.ACCEPTED
    await page.reload()
    await expect_heading(page, "Welcome to Northwind, Bob Ray")
    await page.goto(site.url + path)
    await expect_heading(page, "This invitation was accepted already")


async def test_a_stranger_declines_with_the_keyboard_alone(site: Site, page: Page) -> None:
    invitation, path = await site.invited()
    await page.goto(site.url + path)
    for reached in ("What the role Developer allows", "", "Accept", "Decline"):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        await expect(focused).to_have_text(reached)
        outline = await focused.evaluate(
            "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
        )
        assert outline == "solid3px"
    await page.keyboard.press("Enter")
    await expect_heading(page, "You declined this invitation")
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.DECLINED


async def test_enter_in_the_name_accepts(site: Site, page: Page) -> None:
    _, path = await site.invited()
    await page.goto(site.url + path)
    await page.get_by_label("Your name").fill("Bob")
    await page.keyboard.press("Enter")
    await expect_heading(page, "Welcome to Northwind, Bob")


async def test_a_browser_that_lost_its_cookie_is_asked_once_more(site: Site, page: Page) -> None:
    invitation, path = await site.invited()
    await page.goto(site.url + path)
    await page.get_by_label("Your name").fill("Bob Ray")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING
    await expect(page.get_by_label("Your name")).to_have_value("Bob Ray")
    await page.get_by_role("button", name="Accept").click()
    await expect_heading(page, "Welcome to Northwind, Bob Ray")


async def test_a_form_on_another_site_cannot_answer(site: Site, page: Page) -> None:
    invitation, path = await site.invited()
    await page.goto(site.url + path)
    key = await page.locator("input[name=form_key]").get_attribute("value")
    # Another port is the same site but another origin: the cookie goes along, and only the origin tells.
    evil = f"""<form method="post" action="{site.url}{path}"><input name="form_key" value="{key}">
      <input name="name" value="Eve"><button name="answer" value="accept">Win</button></form>"""
    await page.route("http://127.0.0.1:9/", lambda route: route.fulfill(body=evil, content_type="text/html"))
    await page.goto("http://127.0.0.1:9/")
    await page.get_by_role("button", name="Win").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING


async def test_the_token_is_in_no_referrer(site: Site, page: Page) -> None:
    _, path = await site.invited()
    referrers: list[str] = []
    page.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    await page.goto(site.url + path)
    await page.get_by_label("Your name").fill("Bob")
    await page.get_by_role("button", name="Accept").click()
    await expect_heading(page, "Welcome to Northwind, Bob")
    assert len(referrers) == 3
    assert not any("invitations" in referrer for referrer in referrers)


async def test_a_screen_reader_finds_its_way(site: Site, page: Page) -> None:
    _, path = await site.invited()
    await page.goto(site.url + path)
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.title() == "Invitation to Northwind · Steward"
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for landmark in ("banner", "main", "contentinfo"):
        await expect(page.get_by_role(landmark)).to_have_count(1)
    name = page.get_by_label("Your name")
    await expect(name).to_have_accessible_description("This is how the team will see you.")
    await expect(name).to_have_attribute("autocomplete", "name")
    await name.fill("   ")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("alert")).to_contain_text("Please look at your name below.")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description(
        "This is how the team will see you. Write your name to accept."
    )
    assert (await page.title()).startswith("Please check: ")


@SCHEMES
@SCREENS
async def test_every_page_can_be_read_and_fits(
    site: Site, open_page: OpenPage, screenshot: Screenshot, screen: dict[str, Any], scheme: str
) -> None:
    await site.limit_seats(9, held=False)
    invitation, path = await site.invited("a.rather.long.address.for.a.phone@department.northwind.example")
    await site.limit_seats(1, held=False)
    page = await open_page(**screen, color_scheme=scheme)

    async def check(name: str) -> None:
        assert await page.evaluate(POOR_CONTRAST) == []
        assert await page.evaluate(TOO_WIDE) <= 0
        for button in await page.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        width = screen["viewport"]["width"]
        await screenshot(page, f"invitation-{name}-{width}-{scheme}", full_page=True)

    await page.goto(site.url + path)
    await page.locator("summary").click()
    await check("open")
    await page.get_by_label("Your name").fill("   ")
    await page.get_by_role("button", name="Accept").click()
    await check("wrong")
    await page.get_by_label("Your name").fill("Grace Hopper " * 6)
    await page.get_by_role("button", name="Accept").click()
    await check("waits")
    await site.office.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    await page.reload()
    await check("revoked")
    await page.goto(site.url + "/nowhere")
    await check("nowhere")
