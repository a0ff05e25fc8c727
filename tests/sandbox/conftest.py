"""A local Slack, a client of it, and two bots: one that records what it gets, one made with Bolt."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from tests.sandbox.bots import BoltBot, RecordingBot

SCOPES = [
    "commands",
    "chat:write",
    "users:read",
    "users:read.email",
    "users.profile:read",
    "team:read",
    "im:write",
    "im:history",
    "im:read",
    "channels:read",
    "groups:read",
    "groups:history",
    "files:read",
    "files:write",
]
MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Helper"},
    "features": {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Helper"},
        "slash_commands": [
            {"command": "/help-me", "description": "Asks for help", "usage_hint": "[topic]"},
            {"command": "/escape", "description": "Escapes", "should_escape": True},
        ],
        "shortcuts": [
            {"name": "Ask", "type": "global", "callback_id": "ask", "description": "Asks"},
            {"name": "Quote", "type": "message", "callback_id": "quote", "description": "Quotes"},
        ],
    },
    "oauth_config": {"scopes": {"bot": SCOPES}},
    "settings": {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_uninstalled",
                "message.im",
                "team_join",
                "tokens_revoked",
                "user_change",
            ]
        },
    },
}


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack with the demo team and the app of MANIFEST."""
    async with LocalSlack(manifest=MANIFEST) as local:
        local.retry_delays = (0.0, 0.02, 0.02)
        yield local


@pytest.fixture
async def api(slack: LocalSlack) -> AsyncIterator[AsyncWebClient]:
    """The unmodified client of the Web API."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    yield client
    if client.session:
        await client.session.close()


@pytest.fixture
async def bot(slack: LocalSlack) -> AsyncIterator[RecordingBot]:
    """A bot that records what it receives and answers what it is told to."""
    recording = RecordingBot()
    await recording.start()
    slack.connect(request_url=recording.url)
    yield recording
    await recording.stop()


@pytest.fixture(params=["http", "socket"])
async def bolt(slack: LocalSlack, request: pytest.FixtureRequest) -> AsyncIterator[BoltBot]:
    """A Bolt app with the unmodified SDK, over HTTP and over Socket Mode."""
    helper = BoltBot(slack)
    async with helper.running(over=request.param):
        yield helper
