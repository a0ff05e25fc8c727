"""Two journeys as people make them: on the local Slack's page, over HTTP and over Socket Mode."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from bot.demo import Demo, RunningDemo, running
from tests.support.browser import OpenPage, Screenshot

pytestmark = pytest.mark.long

BOTH_WAYS = pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])


async def started(socket: bool, *, smtp: bool = True) -> AsyncIterator[RunningDemo]:
    async with running(Demo(socket=socket, smtp=smtp), tell=lambda words: None) as demo:
        yield demo


class Seat:
    """Somebody in front of the page, who becomes one person after another."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def be(self, handle: str) -> None:
        await self.page.get_by_test_id(f"person-{handle}").click()

    async def type(self, command: str) -> None:
        await self.page.get_by_test_id("channel-general").click()
        composer = self.page.get_by_test_id("composer")
        await composer.click()
        await composer.press_sequentially(command)
        await composer.press("Escape")
        await self.page.get_by_test_id("send").click()

    async def read_messages(self) -> None:
        await self.page.get_by_test_id("dm-app").click()
        await self.page.get_by_test_id("tab-messages").click()

    async def press(self, words: str) -> None:
        await self.page.get_by_role("button", name=words, exact=True).last.click()

    async def sees(self, words: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_text(words).last).to_be_visible()

    async def no_longer_sees_button(self, words: str) -> None:
        await expect(self.page.get_by_role("button", name=words, exact=True)).to_have_count(0)


async def at_the_page(demo: RunningDemo, page: Page) -> Seat:
    """Open the page, set Steward up as Olivia with the form, and wait for the demo team."""
    await page.goto(demo.slack.url)
    seat = Seat(page)
    await seat.be("olivia")
    await seat.type("/team")
    await expect(page.get_by_test_id("modal")).to_contain_text("Set up Steward")
    await page.get_by_label("Team name").fill("Northwind Labs")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("you are its Super Admin")
    await page.get_by_test_id("modal-close").click()
    assert demo.team is not None
    await demo.team
    return seat


@BOTH_WAYS
async def test_a_developer_asks_an_admin_approves_the_invitee_accepts(
    socket: bool, page: Page, screenshot: Screenshot
) -> None:
    async for demo in started(socket):
        seat = await at_the_page(demo, page)
        await seat.be("dana")
        await seat.type("/team invite nora@northwind.example because she helps with support")
        await seat.sees(re.compile("can approve it"))
        await seat.be("adam")
        await seat.read_messages()
        await seat.sees("she helps with support")
        await screenshot(page, f"journey-{'socket' if socket else 'http'}-adam-decides")
        await seat.press("Approve")
        await seat.no_longer_sees_button("Approve")
        await seat.sees(re.compile("Approved by"))
        await seat.be("nora")
        await seat.read_messages()
        await seat.press("Accept")
        await seat.sees(re.compile("Welcome to Northwind Labs"))
        await seat.be("dana")
        await seat.read_messages()
        await seat.sees(re.compile("accepted your invitation|has accepted"))
        await seat.be("olivia")
        await page.get_by_test_id("dm-app").click()
        await page.get_by_test_id("tab-home").click()
        home = page.get_by_test_id("home")
        await expect(home).to_contain_text("Seats: 5 of 5 used")
        await screenshot(page, f"journey-{'socket' if socket else 'http'}-olivia-home")


@BOTH_WAYS
async def test_a_stranger_is_invited_by_mail_and_pending_turns_active(
    socket: bool, page: Page, open_page: OpenPage, screenshot: Screenshot
) -> None:
    async for demo in started(socket):
        seat = await at_the_page(demo, page)
        await seat.type("/team invite sam@elsewhere.example as developer")
        await seat.sees(re.compile("Invitation sent"))
        await expect_in_members(seat, "sam@elsewhere.example", "Pending")
        await seat.be("sam")
        await page.get_by_test_id("mail-item").first.click()
        await screenshot(page, f"journey-{'socket' if socket else 'http'}-mail")
        link = await page.get_by_test_id("mail-link").first.get_attribute("href")
        assert link
        await accept(await open_page(java_script_enabled=False), link, screenshot, socket)
        await seat.be("olivia")
        await expect_in_members(seat, "sam@elsewhere.example", "Active")


@BOTH_WAYS
async def test_without_mail_the_owner_passes_the_link_on(
    socket: bool, page: Page, open_page: OpenPage, screenshot: Screenshot
) -> None:
    async for demo in started(socket, smtp=False):
        seat = await at_the_page(demo, page)
        await seat.type("/team invite sam@elsewhere.example as developer")
        await seat.read_messages()
        link = page.get_by_test_id("message").last.get_by_text(re.compile("/invitations/")).last
        await expect(link).to_be_visible()
        words = await page.get_by_test_id("message").last.inner_text()
        found = re.search(r"http://\S+/invitations/[\w-]+", words)
        assert found
        await accept(await open_page(), found[0], screenshot, socket)
        await expect_in_members(seat, "sam@elsewhere.example", "Active")


async def accept(page: Page, link: str, screenshot: Screenshot, socket: bool) -> None:
    """Accept on the page behind the link, as a stranger with a browser."""
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Northwind Labs")
    await screenshot(page, f"journey-{'socket' if socket else 'http'}-invitation")
    await page.get_by_label(re.compile("name", re.IGNORECASE)).fill("Sam Stone")
    await page.get_by_role("button", name=re.compile("^Accept")).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("Welcome|member"))


async def expect_in_members(seat: Seat, who: str, standing: str) -> None:
    """Look somebody up in the list of members."""
    await seat.type(f"/team members {who}")
    modal = seat.page.get_by_test_id("modal")
    await expect(modal).to_contain_text(who)
    await expect(modal).to_contain_text(standing)
    await seat.page.get_by_test_id("modal-close").click()
