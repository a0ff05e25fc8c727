"""Inviting many at once: review, split by what needs a yes, send, and account for every line (product §4)."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from domain import desk
from domain.authority import standing_on, those_who_may
from domain.changes import InvitationLine, InvitePeople
from domain.desk import Applied, Waiting
from domain.errors import MemberIsDeactivated, NobodyNamed, Refusal
from domain.invitations import outcome_of
from domain.model import Actor, Requirement, Step
from domain.operations import Operation
from domain.permissions import Outcome, default_role
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
    """Lines that the same people decide, together (None: nobody, they are sent at once).

    Args:
        among: how many people the whole list invites; what is asked depends on it.
    """

    requirement: Requirement | None
    lines: tuple[InvitationLine, ...]
    among: int

    @property
    def change(self) -> InvitePeople:
        """What sends them."""
        return InvitePeople(lines=self.lines, among=self.among)


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
    good = [row.line for row in rows if row.problem is None]
    return tuple(rows), await _groups(tx, actor, good)


async def _groups(tx: Transaction, actor: Actor, good: Sequence[InvitationLine]) -> tuple[Group, ...]:
    """Part a list by who decides: one request for all that the same people decide, in the same steps."""
    judged: dict[InvitationLine, Requirement | None] = {}
    parted: dict[tuple[Step, ...], list[InvitationLine]] = {}
    for line in good:
        alike = replace(line, email="", name="", slack_user_id=None)
        if alike not in judged:
            judged[alike] = await _requirement(tx, actor, [line], among=len(good))
        needed = judged[alike]
        parted.setdefault(needed.steps if needed else (), []).append(line)
    return tuple(
        [
            Group(
                requirement=await _requirement(tx, actor, lines, among=len(good)) if steps else None,
                lines=tuple(lines),
                among=len(good),
            )
            for steps, lines in parted.items()
        ]
    )


async def _granted(tx: Transaction, actor: Actor, row: Row) -> Row:
    if row.problem is not None:
        return row
    try:
        await standing_on(tx, actor, InvitePeople(lines=(row.line,)), outcome_of([row.line], among=0))
    except Refusal as refusal:
        return replace(row, problem=refusal)
    return row


async def _requirement(
    tx: Transaction, actor: Actor, lines: Sequence[InvitationLine], *, among: int
) -> Requirement | None:
    change = InvitePeople(lines=tuple(lines), among=among)
    outcome = outcome_of(lines, among=among)
    standing = await standing_on(tx, actor, change, outcome)
    return await desk.required(tx, actor, standing, change, outcome)


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
                answer = await desk.submit(tx, actor, group.change, reason=reason)
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
