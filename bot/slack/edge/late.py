"""Answers that would come too late: Slack hears something in time, and the person the rest afterwards."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.blocks import message
from bot.slack.calls import NO_ANSWER
from bot.slack.edge.incidents import kind_of, on_form

log = structlog.get_logger("steward.slack")

TAKES_LONGER = (
    "This takes longer than Slack waits for it. Steward goes on: look in a minute whether it was done "
    "before you try again."
)
PATIENCE = 5.0
"""Seconds Slack may take for the answer that follows; nobody waits for it any more."""


def meanwhile(payload: Mapping[str, Any]) -> BoltResponse | None:
    """Return what to answer while the listener goes on; None where Slack had better ask again."""
    if "command" in payload:
        return BoltResponse(status=200, body=message(TAKES_LONGER, response_type="ephemeral"))
    if payload.get("type") == "view_submission":
        return BoltResponse(status=200, body=on_form(payload.get("view") or {}, TAKES_LONGER))
    if payload.get("type") in ("block_actions", "shortcut", "message_action"):
        return BoltResponse(status=200)  # the listener itself tells what became of it
    return None


async def afterwards(answer: BoltResponse, payload: Mapping[str, Any], client: AsyncWebClient) -> None:
    """Bring the answer to a command to who typed it, now that Slack no longer waits for it."""
    url = payload.get("response_url") if "command" in payload else None
    said = _object(answer.body)
    if not url or not said:
        return
    content = {name: value for name, value in said.items() if not name.startswith("unfurl_")}
    hook = AsyncWebhookClient(str(url), session=client.session, timeout=client.timeout, retry_handlers=[])
    try:
        async with asyncio.timeout(PATIENCE):
            await hook.send_dict(content)
    except NO_ANSWER as error:
        log.warning("slack.could_not_tell", kind=kind_of(payload), error=type(error).__name__)


def _object(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
