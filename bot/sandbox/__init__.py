"""A local Slack: the Web API, events, interactions and Socket Mode, a page to act on it, and a mailbox."""

from bot.sandbox.mail import Mail
from bot.sandbox.page_state import Clock
from bot.sandbox.person import Person, Reply
from bot.sandbox.server import LocalSlack
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team, demo_team

__all__ = [
    "ChannelSpec",
    "Clock",
    "Kind",
    "LocalSlack",
    "Mail",
    "Person",
    "PersonSpec",
    "Reply",
    "Team",
    "demo_team",
]
