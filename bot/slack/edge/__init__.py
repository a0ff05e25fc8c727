"""Where Slack comes in: every delivery is checked, dispatched to its listener and answered in words."""

from bot.slack.clients import web_client
from bot.slack.edge.authorize import Authorize
from bot.slack.edge.bolt import LazyListener, Listeners, StewardApp, build_bolt
from bot.slack.edge.dispatch import Dispatcher, Outcome
from bot.slack.edge.guard import Guard, Refused
from bot.slack.edge.http import SlackEdge
from bot.slack.edge.incidents import Explain
from bot.slack.edge.installed import InstalledAuthorize
from bot.slack.lines import NotInstalled

__all__ = [
    "Authorize",
    "Dispatcher",
    "Explain",
    "Guard",
    "InstalledAuthorize",
    "LazyListener",
    "Listeners",
    "NotInstalled",
    "Outcome",
    "Refused",
    "SlackEdge",
    "StewardApp",
    "build_bolt",
    "web_client",
]
