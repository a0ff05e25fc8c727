"""Puts a form or a card in front of Dana."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from tests.sandbox.bots import RecordingBot, button

Json = dict[str, Any]

COMMON_FIELDS = {"type", "token", "user", "team", "enterprise", "is_enterprise_install"}
ACTION_FIELDS = COMMON_FIELDS | {"api_app_id", "trigger_id", "container", "actions"}


async def open_form(slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, view: Json) -> None:
    """Opens a form in front of Dana."""
    await slack.person("dana").command("/help-me")
    await api.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=view)


async def post_card(slack: LocalSlack, api: AsyncWebClient, **more: Any) -> Json:
    """Posts a button to Dana."""
    actions = {
        "type": "actions",
        "block_id": "b",
        "elements": [button("Approve", "approve", value="7", **more)],
    }
    answer = await api.chat_postMessage(channel=slack.person("dana").id, text="card", blocks=[actions])
    return dict(answer.data)  # type: ignore[arg-type]
