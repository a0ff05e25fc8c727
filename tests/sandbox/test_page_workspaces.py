"""The page with several workspaces, and the page on which an app is installed, in a real browser."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from bot.sandbox import LocalSlack, second_team
from tests.sandbox.installing import answers, ask, auth_test, exchange, manifest
from tests.support.browser import Screenshot


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """Northwind Labs with the app, Eastwind Works without; the browser is sent back to this very Slack."""
    settings = manifest(org_deploy_enabled=True)
    async with LocalSlack(manifest=settings) as local:
        local.redirect_urls = [local.url]
        yield local


async def test_one_workspace_is_not_chosen(slack: LocalSlack, page: Page) -> None:
    await page.goto(slack.url)
    await expect(page.get_by_role("heading", name="Northwind Labs", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("workspaces")).to_have_count(0)
    assert "team=" not in page.url


async def test_the_reader_goes_from_workspace_to_workspace(
    slack: LocalSlack, page: Page, screenshot: Screenshot
) -> None:
    other = slack.add_workspace(second_team())
    await page.goto(slack.url)
    await page.get_by_test_id("workspaces").select_option(label="Eastwind Works")
    await expect(page.get_by_role("heading", name="Eastwind Works", exact=True)).to_be_visible()
    await expect(page.get_by_text("Helper is not installed in this workspace.")).to_be_visible()
    await expect(page.get_by_test_id("person-ivan")).to_be_visible()
    await expect(page.get_by_test_id("person-olivia")).to_have_count(0)
    await page.get_by_test_id("person-dana").click()
    await page.get_by_test_id("channel-general").click()
    await page.get_by_test_id("composer").fill("Hello from the east")
    await page.get_by_test_id("send").click()
    await slack.until(lambda: slack.channel("general", other).messages)
    [said] = slack.channel("general", other).messages.values()
    assert (said.text, said.user) == ("Hello from the east", slack.person("dana", other).id)
    await page.reload()
    await expect(page.get_by_text("Hello from the east")).to_be_visible()
    await screenshot(page, "workspaces")
    await page.get_by_test_id("workspaces").select_option(label="Northwind Labs")
    await expect(page.get_by_test_id("person-olivia")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Eastwind Works", exact=True)).to_be_visible()


async def test_the_app_is_removed_on_the_bench(slack: LocalSlack, page: Page) -> None:
    slack.add_workspace(second_team())
    await page.goto(slack.url)
    await page.get_by_test_id("bench").click()
    await page.get_by_test_id("uninstall").click()
    await expect(page.get_by_text("Helper was removed from this workspace.")).to_be_visible()
    assert not slack.workspace.installed


async def test_somebody_allows_the_app_in_the_browser(
    slack: LocalSlack, page: Page, screenshot: Screenshot
) -> None:
    slack.add_workspace(second_team(), enterprise=slack.add_enterprise("Wind Group"))
    await page.goto(ask(slack, redirect_uri=slack.url))
    await page.get_by_label("Workspace and who you are").select_option(label="Olga Orlov, Eastwind Works")
    await page.get_by_label("Install for the whole Enterprise org").check()
    await screenshot(page, "authorize")
    await page.get_by_role("button", name="Allow").click()
    await page.wait_for_url(f"{slack.url}?code=*")
    back = answers(page.url)
    assert back["state"] == "s-1"
    answer = await exchange(slack, back["code"], redirect_uri=slack.url)
    assert answer["is_enterprise_install"] is True
    assert (await auth_test(slack, answer["access_token"]))["team"] == "Wind Group"


async def test_somebody_cancels_in_the_browser(slack: LocalSlack, page: Page) -> None:
    await page.goto(ask(slack, redirect_uri=slack.url))
    await page.get_by_role("button", name="Cancel").click()
    await page.wait_for_url(f"{slack.url}?error=*")
    assert urlsplit(page.url).query == "error=access_denied&state=s-1"
