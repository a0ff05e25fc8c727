"""Commands, clicks and shortcuts: what the bot receives, and within which time it must answer."""

import asyncio
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.dispatch import ANSWER_SECONDS, signature
from tests.sandbox.acting import ACTION_FIELDS, COMMON_FIELDS, post_card
from tests.sandbox.bots import RecordingBot, button, plain, section
from tests.sandbox.conftest import MANIFEST

COMMAND_FIELDS = {
    *("token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name"),
    *("command", "text", "api_app_id", "is_enterprise_install", "response_url", "trigger_id"),
}


def test_the_signature_is_slacks_own_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
        b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = signature("8f742231b10e8888abcd99yyyzzz85a5", body, 1531420618)
    assert (
        headers["X-Slack-Signature"] == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


async def test_a_command_is_a_signed_form_with_the_documented_fields(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me", "  a & b  ")
    [(headers, body)] = bot.requests
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    [form] = bot.forms
    assert set(form) == COMMAND_FIELDS
    assert (form["command"], form["text"], form["user_id"]) == ("/help-me", "a & b", dana.id)
    assert (form["channel_name"], form["team_domain"]) == ("general", "northwind-labs")


async def test_private_and_direct_conversations_do_not_tell_their_name(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    olivia = slack.person("olivia")
    await olivia.command("/help-me", channel="team-admins")
    await olivia.command("/help-me", channel=olivia.dm.id)
    assert [form["channel_name"] for form in bot.forms] == ["privategroup", "directmessage"]


async def test_what_is_typed_is_escaped_where_the_manifest_says_so(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    general = slack.channel("general").id
    await dana.command("/escape", "@devi #general x@y.example https://z.example/?a=1&b=2 <&> @nobody")
    assert bot.forms[0]["text"] == (
        f"<@{slack.person('devi').id}|devi> <#{general}|general> <mailto:x@y.example|x@y.example>"
        " <https://z.example/?a=1&amp;b=2> &lt;&amp;&gt; @nobody"
    )


async def test_a_command_the_manifest_does_not_have_goes_nowhere(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    reply = await slack.person("dana").command("/other")
    assert reply.error is not None
    assert reply.error.startswith("/other is not a valid command.")
    assert bot.requests == []


async def test_the_bot_has_three_seconds(slack: LocalSlack, bot: RecordingBot) -> None:
    assert ANSWER_SECONDS == 3
    slack.dispatcher.answer_seconds = 0.1
    bot.answer("late", after=0.3)
    reply = await slack.person("dana").command("/help-me")
    assert reply.error == '/help-me failed with the error "operation_timeout"'
    assert slack.person("dana").ephemerals == []


@pytest.mark.parametrize("status", [201, 404, 500])
async def test_anything_but_200_is_a_failed_dispatch(
    slack: LocalSlack, bot: RecordingBot, status: int
) -> None:
    bot.answer("oops", status=status)
    reply = await slack.person("dana").command("/help-me")
    assert (reply.status, reply.error) == (status, '/help-me failed with the error "dispatch_failed"')


async def test_a_bot_that_is_gone_is_a_failed_dispatch(slack: LocalSlack, bot: RecordingBot) -> None:
    await bot.stop()
    reply = await slack.person("dana").command("/help-me")
    assert (reply.status, reply.error) == (0, '/help-me failed with the error "dispatch_failed"')


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (None, []),
        ("just words", ["just words"]),
        ({"text": "words"}, ["words"]),
        ({"response_type": "ephemeral", "blocks": [section("block")]}, ["block"]),
        ({}, []),
    ],
)
async def test_the_answer_to_a_command_is_shown_to_its_sender(
    slack: LocalSlack, bot: RecordingBot, answer: Any, seen: list[str]
) -> None:
    bot.answer(answer)
    reply = await slack.person("dana").command("/help-me")
    assert [message.words for message in reply.ephemeral] == seen
    assert slack.person("devi").ephemerals == []


async def test_an_answer_in_channel_is_seen_by_all(slack: LocalSlack, bot: RecordingBot) -> None:
    bot.answer({"response_type": "in_channel", "text": "for all"})
    await slack.person("dana").command("/help-me")
    assert [message.text for message in slack.person("devi").messages("general")] == ["for all"]


async def test_an_answer_with_wrong_blocks_is_an_error_the_person_sees_once(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    bot.answer({"blocks": [{"type": "poem"}]})
    dana = slack.person("dana")
    reply = await dana.command("/help-me")
    assert reply.error is not None
    assert "unsupported type: poem" in reply.error
    assert dana.ephemerals == []


async def test_a_click_has_the_documented_fields(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    posted = await post_card(
        slack,
        api,
        confirm={"title": plain("t"), "text": plain("t"), "confirm": plain("y"), "deny": plain("n")},
    )
    await dana.click("Approve")
    [payload] = bot.payloads
    assert set(payload) == ACTION_FIELDS | {"channel", "message", "response_url", "state"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": posted["channel"],
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": posted["channel"], "name": "directmessage"}
    assert payload["user"]["id"] == dana.id
    assert payload["message"]["text"] == "card"
    [action] = payload["actions"]
    assert set(action) == {"type", "block_id", "action_id", "text", "value", "action_ts"}
    assert (action["block_id"], action["action_id"], action["value"]) == ("b", "approve", "7")


async def test_a_click_on_an_ephemeral_message_carries_no_message(
    slack: LocalSlack, bot: RecordingBot
) -> None:
    bot.answer({"blocks": [{"type": "actions", "elements": [button("Go", "go")]}]})
    bot.answer()
    dana = slack.person("dana")
    await dana.command("/help-me")
    await dana.click("Go")
    payload = bot.payloads[-1]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


async def test_a_shortcut_has_the_documented_fields(slack: LocalSlack, bot: RecordingBot) -> None:
    dana = slack.person("dana")
    await dana.shortcut("ask")
    assert set(bot.payloads[-1]) == COMMON_FIELDS | {"action_ts", "callback_id", "trigger_id"}
    slack.channel("general").app_in = True
    await slack.person("devi").say("general", "quote me")
    await dana.shortcut("quote", message=dana.messages("general")[0])
    payload = bot.payloads[-1]
    assert payload["type"] == "message_action"
    assert payload["message"]["text"] == "quote me"
    assert (await dana.shortcut("other")).error == "There is no shortcut other."


async def test_a_click_the_bot_does_not_answer_says_why(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await post_card(slack, api)
    bot.answer(status=500)
    assert (await dana.click("Approve")).error == "This app responded with Status Code 500."
    slack.dispatcher.answer_seconds = 0.05
    bot.answers.clear()
    bot.answer(after=0.2)
    assert (
        await dana.click("Approve")
    ).error == "Operation timed out. Apps need to respond within 3 seconds."
    assert dana.notice == "Operation timed out. Apps need to respond within 3 seconds."


async def test_a_choice_in_a_message_is_sent_at_once(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    options = [{"text": plain(text), "value": text.lower()} for text in ("One", "Two")]
    block = section(
        "Pick", block_id="p", accessory={"type": "static_select", "action_id": "s", "options": options}
    )
    await api.chat_postMessage(channel=dana.id, text="pick", blocks=[block])
    await dana.select("Pick", "Two")
    payload = bot.payloads[-1]
    assert payload["actions"][0]["selected_option"]["value"] == "two"
    assert payload["state"]["values"]["p"]["s"]["selected_option"]["value"] == "two"


async def test_two_clicks_at_once_are_two_deliveries(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await post_card(slack, api)
    bot.answer(after=0.05)
    await asyncio.gather(dana.click("Approve"), dana.click("Approve"))
    first, second = bot.payloads
    assert first["trigger_id"] != second["trigger_id"]


async def test_an_app_without_interactivity_gets_no_clicks(slack: LocalSlack, api: AsyncWebClient) -> None:
    settings = {**MANIFEST["settings"], "interactivity": {"is_enabled": False}}
    async with LocalSlack(manifest={**MANIFEST, "settings": settings}) as other:
        client = AsyncWebClient(token=other.bot_token, base_url=other.api_url)
        await post_card(other, client)
        reply = await other.person("dana").click("Approve")
    assert reply.error == "This app is not configured to handle interactive responses."
