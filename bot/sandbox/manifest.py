"""The app as its manifest declares it: commands, shortcuts, scopes, events and tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command of the app."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut of the app; `type` is `global` or `message`."""

    name: str
    callback_id: str
    description: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an app may do and receive."""

    name: str
    bot_name: str
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    bot_scopes: tuple[str, ...]
    bot_events: frozenset[str]
    home_tab: bool
    messages_tab: bool
    messages_read_only: bool
    interactivity: bool
    redirect_urls: tuple[str, ...] = ()
    token_rotation: bool = False
    org_deploy: bool = False

    @classmethod
    def parse(cls, manifest: Mapping[str, Any]) -> "Manifest":
        """Reads a parsed app manifest; what it leaves out has Slack's default."""
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        home = features.get("app_home", {})
        name = manifest.get("display_information", {}).get("name", "App")
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name),
            commands=tuple(_command(entry) for entry in features.get("slash_commands", [])),
            shortcuts=tuple(_shortcut(entry) for entry in features.get("shortcuts", [])),
            bot_scopes=_bot_scopes(manifest.get("oauth_config", {}).get("scopes", {})),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
            messages_read_only=bool(home.get("messages_tab_read_only_enabled", True)),
            interactivity=bool(settings.get("interactivity", {}).get("is_enabled", False)),
            redirect_urls=tuple(manifest.get("oauth_config", {}).get("redirect_urls", ())),
            token_rotation=bool(settings.get("token_rotation_enabled", False)),
            org_deploy=bool(settings.get("org_deploy_enabled", False)),
        )

    def command(self, name: str) -> Command | None:
        """The declared command of that name."""
        return next((command for command in self.commands if command.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        """The declared shortcut with that callback id."""
        return next((shortcut for shortcut in self.shortcuts if shortcut.callback_id == callback_id), None)


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(
        command=entry["command"],
        description=entry.get("description", ""),
        usage_hint=entry.get("usage_hint", ""),
        should_escape=bool(entry.get("should_escape", False)),
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        name=entry["name"],
        callback_id=entry["callback_id"],
        description=entry.get("description", ""),
        type=entry.get("type", "global"),
    )


def _bot_scopes(scopes: Mapping[str, Any]) -> tuple[str, ...]:
    """What the app gets when whoever installs it leaves nothing out."""
    return tuple(dict.fromkeys([*scopes.get("bot", []), *scopes.get("bot_optional", [])]))
