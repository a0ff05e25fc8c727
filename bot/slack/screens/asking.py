"""The button under a refusal that asks those who could do it, and the form for why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.answers import Answer, Say, Screen, Show
from bot.slack.blocks import Block, View, input_block, message, modal, section, text_input
from bot.slack.deciding import named, requirement_said
from bot.slack.forms import LONGEST_REASON, Form, metadata, metadata_of, reason_of
from bot.slack.refusals import ASK, refusal_words
from bot.slack.results import result_words
from bot.slack.text import Mrkdwn, lines, md, shorten
from bot.slack.visit import Visit
from domain import changes
from domain.changes import Change
from domain.descriptions import describe
from domain.desk import Preview
from domain.errors import NotFound
from domain.model import Actor, Member, Outsider, RecordedRefusal
from domain.ports import Transaction

FORM = "ask"
REASON = "reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the form says."""

    refusal_id: str
    reason: str = ""


def build(asking: Asking, words: Mrkdwn, *, sendable: bool = True) -> View:
    """The form: what is asked of whom, and why."""
    blocks: list[Block] = [section(shorten(words, 2900))]
    if sendable:
        typed = text_input(
            "text", initial=asking.reason or None, multiline=True, max_length=LONGEST_REASON, focus=True
        )
        hint = "The people who decide see it."
        blocks.append(input_block("Why", typed, block_id=REASON, optional=True, hint=hint))
    return modal(
        "Ask them",
        blocks,
        callback_id=FORM,
        submit="Ask" if sendable else None,
        close="Cancel" if sendable else "Close",
        private_metadata=metadata(refusal=asking.refusal_id),
    )


def parse(view: Mapping[str, Any]) -> Asking:
    """What the form says."""
    return Asking(refusal_id=str(metadata_of(view).get("refusal", "")), reason=Form(view).text(REASON))


async def opened(visit: Visit) -> Answer:
    """Say who would be asked for what was refused, and ask for the reason.

    Raises:
        NotFound: there is nothing to ask for any more.
    """
    async with visit.reading() as (tx, actor):
        recorded = await tx.refusals.get(visit.value)
        change = _refused(recorded, actor)
        asking = Asking(refusal_id=visit.value, reason=recorded.reason if recorded else "")
    preview = await visit.services.front_desk.preview(visit.who, change, asking=True)
    async with visit.reading() as (tx, _):
        words = await _words(tx, preview)
    return Show(build(asking, words, sendable=preview.refusal is None))


def _refused(recorded: RecordedRefusal | None, actor: Actor) -> Change:
    if recorded is not None and recorded.change is not None and recorded.can_ask:
        match actor:
            case Member(id=member_id) if member_id == recorded.member_id:
                return changes.from_json(recorded.change)
            case Outsider(person=person) if person.user_id == recorded.user_id:
                return changes.from_json(recorded.change)
    raise NotFound("There is nothing to ask for here any more.", remedy="Type the command again.")


async def _words(tx: Transaction, preview: Preview) -> Mrkdwn:
    if preview.refusal is not None:
        return lines(
            "*Nobody can be asked for this at the moment.*", await refusal_words(tx, preview.refusal)
        )
    title = md("*You ask to {what}.*", what=(await describe(tx, preview.change)).title)
    if preview.requirement is None:
        return lines(title, "Nobody has to be asked any more: it happens at once.")
    return lines(
        title,
        md("*Will be asked:* {who}.", who=named(preview.approvers)),
        await requirement_said(tx, preview.requirement),
    )


async def submitted(visit: Visit) -> Answer:
    """Ask, with the reason in the form."""
    asking = parse(visit.view)
    answer = await visit.services.front_desk.ask(
        visit.who, asking.refusal_id, reason=reason_of(asking.reason), delivery=visit.delivery
    )
    async with visit.reading() as (tx, _):
        words = await result_words(tx, answer, done=Mrkdwn("*Done.* Nobody had to be asked any more."))
    return Say(message(words, [section(words)]), title="Asked")


SCREEN = Screen(actions={ASK: opened}, views={FORM: submitted})
