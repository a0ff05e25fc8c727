"""The one translation of refusals into words: the rule, what is missing, what to do, who could do it."""

from collections.abc import Iterable, Mapping

from bot.slack import text
from bot.slack.blocks import Block, Message, actions, button, message, section
from bot.slack.screens.ids import JOIN_OPEN
from bot.slack.text import Mrkdwn, md
from domain.errors import Busy, NotAMember, Refusal
from domain.model import Member, RecordedRefusal
from domain.ports import StoreUnavailable, Transaction

ASK = "ask_for_refusal"
"""The button under a refusal: asks those who could; its value is the refusal's id."""

NOTHING_DONE = "Nothing was done; try again in a minute."
UNREACHABLE = f"Steward could not reach its database. {NOTHING_DONE}"
BUSY = f"Steward is busy with other changes of your team. {NOTHING_DONE}"


def who_is(member: Member) -> Mrkdwn:
    """A member as a mention, or by name where they are not linked to Slack."""
    return text.person(user_id=member.slack_user_id, named=member.name, address=member.email)


def people(members: Iterable[Member]) -> Mrkdwn:
    """Members in a list for a sentence: "@Ann, @Ben or @Cem" without the last word."""
    return Mrkdwn(", ").join(who_is(member) for member in members)


async def refusal_words(tx: Transaction | None, refusal: Refusal | RecordedRefusal) -> Mrkdwn:
    """A refusal as markup: rule, fact, remedy, and who could do it as mentions.

    Args:
        tx: to look people up in; None where there is no organization.
    """
    if isinstance(refusal, Busy):
        return text.escape(BUSY)
    could = list((await tx.members.many(refusal.who)).values()) if tx and refusal.who else []
    could.sort(key=lambda member: refusal.who.index(member.id))
    said = Mrkdwn(" ").join(part for part in (refusal.rule, refusal.fact, refusal.remedy) if part)
    return text.lines(said, md("Who could: {people}.", people=people(could)) if could else None)


def refusal_blocks(words: Mrkdwn, refusal: Refusal | RecordedRefusal) -> list[Block]:
    """A refusal's words with the button that asks those who could, where asking is possible."""
    refusal_id = refusal.id if isinstance(refusal, RecordedRefusal) else refusal.refusal_id
    blocks = [section(text.shorten(words, 2900))]
    if refusal.code == NotAMember.__name__:
        blocks.append(actions(button("Ask to join", JOIN_OPEN, style="primary")))
    elif refusal.can_ask and refusal_id:
        blocks.append(actions(button("Ask them", ASK, value=refusal_id, style="primary")))
    return blocks


async def refusal_message(tx: Transaction | None, refusal: Refusal | RecordedRefusal) -> Message:
    """A refusal as a message."""
    words = await refusal_words(tx, refusal)
    return message(text.shorten(words, 3900), refusal_blocks(words, refusal))


def field_errors(refusal: Refusal, fields: Mapping[str, str]) -> dict[str, str] | None:
    """A refusal as a fault on the field it belongs to; None when it belongs to none of the form's.

    Args:
        fields: the form's block_id by the domain's name of the field.
    """
    block_id = fields.get(refusal.field or "")
    return None if block_id is None else {block_id: plain_words(refusal)}


def plain_words(refusal: Refusal) -> str:
    """A refusal as plain text for a field, where mentions are not shown."""
    return BUSY if isinstance(refusal, Busy) else text.plain(str(refusal), 1900)


def explain(error: Exception) -> str | None:
    """The words for an error that people may read as they are; None for an incident."""
    if isinstance(error, StoreUnavailable):
        return UNREACHABLE
    return plain_words(error) if isinstance(error, Refusal) else None
