"""The door of the Web API: tokens, scopes, arguments, and the words of its refusals."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from tests.sandbox.conftest import MANIFEST, SCOPES

Json = dict[str, Any]


@pytest.fixture
async def http(slack: LocalSlack) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client."""
    async with aiohttp.ClientSession(slack.api_url) as session:
        yield session


async def post(http: aiohttp.ClientSession, method: str, token: str | None, **sent: Any) -> Json:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.post(method, headers=headers, **sent) as response:
        assert response.status == 200
        answer: Json = await response.json()
        return answer


async def test_a_call_without_a_token_is_not_authed(http: aiohttp.ClientSession) -> None:
    assert await post(http, "auth.test", None) == {"ok": False, "error": "not_authed"}


async def test_a_wrong_token_is_invalid_auth(http: aiohttp.ClientSession) -> None:
    assert (await post(http, "auth.test", "xoxb-wrong"))["error"] == "invalid_auth"


async def test_a_token_counts_in_a_form_but_not_in_json_or_the_query(
    slack: LocalSlack, http: aiohttp.ClientSession
) -> None:
    token = slack.bot_token
    assert (await post(http, "auth.test", None, data={"token": token}))["ok"]
    assert (await post(http, "auth.test", None, json={"token": token}))["error"] == "not_authed"
    assert (await post(http, "auth.test", None, params={"token": token}))["error"] == "not_authed"


async def test_each_token_opens_its_own_methods(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    wrong = "not_allowed_token_type"
    assert (await post(http, "apps.connections.open", slack.bot_token))["error"] == wrong
    assert (await post(http, "auth.test", slack.app_token))["error"] == wrong
    assert (await post(http, "apps.connections.open", slack.app_token))["url"].startswith("ws://127.0.0.1")


async def test_auth_test_says_who_the_bot_is(slack: LocalSlack, api: AsyncWebClient) -> None:
    answer = await api.auth_test()
    assert answer["team_id"] == slack.workspace.team.id
    assert answer["user_id"] == slack.workspace.bot.user
    assert answer["bot_id"] == slack.workspace.bot.id
    assert (await api.bots_info(bot=answer["bot_id"]))["bot"]["user_id"] == answer["user_id"]
    assert (await api.team_info())["team"]["name"] == "Northwind Labs"


async def test_an_unknown_method_says_so(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    assert await post(http, "chat.shout", slack.bot_token) == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.shout",
    }


async def test_arguments_come_as_form_json_or_query(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    dana = slack.person("dana").id
    for sent in ({"data": {"user": dana}}, {"json": {"user": dana}}, {"params": {"user": dana}}):
        assert (await post(http, "users.info", slack.bot_token, **sent))["user"]["name"] == "dana"


async def test_blocks_come_as_json_or_as_text_that_holds_json(
    slack: LocalSlack, http: aiohttp.ClientSession
) -> None:
    dana, token = slack.person("dana"), slack.bot_token
    blocks = '[{"type": "divider"}]'
    assert (await post(http, "chat.postMessage", token, data={"channel": dana.id, "blocks": blocks}))["ok"]
    assert (await post(http, "chat.postMessage", token, json={"channel": dana.id, "blocks": blocks}))["ok"]
    broken = await post(http, "chat.postMessage", token, data={"channel": dana.id, "blocks": "[{"})
    assert broken["error"] == "invalid_blocks_format"


@pytest.mark.parametrize(("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_broken_json_body_is_named(
    slack: LocalSlack, http: aiohttp.ClientSession, body: str, error: str
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer x"}
    async with http.post("auth.test", data=body, headers=headers) as response:
        assert (await response.json())["error"] == error


async def test_every_answer_tells_the_scopes(slack: LocalSlack, api: AsyncWebClient) -> None:
    answer = await api.users_info(user=slack.person("dana").id)
    assert answer.headers["x-oauth-scopes"] == ",".join(SCOPES)
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"


NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "conversations.join": "channels:join",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "users.profile.get": "users.profile:read",
    "team.info": "team:read",
    "bots.info": "users:read",
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}


@pytest.mark.parametrize(("method", "scope"), NEEDED.items())
async def test_a_method_without_its_scope_says_which_it_needs(method: str, scope: str) -> None:
    manifest = {**MANIFEST, "oauth_config": {"scopes": {"bot": ["commands"]}}}
    async with LocalSlack(manifest=manifest) as slack, aiohttp.ClientSession(slack.api_url) as http:
        answer = await post(http, method, slack.bot_token)
    assert answer == {"ok": False, "error": "missing_scope", "needed": scope, "provided": "commands"}


async def test_an_uninstalled_app_has_no_account(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.uninstall()
    with pytest.raises(SlackApiError, match="account_inactive"):
        await api.auth_test()
    slack.reinstall()
    assert (await api.auth_test())["ok"]


async def test_every_call_is_counted(slack: LocalSlack, api: AsyncWebClient) -> None:
    await api.auth_test()
    await api.users_info(user=slack.person("dana").id)
    await api.auth_test()
    assert slack.calls.count("auth.test") == 2
    assert [call.args["user"] for call in slack.calls.of("users.info")] == [slack.person("dana").id]
    assert len(slack.calls) == 3


async def test_api_test_gives_back_what_it_got(api: AsyncWebClient, slack: LocalSlack) -> None:
    assert (await api.api_test(foo="bar"))["args"] == {"foo": "bar"}
    with pytest.raises(SlackApiError, match="my_error"):
        await api.api_test(error="my_error")
