"""What is found in a list of people to invite: rows with a problem, rows ready to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.slack import text
from bot.slack.blocks import Block, button, context, divider, paged, pager, section
from bot.slack.deciding import split_said
from bot.slack.screens.ids import ACTIVATE
from bot.slack.screens.invite_form import Offered
from bot.slack.screens.invite_lines import Choices, Draft, lines_of
from bot.slack.text import Mrkdwn, lines, md
from domain.authority import standing_on
from domain.changes import ActivateMember, InvitationLine, InvitePeople
from domain.desk import required
from domain.errors import MemberIsDeactivated, NobodyNamed, Refusal, RoleNotYoursToGrant
from domain.handling import handling_of
from domain.inviting import examine
from domain.model import Actor, Person
from domain.permissions import Outcome, choosable_roles, default_role, roles_of
from domain.ports import Transaction
from domain.reviews import Row

PAGE = "invite_page"
PER_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Every line with its problem or none.

    Args:
        lines: those that can be handed to the desk.
        rows: all, those with a problem first.
        needs_yes: addresses of ready lines that somebody else has to approve.
        split: which of them go at once and which on which card, in words.
        activatable: ids of deactivated members whom this person may activate.
        full: the roles and departments, for names.
    """

    lines: tuple[InvitationLine, ...]
    rows: tuple[Row, ...]
    needs_yes: frozenset[str]
    split: tuple[Mrkdwn, ...]
    activatable: frozenset[str]
    names: Mapping[str, str]

    @property
    def ready(self) -> int:
        return sum(row.problem is None for row in self.rows)


async def offered_to(tx: Transaction, actor: Actor) -> Offered:
    """Return what the form offers.

    Raises:
        NotAMember, NoPermission: this person may not even ask to invite.
    """
    await standing_on(tx, actor, InvitePeople(lines=()), Outcome())
    roles = choosable_roles(tx.organization)
    needs_yes = [role.slug for role in roles if await _needs_yes(tx, actor, role.slug)]
    choices = Choices(
        roles=roles_of(tx.organization),
        departments=await tx.departments.all(),
        default_role=default_role(tx.organization).slug,
    )
    return Offered(choices=choices, roles=roles, needs_yes=frozenset(needs_yes))


async def _needs_yes(tx: Transaction, actor: Actor, role: str) -> bool:
    change, outcome = InvitePeople(lines=()), Outcome(gives=frozenset({role}))
    try:
        standing = await standing_on(tx, actor, change, outcome)
    except RoleNotYoursToGrant:
        return True
    return await required(tx, actor, standing, change, outcome) is not None


async def review_of(tx: Transaction, actor: Actor, draft: Draft, offered: Offered) -> Review:
    """Find the problem of every line.

    Raises:
        Refusal: nobody is named, too many are, or this person may not even ask.
    """
    known: dict[str, Person] = {}
    for user_id in draft.users:
        if person := await tx.people.get(user_id):
            known[user_id] = person
    listed, unknown = lines_of(draft, offered.choices, known)
    if not listed and not unknown:
        raise NobodyNamed(
            "Nobody is named.", remedy="Give at least one e-mail address or Slack user.", field="email"
        )
    rows, groups = await examine(tx, actor, listed) if listed else ((), ())
    every = [*unknown, *rows]
    needs_yes = [line.email for group in groups if group.requirement for line in group.lines]
    return Review(
        lines=tuple(listed),
        rows=tuple(sorted(every, key=lambda row: row.problem is None)),
        needs_yes=frozenset(needs_yes),
        split=tuple(await split_said(tx, ((len(group.lines), group.requirement) for group in groups))),
        activatable=frozenset([one for one in _deactivated(every) if await may_activate(tx, actor, one)]),
        names=names_in(offered.choices),
    )


def names_in(choices: Choices) -> dict[str, str]:
    """The names of roles by slug and of departments by id."""
    return {slug: role.name for slug, role in choices.roles.items()} | {
        each.id: each.name for each in choices.departments
    }


def _deactivated(rows: Sequence[Row]) -> list[str]:
    return [row.problem.member_id for row in rows if isinstance(row.problem, MemberIsDeactivated)]


async def may_activate(tx: Transaction, actor: Actor, member_id: str) -> bool:
    """Whether this person may activate the member, or ask for it."""
    change = ActivateMember(member_id=member_id)
    try:
        await standing_on(tx, actor, change, await handling_of(change).outcome(tx, change))
    except Refusal:
        return False
    return True


def blocks_of(review: Review, page: int, *, changed: bool) -> list[Block]:
    """The rows of one page, each with what can be done about it."""
    shown = paged(review.rows, page, PER_PAGE)
    problems = len(review.rows) - review.ready
    head = md("*{ready} ready to send, {problems} with a problem.*", ready=review.ready, problems=problems)
    found = [section(head)]
    if changed:
        found.append(context("You changed the list, so look at it again before it is sent."))
    if review.split:
        found.append(section(lines(*review.split)))
    found += [_row_block(review, row) for row in shown.items]
    if shown.pages > 1:
        found.append(context(f"Shown: {shown.label}"))
    return [*found, *pager(shown, PAGE, block_id=PAGE), context(_what_next(review, problems)), divider()]


def _what_next(review: Review, problems: int) -> str:
    if not review.ready:
        return "Correct the list below and check it again."
    if problems:
        return "Send sends those that are ready. Correct the others below, or leave them out."
    return "Send sends them all. Change the list below if something is wrong."


def _row_block(review: Review, row: Row) -> Block:
    if row.problem is None:
        who = _who(row.line)
        note = " · somebody has to approve it" if row.line.email in review.needs_yes else ""
        return section(
            md("✓ *{who}* as {role}{note}", who=who, role=role_words(row.line, review.names), note=note)
        )
    words = problem_words(row)
    accessory = None
    if isinstance(row.problem, MemberIsDeactivated) and row.problem.member_id in review.activatable:
        accessory = button("Activate", ACTIVATE, value=row.problem.member_id)
    return section(words, accessory=accessory)


def problem_words(row: Row) -> Mrkdwn:
    """Whose line it is and what is wrong with it."""
    why = text.shorten(str(row.problem), 1500)
    if row.line.email and why.startswith((row.line.email, f"“{row.line.email}”")):
        return md("✗ {why}", why=why)
    return md("✗ *{who}*: {why}", who=_who(row.line), why=why)


def role_words(line: InvitationLine, names: Mapping[str, str]) -> str:
    """The role and departments of a line by name."""
    where = ", ".join(names.get(one, one) for one in line.departments)
    role = names.get(line.role, line.role)
    return f"{role} ({where})" if where else role


def _who(line: InvitationLine) -> Mrkdwn:
    if line.email:
        return text.escape(text.shorten(text.email(line.email), 200))
    return text.person(user_id=line.slack_user_id, named=line.name)
