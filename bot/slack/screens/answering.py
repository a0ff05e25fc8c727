"""Who may do what and why, in words: the table's cell, the role, who else."""

from collections.abc import Iterable, Sequence

from bot.slack.deciding import yeses_said
from bot.slack.refusals import people, who_is
from bot.slack.text import Mrkdwn, escape, lines, md, shorten
from domain.model import Actor, Member
from domain.operations import OPERATION_NAMES, OPERATION_WORDS, Access, Operation, operations_like
from domain.overview import Can, role_held
from domain.permissions import TABLE, Rank, Role, access, role_for, roles_of
from domain.ports import Transaction

SHOWN = 20
_GRANTING = (Operation.INVITE, Operation.MANAGE_MEMBERS)

_CELLS = {
    Access.FULL: "*Yes: {who} may {what}.* The role {role} includes it.",
    Access.LIMITED: "*In part: {who} may {what}, but only {own}.* The role {role} includes no more.",
    Access.OWN: "*In part: {who} may {what}, as far as it is about {self}.* {role} includes no more.",
    Access.SCOPE: "*In part: {who} may {what}, within the scope of the role {role}.*",
    Access.ASKS: "*By asking: {who} may ask to {what}.* Somebody who may do it decides.",
    Access.ASKS_FOR_SELF: "*For {self}, by asking: {who} may ask to {what}.* Somebody who may do it decides.",
    Access.NONE: "*No: {who} may not {what}.* The role {role} does not include it.",
}
_SHORT = {
    Access.FULL: "yes",
    Access.LIMITED: "their own only",
    Access.OWN: "what concerns themself",
    Access.SCOPE: "within their scope",
    Access.ASKS: "by asking",
    Access.ASKS_FOR_SELF: "for themself, by asking",
    Access.NONE: "no",
}


async def can_words(tx: Transaction, answer: Can, reader: Actor) -> Mrkdwn:
    """Whether somebody may do something, by which rule, and who else may."""
    member = answer.member
    own = isinstance(reader, Member) and reader.id == member.id
    others = [other for other in answer.others if other.id != member.id]
    return lines(
        _verdict(tx, answer, own=own),
        _plan(tx, answer),
        _granting(tx, answer),
        *(await yeses_said(tx, answer.role, [answer.operation]) if answer.access is Access.FULL else ()),
        md("*Who else may:* {who}.", who=people(others)) if others else None,
    )


def _verdict(tx: Transaction, answer: Can, *, own: bool) -> Mrkdwn:
    what, role = OPERATION_NAMES[answer.operation], answer.role.name
    if answer.operation not in TABLE[tx.organization.preset]:
        return md("*No: nobody here may {what}.* It is no part of this kind of team.", what=what)
    if not answer.member.active:
        who = who_is(answer.member)
        return md("*No: {who} is deactivated.* The role {role} is kept for a return.", who=who, role=role)
    return md(
        _CELLS[answer.access],
        who="you" if own else who_is(answer.member),
        self="yourself" if own else "themself",
        own="your own" if own else "their own",
        what=what,
        role=role,
    )


def _plan(tx: Transaction, answer: Can) -> Mrkdwn | None:
    held = role_held(tx, answer.member)
    if held == answer.role:
        return None
    return md(
        "The {plan} plan does not include the role {held}; its holders act as {role} until it does.",
        plan=tx.organization.plan,
        held=held.name,
        role=answer.role.name,
    )


def _granting(tx: Transaction, answer: Can) -> Mrkdwn | None:
    """Which roles the right reaches."""
    if answer.operation not in _GRANTING or answer.access is not Access.FULL:
        return None
    grants = [role.name for slug, role in roles_of(tx.organization).items() if slug in answer.role.may_grant]
    return md("*Roles this reaches:* {roles}.", roles=", ".join(grants))


async def who_words(tx: Transaction, operation: Operation, who: Sequence[Member]) -> Mrkdwn:
    """Who may do something: people, and every role with how far it goes.

    Args:
        who: at most one more than `SHOWN`, which tells that there are more.
    """
    what = OPERATION_NAMES[operation]
    roles = [
        md("• {role}: {how}", role=role.name, how=_SHORT[_cell(tx, role, operation)])
        for role in roles_of(tx.organization).values()
    ]
    if who:
        shown = md("*Who may {what}:* {who}", what=what, who=people(who[:SHOWN]))
        more = " and more; `/team members` lists them by role." if len(who) > SHOWN else "."
        first = shown + Mrkdwn(more)
    else:
        first = md("*Nobody may {what} now.*", what=what)
    yeses = await yeses_said(tx, _highest(tx), [operation])
    return lines(first, *roles, "*What needs a yes besides:*" if yeses else None, *yeses)


def _highest(tx: Transaction) -> Role:
    """The role below the owner's that may grant most."""
    below = (role for role in roles_of(tx.organization).values() if role.rank is not Rank.OWNER)
    return max(below, key=lambda role: len(role.may_grant))


def _cell(tx: Transaction, role: Role, operation: Operation) -> Access:
    return access(tx.organization, role_for(tx.organization, role.slug), operation)


def unknown_words(tx: Transaction, words: str) -> Mrkdwn:
    """The answer to words that name no operation: the likeliest ones, and all."""
    asked = shorten(words, 80)
    meant = [operation for operation in operations_like(words) if operation in TABLE[tx.organization.preset]]
    known = (OPERATION_WORDS[operation][0] for operation in known_operations(tx))
    first = md("I don't know what “{words}” is.", words=asked) if asked else Mrkdwn("What is meant?")
    return lines(
        first,
        md("Did you mean {meant}?", meant=_listed(meant)) if meant else None,
        md("You can ask about: {known}.", known=", ".join(known)),
    )


def _listed(operations: Iterable[Operation]) -> Mrkdwn:
    parts = (
        md("`{word}` ({what})", word=OPERATION_WORDS[operation][0], what=OPERATION_NAMES[operation])
        for operation in operations
    )
    return escape(", or ").join(parts)


def known_operations(tx: Transaction) -> tuple[Operation, ...]:
    """The operations the organization's roles speak of, in the table's order."""
    return tuple(operation for operation in OPERATION_NAMES if operation in TABLE[tx.organization.preset])
