"""What can be typed: `/team help`, and the button that shows it."""

from bot.slack.answers import Answer, Say, Screen
from bot.slack.blocks import message, section
from bot.slack.commands import help_text
from bot.slack.screens.ids import HELP
from bot.slack.text import Mrkdwn, lines
from bot.slack.visit import Visit

NOT_SET_UP = "Steward is not set up yet: `/team setup`"


async def show(visit: Visit) -> Answer:
    """Show the help, and what comes before all else where Steward is not set up."""
    async with visit.services.front_desk.snapshot(visit.who.team_id) as tx:
        words = help_text() if tx.is_set_up else lines(Mrkdwn(NOT_SET_UP), help_text())
    return Say(message(words, [section(words)]), title="What you can type", keep=True)


_VERBS = frozenset({"help"})

SCREEN = Screen(verbs={"help": show}, actions={HELP: show}, open_to_all=_VERBS, before_set_up=_VERBS)
