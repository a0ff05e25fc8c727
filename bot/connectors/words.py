"""What a letter says, before it becomes text and HTML."""

import unicodedata
from dataclasses import dataclass

from bot.connectors.letter import one_line
from domain.ports import Transaction

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_LONGEST_PARAGRAPH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A letter's content; every text is plain and is escaped where it becomes HTML.

    Args:
        state: what of the notice's subject this letter tells; two letters that differ in it are two letters.
        facts: labels and values.
        link: a button's label and where it leads.
        code: something to type elsewhere.
        after: paragraphs below: what to do next.
        why: why the reader gets this mail.
        reply_to: who answers, "" for nobody.
    """

    state: str = ""
    subject: str
    heading: str
    before: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    link: tuple[str, str] | None = None
    code: str = ""
    after: tuple[str, ...] = ()
    why: str
    reply_to: str = ""


def said(text: str, longest: int = _LONGEST_PARAGRAPH) -> str:
    """Return what a person wrote fit for a sentence of ours: one line, its direction kept in."""
    line = one_line(text, longest)
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in line):
        return f"\u2068{line}\u2069"
    return line


def team(tx: Transaction) -> str:
    """Return the organization's name for a sentence."""
    return said(tx.organization.name)


async def zone_of(tx: Transaction, user_id: str | None) -> str:
    """Return the time zone of a Slack user, UTC where none is known."""
    person = await tx.people.get(user_id) if user_id else None
    return person.time_zone if person else "UTC"


def why_member(tx: Transaction) -> str:
    """Return why a member gets mail rather than a message in Slack."""
    return (
        f"You get this mail as a member of {team(tx)}, because Steward cannot write to you in Slack. "
        "Open Steward in Slack to change that: it recognises you by this address."
    )
