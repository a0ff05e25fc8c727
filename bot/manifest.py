"""The Slack app's manifest, ready to paste: for Socket Mode, or with the address Slack shall post to."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

PATH = "/slack/events"
REDIRECT_PATH = "/slack/oauth_redirect"

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "manifest.yml", _HERE.parent / "manifest.yml")


def manifest(*, socket: bool, url: str | None = None, several: bool = False) -> dict[str, Any]:
    """The manifest of an app that uses Socket Mode, or of one that Slack reaches at `url`.

    Args:
        socket: Slack sends over Socket Mode; no public address is needed.
        url: where Steward is reached, such as `https://steward.example.com`.
        several: people install the app in their workspaces from Steward's page, at `url` in any case.

    Raises:
        ValueError: neither or both are given, `several` without `url`, or `url` is no http(s) address.
    """
    if several and url is None:
        raise ValueError("Several workspaces need the address of Steward's page for installing.")
    if not several and socket == (url is not None):
        raise ValueError("Choose one: Socket Mode, or the address at which Slack reaches Steward.")
    result = _content()
    result["settings"]["socket_mode_enabled"] = socket
    for holder, key in _addresses(result):
        if url is None or socket:
            holder.pop(key, None)
        else:
            holder[key] = _endpoint(url)
    if several and url is not None:
        result["oauth_config"]["redirect_urls"] = [_endpoint(url).removesuffix(PATH) + REDIRECT_PATH]
        result["settings"] |= {"token_rotation_enabled": True, "org_deploy_enabled": True}
    return result


def scopes() -> tuple[str, ...]:
    """What the app asks Slack for, `optional_scopes` included."""
    return tuple(_content()["oauth_config"]["scopes"]["bot"])


def optional_scopes() -> frozenset[str]:
    """What somebody who installs the app may leave out."""
    return frozenset(_content()["oauth_config"]["scopes"].get("bot_optional", ()))


def _content() -> dict[str, Any]:
    text = next(place for place in _PLACES if place.exists()).read_text(encoding="utf-8")
    result: dict[str, Any] = yaml.safe_load(text)
    return result


def as_yaml(content: dict[str, Any]) -> str:
    """The manifest as YAML, for Slack's "Create an app from a manifest"."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def as_json(content: dict[str, Any]) -> str:
    """The manifest as JSON, for the Slack command line."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _addresses(content: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    settings = content["settings"]
    interactivity = settings["interactivity"]
    return [
        *((command, "url") for command in content["features"]["slash_commands"]),
        (settings["event_subscriptions"], "request_url"),
        (interactivity, "request_url"),
        (interactivity, "message_menu_options_url"),
    ]


def _endpoint(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{url} is not an address such as https://steward.example.com.")
    base = url.strip().rstrip("/")
    return base if base.endswith(PATH) else base + PATH
