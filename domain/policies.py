"""The approval policy: facts about an outcome in, what must be approved before it out (product §10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.model import Approvers, Deadlines, Kind, Organization, Requirement, Rule, Step
from domain.operations import Operation
from domain.permissions import Outcome, owner_role, privileged, roles_of

MOST_RULES = 50
_POLICIES = 1024
"""Policies kept as they are read."""
MOST_STEPS = 3
MOST_NEEDED = 10
MOST_PEOPLE = 10
MOST_PINGED = 10
LONGEST_OPEN = 90 * 24
"""Hours a request stays open at most."""

OWNER = Step(approvers=Approvers.OWNER)
ANYONE = Step(approvers=Approvers.ANYONE_WHO_MAY)
ANYONE_DECIDES = "Whoever may do this themselves can approve it."

OPERATIONS = {
    Kind.INVITE: Operation.INVITE,
    Kind.ADMIN_ROLE: Operation.MANAGE_MEMBERS,
    Kind.ROLE: Operation.MANAGE_MEMBERS,
    Kind.ACCESS: Operation.MANAGE_MEMBERS,
    Kind.JOIN: Operation.INVITE,
    Kind.SETTINGS: Operation.SETTINGS,
}
"""What who decides about a kind must be allowed to do themselves."""

IN_A_FILE = "invite_from_file"
_KINDS = {
    "invite_people": Kind.INVITE,
    IN_A_FILE: Kind.INVITE,
    "resend_invitation": Kind.INVITE,
    "admit_invitee": Kind.INVITE,
    "change_role": Kind.ROLE,
    "deactivate_member": Kind.ACCESS,
    "activate_member": Kind.ACCESS,
    "join_organization": Kind.JOIN,
    "link_member": Kind.JOIN,
    "change_settings": Kind.SETTINGS,
    "change_subscription": Kind.SETTINGS,
    "change_seat_holding": Kind.SETTINGS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the policy knows of an outcome.

    Args:
        cases: what is judged by itself: a kind of outcome with a role and a department, "" for none.
        people: how many the whole act is about.
    """

    cases: frozenset[tuple[Kind, str, str]]
    people: int = 1


def facts_of(organization: Organization, tag: str, outcome: Outcome) -> Facts:
    """Return what the policy knows of a change by its tag and outcome."""
    kind = _KINDS.get(tag)
    admin = privileged(organization, outcome.gives | outcome.takes)
    cases = {(Kind.ADMIN_ROLE, role, place) for role, place in _places(organization, tag, outcome, admin)}
    # A role change is of one kind: an admin role given for another, or taken, is what it is about.
    if kind is not None and not (admin and kind in (Kind.ROLE, Kind.ACCESS)):
        roles = outcome.gives | outcome.takes
        found = _places(organization, tag, outcome, roles) or {("", "")}
        cases |= {(kind, role, place) for role, place in found}
    return Facts(cases=frozenset(cases), people=max(outcome.people, outcome.among))


def _places(
    organization: Organization, tag: str, outcome: Outcome, roles: frozenset[str]
) -> set[tuple[str, str]]:
    if tag == IN_A_FILE:  # which departments its lines give is not known: it may be any, or none
        known = {"", *(rule.department for rule in organization.rules)}
        return {(role, place) for role in roles for place in known}
    given = {(role, place) for role, place in outcome.places if role in roles}
    return given | {(role, "") for role in roles - {role for role, _ in given}}


def default_rule(kind: Kind) -> Rule:
    """Return what holds for a kind where no rule of the organization says otherwise (product §2)."""
    return Rule(kind=kind, steps=(OWNER,) if kind is Kind.ADMIN_ROLE else ())


def rules_in_force(organization: Organization) -> tuple[Rule, ...]:
    """Return the rules as they are read: kind by kind, those with most conditions first."""
    return _in_force(organization.rules)


@lru_cache(_POLICIES)
def _in_force(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    kept = {rule.conditions: rule for rule in map(default_rule, Kind)}
    kept |= {rule.conditions: rule for rule in rules}
    kinds = list(Kind)
    return tuple(sorted(kept.values(), key=lambda rule: (kinds.index(rule.kind), *_narrowness(rule))))


def _narrowness(rule: Rule) -> tuple[int, int, str, str]:
    conditions = bool(rule.role) + bool(rule.department) + (rule.people > 1)
    return -conditions, -rule.people, rule.role, rule.department


def rules_for(rules: Sequence[Rule], facts: Facts) -> tuple[Rule, ...]:
    """Return the rules that an outcome must satisfy, all of them.

    Each case is judged by itself, so that nothing passes because something harmless stands beside it. Of the
    rules that fit it, one gives way only to a narrower one; where neither is narrower, both hold.
    """
    found: set[Rule] = set()
    for kind, role, department in facts.cases:
        fitting = [rule for rule in rules if _fits(rule, kind, role, department, facts.people)]
        found.update(rule for rule in fitting if not any(_is_narrower(other, rule) for other in fitting))
    return tuple(rule for rule in rules if rule in found)


def _fits(rule: Rule, kind: Kind, role: str, department: str, people: int) -> bool:
    return (
        rule.kind is kind
        and rule.role in ("", role)
        and rule.department in ("", department)
        and rule.people <= people
    )


def _is_narrower(rule: Rule, than: Rule) -> bool:
    """Whether whatever fits `rule` fits the other too, and not the other way round."""
    return rule.conditions != than.conditions and _fits(
        than, rule.kind, rule.role, rule.department, rule.people
    )


def requirement_of(
    organization: Organization, facts: Facts, *, may: bool, owner: str | None
) -> Requirement | None:
    """Return what must be approved before an outcome, or None when it is direct.

    Args:
        may: whether who asks could do it themselves; else somebody who may approves in any case.
        owner: the owner's id where they ask: nobody approves in their stead what they decide alone.
    """
    applying = [rule for rule in rules_for(rules_in_force(organization), facts) if rule.steps]
    steps = dict.fromkeys(
        step for rule in applying for step in rule.steps if not (owner and _is_theirs(step, owner))
    )
    if not steps and may:
        return None
    return Requirement(
        steps=tuple(steps) or (ANYONE,),
        policy_version=organization.policy_version,
        rule=_words(organization, applying),
        deadlines=_earliest(rule.deadlines for rule in applying),
        pinged=tuple(dict.fromkeys(one for rule in applying for one in rule.pinged)),
        about=_about(organization, applying),
    )


def _is_theirs(step: Step, owner: str) -> bool:
    """Whether a step asks the owner alone."""
    return step == OWNER or (step.approvers is Approvers.PEOPLE and step.people == (owner,))


def watched(organization: Organization, facts: Facts) -> bool:
    """Return whether the policy wants an approval that the owner alone does without."""
    return any(rule.steps for rule in rules_for(rules_in_force(organization), facts))


def _earliest(found: Iterable[Deadlines]) -> Deadlines:
    """Return the shortest of each deadline; 0 is never."""
    all_of = list(found) or [Deadlines()]

    def least(hours: Iterable[int]) -> int:
        return min((each for each in hours if each), default=0)

    return Deadlines(
        remind=least(one.remind for one in all_of),
        escalate=least(one.escalate for one in all_of),
        expire=least(one.expire for one in all_of),
    )


def _words(organization: Organization, rules: Sequence[Rule]) -> str:
    return " ".join(sentence(organization, rule) for rule in rules) or ANYONE_DECIDES


def _about(organization: Organization, rules: Sequence[Rule]) -> str:
    first, *others = [subject(organization, rule) for rule in rules] or [""]
    return " and ".join((first, *(words[0].lower() + words[1:] for words in others)))


def is_own(organization: Organization, rule: Rule) -> bool:
    """Return whether the organization made the rule itself; else it holds by default."""
    return rule in organization.rules


def rules_about(organization: Organization, operation: Operation, grants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules by which somebody's use of an operation needs a yes.

    Args:
        grants: the roles they may grant, change or take away.
    """
    kinds = {
        Operation.INVITE: {Kind.INVITE, Kind.ADMIN_ROLE},
        Operation.MANAGE_MEMBERS: {Kind.ADMIN_ROLE, Kind.ROLE, Kind.ACCESS},
        Operation.SETTINGS: {Kind.SETTINGS},
        Operation.MANAGE_SUBSCRIPTION: {Kind.SETTINGS},
    }.get(operation, set())
    if not privileged(organization, grants):
        kinds = kinds - {Kind.ADMIN_ROLE}
    return tuple(
        rule
        for rule in rules_in_force(organization)
        if rule.kind in kinds and rule.steps and (not rule.role or rule.role in grants)
    )


SUBJECTS = {
    Kind.INVITE: "Inviting people",
    Kind.ADMIN_ROLE: "Giving, taking or suspending an admin role",
    Kind.ROLE: "Changing another role",
    Kind.ACCESS: "Deactivating or activating somebody",
    Kind.JOIN: "Joining without an invitation",
    Kind.SETTINGS: "Changing the settings",
}


def subject(organization: Organization, rule: Rule, department: str = "") -> str:
    """Return what a rule is about, with its conditions; `department` is the name of the one it names."""
    conditions = []
    if rule.role:
        conditions.append(f"role {_role(organization, rule.role)}")
    if rule.department:
        conditions.append(f"department {department}" if department else "certain departments")
    if rule.people > 1:
        conditions.append(f"{rule.people:,} people or more")
    return SUBJECTS[rule.kind] + (f" ({', '.join(conditions)})" if conditions else "")


def sentence(organization: Organization, rule: Rule) -> str:
    """Return a rule as one plain sentence that names nobody."""
    about = subject(organization, rule)
    if not rule.steps:
        return f"{about}: at once, by whoever may; others ask."
    steps = [step_words(organization, step) for step in rule.steps]
    return f"{about} needs a yes from {', then from '.join(steps)}."


def step_words(organization: Organization, step: Step, people: str = "") -> str:
    """Return who approves in a step, and how many of them.

    Args:
        people: the names of those the step names; empty: their number.
    """
    count = "all" if step.needed is None else str(step.needed)
    match step.approvers:
        case Approvers.OWNER:
            return "the owner"
        case Approvers.ANYONE_WHO_MAY:
            return "anyone who may do it" if step.needed == 1 else f"{count} of those who may do it"
        case Approvers.ROLE:
            name = _role(organization, step.role)
            return f"one {name}" if step.needed == 1 else f"{count} of the holders of {name}"
        case Approvers.PEOPLE:
            if len(step.people) == 1:
                return people or "one named person"
            named = people or f"{len(step.people)} named people"
            return f"one of {named}" if step.needed == 1 else f"{count} of {named}"


def _role(organization: Organization, slug: str) -> str:
    role = roles_of(organization).get(slug)
    return role.name if role else slug


def example_outcomes(organization: Organization, rule: Rule) -> tuple[Outcome, ...]:
    """Return outcomes the rule is about, to try who could decide them."""
    admin = rule.kind is Kind.ADMIN_ROLE
    if rule.kind is Kind.SETTINGS:
        return (Outcome(),)
    owner = owner_role(organization).slug
    slugs = [rule.role] if rule.role else [slug for slug in roles_of(organization) if slug != owner]
    return tuple(
        Outcome(gives=frozenset({slug}))
        for slug in slugs
        if admin == bool(privileged(organization, {slug})) or rule.kind in (Kind.INVITE, Kind.JOIN)
    )
