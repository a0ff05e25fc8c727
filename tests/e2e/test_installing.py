"""The pages on which Steward is installed: what they take, what they refuse, and in which words."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.web.installing import COOKIE
from tests.support.office import run_sql
from tests.support.several import Deployment, deployment

OVER = "2020-01-01T00:00:00.000000+00:00"


async def nothing_kept(made: Deployment) -> bool:
    return await made.installations.page(limit=5) == ()


async def test_the_page_changes_nothing_and_its_button_leads_to_slack(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        status, page, _ = await browser.get("/slack/install")
        assert (status, browser.cookies) == (200, {})
        assert "Add Steward to Slack" in page
        address = urlsplit(await browser.begin())
        query = parse_qs(address.query)
        assert address.path == "/oauth/v2/authorize"
        assert query["client_id"] == [made.slack.client_id]
        assert "commands" in query["scope"][0]
        assert len(query["state"][0]) > 40
        (row,) = await run_sql(sqlite_url, "SELECT * FROM installation_states")
        assert query["state"][0] not in str(row)
        assert browser.cookies[COOKIE] not in str(row)


async def test_each_way_back_counts_once(database_url: str) -> None:
    async with deployment(database_url) as made:
        browser = made.browser()
        back = made.slack.allow(await browser.begin(), made.slack.person("olivia"))
        answers = await asyncio.gather(*(browser.get(back) for _ in range(3)))
        assert sorted(status for status, _, _ in answers) == [200, 403, 403]
        assert any("used already" in page for _, page, _ in answers)
        assert made.slack.calls.count("oauth.v2.access") == 1


async def test_the_way_back_counts_only_in_the_browser_that_set_out(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        back = made.slack.allow(await made.browser().begin(), made.slack.person("olivia"))
        other = made.browser()
        await other.begin()
        for browser in (made.browser(), other):
            status, page, _ = await browser.get(back)
            assert status == 403
            assert "another browser" in page
            assert "Start again" in page
        assert await nothing_kept(made)


async def test_a_state_nobody_was_given_is_refused(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        for query in ("", "?code=abc", "?code=abc&state=x", f"?code=abc&state={'x' * 5000}", "?state=%ff%00"):
            status, page, _ = await made.browser().get(f"/slack/oauth_redirect{query}")
            assert status == 403
            assert "did not begin here" in page
        assert made.slack.calls.count("oauth.v2.access") == 0


async def test_ten_minutes_are_the_most_an_installation_takes(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        back = made.slack.allow(await browser.begin(), made.slack.person("olivia"))
        await run_sql(sqlite_url, f"UPDATE installation_states SET expires_at = '{OVER}'")
        status, page, _ = await browser.get(back)
        assert status == 403
        assert "took too long" in page
        assert await nothing_kept(made)


async def test_who_says_no_at_slack_is_told_how_to_go_on(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        status, page, _ = await browser.get(made.slack.cancel(await browser.begin()))
        assert status == 409
        assert "was not added" in page
        assert "Start again" in page
        assert await nothing_kept(made)


@pytest.mark.parametrize(
    ("fault", "times", "words"),
    [
        ("api_500", 9, "does not answer"),
        ("api_nonsense", 9, "used already"),
        ("api_lost_answer", 1, "used already"),
    ],
)
async def test_slack_that_does_not_answer_is_said_in_words(
    sqlite_url: str, fault: str, times: int, words: str
) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        back = made.slack.allow(await browser.begin(), made.slack.person("olivia"))
        made.slack.faults.api_method = "oauth.v2.access"
        setattr(made.slack.faults, fault, times)
        status, page, _ = await browser.get(back)
        assert status in (409, 502)
        assert words in page
        assert await nothing_kept(made)


async def test_a_short_failure_of_slack_is_waited_out(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        made.slack.faults.api_method, made.slack.faults.api_500 = "oauth.v2.access", 1
        assert "Steward is in" in await made.install(made.slack.person("olivia"))


async def test_credentials_slack_does_not_take_are_told_to_who_can_mend_them(sqlite_url: str) -> None:
    async with deployment(sqlite_url, SLACK_CLIENT_SECRET="not-the-secret") as made:
        browser = made.browser()
        back = made.slack.allow(await browser.begin(), made.slack.person("olivia"))
        status, page, _ = await browser.get(back)
        assert status == 500
        assert "bad_client_secret" in page
        assert "steward doctor" in page


async def test_what_steward_cannot_do_without_must_be_granted(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        address = (await browser.begin()).replace("im%3Ahistory%2C", "").replace("%2Cfiles%3Awrite", "")
        status, page, _ = await browser.get(made.slack.allow(address, made.slack.person("olivia")))
        assert status == 409
        assert "<code>im:history</code>" in page
        assert await nothing_kept(made)


async def test_files_may_be_left_out(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        address = (await browser.begin()).replace("%2Cfiles%3Aread%2Cfiles%3Awrite", "")
        status, page, _ = await browser.get(made.slack.allow(address, made.slack.person("olivia")))
        assert status == 200, page


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(sqlite_url: str) -> None:
    public = "https://steward.example/team"
    async with deployment(sqlite_url, STEWARD_PUBLIC_URL=public) as made:
        _, page, _ = await made.browser().get("/slack/install")
        assert 'href="/team/slack/install/begin"' in page
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{made.steward.url}/slack/install/begin", allow_redirects=False) as response,
        ):
            cookie = response.headers["Set-Cookie"]
            assert response.headers["Cache-Control"] == "no-store"
        for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/team/slack/", "Max-Age=600"):
            assert part in cookie


async def test_a_flood_is_held_back(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        answers = [(await browser.get("/slack/install/begin"))[0] for _ in range(30)]
        assert answers[0] == 302
        assert answers[-1] == 429
        assert (await browser.get("/slack/install/begin", "HEAD"))[0] in (405, 429)


async def test_no_secret_of_the_installation_stands_in_the_log(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with deployment(sqlite_url) as made:
        browser = made.browser()
        address = await browser.begin()
        back = made.slack.allow(address, made.slack.person("olivia"))
        await browser.get(back)
        kept = await made.installations.get(made.slack.workspace.team.id)
        assert kept is not None
    said = "".join(capsys.readouterr())
    assert "install.done" in said
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(address).query)["state"][0]
    for secret in (kept.token, kept.refresh_token, code, state, browser.cookies[COOKIE]):
        assert secret
        assert secret not in said
