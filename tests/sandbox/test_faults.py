"""Misbehaviour on demand: each fault happens as often as asked, and then no more."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.faults import Faults
from tests.sandbox.bots import RecordingBot, modal, section


async def test_a_delivery_can_come_twice_with_its_own_signature(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.faults.deliver_twice = 1
    await slack.person("dana").command("/help-me")
    await slack.person("dana").command("/help-me")
    first, again, other = bot.forms
    assert first == again
    assert first["trigger_id"] != other["trigger_id"]
    signatures = {headers["X-Slack-Signature"] for headers, _ in bot.requests}
    assert len(signatures) == 3


async def test_an_event_can_come_twice(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.faults.deliver_twice = 1
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    first, again = bot.payloads
    assert first["event_id"] == again["event_id"]
    assert bot.requests[1][0]["x-slack-retry-num"] == "1"


async def test_a_late_delivery_finds_its_trigger_expired(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.triggers.TRIGGER_SECONDS", 0.1)
    slack.faults.deliver_late = 0.2
    await slack.person("dana").command("/help-me")
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await api.views_open(trigger_id=bot.forms[0]["trigger_id"], view=modal(section("x")))


async def test_events_can_overtake_each_other(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.faults.out_of_order = 1
    slack.add_person(name="First Come", email="first@northwind.example")
    slack.add_person(name="Second Come", email="second@northwind.example")
    await slack.settle()
    assert [payload["event"]["user"]["name"] for payload in bot.payloads] == ["second", "first"]


async def test_an_event_nobody_overtakes_arrives_all_the_same(
    slack: LocalSlack, bot: RecordingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.dispatch.HELD_SECONDS", 0.05)
    slack.faults.out_of_order = 1
    slack.add_person(name="Only One", email="only@northwind.example")
    await slack.settle()
    assert len(bot.payloads) == 1


async def test_a_trigger_can_be_expired_from_the_start(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    slack.faults.expired_trigger = 1
    for expected in ("expired_trigger_id", None):
        await slack.person("dana").command("/help-me")
        call = api.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=modal(section("x")))
        if expected:
            with pytest.raises(SlackApiError, match=expected):
                await call
        else:
            assert (await call)["ok"]


async def test_calls_can_be_told_to_come_later(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.faults.api_429, slack.faults.retry_after = 2, 7
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await api.auth_test()
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "7"
        assert caught.value.response["error"] == "ratelimited"
    assert (await api.auth_test())["ok"]


async def test_a_fault_can_be_meant_for_one_method(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.faults.api_500, slack.faults.api_method = True, "team.info"
    assert (await api.auth_test())["ok"]
    with pytest.raises(SlackApiError) as caught:
        await api.team_info()
    assert caught.value.response.status_code == 500
    slack.faults.clear()
    assert (await api.team_info())["ok"]


async def test_a_lost_answer_has_done_its_work(slack: LocalSlack) -> None:
    dana = slack.person("dana")
    slack.faults.api_lost_answer = 1
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {slack.bot_token}"}) as http:
        with pytest.raises(aiohttp.ClientError):
            await http.post(f"{slack.api_url}chat.postMessage", json={"channel": dana.id, "text": "x"})
    assert [message.text for message in dana.messages()] == ["x"]


async def test_a_garbled_answer_has_done_its_work(slack: LocalSlack) -> None:
    dana = slack.person("dana")
    slack.faults.api_nonsense = 1
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {slack.bot_token}"}) as http:
        answer = await http.post(f"{slack.api_url}chat.postMessage", json={"channel": dana.id, "text": "x"})
        assert (answer.status, answer.content_type) == (200, "text/html")
    assert [message.text for message in dana.messages()] == ["x"]


async def test_calls_can_be_slow(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.faults.api_slow = 0.1
    began = time.monotonic()
    await api.auth_test()
    assert time.monotonic() - began >= 0.1


async def test_slack_can_be_down(slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot) -> None:
    slack.faults.slack_down = True
    with pytest.raises(SlackApiError) as caught:
        await api.auth_test()
    assert caught.value.response.status_code == 503
    reply = await slack.person("dana").command("/help-me")
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    assert reply.error is not None
    assert bot.requests == []


@pytest.mark.parametrize(
    "values", [{"gravity": True}, {"smtp_down": 3}, {"api_slow": "x"}, {"api_method": 1}]
)
def test_an_unknown_fault_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        Faults().update(values)


async def test_a_fault_that_is_on_stays_on(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.faults.deliver_twice = True
    await asyncio.gather(*(slack.person("dana").command("/help-me") for _ in range(3)))
    assert len(bot.requests) == 6
