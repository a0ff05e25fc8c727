"""Messages: where the app may post, what it may edit, and who sees what."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.conversations import SHOWN
from tests.sandbox.bots import button, section
from tests.sandbox.conftest import MANIFEST, SCOPES

Json = dict[str, Any]


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_direct_message_goes_to_a_user_id_or_a_channel_id(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    dana = slack.person("dana")
    first = await api.chat_postMessage(channel=dana.id, text="one")
    opened = await api.conversations_open(users=[dana.id])
    assert first["channel"] == opened["channel"]["id"]
    await api.chat_postMessage(channel=first["channel"], text="two")
    assert [message.text for message in dana.messages()] == ["one", "two"]


async def test_stamps_are_unique_and_increase(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    stamps = [(await api.chat_postMessage(channel=dana.id, text="x"))["ts"] for _ in range(20)]
    assert stamps == sorted(set(stamps))


WHERE_NOT = [
    ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ({"channel": "U0NOBODY", "text": "x"}, "channel_not_found"),
    ({"channel": "#general", "text": "x"}, "not_in_channel"),
    ({"channel": "USLACKBOT", "text": "x"}, "cannot_dm_bot"),
    ({"channel": "#team-admins", "text": " "}, "no_text"),
    ({"channel": "#team-admins", "text": "x" * 40_001}, "msg_too_long"),
    ({"channel": "#team-admins", "text": "x", "username": "Somebody"}, "missing_scope"),
    ({"channel": "#team-admins", "text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_format"),
    ({"channel": "#team-admins", "text": "x", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
    ({"channel": "#team-admins", "text": "x", "blocks": [section("x" * 2500)] * 5}, "msg_blocks_too_long"),
    ({"channel": "#team-admins", "text": "x", "attachments": [{"hue": "red"}]}, "invalid_attachments"),
]


@pytest.mark.parametrize(("arguments", "error"), WHERE_NOT)
async def test_a_post_slack_would_refuse_is_refused(
    slack: LocalSlack, api: AsyncWebClient, arguments: Json, error: str
) -> None:
    assert await refused(api.api_call("chat.postMessage", json=arguments)) == error


async def test_an_archived_channel_takes_nothing(slack: LocalSlack, api: AsyncWebClient) -> None:
    channel = slack.channel("team-admins")
    posted = await api.chat_postMessage(channel=channel.id, text="x")
    channel.archived = True
    assert await refused(api.chat_postMessage(channel=channel.id, text="x")) == "is_archived"
    assert await refused(api.chat_update(channel=channel.id, ts=posted["ts"], text="y")) == "is_archived"


async def test_without_a_messages_tab_nobody_can_be_written_to() -> None:
    features = {**MANIFEST["features"], "app_home": {"home_tab_enabled": True}}
    async with LocalSlack(manifest={**MANIFEST, "features": features}) as slack:
        api = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        assert (
            await refused(api.chat_postMessage(channel=slack.person("dana").id, text="x"))
            == "messages_tab_disabled"
        )


async def test_the_app_is_invited_to_a_channel_by_a_person(slack: LocalSlack, api: AsyncWebClient) -> None:
    reply = await slack.person("dana").command("/invite", "@helper", channel="general")
    assert reply.error is None
    assert (await api.chat_postMessage(channel="#general", text="hello"))["ok"]


async def test_a_private_channel_the_app_is_not_in_does_not_exist(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    secret = slack.add_channel("secret", members=["dana"], is_private=True, app_in=False)
    assert await refused(api.chat_postMessage(channel=secret.id, text="x")) == "channel_not_found"
    assert await refused(api.conversations_info(channel=secret.id)) == "channel_not_found"


async def test_an_edit_changes_in_place_and_keeps_what_it_does_not_name(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    dana = slack.person("dana")
    posted = await api.chat_postMessage(channel=dana.id, text="one", blocks=[section("block")])
    await api.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    [message] = dana.messages()
    assert (message.text, message.words) == ("two", "block")
    await api.chat_update(channel=posted["channel"], ts=posted["ts"], text="three", blocks=[])
    assert message.words == "three"
    assert message.edited is not None


async def test_only_its_own_messages_are_the_apps_to_change(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    said = await dana.say(None, "mine")
    assert await refused(api.chat_update(channel=dana.dm.id, ts=said, text="x")) == "cant_update_message"
    assert await refused(api.chat_delete(channel=dana.dm.id, ts=said)) == "cant_delete_message"
    assert await refused(api.chat_update(channel=dana.dm.id, ts="1.000000", text="x")) == "message_not_found"


async def test_a_deleted_message_is_gone(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    posted = await api.chat_postMessage(channel=dana.id, text="x")
    await api.chat_delete(channel=posted["channel"], ts=posted["ts"])
    assert dana.messages() == []
    assert await refused(api.chat_delete(channel=posted["channel"], ts=posted["ts"])) == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_edited(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    olivia, adam = slack.person("olivia"), slack.person("adam")
    channel = slack.channel("team-admins").id
    whispered = await api.chat_postEphemeral(channel=channel, user=olivia.id, text="psst")
    assert [message.text for message in olivia.ephemerals] == ["psst"]
    assert adam.ephemerals == []
    late = api.chat_update(channel=channel, ts=whispered["message_ts"], text="x")
    assert await refused(late) == "message_not_found"
    outside = api.chat_postEphemeral(channel=channel, user=slack.person("dana").id, text="x")
    assert await refused(outside) == "user_not_in_channel"


async def test_history_needs_a_channel_id_and_hides_metadata_unless_asked(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    dana = slack.person("dana")
    key = {"event_type": "t", "event_payload": {"key": "k"}}
    posted = await api.chat_postMessage(channel=dana.id, text="x", metadata=key)
    assert await refused(api.conversations_history(channel=dana.id)) == "channel_not_found"
    plain_history = await api.conversations_history(channel=posted["channel"])
    assert "metadata" not in plain_history["messages"][0]
    whole = await api.conversations_history(channel=posted["channel"], include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == key
    assert whole["messages"][0]["bot_id"] == slack.workspace.bot.id


async def test_history_comes_newest_first_in_pages_and_between_stamps(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    dana = slack.person("dana")
    stamps = [(await api.chat_postMessage(channel=dana.id, text=str(n)))["ts"] for n in range(5)]
    paged = await api.conversations_history(channel=dana.dm.id, limit=2)
    pages = [[message["text"] for message in page["messages"]] async for page in paged]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    since = await api.conversations_history(channel=dana.dm.id, oldest=stamps[2])
    assert [message["text"] for message in since["messages"]] == ["4", "3"]
    both = await api.conversations_history(
        channel=dana.dm.id, oldest=stamps[2], latest=stamps[3], inclusive=True
    )
    assert [message["text"] for message in both["messages"]] == ["3", "2"]


async def test_history_needs_the_scope_of_its_kind_of_conversation(slack: LocalSlack) -> None:
    scopes = [scope for scope in SCOPES if scope != "im:history"]
    async with LocalSlack(manifest={**MANIFEST, "oauth_config": {"scopes": {"bot": scopes}}}) as other:
        api = AsyncWebClient(token=other.bot_token, base_url=other.api_url)
        with pytest.raises(SlackApiError) as caught:
            await api.conversations_history(channel=other.person("dana").dm.id)
        assert caught.value.response["needed"] == "im:history"
        assert (await api.conversations_history(channel=other.channel("team-admins").id))["ok"]


async def test_a_kept_message_has_the_ids_slack_makes_up(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    unnamed = button("Go", "x")
    del unnamed["action_id"]
    posted = await api.chat_postMessage(channel=dana.id, blocks=[section("hi", accessory=unnamed)], text="hi")
    [block] = posted["message"]["blocks"]
    assert block["block_id"]
    assert block["accessory"]["action_id"]
    assert block["text"] == {"type": "mrkdwn", "text": "hi", "verbatim": False}


async def test_the_last_messages_are_shown_and_all_are_kept(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    for number in range(SHOWN + 10):
        slack.workspace.whisper(dana.dm, dana.id, text=str(number))
        await api.chat_postMessage(channel=dana.id, text=str(number))
    assert len(dana.dm.latest(dana.id)) == SHOWN
    assert len(dana.dm.order) == SHOWN + 10
