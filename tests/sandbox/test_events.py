"""Events: told only where subscribed, delivered again until they are taken."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.dispatch import RETRY_DELAYS
from tests.sandbox.bots import RecordingBot
from tests.sandbox.conftest import MANIFEST

CALLBACK_FIELDS = {
    *("token", "team_id", "context_team_id", "context_enterprise_id", "api_app_id", "event", "type"),
    *("event_id", "event_time", "authorizations", "is_ext_shared_channel", "event_context"),
}


async def test_a_newcomer_is_told_with_the_documented_fields(slack: LocalSlack, bot: RecordingBot) -> None:
    ann = slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    [payload] = bot.payloads
    assert set(payload) == CALLBACK_FIELDS
    assert payload["event"]["type"] == "team_join"
    assert payload["event"]["user"]["id"] == ann.id
    assert payload["authorizations"][0]["user_id"] == slack.workspace.bot.user


async def test_a_changed_person_is_told(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.person("dana").change(email="new@northwind.example", deleted=True)
    await slack.settle()
    user = bot.payloads[-1]["event"]["user"]
    assert (user["deleted"], user["profile"]["email"]) == (True, "new@northwind.example")


async def test_home_is_told_with_the_view_it_had(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await api.views_publish(user_id=dana.id, view={"type": "home", "blocks": []})
    before = dana.home
    assert before is not None
    await dana.open_home(wait=0)
    await slack.settle()
    event = bot.payloads[-1]["event"]
    assert (event["tab"], event["channel"], event["view"]["hash"]) == ("home", dana.dm.id, before.hash)


async def test_a_direct_message_is_told_as_message_im(slack: LocalSlack, bot: RecordingBot) -> None:
    dana = slack.person("dana")
    ts = await dana.say(None, "see <https://x.example>")
    await slack.settle()
    event = bot.payloads[-1]["event"]
    assert (event["type"], event["channel_type"], event["ts"]) == ("message", "im", ts)


async def test_nothing_is_told_that_was_not_asked_for(bot: RecordingBot) -> None:
    settings = {**MANIFEST["settings"], "event_subscriptions": {"bot_events": ["app_home_opened"]}}
    async with LocalSlack(manifest={**MANIFEST, "settings": settings}) as slack:
        slack.connect(request_url=bot.url)
        slack.add_person(name="Ann Archer", email="ann@northwind.example")
        await slack.person("dana").say(None, "hello")
        slack.uninstall()
        await slack.settle()
    assert bot.requests == []


async def test_a_failed_delivery_comes_again_three_times(slack: LocalSlack, bot: RecordingBot) -> None:
    assert RETRY_DELAYS == (0.0, 60.0, 300.0)
    bot.answer(status=500)
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    retries = [
        (headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")) for headers, _ in bot.requests
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({payload["event_id"] for payload in bot.payloads}) == 1


async def test_a_delivery_that_is_taken_does_not_come_again(slack: LocalSlack, bot: RecordingBot) -> None:
    bot.answer(status=500)
    bot.answer()
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    assert len(bot.requests) == 2


async def test_the_bot_may_ask_not_to_be_tried_again(slack: LocalSlack, bot: RecordingBot) -> None:
    bot.answer(None, status=500, after=0, **{"X-Slack-No-Retry": "1"})
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.settle()
    assert len(bot.requests) == 1


async def test_uninstalling_tells_and_ends_the_tokens(slack: LocalSlack, bot: RecordingBot) -> None:
    slack.uninstall()
    await slack.settle()
    events = {payload["event"]["type"]: payload["event"] for payload in bot.payloads}
    assert set(events) == {"tokens_revoked", "app_uninstalled"}
    assert events["tokens_revoked"]["tokens"]["bot"] == [slack.workspace.bot.user]


async def test_the_address_of_the_bot_is_verified_by_a_challenge(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    assert not await slack.verify_request_url()
    assert bot.payloads[-1]["type"] == "url_verification"
