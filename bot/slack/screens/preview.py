"""Seeing what would happen before it is asked for; nothing is done (product §11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import commands
from bot.slack.answers import Answer, Say, Screen, Show, Update
from bot.slack.blocks import Block, View, divider, input_block, message, modal, section, text_input
from bot.slack.entering import require_active
from bot.slack.foretelling import foretold
from bot.slack.forms import Form
from bot.slack.messages.rendering import LONGEST
from bot.slack.refusals import refusal_words
from bot.slack.screens import picking
from bot.slack.screens.invite_lines import Choices, lines_of, typed_draft
from bot.slack.screens.invite_review import offered_to
from bot.slack.screens.member_verbs import typed_role
from bot.slack.text import Mrkdwn, email, lines, md, shorten
from bot.slack.visit import Visit
from domain.changes import (
    ActivateMember,
    Change,
    ChangeRole,
    DeactivateMember,
    JoinOrganization,
)
from domain.descriptions import describe
from domain.errors import BadValue, Refusal
from domain.inviting import examine
from domain.joining import join_of
from domain.permissions import roles_of
from domain.reviews import Row

FORM = "preview"
KNOWN = ("invite", "role", "deactivate", "activate", "join")
SHOWN = 5
LONGEST_TYPED = 500
HINT = "invite ann@example.com as admin · role Ann Lee admin · deactivate Ann Lee · activate Ann Lee · join"
EXAMPLE = "/team preview role @ann admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed, as changes, and the people of a list who cannot be invited at all."""

    changes: Sequence[Change]
    problems: Sequence[Row] = ()


def build(typed: str = "", said: Sequence[Mrkdwn] = ()) -> View:
    """The form, with the preview of what was typed before."""
    field = text_input(
        "typed",
        initial=typed or None,
        max_length=LONGEST_TYPED,
        placeholder="invite ann@example.com as admin",
    )
    above = [*_blocks(said), divider()] if said else []
    return modal(
        "Preview",
        [*above, input_block("What you would type after /team", field, block_id="typed", hint=HINT)],
        callback_id=FORM,
        submit="Preview",
        close="Close",
    )


def parse(view: Mapping[str, Any]) -> str:
    """What was typed into the form."""
    return Form(view).text("typed")


def _blocks(said: Sequence[Mrkdwn]) -> list[Block]:
    return [section(shorten(part, 2900)) for part in said]


async def verb(visit: Visit) -> Answer:
    """Preview what was typed, or open the form for it."""
    if not visit.text.strip():
        return Show(build())
    said = await _previewed(visit, visit.text)
    return Say(message(shorten(lines(*said), LONGEST), _blocks(said)), title="Preview")


async def submitted(visit: Visit) -> Answer:
    """Show what would happen above the form."""
    typed = parse(visit.view)
    try:
        return Update(build(typed, await _previewed(visit, typed)))
    except Refusal as refusal:
        refusal.field = "typed"
        raise


async def _previewed(visit: Visit, typed: str) -> list[Mrkdwn]:
    wanted = await _wanted(visit, typed.removeprefix(commands.TEAM).strip())
    told = [await _one(visit, change) for change in wanted.changes]
    if wanted.problems:
        told.append(await _problems(visit, wanted.problems))
    return [*told, Mrkdwn("_Nothing was done._")]


async def _one(visit: Visit, change: Change) -> Mrkdwn:
    preview = await visit.services.front_desk.preview(visit.who, change)
    async with visit.reading() as (tx, _):
        joining = isinstance(change, JoinOrganization)
        what = "ask to become a member" if joining else (await describe(tx, change)).title
        return lines(md("*If you {what}:*", what=what), await foretold(tx, preview))


async def _problems(visit: Visit, rows: Sequence[Row]) -> Mrkdwn:
    told = [Mrkdwn("*Not invited:*")]
    async with visit.reading() as (tx, _):
        for row in rows[:SHOWN]:
            assert row.problem is not None  # those of the list with a problem
            address = email(row.line.email) or "Somebody"
            told.append(md("• {address}: {why}", address=address, why=await refusal_words(tx, row.problem)))
    if len(rows) > SHOWN:
        told.append(md("• and {count} more", count=len(rows) - SHOWN))
    return lines(*told)


async def _wanted(visit: Visit, typed: str) -> Wanted:
    """Read what was typed as the verb itself would.

    Raises:
        BadValue: it is nothing that can be previewed.
    """
    command = commands.parse(typed)
    before, _ = commands.split_reason(command.rest)
    name = command.verb.name if command.verb else ""
    if name == "invite" and before:
        return await _inviting(visit, before)
    if name == "join":
        await visit.services.directory.ensure(visit.who.team_id, visit.who.user_id)
        async with visit.reading() as (tx, actor):
            return Wanted(changes=[await join_of(tx, actor)])
    if name in KNOWN and before:
        return Wanted(changes=[await _about_member(visit, name, before)])
    if name in KNOWN:
        raise BadValue(f"Type whom it is about after {name}.", remedy=f"For example: {EXAMPLE}.")
    raise BadValue(
        f"Only {', '.join(KNOWN[:-1])} and {KNOWN[-1]} can be previewed.",
        remedy=f"For example: {EXAMPLE}.",
    )


async def _about_member(visit: Visit, name: str, before: str) -> Change:
    async with visit.reading() as (tx, actor):
        await require_active(tx, actor)
        if name == "role":
            choices = Choices(roles=roles_of(tx.organization), departments=(), default_role="")
            typed = typed_role(before, choices)
            if not typed.role:
                raise BadValue("Type the role too.", remedy=f"For example: {EXAMPLE}.")
            member = await picking.member_typed(tx, typed.person)
            return ChangeRole(member_id=member.id, role=typed.role)
        member = await picking.member_typed(tx, before)
    kind = DeactivateMember if name == "deactivate" else ActivateMember
    return kind(member_id=member.id)


async def _inviting(visit: Visit, before: str) -> Wanted:
    async with visit.reading() as (tx, actor):
        offered = await offered_to(tx, actor)
    draft = typed_draft(before, offered.choices)
    for user_id in draft.users:
        await visit.services.directory.ensure(visit.who.team_id, user_id)
    async with visit.reading() as (tx, actor):
        found = {user_id: await tx.people.get(user_id) for user_id in draft.users}
        known = {user_id: person for user_id, person in found.items() if person}
        named, unknown = lines_of(draft, offered.choices, known)
        rows, groups = await examine(tx, actor, named) if named or not unknown else ((), ())
    problems = [*unknown, *(row for row in rows if row.problem is not None)]
    return Wanted(changes=[group.change for group in groups], problems=problems)


SCREEN = Screen(verbs={"preview": verb}, views={FORM: submitted}, open_to_all=frozenset({"preview"}))
