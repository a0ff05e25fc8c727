"""Bolt's own OAuth flow, unmodified, installs into workspaces and orgs of the local Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore, Installation
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack, Person, second_team, third_team
from tests.sandbox.conftest import SCOPES
from tests.sandbox.installing import auth_test, installed, manifest

# The SDK authenticates with a class of aiohttp's that is about to go.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

INSTALL, CALLBACK = "/slack/install", "/slack/oauth_redirect"


@asynccontextmanager
async def bolt_at(slack: LocalSlack, folder: Path) -> AsyncIterator[str]:
    """A Bolt app that says in a direct message who asked; its address."""
    settings = AsyncOAuthSettings(
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        scopes=SCOPES,
        installation_store=FileInstallationStore(base_dir=str(folder), client_id=slack.client_id),
        state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(folder), client_id="states"),
        authorization_url=slack.authorize_url,
        install_page_rendering_enabled=False,
    )
    client = AsyncWebClient(base_url=slack.api_url)
    app = AsyncApp(
        client=client,
        signing_secret=slack.signing_secret,
        oauth_settings=settings,
        process_before_response=True,
    )

    async def answer(ack: Any, command: dict[str, str], client: AsyncWebClient, context: Any) -> None:
        await client.chat_postMessage(channel=command["user_id"], text=f"as {context.bot_token}")
        await ack()

    app.command("/help-me")(answer)
    runner = web.AppRunner(app.web_app(path="/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slack.redirect_urls = [f"{address}{CALLBACK}"]
    slack.connect(request_url=f"{address}/slack/events")
    try:
        yield address
    finally:
        await slack.settle()
        await runner.cleanup()


async def install(slack: LocalSlack, address: str, person: Person, *, org_wide: bool = False) -> str:
    """Somebody follows the app's link, allows it, and is sent back; what the last page says."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        async with browser.get(f"{address}{INSTALL}", allow_redirects=False) as page:
            back = slack.allow(page.headers["Location"], person, org_wide=org_wide)
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        async with browser.get(back, headers={"Cookie": cookie}) as page:
            return await page.text()


async def test_two_workspaces_and_each_is_answered_with_its_own_token(tmp_path: Path) -> None:
    async with (
        LocalSlack(manifest=manifest(), installed=False) as slack,
        bolt_at(slack, tmp_path) as address,
    ):
        other = slack.add_workspace(second_team())
        for person in (slack.person("olivia"), slack.person("olga", other)):
            assert "Thank you!" in await install(slack, address, person)
        for person in (slack.person("dana"), slack.person("dana", other)):
            assert (await person.command("/help-me")).error is None
            installation = person.workspace.installation
            assert installation is not None
            assert [each.text for each in person.messages()] == [f"as {installation.bot_token}"]


async def test_an_org_is_answered_with_one_token_in_all_its_workspaces(tmp_path: Path) -> None:
    settings = manifest(org_deploy_enabled=True)
    async with (
        LocalSlack(manifest=settings, installed=False) as slack,
        bolt_at(slack, tmp_path) as address,
    ):
        org = slack.add_enterprise("Wind Group")
        east, south = (slack.add_workspace(each(), enterprise=org) for each in (second_team, third_team))
        assert "Thank you!" in await install(slack, address, slack.person("olga", east), org_wide=True)
        assert org.installation is not None
        for person in (slack.person("dana", east), slack.person("remy", south)):
            assert (await person.command("/help-me")).error is None
            assert [each.text for each in person.messages()] == [f"as {org.installation.bot_token}"]


async def test_the_sdk_renews_a_token_that_is_about_to_expire() -> None:
    settings = manifest(token_rotation_enabled=True)
    async with LocalSlack(manifest=settings, installed=False) as slack:
        given = await installed(slack, slack.person("olivia"))
        api = AsyncWebClient(base_url=slack.api_url)
        rotator = AsyncTokenRotator(client_id=slack.client_id, client_secret=slack.client_secret, client=api)
        kept = Installation(
            user_id=given["authed_user"]["id"],
            team_id=given["team"]["id"],
            bot_token=given["access_token"],
            bot_refresh_token=given["refresh_token"],
            bot_token_expires_in=given["expires_in"],
        )
        assert await rotator.perform_token_rotation(installation=kept) is None
        soon = given["expires_in"] // 60 + 1
        renewed = await rotator.perform_token_rotation(installation=kept, minutes_before_expiration=soon)
        assert renewed is not None
        assert renewed.bot_token != given["access_token"]
        assert (await auth_test(slack, str(renewed.bot_token)))["team_id"] == given["team"]["id"]
