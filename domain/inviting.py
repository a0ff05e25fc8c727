"""Inviting many at once: review, split by what needs a yes, send, and account for every line (product §4)."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from domain import desk
from domain.approvals import requirement_for
from domain.authority import standing_on, those_who_may
from domain.changes import InvitationLine, InvitePeople
from domain.desk import Applied, Waiting
from domain.errors import MemberIsDeactivated, NobodyNamed, Refusal
from domain.model import Actor, Requirement
from domain.operations import Operation
from domain.permissions import Outcome, Standing, default_role
from domain.ports import Transaction
from domain.reviews import Row, review

MOST_LINES = 500
"""What one form may name; more come as a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What became of every line.

    Args:
        sent: the lines sent at once, with their invitations' ids.
        waiting: the requests that the other good lines wait for, with their lines.
        problems: the lines that were not sent, each with its problem.
    """

    sent: Applied | None
    waiting: tuple[Waiting, ...]
    problems: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that share what must be approved before they are sent (None: nothing)."""

    requirement: Requirement | None
    lines: tuple[InvitationLine, ...]


async def examine(
    tx: Transaction, actor: Actor, lines: Sequence[InvitationLine]
) -> tuple[tuple[Row, ...], tuple[Group, ...]]:
    """Return every line with its problem, and the good ones grouped by what they need.

    Raises:
        NobodyNamed: there is no line.
        NoPermission, NotAMember: the actor may not even ask.
    """
    if not lines:
        raise NobodyNamed(
            "Nobody is named.", remedy="Give at least one e-mail address or Slack user.", field="email"
        )
    if len(lines) > MOST_LINES:
        raise NobodyNamed(
            f"At most {MOST_LINES} people can be invited at once.",
            fact=f"{len(lines)} are named.",
            remedy="Send them in several parts.",
            field="email",
        )
    role = default_role(tx.organization).slug
    lines = [line if line.role else replace(line, role=role) for line in lines]
    await standing_on(tx, actor, InvitePeople(lines=()), Outcome())
    rows = [await _granted(tx, actor, row) for row in await review(tx, lines)]
    groups: dict[Requirement | None, list[InvitationLine]] = {}
    people = sum(row.problem is None for row in rows)
    for row in rows:
        if row.problem is None:
            groups.setdefault(await _requirement(tx, actor, row.line, people), []).append(row.line)
    return tuple(rows), tuple(
        Group(requirement=needed, lines=tuple(members)) for needed, members in groups.items()
    )


def _outcome(line: InvitationLine) -> Outcome:
    return Outcome(gives=frozenset({line.role}), departments=frozenset(line.departments))


async def _granted(tx: Transaction, actor: Actor, row: Row) -> Row:
    if row.problem is not None:
        return row
    try:
        await standing_on(tx, actor, InvitePeople(lines=(row.line,)), _outcome(row.line))
    except Refusal as refusal:
        return replace(row, problem=refusal)
    return row


async def _requirement(
    tx: Transaction, actor: Actor, line: InvitationLine, people: int
) -> Requirement | None:
    standing: Standing = await standing_on(tx, actor, InvitePeople(lines=(line,)), _outcome(line))
    outcome = replace(_outcome(line), people=people)
    return requirement_for(tx, actor, standing, outcome, tag=InvitePeople.tag)


async def _who_could(tx: Transaction, problem: Refusal) -> Refusal:
    """Name who can activate a deactivated member."""
    if isinstance(problem, MemberIsDeactivated):
        could = await those_who_may(tx, Operation.MANAGE_MEMBERS, Outcome())
        problem.who = tuple(member.id for member in could)
    return problem


async def send(
    tx: Transaction, actor: Actor, lines: Sequence[InvitationLine], *, reason: str = ""
) -> Sending:
    """Send what is ready, file requests for what needs a yes, and name the problem of every other line.

    Raises:
        Refusal: a single line has a problem, or nobody may be invited at all.
    """
    rows, groups = await examine(tx, actor, lines)
    problems = [row for row in rows if row.problem is not None]
    if len(rows) == 1 and problems and problems[0].problem is not None:
        raise await _who_could(tx, problems[0].problem)
    sent: Applied | None = None
    waiting: list[Waiting] = []
    alone = len(groups) == 1 and not problems
    for group in groups:
        try:
            # A group that is refused beside others is taken back; alone it takes all with it.
            async with nullcontext() if alone else tx.savepoint():
                answer = await desk.submit(tx, actor, InvitePeople(lines=group.lines), reason=reason)
        except Refusal as refusal:
            if alone:
                raise
            problems.extend(Row(line=line, problem=refusal) for line in group.lines)
            continue
        if isinstance(answer, Waiting):
            waiting.append(answer)
        else:
            sent = answer
    return Sending(sent=sent, waiting=tuple(waiting), problems=tuple(problems))
