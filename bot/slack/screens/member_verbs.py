"""Typed: /team role, /team deactivate, /team activate; typed alone they open their form."""

import re
from dataclasses import dataclass

from bot.slack.answers import Answer, Say, Screen, Show
from bot.slack.blocks import message, section
from bot.slack.commands import Word, split_reason, tokens, unescaped
from bot.slack.screens import picking
from bot.slack.screens.invite_lines import Choices
from bot.slack.screens.member_acts import form_for, submit
from bot.slack.screens.member_forms import Draft
from bot.slack.visit import Visit
from domain.offers import Act
from domain.permissions import roles_of

_FILLERS = frozenset({"as", "to", "is", "=", "become", "be", "a", "an", "the", "role", "of"})


@dataclass(frozen=True, slots=True)
class TypedRole:
    """Who and which role were typed after `/team role`; empty for what was not."""

    person: str
    role: str


def typed_role(text: str, choices: Choices) -> TypedRole:
    """Read "@ann admin", "ann lee as admin" or "admin ann@example.com"."""
    found = tokens(text)
    words = [unescaped(token.text) for token in found if isinstance(token, Word)]
    if len(words) < len(found):
        named = re.findall(r"<@[^>]*>|<mailto:[^>]*>|[^\s,;<]+@[^\s,;>]+", text)
        return TypedRole(" ".join(named) or text, choices.role(_without_fillers(words)))
    for at in range(1, len(words)):
        role = choices.role(_without_fillers(words[at:]))
        if role in choices.roles:
            return TypedRole(_without_fillers(words[:at]), role)
    return TypedRole(" ".join(words), "")


def _without_fillers(words: list[str]) -> str:
    kept = list(words)
    while kept and kept[0].casefold() in _FILLERS:
        kept.pop(0)
    while kept and kept[-1].casefold() in _FILLERS:
        kept.pop()
    return " ".join(kept)


async def role_verb(visit: Visit) -> Answer:
    """Give somebody the role typed; what is not typed is asked for in a form."""
    before, because = split_reason(visit.text)
    if not before:
        return Show(await form_for(visit, Draft(act=Act.CHANGE_ROLE, reason=because or ""), pick=True))
    async with visit.reading() as (tx, _):
        choices = Choices(roles=roles_of(tx.organization), departments=(), default_role="")
        typed = typed_role(before, choices)
        member = await picking.member_typed(tx, typed.person)
    draft = Draft(act=Act.CHANGE_ROLE, subject_id=member.id, role=typed.role, reason=because or "")
    if not typed.role:
        return Show(await form_for(visit, draft, pick=True))
    return await _typed(visit, draft)


async def deactivate_verb(visit: Visit) -> Answer:
    """Deactivate who was typed."""
    return await _status_verb(visit, Act.DEACTIVATE)


async def activate_verb(visit: Visit) -> Answer:
    """Activate who was typed."""
    return await _status_verb(visit, Act.ACTIVATE)


async def _status_verb(visit: Visit, act: Act) -> Answer:
    before, because = split_reason(visit.text)
    if not before:
        return Show(await form_for(visit, Draft(act=act, reason=because or ""), pick=True))
    async with visit.reading() as (tx, _):
        member = await picking.member_typed(tx, before)
    return await _typed(visit, Draft(act=act, subject_id=member.id, reason=because or ""))


async def _typed(visit: Visit, draft: Draft) -> Answer:
    words = await submit(visit, draft)
    return Say(message(words, [section(words)]), title="Members")


SCREEN = Screen(verbs={"role": role_verb, "deactivate": deactivate_verb, "activate": activate_verb})
