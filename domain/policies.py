"""The approval policy: facts about an outcome in, what must be approved before it out (product §10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from domain.model import Approvers, Deadlines, Kind, Organization, Requirement, Rule, Step
from domain.operations import Operation
from domain.permissions import Outcome, owner_role, privileged, roles_of

MOST_RULES = 50
MOST_STEPS = 3
MOST_NEEDED = 10
MOST_PEOPLE = 10
MOST_PINGED = 10
LONGEST_OPEN = 90 * 24
"""Hours a request stays open at most."""

OWNER = Step(approvers=Approvers.OWNER)
ANYONE = Step(approvers=Approvers.ANYONE_WHO_MAY)
OWNER_DECIDES = "Giving, taking or suspending an admin role needs the owner's approval."
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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the policy knows of an outcome.

    Args:
        kinds: of outcome; giving or taking an admin role by inviting is of two.
        roles: given or taken.
        departments: given, by id.
    """

    kinds: frozenset[Kind]
    roles: frozenset[str] = frozenset()
    people: int = 1
    departments: frozenset[str] = frozenset()


def facts_of(organization: Organization, tag: str, outcome: Outcome) -> Facts:
    """Return what the policy knows of a change by its tag and outcome."""
    roles = outcome.gives | outcome.takes
    kinds = {_KINDS[tag]} if tag in _KINDS else set()
    if privileged(organization, roles):
        kinds = (kinds - {Kind.ROLE, Kind.ACCESS}) | {Kind.ADMIN_ROLE}
    departments = outcome.departments
    if tag == IN_A_FILE:  # which departments its lines give is not known: it may be any, or none
        departments = frozenset({"", *(rule.department for rule in organization.rules)})
    return Facts(kinds=frozenset(kinds), roles=roles, people=outcome.people, departments=departments)


def default_rule(organization: Organization, kind: Kind) -> Rule:
    """Return what holds for a kind where no rule of the organization says otherwise."""
    watched = kind is Kind.ADMIN_ROLE and not organization.admin_roles_direct
    return Rule(kind=kind, steps=(OWNER,) if watched else ())


def rules_in_force(organization: Organization) -> tuple[Rule, ...]:
    """Return the rules in the order they are asked: kind by kind, those with most conditions first."""
    kept = {rule.conditions: rule for rule in (default_rule(organization, kind) for kind in Kind)}
    kept |= {rule.conditions: rule for rule in organization.rules}
    kinds = list(Kind)
    return tuple(sorted(kept.values(), key=lambda rule: (kinds.index(rule.kind), *_narrowness(rule))))


def _narrowness(rule: Rule) -> tuple[int, int, str, str]:
    conditions = bool(rule.role) + bool(rule.department) + (rule.people > 1)
    return -conditions, -rule.people, rule.role, rule.department


def rules_for(rules: Sequence[Rule], facts: Facts) -> tuple[Rule, ...]:
    """Return the rules that an outcome must satisfy, all of them.

    Each role with each department is judged by itself, by the first rule whose conditions it meets, so that
    nothing passes because something harmless stands beside it.
    """
    kinds = [kind for kind in Kind if kind in facts.kinds]
    atoms = product(kinds, sorted(facts.roles) or [""], sorted(facts.departments) or [""])
    found = (
        next(rule for rule in rules if _meets(rule, kind, role, department, facts.people))
        for kind, role, department in atoms
    )
    return tuple(dict.fromkeys(found))


def _meets(rule: Rule, kind: Kind, role: str, department: str, people: int) -> bool:
    return (
        rule.kind is kind
        and rule.role in ("", role)
        and rule.department in ("", department)
        and rule.people <= people
    )


def requirement_of(organization: Organization, facts: Facts, *, may: bool, owner: bool) -> Requirement | None:
    """Return what must be approved before an outcome, or None when it is direct.

    Args:
        may: whether who asks could do it themselves; else somebody who may approves in any case.
        owner: whether the owner asks: nobody approves in their stead what they decide alone.
    """
    applying = [rule for rule in rules_for(rules_in_force(organization), facts) if rule.steps]
    steps = dict.fromkeys(step for rule in applying for step in rule.steps)
    if owner:
        steps.pop(OWNER, None)
    if not steps and may:
        return None
    return Requirement(
        steps=tuple(steps) or (ANYONE,),
        policy_version=organization.policy_version,
        rule=_words(organization, applying),
        deadlines=_earliest(rule.deadlines for rule in applying),
        pinged=tuple(dict.fromkeys(one for rule in applying for one in rule.pinged)),
    )


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
    if not rules:
        return ANYONE_DECIDES
    return " ".join(
        OWNER_DECIDES
        if rule.kind is Kind.ADMIN_ROLE and not is_own(organization, rule)
        else sentence(organization, rule)
        for rule in rules
    )


def is_own(organization: Organization, rule: Rule) -> bool:
    """Return whether the organization made the rule itself; else it holds by default."""
    return rule in organization.rules


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
    words = SUBJECTS[rule.kind]
    if rule.role:
        words += f", role {_role(organization, rule.role)}"
    if rule.department:
        words += f", department {department}" if department else ", certain departments"
    if rule.people > 1:
        words += f", {rule.people} people or more"
    return words


def sentence(
    organization: Organization, rule: Rule, department: str = "", people: dict[str, str] | None = None
) -> str:
    """Return a rule as one plain sentence; names of departments and people are added where they are known."""
    about = subject(organization, rule, department)
    if not rule.steps:
        return f"{about}: at once, by whoever may; others ask."
    steps = [step_words(organization, step, people) for step in rule.steps]
    return f"{about} needs a yes from {', then from '.join(steps)}."


def step_words(organization: Organization, step: Step, people: dict[str, str] | None = None) -> str:
    """Return who approves in a step, and how many of them."""
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
            names = ", ".join((people or {}).get(one, "somebody") for one in step.people)
            named = names if people else f"{len(step.people)} named people"
            if len(step.people) == 1:
                return names if people else "one named person"
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
