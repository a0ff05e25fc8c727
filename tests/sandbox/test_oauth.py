"""Installation by OAuth: the page, the code, the tokens, their renewal and their end."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox import Kind, LocalSlack, Unauthorizable, second_team
from tests.sandbox.bots import RecordingBot
from tests.sandbox.conftest import SCOPES
from tests.sandbox.installing import (
    CALLBACK,
    access,
    answers,
    ask,
    auth_test,
    client,
    exchange,
    installed,
    manifest,
    refresh,
)
from tests.sandbox.test_people import refused


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack where nobody has installed the app."""
    async with LocalSlack(manifest=manifest(), installed=False) as local:
        local.retry_delays = (0.0, 0.02, 0.02)
        yield local


@pytest.fixture
async def rotating() -> AsyncIterator[LocalSlack]:
    """The same with token rotation."""
    async with LocalSlack(manifest=manifest(token_rotation_enabled=True), installed=False) as local:
        yield local


async def test_allowing_gives_a_code_and_the_code_a_token(slack: LocalSlack) -> None:
    olivia = slack.person("olivia")
    back = slack.allow(ask(slack, state="a state/&"), olivia)
    assert back.startswith(f"{CALLBACK}?")
    assert answers(back)["state"] == "a state/&"
    answer = await exchange(slack, answers(back)["code"])
    assert answer == {
        "ok": True,
        "app_id": slack.core.app.id,
        "authed_user": {"id": olivia.id},
        "scope": ",".join(SCOPES),
        "token_type": "bot",
        "access_token": answer["access_token"],
        "bot_user_id": slack.workspace.bot.user,
        "team": {"id": "T0NORTHWND", "name": "Northwind Labs"},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    assert answer["access_token"].startswith("xoxb-")
    assert (await auth_test(slack, answer["access_token"]))["team_id"] == "T0NORTHWND"


async def test_each_workspace_gets_a_token_of_its_own(slack: LocalSlack) -> None:
    other = slack.add_workspace(second_team())
    first = await installed(slack, slack.person("olivia"))
    second = await installed(slack, slack.person("olga", other))
    assert first["access_token"] != second["access_token"]
    assert second["team"] == {"id": other.team.id, "name": other.team.name}
    assert (await auth_test(slack, second["access_token"]))["team_id"] == other.team.id


async def test_before_it_is_installed_the_app_is_not_there(slack: LocalSlack, bot: RecordingBot) -> None:
    assert slack.bot_token == ""
    reply = await slack.person("dana").command("/help-me")
    assert str(reply.error).startswith("/help-me is not a valid command.")
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    assert bot.requests == []
    assert slack.channel("team-admins").app_in is False


async def test_cancelling_says_access_denied(slack: LocalSlack) -> None:
    assert answers(slack.cancel(ask(slack))) == {"error": "access_denied", "state": "s-1"}
    assert answers(slack.cancel(ask(slack, state=None))) == {"error": "access_denied"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,admin.users:write"}, "invalid_scope"),
        ({"user_scope": "chat:write"}, "invalid_user_scope"),
        ({"redirect_uri": "https://elsewhere.example/"}, "bad_redirect_uri"),
        ({"redirect_uri": f"{CALLBACK}.evil.example"}, "bad_redirect_uri"),
    ],
)
async def test_a_wrong_address_is_refused_on_the_page(
    slack: LocalSlack, changed: dict[str, str], words: str
) -> None:
    with pytest.raises(Unauthorizable, match=words):
        slack.allow(ask(slack, **changed), slack.person("olivia"))
    async with aiohttp.ClientSession() as http, http.get(ask(slack, **changed)) as answer:
        assert answer.status == 400
        assert words in await answer.text()


async def test_an_address_below_a_configured_one_or_none_at_all_will_do(slack: LocalSlack) -> None:
    below = slack.allow(ask(slack, redirect_uri=f"{CALLBACK}/more?x=1"), slack.person("olivia"))
    assert below.startswith(f"{CALLBACK}/more?x=1&code=")
    unsaid = slack.allow(ask(slack, redirect_uri=None), slack.person("olivia"))
    assert unsaid.startswith(f"{CALLBACK}?code=")
    assert (await access(slack, code=answers(unsaid)["code"]))["ok"]


@pytest.mark.parametrize("kind", [Kind.GUEST, Kind.EXTERNAL, Kind.BOT, Kind.STRANGER])
async def test_who_is_no_member_installs_nothing(slack: LocalSlack, kind: Kind) -> None:
    gina = slack.add_person(name="Gina Guest", email="gina@visitor.example", kind=kind)
    with pytest.raises(Unauthorizable, match="cannot install apps"):
        slack.allow(ask(slack), gina)


async def test_the_page_offers_workspaces_and_people_and_sends_the_browser_back(slack: LocalSlack) -> None:
    other = slack.add_workspace(second_team())
    olga = slack.person("olga", other)
    async with aiohttp.ClientSession() as http:
        async with http.get(ask(slack, state='"><script>')) as answer:
            page = await answer.text()
        assert f'value="{other.team.id}/{olga.id}"' in page
        assert "Helper asks to be installed" in page
        assert "<script>" not in page
        fields = {
            "client_id": slack.client_id,
            "scope": "commands",
            "state": "s-2",
            "redirect_uri": CALLBACK,
            "who": f"{other.team.id}/{olga.id}",
        }
        sent: dict[str, Any] = {"allow_redirects": False}
        url = slack.authorize_url
        async with http.post(url, data={**fields, "decision": "allow"}, **sent) as answer:
            assert answer.status == 302
            back = answers(answer.headers["Location"])
        assert (back["state"], (await exchange(slack, back["code"]))["scope"]) == ("s-2", "commands")
        async with http.post(url, data={**fields, "decision": "cancel"}, **sent) as answer:
            assert answers(answer.headers["Location"]) == {"error": "access_denied", "state": "s-2"}
        async with http.post(url, data={**fields, "who": "T/U", "decision": "allow"}, **sent) as answer:
            assert answer.status == 400


async def test_a_code_works_once_for_ten_minutes_and_for_its_address(slack: LocalSlack) -> None:
    olivia = slack.person("olivia")
    code = answers(slack.allow(ask(slack), olivia))["code"]
    assert await refused(exchange(slack, code, redirect_uri=f"{CALLBACK}/x")) == "bad_redirect_uri"
    assert await refused(access(slack, code=code)) == "bad_redirect_uri"
    assert await refused(exchange(slack, "1.2.3")) == "invalid_code"
    await exchange(slack, code)
    assert await refused(exchange(slack, code)) == "code_already_used"
    late = answers(slack.allow(ask(slack), olivia))["code"]
    slack.pass_time(601)
    assert await refused(exchange(slack, late)) == "invalid_code"


async def test_the_client_proves_itself_by_form_or_by_basic_authentication(slack: LocalSlack) -> None:
    code = answers(slack.allow(ask(slack), slack.person("olivia")))["code"]
    assert await refused(exchange(slack, code, client_id="1.2")) == "invalid_client_id"
    assert await refused(exchange(slack, code, client_secret="no")) == "bad_client_secret"
    assert await refused(access(slack, grant_type="password")) == "invalid_grant_type"
    basic = aiohttp.encode_basic_auth(slack.client_id, slack.client_secret)
    async with aiohttp.ClientSession(slack.core.base_url) as http:
        form, headers = {"code": code, "redirect_uri": CALLBACK}, {"Authorization": basic}
        async with http.post("/api/oauth.v2.access", data=form, headers=headers) as answer:
            assert (await answer.json())["ok"]
        headers = {"Authorization": "Basic !"}
        async with http.post("/api/oauth.v2.access", data={"code": code}, headers=headers) as answer:
            assert (await answer.json())["error"] == "invalid_client_id"


async def test_installing_again_keeps_the_token_and_adds_what_was_allowed(slack: LocalSlack) -> None:
    code = answers(slack.allow(ask(slack, scope="commands,chat:write"), slack.person("olivia")))["code"]
    first = await exchange(slack, code)
    code = answers(slack.allow(ask(slack, scope="chat:write,im:write"), slack.person("adam")))["code"]
    second = await exchange(slack, code)
    assert second["access_token"] == first["access_token"]
    assert second["scope"] == "commands,chat:write,im:write"
    assert second["authed_user"] == {"id": slack.person("adam").id}


async def test_the_token_may_do_what_was_allowed_and_no_more(slack: LocalSlack) -> None:
    code = answers(slack.allow(ask(slack, scope="commands,users:read"), slack.person("olivia")))["code"]
    api = client(slack, (await exchange(slack, code))["access_token"])
    answer = await api.users_info(user=slack.person("dana").id)
    assert answer.headers["x-oauth-scopes"] == "commands,users:read"
    assert "email" not in answer["user"]["profile"]
    assert await refused(api.chat_postMessage(channel="C1", text="x")) == "missing_scope"


async def test_an_app_that_was_removed_gets_a_new_token_and_has_to_be_invited_again(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    first = await installed(slack, slack.person("olivia"))
    await slack.person("olivia").command("/invite", "@helper", channel="team-admins")
    assert slack.channel("team-admins").app_in
    slack.uninstall()
    second = await installed(slack, slack.person("olivia"))
    assert second["access_token"] != first["access_token"]
    assert await refused(auth_test(slack, first["access_token"])) == "account_inactive"
    assert (await auth_test(slack, second["access_token"]))["ok"]
    assert not slack.channel("team-admins").app_in


async def test_removal_is_told_in_the_documented_shape(slack: LocalSlack, bot: RecordingBot) -> None:
    await installed(slack, slack.person("olivia"))
    slack.uninstall()
    await slack.settle()
    told = {payload["event"]["type"]: payload for payload in bot.payloads}
    assert set(told) == {"tokens_revoked", "app_uninstalled"}
    fields = {"token", "team_id", "api_app_id", "event", "type", "event_id", "event_time"}
    assert all(set(payload) == fields for payload in told.values())
    assert told["tokens_revoked"]["team_id"] == "T0NORTHWND"
    tokens = told["tokens_revoked"]["event"]["tokens"]
    assert tokens == {"oauth": [], "bot": [slack.workspace.bot.user]}


async def test_the_app_revokes_its_token(slack: LocalSlack, bot: RecordingBot) -> None:
    api = client(slack, (await installed(slack, slack.person("olivia")))["access_token"])
    assert (await api.auth_revoke(test=True))["revoked"] is False
    assert (await api.auth_test())["ok"]
    assert (await api.auth_revoke())["revoked"] is True
    assert await refused(api.auth_test()) == "token_revoked"
    await slack.settle()
    assert [payload["event"]["type"] for payload in bot.payloads] == ["tokens_revoked"]


async def test_the_app_uninstalls_itself(slack: LocalSlack, bot: RecordingBot) -> None:
    api = client(slack, (await installed(slack, slack.person("olivia")))["access_token"])
    wrong = api.apps_uninstall(client_id=slack.client_id, client_secret="no")
    assert await refused(wrong) == "bad_client_secret"
    await api.apps_uninstall(client_id=slack.client_id, client_secret=slack.client_secret)
    assert await refused(api.auth_test()) == "account_inactive"
    await slack.settle()
    told = {payload["event"]["type"] for payload in bot.payloads}
    assert told == {"tokens_revoked", "app_uninstalled"}


async def test_a_rotating_token_expires_and_is_renewed(rotating: LocalSlack) -> None:
    first = await installed(rotating, rotating.person("olivia"))
    assert first["access_token"].startswith("xoxe.xoxb-1-")
    assert first["refresh_token"].startswith("xoxe-1-")
    assert first["expires_in"] == 43_200
    second = await refresh(rotating, first["refresh_token"])
    assert set(second) == set(first)
    assert second["refresh_token"] != first["refresh_token"]
    for each in (first, second):
        assert (await auth_test(rotating, each["access_token"]))["team_id"] == "T0NORTHWND"
    rotating.pass_time(43_200)
    for each in (first, second):
        assert await refused(auth_test(rotating, each["access_token"])) == "token_expired"
    third = await refresh(rotating, second["refresh_token"])
    assert (await auth_test(rotating, third["access_token"]))["ok"]


async def test_a_refresh_token_works_once_and_not_after_removal(rotating: LocalSlack) -> None:
    first = await installed(rotating, rotating.person("olivia"))
    second = await refresh(rotating, first["refresh_token"])
    assert await refused(refresh(rotating, first["refresh_token"])) == "invalid_refresh_token"
    assert await refused(refresh(rotating, "xoxe-1-unknown")) == "invalid_refresh_token"
    rotating.uninstall()
    assert await refused(refresh(rotating, second["refresh_token"])) == "invalid_refresh_token"


async def test_a_lost_answer_has_used_the_code_and_the_refresh_token_up(rotating: LocalSlack) -> None:
    olivia, faults = rotating.person("olivia"), rotating.faults
    code = answers(rotating.allow(ask(rotating), olivia))["code"]
    faults.update({"api_lost_answer": 1, "api_method": "oauth.v2.access"})
    with pytest.raises(aiohttp.ClientError):
        await exchange(rotating, code)
    assert await refused(exchange(rotating, code)) == "code_already_used"
    kept = (await installed(rotating, olivia))["refresh_token"]
    faults.api_lost_answer = 1
    with pytest.raises(aiohttp.ClientError):
        await refresh(rotating, kept)
    assert await refused(refresh(rotating, kept)) == "invalid_refresh_token"


async def test_a_refused_exchange_leaves_the_code_good(slack: LocalSlack) -> None:
    code = answers(slack.allow(ask(slack), slack.person("olivia")))["code"]
    slack.faults.update({"api_429": 1, "retry_after": 7, "api_method": "oauth.v2.access"})
    with pytest.raises(SlackApiError) as caught:
        await exchange(slack, code)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    slack.faults.api_500 = 1
    assert await refused(exchange(slack, code)) == "internal_error"
    assert (await exchange(slack, code))["ok"]


async def test_a_slow_exchange_slows_nothing_else(slack: LocalSlack) -> None:
    token = (await installed(slack, slack.person("olivia")))["access_token"]
    slack.faults.update({"api_slow": 3600, "api_method": "oauth.v2.access"})
    assert (await auth_test(slack, token))["ok"]
    timeout = aiohttp.ClientTimeout(total=0.2)
    async with aiohttp.ClientSession(slack.core.base_url, timeout=timeout) as http:
        with pytest.raises(TimeoutError):
            await http.post("/api/oauth.v2.access")


async def test_calls_are_kept_with_the_token_they_came_with(slack: LocalSlack) -> None:
    token = (await installed(slack, slack.person("olivia")))["access_token"]
    await auth_test(slack, token)
    assert [call.token for call in slack.calls.of("auth.test")] == [token]
