"""The manifest: valid to Slack, and the same as the code."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.manifest import as_json, as_yaml, manifest
from bot.slack.commands import COMMANDS, SHORTCUTS

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "manifest.schema.2.0.0.json"

SCOPES = {
    "commands",
    "chat:write",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
}
EVENTS = {"app_home_opened", "app_uninstalled", "team_join", "tokens_revoked", "user_change"}

FOR_SOCKET = manifest(socket=True)
FOR_HTTP = manifest(socket=False, url="https://steward.example.org")
FOR_SEVERAL = manifest(socket=False, url="https://steward.example.org/team/", several=True)


def slacks_schema() -> Path | None:
    """Slack's own schema, where there is a copy of it."""
    places = (os.environ.get("STEWARD_MANIFEST_SCHEMA"), ROOT.parent / "shared" / "data" / SCHEMA)
    return next((Path(place) for place in places if place and Path(place).exists()), None)


@pytest.mark.parametrize("content", [FOR_SOCKET, FOR_HTTP, FOR_SEVERAL], ids=["socket", "http", "several"])
def test_slack_accepts_the_manifest(
    content: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    path = slacks_schema()
    if path is None:
        note = (
            f"the manifest was not held against Slack's {SCHEMA}: set STEWARD_MANIFEST_SCHEMA to a copy of it"
        )
        print(note)  # noqa: T201
        record_property("note", note)
        return
    errors = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8"))).iter_errors(content)
    assert [error.message for error in errors] == []


def test_several_workspaces_install_the_app_from_stewards_page() -> None:
    assert FOR_SEVERAL["oauth_config"]["redirect_urls"] == [
        "https://steward.example.org/team/slack/oauth_redirect"
    ]
    assert FOR_SEVERAL["settings"]["token_rotation_enabled"]
    assert FOR_SEVERAL["settings"]["org_deploy_enabled"]
    by_socket = manifest(socket=True, url="https://steward.example.org", several=True)
    assert "request_url" not in by_socket["settings"]["event_subscriptions"]
    assert "redirect_urls" not in FOR_HTTP["oauth_config"]
    with pytest.raises(ValueError, match="address"):
        manifest(socket=True, several=True)


def test_the_schema_refuses_what_slack_would(record_property: Callable[[str, object], None]) -> None:
    path = slacks_schema()
    if path is None:
        record_property("note", f"{SCHEMA} is not here")
        return
    broken = manifest(socket=True)
    broken["features"]["slash_commands"][0]["command"] = "team"
    broken["display_information"]["name"] = "x" * 36
    errors = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8"))).iter_errors(broken)
    assert len(list(errors)) == 2


def test_its_commands_are_those_of_the_verb_table() -> None:
    declared = FOR_SOCKET["features"]["slash_commands"]
    assert declared == [
        {
            "command": each.command,
            "description": each.description,
            **({"usage_hint": each.usage_hint} if each.usage_hint else {}),
            "should_escape": True,
        }
        for each in COMMANDS
    ]


def test_its_shortcuts_are_those_of_the_verb_table() -> None:
    assert FOR_SOCKET["features"]["shortcuts"] == [
        {
            "name": each.name,
            "type": "global",
            "callback_id": each.callback_id,
            "description": each.description,
        }
        for each in SHORTCUTS
    ]


def test_its_scopes_and_events_are_names_that_slack_knows() -> None:
    assert set(FOR_SOCKET["oauth_config"]["scopes"]["bot"]) <= SCOPES
    assert set(FOR_SOCKET["settings"]["event_subscriptions"]["bot_events"]) <= EVENTS


def test_messages_and_home_are_open() -> None:
    home = FOR_SOCKET["features"]["app_home"]
    assert (home["home_tab_enabled"], home["messages_tab_enabled"]) == (True, True)
    assert FOR_SOCKET["features"]["bot_user"]["always_online"] is True


def test_socket_mode_needs_no_address() -> None:
    assert FOR_SOCKET["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(FOR_SOCKET)


def test_every_address_is_the_one_endpoint() -> None:
    endpoint = "https://steward.example.org/slack/events"
    settings = FOR_HTTP["settings"]
    assert settings["socket_mode_enabled"] is False
    assert {each["url"] for each in FOR_HTTP["features"]["slash_commands"]} == {endpoint}
    assert settings["event_subscriptions"]["request_url"] == endpoint
    assert settings["interactivity"]["request_url"] == endpoint
    assert settings["interactivity"]["message_menu_options_url"] == endpoint
    assert "steward.example.com" not in json.dumps(FOR_HTTP)


@pytest.mark.parametrize("url", ["https://x.example", "https://x.example/", "https://x.example/slack/events"])
def test_the_address_may_be_given_with_or_without_the_path(url: str) -> None:
    content = manifest(socket=False, url=url)
    assert content["settings"]["interactivity"]["request_url"] == "https://x.example/slack/events"


@pytest.mark.parametrize(
    "url", ["steward.example.org", "ftp://x.example", "https://", "https://x.example/?a=b", ""]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        manifest(socket=False, url=url)


def test_one_of_the_two_ways_is_chosen() -> None:
    with pytest.raises(ValueError, match="Choose one"):
        manifest(socket=True, url="https://x.example")
    with pytest.raises(ValueError, match="Choose one"):
        manifest(socket=False)


def test_it_can_be_written_as_yaml_and_json() -> None:
    assert yaml.safe_load(as_yaml(FOR_HTTP)) == FOR_HTTP
    assert json.loads(as_json(FOR_HTTP)) == FOR_HTTP
    assert "…" in as_yaml(FOR_HTTP)
