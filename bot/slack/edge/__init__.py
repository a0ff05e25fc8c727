"""Where Slack comes in: every delivery is checked, dispatched to its listener and answered in words."""

from bot.slack.edge.authorize import Authorize, NotInstalled
from bot.slack.edge.bolt import LazyListener, Listeners, StewardApp, build_bolt, web_client
from bot.slack.edge.dispatch import Dispatcher, Outcome
from bot.slack.edge.guard import Guard, Refused
from bot.slack.edge.http import SlackEdge
from bot.slack.edge.incidents import Explain

__all__ = [
    "Authorize",
    "Dispatcher",
    "Explain",
    "Guard",
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
