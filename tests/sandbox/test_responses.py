"""Response addresses: five answers in half an hour."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox import LocalSlack
from bot.sandbox.triggers import RESPONSE_SECONDS, RESPONSE_USES
from tests.sandbox.bots import RecordingBot, button, section


@pytest.fixture
async def hook(slack: LocalSlack, bot: RecordingBot) -> AsyncIterator[AsyncWebhookClient]:
    """The response address of a command Dana typed."""
    await slack.person("dana").command("/help-me")
    client = AsyncWebhookClient(bot.forms[0]["response_url"])
    yield client
    if client.session:
        await client.session.close()


async def test_five_answers_and_no_more(slack: LocalSlack, hook: AsyncWebhookClient) -> None:
    for number in range(RESPONSE_USES):
        assert (await hook.send(text=str(number))).body == "ok"
    late = await hook.send(text="one too many")
    assert (late.status_code, late.body) == (404, '{"ok": false, "error": "used_url"}')
    assert [message.text for message in slack.person("dana").ephemerals] == ["0", "1", "2", "3", "4"]
    assert RESPONSE_USES == 5


async def test_an_address_ends_after_half_an_hour(slack: LocalSlack, hook: AsyncWebhookClient) -> None:
    assert RESPONSE_SECONDS == 1800
    slack.core.responses.age(hook.url.rpartition("/")[2], RESPONSE_SECONDS + 1)
    late = await hook.send(text="x")
    assert (late.status_code, late.body) == (404, '{"ok": false, "error": "expired_url"}')


async def test_a_made_up_address_is_refused(slack: LocalSlack, hook: AsyncWebhookClient) -> None:
    other = AsyncWebhookClient(f"{slack.core.base_url}/response/other")
    assert (await other.send(text="x")).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
        ({"text": "x", "colour": "red"}, "invalid_payload"),
    ],
)
async def test_a_wrong_answer_is_refused(hook: AsyncWebhookClient, body: dict[str, Any], error: str) -> None:
    answer = await hook.send_dict(body)
    assert answer.status_code == 400
    assert error in answer.body


async def test_an_answer_in_channel_is_for_all(slack: LocalSlack, hook: AsyncWebhookClient) -> None:
    await hook.send(text="for all", response_type="in_channel")
    assert [message.text for message in slack.person("devi").messages("general")] == ["for all"]


async def test_a_click_can_replace_and_delete_its_message(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    card = [{"type": "actions", "elements": [button("Go", "go")]}]
    await api.chat_postMessage(channel=dana.id, text="card", blocks=card)
    await dana.click("Go")
    client = AsyncWebhookClient(bot.payloads[-1]["response_url"])
    await client.send(text="done", blocks=[section("done")], replace_original=True)
    assert [message.words for message in dana.messages()] == ["done"]
    await client.send(delete_original=True)
    assert dana.messages() == []


async def test_an_ephemeral_message_is_replaced_only_by_its_address(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    bot.answer({"blocks": [{"type": "actions", "elements": [button("Go", "go")]}]})
    bot.answer()
    dana = slack.person("dana")
    await dana.command("/help-me")
    await dana.click("Go")
    client = AsyncWebhookClient(bot.payloads[-1]["response_url"])
    await client.send(text="gone", replace_original=True, blocks=[])
    assert [message.words for message in dana.ephemerals] == ["gone"]
