"""Asking to become a member (product §4)."""

from bot.slack.answers import Answer, Say, Screen, Show
from bot.slack.blocks import View, input_block, message, modal, section, text_input
from bot.slack.commands import split_reason, unescaped
from bot.slack.forms import LONGEST_REASON, reason_of
from bot.slack.messages.invitation import invitation_card
from bot.slack.results import result_words
from bot.slack.screens.ids import JOIN_OPEN
from bot.slack.text import escape, md
from bot.slack.visit import Visit
from domain.errors import BadValue
from domain.joining import join_of
from domain.model import Outsider, email_key
from domain.overview import invitation_facts
from domain.permissions import default_role

FORM = "join"


def build(*, organization: str, role: str, reason: str = "") -> View:
    """The form that asks why."""
    blocks = [
        section(
            md("Ask the admins of *{name}* to make you a member as {role}.", name=organization, role=role)
        ),
        input_block(
            "Why",
            text_input(
                "reason", initial=reason or None, multiline=True, max_length=LONGEST_REASON, focus=True
            ),
            block_id="reason",
            optional=True,
            hint="The people who decide see it.",
        ),
    ]
    return modal("Ask to join", blocks, callback_id=FORM, submit="Ask")


async def verb(visit: Visit) -> Answer:
    """Ask at once with the reason typed, or open the form for it."""
    before, because = split_reason(visit.text)
    reason = because or unescaped(before)
    return await _ask(visit, reason) if reason else await opened(visit)


async def opened(visit: Visit) -> Answer:
    """Open the form, or show the invitation that waits already."""
    await _meet(visit)
    async with visit.reading() as (tx, actor):
        change = await join_of(tx, actor)
        invitations = await tx.invitations.open_for([change.email])
        if (mine := invitations.get(email_key(change.email))) and isinstance(actor, Outsider):
            return Say(invitation_card(await invitation_facts(tx, mine)), title="You are invited")
        organization = tx.organization
    return Show(build(organization=organization.name, role=default_role(organization).name))


async def submitted(visit: Visit) -> Answer:
    """Ask with the reason in the form."""
    return await _ask(visit, visit.form.text("reason"))


async def _meet(visit: Visit) -> None:
    """Have Slack say who asks, whose address decides what they may join with."""
    if not await visit.meet(visit.who.user_id):
        raise BadValue(
            "Slack did not answer in time.",
            fact="So Steward does not know who you are, and nothing was done.",
            remedy="Try again in a minute.",
        )


async def _ask(visit: Visit, reason: str) -> Answer:
    await _meet(visit)
    answer = await visit.services.front_desk.join(
        visit.who, reason=reason_of(reason), delivery=visit.delivery
    )
    async with visit.reading() as (tx, _):
        words = await result_words(
            tx, answer, done=escape(f"You are a member of {tx.organization.name} now.")
        )
    return Say(message(words, [section(words)]), title="Asked to join")


SCREEN = Screen(
    verbs={"join": verb},
    actions={JOIN_OPEN: opened},
    views={FORM: submitted},
    open_to_all=frozenset({"join"}),
)
