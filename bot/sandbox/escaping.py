"""How Slack hands over what people type: mentions, channels, links and addresses in angle brackets."""

import re

from bot.sandbox.core import Workspace

_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>|]+)"
    r"|(?P<mail>[^\s<>@,;:()]+@[^\s<>@,;:()]+\.[^\s<>@,;:().]+)"
    r"|(?<!\S)@(?P<user>[\w.-]+)"
    r"|(?<!\S)#(?P<channel>[\w-]+)"
    r"|(?P<special>[&<>])"
)
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(workspace: Workspace, text: str, *, named: bool = True) -> str:
    """Text as the app receives it: `@ann` becomes `<@U…|ann>`, addresses and links are wrapped.

    Without `named` a mention is the bare id, as in messages.
    """

    def replace(match: re.Match[str]) -> str:
        word = match.group()
        if match["special"]:
            return _SPECIAL[word]
        if match["url"]:
            return f"<{_plain(word)}>"
        if match["mail"]:
            return f"<mailto:{_plain(word)}|{_plain(word)}>"
        if match["user"]:
            account = workspace.people.handle(match["user"])
            return _mention("@", account.id, account.handle) if account and account.in_slack else word
        channel = workspace.conversations.named(match["channel"])
        return _mention("#", channel.id, channel.name) if channel else word

    def _mention(sign: str, target: str, name: str) -> str:
        return f"<{sign}{target}|{name}>" if named else f"<{sign}{target}>"

    return _TOKEN.sub(replace, text)


def _plain(text: str) -> str:
    return re.sub("[&<>]", lambda match: _SPECIAL[match.group()], text)
