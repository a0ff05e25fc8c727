"""A local Slack: the Web API, events, interactions and Socket Mode, a page to act on it, and a mailbox."""

from bot.sandbox.authorizing import Unauthorizable
from bot.sandbox.core import Enterprise, Workspace
from bot.sandbox.grants import Installation
from bot.sandbox.mail import Mail
from bot.sandbox.page_state import Clock
from bot.sandbox.person import Person, Reply
from bot.sandbox.server import LocalSlack
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team, demo_team, second_team, third_team

__all__ = [
    "ChannelSpec",
    "Clock",
    "Enterprise",
    "Installation",
    "Kind",
    "LocalSlack",
    "Mail",
    "Person",
    "PersonSpec",
    "Reply",
    "Team",
    "Unauthorizable",
    "Workspace",
    "demo_team",
    "second_team",
    "third_team",
]
