"""The manifest asks for exactly what the code uses: listeners, events and scopes."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import manifest
from bot.slack.directory import register_directory
from bot.slack.edge import StewardApp, build_bolt, web_client
from bot.slack.listeners import register

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = manifest(socket=True)

SCOPES_OF_METHOD: dict[str, set[str]] = {
    "apps_connections_open": set(),
    "auth_teams_list": set(),
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"im:history"},
    "conversations_open": {"im:write"},
    "users_info": {"users:read", "users:read.email"},
    "users_list": {"users:read", "users:read.email"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
"""What Slack's method pages ask of a bot token; e-mail addresses of users are a scope of their own."""
OPTIONAL = {"files:read", "files:write"}
"""Scopes that Steward can do without."""


@pytest.fixture
async def app() -> Any:
    async with aiohttp.ClientSession() as session:
        client = web_client(token="xoxb-1", session=session)
        app = build_bolt(signing_secret="secret", bot_token="xoxb-1", web_client=client)
        services: Any = None  # listeners are only registered here, never run
        register(app, services)
        register_directory(app, services)
        yield app


def methods_called() -> Iterator[str]:
    """The Web API methods the code names, the local Slack left out."""
    known = {name for name in vars(AsyncWebClient) if not name.startswith("_")}
    for path in (ROOT / "bot").rglob("*.py"):
        if "sandbox" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in known:
                yield node.attr


async def test_every_command_and_shortcut_of_the_manifest_has_its_listener(app: StewardApp) -> None:
    features = MANIFEST["features"]
    assert sorted(app.listeners.commands) == sorted(each["command"] for each in features["slash_commands"])
    assert sorted(app.listeners.shortcuts) == sorted(each["callback_id"] for each in features["shortcuts"])


async def test_every_event_of_the_manifest_has_its_listener(app: StewardApp) -> None:
    declared = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(app.listeners.events) == sorted(declared)


def test_the_scopes_are_those_of_the_methods_the_code_calls() -> None:
    called = set(methods_called())
    assert called <= SCOPES_OF_METHOD.keys()
    needed = {"commands"}.union(*(SCOPES_OF_METHOD[method] for method in called))
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert sorted(scopes["bot"]) == sorted(needed)
    assert sorted(scopes["bot_optional"]) == sorted(OPTIONAL)


async def test_no_two_listeners_wait_for_the_same_thing(app: StewardApp) -> None:
    for kind in ("commands", "shortcuts", "actions", "views", "options", "events"):
        waiting = [str(each) for each in getattr(app.listeners, kind)]
        assert len(set(waiting)) == len(waiting), kind
