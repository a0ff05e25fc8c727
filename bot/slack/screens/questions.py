"""Questions: may somebody do something, who may, why was I refused (product §11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.answers import Answer, Say, Screen, Show, Update
from bot.slack.blocks import (
    Block,
    Option,
    View,
    context,
    divider,
    input_block,
    message,
    modal,
    option,
    section,
    static_select,
)
from bot.slack.commands import Word, as_typed, tokens, unescaped
from bot.slack.entering import require_active
from bot.slack.forms import Form, one_of
from bot.slack.messages.rendering import LONGEST
from bot.slack.refusals import refusal_blocks, refusal_words
from bot.slack.screens import picking
from bot.slack.screens.answering import SHOWN, can_words, known_operations, unknown_words, who_words
from bot.slack.text import Mrkdwn, date, lines, md, plain, shorten
from bot.slack.visit import Visit
from domain import changes
from domain.descriptions import describe
from domain.members import load as load_member
from domain.model import Actor, Member, RecordedRefusal
from domain.operations import OPERATION_NAMES, Operation, operation_named, speaks_of_operations
from domain.overview import can, last_refusal, who_can
from domain.ports import Transaction

FORM = "questions"
_ASIDE = frozenset({"can", "may", "could", "is", "allowed", "holds", "to"})
_MYSELF = frozenset({"i", "me", "myself"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the form asks; nobody means everybody."""

    member_id: str = ""
    operation: Operation | None = None


def build(
    question: Question,
    operations: tuple[Operation, ...],
    *,
    chosen: Option | None,
    said: Mrkdwn | None = None,
) -> View:
    """The form, with the answer to what it asked before."""
    answer = [section(shorten(said, 2900)), divider()] if said else []
    who = input_block(
        "Who",
        picking.member_select(picking.ANY, chosen=chosen),
        block_id="member",
        optional=True,
        hint="Leave it empty to see everybody who may.",
    )
    small = context("The answer comes from the same table of roles that decides.")
    return modal(
        "Who may do what",
        [*answer, _what(question, operations), who, small],
        callback_id=FORM,
        submit="Ask",
        close="Close",
    )


def _what(question: Question, operations: tuple[Operation, ...]) -> Block:
    options = [option(plain(OPERATION_NAMES[each], 75), each) for each in operations]
    asked = question.operation if question.operation in operations else None
    menu = static_select("operation", options, initial=asked, placeholder="Choose")
    return input_block("What", menu, block_id="operation")


def parse(view: Mapping[str, Any]) -> Question:
    """What the form asks."""
    form = Form(view)
    chosen = form.choice("operation")
    operation = one_of(Operation, chosen) if chosen else None
    return Question(member_id=form.choice("member") or "", operation=operation)


async def submitted(visit: Visit) -> Answer:
    """Answer above the form, which stays for the next question."""
    async with visit.reading() as (tx, actor):
        return Update(await _form(tx, actor, parse(visit.view)))


async def _form(tx: Transaction, actor: Actor, question: Question) -> View:
    await require_active(tx, actor)
    member = await load_member(tx, question.member_id) if question.member_id else None
    said = None
    if question.operation is not None:
        said = await _answer(tx, actor, member, question.operation)
    chosen = picking.member_option(tx, actor, member) if member else None
    return build(question, known_operations(tx), chosen=chosen, said=said)


async def _answer(tx: Transaction, actor: Actor, member: Member | None, operation: Operation) -> Mrkdwn:
    if member is not None:
        return await can_words(tx, await can(tx, member, operation), actor)
    return await who_words(tx, operation, await who_can(tx, operation, limit=SHOWN + 1))


async def can_verb(visit: Visit) -> Answer:
    """Answer `/team can @ann invite`; without a person, for who asks."""
    async with visit.reading() as (tx, actor):
        me = await require_active(tx, actor)
        if not visit.text.strip():
            return Show(await _form(tx, actor, Question(member_id=me.id)))
        member, words = await _subject(tx, me, visit.text)
        operation = operation_named(words)
        said = await _answer(tx, actor, member, operation) if operation else unknown_words(tx, words)
    return _say(said, "May they?")


async def _subject(tx: Transaction, me: Member, typed: str) -> tuple[Member, str]:
    """Who is asked about (mentioned, by address, by name before known words, or oneself) and the rest."""
    found = tokens(typed.replace("?", " "))
    words = [unescaped(token.text) for token in found if isinstance(token, Word)]
    named = next((token for token in found if not isinstance(token, Word)), None)
    if named is not None:
        return await picking.member_meant(tx, named), " ".join(words)
    if words and words[0].casefold() in _MYSELF:
        return me, " ".join(words[1:])
    if operation_named(" ".join(words), whole=True):
        return me, " ".join(words)
    for at in range(1, len(words)):
        person, rest = " ".join(words[:at]), " ".join(words[at:])
        if operation_named(rest, whole=True) and not speaks_of_operations(person):
            return await picking.member_typed(tx, person), rest
    return me, " ".join(words)


async def who_verb(visit: Visit) -> Answer:
    """Answer `/team who can invite`."""
    words = as_typed(visit.text.replace("?", " ")).split()
    while words and words[0].casefold() in _ASIDE:
        words.pop(0)
    async with visit.reading() as (tx, actor):
        if not words:
            return Show(await _form(tx, actor, Question()))
        operation = operation_named(" ".join(words))
        said = await _answer(tx, actor, None, operation) if operation else unknown_words(tx, " ".join(words))
    return _say(said, "Who may")


def _say(words: Mrkdwn, title: str) -> Say:
    return Say(message(shorten(words, LONGEST), [section(shorten(words, 2900))]), title=title)


async def why_verb(visit: Visit) -> Answer:
    """Explain the last refusal, with the button that asks those who could."""
    async with visit.reading() as (tx, actor):
        refusal = await last_refusal(tx, actor)
        if refusal is None:
            return _say(Mrkdwn("Steward has refused you nothing so far."), "Why")
        wanted = await _wanted(tx, refusal)
        why = await refusal_words(tx, refusal)
    words = lines(wanted, why)
    return Say(
        message(shorten(words, LONGEST), [section(wanted), *refusal_blocks(why, refusal)]), title="Why"
    )


async def _wanted(tx: Transaction, refusal: RecordedRefusal) -> Mrkdwn:
    """What was refused, and when."""
    at = date(refusal.at)
    if refusal.change is None:
        return md("*The last refusal, {at}:*", at=at)
    try:
        described = await describe(tx, changes.from_json(refusal.change))
    except ValueError:
        return md("*The last refusal, {at}:*", at=at)  # recorded by a version that knew other changes
    return md("*You wanted to {what}, {at}:*", what=described.title, at=at)


SCREEN = Screen(
    verbs={"can": can_verb, "who": who_verb, "why": why_verb},
    views={FORM: submitted},
    open_to_all=frozenset({"why"}),
)
