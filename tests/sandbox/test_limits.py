"""Rate limits: off unless asked for, then Slack's own."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.errors import ApiError
from bot.sandbox.limits import Limiter, Tier


async def test_without_limits_nothing_is_refused(slack: LocalSlack, api: AsyncWebClient) -> None:
    for _ in range(60):
        await api.users_lookupByEmail(email="dana@northwind.example")
    assert slack.calls.count("users.lookupByEmail") == 60


async def test_a_channel_takes_about_one_post_a_second(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.limits = True
    dana, devi = slack.person("dana").id, slack.person("devi").id
    for _ in range(4):
        await api.chat_postMessage(channel=dana, text="x")
    with pytest.raises(SlackApiError) as caught:
        await api.chat_postMessage(channel=dana, text="x")
    assert caught.value.response.status_code == 429
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    assert (await api.chat_postMessage(channel=devi, text="x"))["ok"]


@pytest.mark.parametrize(("tier", "calls"), [(Tier.TWO, 20), (Tier.THREE, 50), (Tier.FOUR, 100)])
def test_each_tier_has_its_calls_a_minute(tier: Tier, calls: int) -> None:
    limiter = Limiter()
    for _ in range(calls):
        limiter.check("method", tier, {})
    with pytest.raises(ApiError, match="ratelimited"):
        limiter.check("method", tier, {})
    limiter.check("other", tier, {})


async def test_switching_the_limits_forgets_what_was_counted(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.limits = True
    for _ in range(20):
        await api.users_list()
    with pytest.raises(SlackApiError):
        await api.users_list()
    slack.limits = True
    assert (await api.users_list())["ok"]
