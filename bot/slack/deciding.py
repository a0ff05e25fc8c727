"""Who decides, in words: the rule with its people as mentions, the votes, the clock (product §10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.slack.refusals import who_is
from bot.slack.text import Mrkdwn, date, escape, lines, md
from domain.authority import owner
from domain.model import Approvers, Member, Organization, Requirement, Rule, Step, Verdict, Vote
from domain.operations import Operation
from domain.overview import APPROVERS_READ, RequestFacts
from domain.permissions import Rank, Role
from domain.policies import OWNER, rules_about, step_words, subject
from domain.ports import Transaction

NAMED = 10
SHOWN_RULES = 8
_HERE = "\0"
"""Stands where the names of people come in."""


def named(members: Sequence[Member], *, word: str = "and") -> Mrkdwn:
    """Members as mentions, up to ten, "and N more"; more are not counted than were read.

    Args:
        word: what joins the last two.
    """
    shown = [who_is(member) for member in members[:NAMED]]
    if (more := len(members) - NAMED) > 0:
        over = "more than " if len(members) >= APPROVERS_READ else ""
        shown.append(md("{over}{more} more", over=over, more=more))
    return listed(shown, word=word)


def listed(parts: Sequence[Mrkdwn], *, word: str = "and") -> Mrkdwn:
    """Parts of a sentence: "a, b and c"."""
    if len(parts) < 2:
        return Mrkdwn("").join(parts)
    return Mrkdwn(", ").join(parts[:-1]) + Mrkdwn(f" {word} ") + parts[-1]


def step_said(
    organization: Organization,
    step: Step,
    known: Mapping[str, Member],
    *,
    above: Member | None = None,
    may: Sequence[Member] = (),
) -> Mrkdwn:
    """Who approves in a step, and how many of them.

    Args:
        known: members by id, those the step names among them.
        above: the owner, where they are to be named.
        may: who may decide it now, where that is known.
    """
    words = step_words(organization, step, _HERE)
    if step.approvers is Approvers.PEOPLE:
        people = [known[one] for one in step.people if one in known]
        return named(people).join(escape(part) for part in words.split(_HERE))
    if step.approvers is Approvers.OWNER:
        may = [above] if above else ()
    elif step.approvers is Approvers.ROLE:
        may = [one for one in may if one.role == step.role]
    return md("{words} ({who})", words=words, who=named(may)) if may else escape(words)


def needs(about: str, steps: Iterable[Mrkdwn]) -> Mrkdwn:
    """What a rule asks: "Inviting people needs a yes from …, then from …."."""
    return md(
        "{about} needs a yes from {steps}.", about=about or "This", steps=Mrkdwn(", then from ").join(steps)
    )


async def rules_said(tx: Transaction, rules: Sequence[Rule]) -> list[Mrkdwn]:
    """Rules as sentences, with the departments and people they name."""
    ids = {one for rule in rules for step in rule.steps for one in step.people}
    known = await tx.members.many(ids) if ids else {}
    places = await tx.departments.all(retired=True) if any(rule.department for rule in rules) else ()
    names = {place.id: place.name for place in places}
    return [_rule(tx.organization, rule, names.get(rule.department, ""), known) for rule in rules]


async def yeses_said(tx: Transaction, role: Role, operations: Iterable[Operation]) -> list[Mrkdwn]:
    """What a holder of a role needs a yes for in some operations; the owner needs none of their own."""
    found: dict[Rule, None] = {}
    for operation in operations:
        found |= dict.fromkeys(rules_about(tx.organization, operation, role.may_grant))
    rules = list(found)
    if role.rank is Rank.OWNER:
        others = [replace(rule, steps=tuple(one for one in rule.steps if one != OWNER)) for rule in rules]
        rules = [rule for rule in others if rule.steps]
    said = await rules_said(tx, rules[:SHOWN_RULES])
    more = len(rules) - len(said)
    return [*said, md("{more} more rules are in `/team settings`.", more=more)] if more else said


def _rule(organization: Organization, rule: Rule, department: str, known: Mapping[str, Member]) -> Mrkdwn:
    about = subject(organization, rule, department)
    if not rule.steps:
        return md("{about}: at once, by whoever may; others ask.", about=about)
    return needs(about, [step_said(organization, step, known) for step in rule.steps])


async def requirement_said(tx: Transaction, requirement: Requirement) -> Mrkdwn:
    """What must be approved before something that is not asked for yet."""
    steps = requirement.steps
    known = await tx.members.many({one for step in steps for one in step.people})
    asked = any(step.approvers is Approvers.OWNER for step in steps)
    above = await owner(tx) if asked else None
    said = [step_said(tx.organization, step, known, above=above) for step in steps]
    return needs(requirement.about, said)


async def split_said(tx: Transaction, parts: Iterable[tuple[int, Requirement | None]]) -> list[Mrkdwn]:
    """How a list is parted when it is sent: so many at once, so many on each card; nothing if all go at once.

    Args:
        parts: how many people, and what must be approved before they are invited.
    """
    parts = sorted(parts, key=lambda part: part[1] is not None)
    if all(needed is None for _, needed in parts):
        return []
    said = []
    for count, needed in parts:
        people = "1 person is" if count == 1 else f"{count:,} people are"
        if needed is None:
            said.append(md("• {people} invited at once.", people=people))
        else:
            rule = await requirement_said(tx, needed)
            said.append(md("• {people} asked for, on one card. {rule}", people=people, rule=rule))
    return said


def rule_said(facts: RequestFacts) -> Mrkdwn:
    """The rule of an open request, with those who may decide its step now."""
    request = facts.request
    steps = [
        step_said(
            facts.organization,
            step,
            facts.known,
            above=facts.owner,
            may=facts.approvers if number == request.step else (),
        )
        for number, step in enumerate(request.requirement.steps)
    ]
    return needs(request.requirement.about, steps)


def progress(facts: RequestFacts) -> str:
    """How far a requirement of more than one yes has come; nothing for a single one."""
    requirement, step = facts.request.requirement, facts.request.step
    given = sum(vote.step == step and vote.verdict is Verdict.APPROVE for vote in facts.votes)
    needed = requirement.steps[step].needed
    words = []
    if len(requirement.steps) > 1:
        words.append(f"Step {step + 1} of {len(requirement.steps)}.")
    if needed != 1:
        words.append(f"{given} of {needed or 'all'} yeses so far.")
    return " ".join(words)


def votes_said(facts: RequestFacts) -> Mrkdwn | None:
    """Who has voted how, and whose vote does not count any more."""
    said = [
        _voters(facts, facts.votes, Verdict.APPROVE, "Said yes"),
        _voters(facts, facts.votes, Verdict.DECLINE, "Said no"),
    ]
    if facts.dropped:
        who = listed([_voter(facts, vote) for vote in facts.dropped])
        said.append(md("Not counted any more, as they may no longer decide it: {who}.", who=who))
    return lines(*said) or None


def _voters(facts: RequestFacts, votes: Sequence[Vote], verdict: Verdict, words: str) -> Mrkdwn | None:
    who = [_voter(facts, vote) for vote in votes if vote.verdict is verdict]
    return md("{words}: {who}.", words=words, who=listed(who)) if who else None


def _voter(facts: RequestFacts, vote: Vote) -> Mrkdwn:
    member = facts.known.get(vote.voter_id)
    return who_is(member) if member else escape("somebody")


def awaited_said(facts: RequestFacts) -> Mrkdwn:
    """How many yeses the step still needs, and from whom."""
    here = [vote for vote in facts.votes if vote.step == facts.request.step]
    voted = {vote.voter_id for vote in here}
    left = [member for member in facts.approvers if member.id not in voted]
    if not left:
        return escape("Nobody can decide this now.")
    needed = facts.request.requirement.steps[facts.request.step].needed
    if needed is None:
        return md("Still needed: a yes from each of {who}.", who=named(left))
    count = needed - sum(vote.verdict is Verdict.APPROVE for vote in here)
    if count == 1:
        return md("Still needed: a yes from {who}.", who=named(left, word="or"))
    return md("Still needed: {count} yeses from {who}.", count=count, who=named(left))


def clock_said(facts: RequestFacts) -> Mrkdwn:
    """When those asked are reminded, when the owner is asked too, and what happens if nobody acts."""
    said = [_reminder(facts), _escalation(facts), _expiry(facts)]
    return Mrkdwn(" ").join(part for part in said if part)


def _reminder(facts: RequestFacts) -> Mrkdwn | None:
    at = facts.request.reminded_at
    if at is None:
        return None
    words = "Who has not answered is reminded {at}." if facts.now < at else "Reminded {at}."
    return md(words, at=date(at))


def _escalation(facts: RequestFacts) -> Mrkdwn | None:
    """Nothing where the owner is among those who decide in any case."""
    request = facts.request
    step, at = request.requirement.steps[request.step], request.escalated_at
    if at is None or step.approvers is Approvers.ANYONE_WHO_MAY:
        return None
    if facts.escalated:
        return md("The owner is asked too since {at}.", at=date(at))
    return md("If nobody decides, the owner is asked too, {at}.", at=date(at))


def _expiry(facts: RequestFacts) -> Mrkdwn:
    """Until when it waits, and what happens then."""
    until = date(facts.request.expires_at)
    return md("Open until {until}: undecided by then, it ends and nothing is changed.", until=until)
