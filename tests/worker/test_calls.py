"""What a failed call of the Web API means, against a local Slack that misbehaves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import manifest
from bot.sandbox import LocalSlack
from bot.slack.calls import Caller, CallFailed, Trouble
from bot.slack.edge import web_client
from bot.slack.pacing import Pacing


@dataclass
class Line:
    """A client, and the way calls are made."""

    slack: LocalSlack
    session: aiohttp.ClientSession
    client: AsyncWebClient
    caller: Caller
    limited: list[str]

    async def fails(self, client: AsyncWebClient | None = None) -> CallFailed:
        """How `auth.test` fails."""
        with pytest.raises(CallFailed) as raised:
            await self.caller.call("auth.test", (client or self.client).auth_test)
        return raised.value


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    limited: list[str] = []
    timeout = aiohttp.ClientTimeout(total=0.5)
    async with (
        LocalSlack(manifest=manifest(socket=True)) as slack,
        aiohttp.ClientSession(timeout=timeout) as session,
    ):
        client = web_client(token=slack.bot_token, session=session, base_url=slack.api_url)
        yield Line(slack, session, client, Caller(Pacing(), limited=limited.append), limited)


async def test_a_limit_is_not_done_and_says_how_long(line: Line) -> None:
    line.slack.faults.update({"api_429": 1, "retry_after": 7})
    failed = await line.fails()
    assert (failed.trouble, failed.after) == (Trouble.LIMITED, 7)
    assert line.limited == ["auth.test"]
    held = await line.fails()
    assert held.trouble is Trouble.LIMITED
    assert 6 < (held.after or 0) <= 7
    assert line.slack.calls.count("auth.test") == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"api_lost_answer": True},
        {"api_nonsense": True},
        {"api_500": True},
        {"api_slow": 2.0},
        {"slack_down": True},
    ],
)
async def test_an_answer_that_does_not_come_may_have_been_done(line: Line, fault: dict[str, object]) -> None:
    line.slack.faults.update(fault)
    failed = await line.fails()
    assert failed.trouble is Trouble.LOST
    line.slack.faults.clear()


async def test_where_nobody_listens_nothing_was_done(line: Line) -> None:
    nowhere = web_client(token="xoxb-1", session=line.session, base_url="http://127.0.0.1:9/api")
    assert (await line.fails(nowhere)).trouble is Trouble.DOWN


@pytest.mark.parametrize(("body", "content_type"), [("<p>Bad gateway", "text/html"), ("sorry", "text/plain")])
@pytest.mark.parametrize("status", [200, 502])
async def test_the_words_of_a_proxy_are_no_answer(
    line: Line, body: str, content_type: str, status: int
) -> None:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text=body, content_type=content_type, status=status)

    application = web.Application()
    application.router.add_post("/api/auth.test", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    proxied = web_client(token="xoxb-1", session=line.session, base_url=address)
    assert (await line.fails(proxied)).trouble is Trouble.LOST
    await runner.cleanup()


async def test_a_wrong_token_holds_every_call_and_says_what_to_do(line: Line) -> None:
    wrong = web_client(token="xoxb-wrong", session=line.session, base_url=line.slack.api_url)
    assert (await line.fails(wrong)).trouble is Trouble.ACCOUNT
    assert line.caller.problem == "Slack does not accept the bot token. Check SLACK_BOT_TOKEN."
    with pytest.raises(CallFailed, match="held"):
        await line.caller.call("users.list", line.client.users_list)
    line.caller.pacing.release()
    await line.caller.call("users.list", line.client.users_list)
    assert line.caller.problem is None


async def test_a_missing_permission_holds_its_method_alone() -> None:
    content = manifest(socket=True)
    content["oauth_config"]["scopes"]["bot"].remove("users:read")
    async with LocalSlack(manifest=content) as slack, aiohttp.ClientSession() as session:
        client = web_client(token=slack.bot_token, session=session, base_url=slack.api_url)
        caller = Caller(Pacing())
        with pytest.raises(CallFailed) as raised:
            await caller.call("users.list", client.users_list)
        assert raised.value.trouble is Trouble.ACCOUNT
        assert "install it again" in (caller.problem or "")
        await caller.call("auth.test", client.auth_test)
        assert caller.problem is not None


async def test_a_refusal_carries_slacks_own_word(line: Line) -> None:
    with pytest.raises(CallFailed) as raised:
        await line.caller.call("users.info", line.client.users_info, user="U0NOBODY00")
    assert (raised.value.trouble, raised.value.error) == (Trouble.REFUSED, "user_not_found")
    assert line.caller.problem is None
