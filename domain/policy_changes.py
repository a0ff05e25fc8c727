"""Changing the approval policy: each rule must be one that somebody can meet; every version is kept."""

from dataclasses import asdict, replace

from domain.audit import Event, record
from domain.authority import names_of
from domain.changes import ChangeApprovalRules
from domain.errors import AlreadySo, BadValue, ChangedMeanwhile
from domain.handling import handles
from domain.model import Actor, Approvers, Kind, Member, Organization, Policy, Rule, Step, label
from domain.permissions import Outcome, owner_role, privileged, roles_of, roles_that_may
from domain.policies import (
    LONGEST_OPEN,
    MOST_NEEDED,
    MOST_PEOPLE,
    MOST_PINGED,
    MOST_RULES,
    MOST_STEPS,
    OPERATIONS,
    example_outcomes,
)
from domain.ports import Transaction

WITH_ROLE = frozenset({Kind.INVITE, Kind.ADMIN_ROLE, Kind.ROLE, Kind.ACCESS})
WITH_PEOPLE = frozenset({Kind.INVITE, Kind.ADMIN_ROLE})
WITH_DEPARTMENT = frozenset({Kind.INVITE})
MOST_INVITED = 10_000


async def _whole_organization(tx: Transaction, change: ChangeApprovalRules) -> Outcome:
    return Outcome()


@handles(ChangeApprovalRules, _whole_organization)
async def change_rules(
    tx: Transaction, change: ChangeApprovalRules, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Set the rules; requests that wait keep the policy they were asked under."""
    before = tx.organization
    if change.basis != before.policy_version:
        raise ChangedMeanwhile(
            "The approval policy was changed while your form was open.",
            remedy="Look at how it is now, and change it again.",
        )
    if set(change.rules) == set(before.rules):
        raise AlreadySo("The policy is so already.")
    _check_together(change.rules)
    for rule in change.rules:
        if rule not in before.rules:
            await check_rule(tx, rule)
    await keep_version(tx, before, changed_by="")
    after = replace(before, rules=change.rules, policy_version=before.policy_version + 1)
    tx.update(after)
    await keep_version(tx, after, changed_by=label(actor))
    facts: dict[str, object] = {
        "policy_version": {"before": before.policy_version, "after": after.policy_version},
        "removed": [asdict(rule) for rule in before.rules if rule not in after.rules],
        "added": [asdict(rule) for rule in after.rules if rule not in before.rules],
    }
    event = Event(tag="organization.approval_rules_changed", subject=f"organization:{after.id}", facts=facts)
    await record(tx, event, actor=actor, authority=authority)
    return (after.id,)


async def keep_version(tx: Transaction, organization: Organization, *, changed_by: str) -> None:
    """Keep the policy an organization has as a version, unless it is kept already."""
    if await tx.policies.get(organization.policy_version) is not None:
        return
    policy = Policy(
        version=organization.policy_version,
        rules=organization.rules,
        changed_by=changed_by,
        changed_at=tx.now if changed_by else organization.created_at,
    )
    await tx.policies.add(policy)


def _check_together(rules: tuple[Rule, ...]) -> None:
    if len(rules) > MOST_RULES:
        raise BadValue(f"The policy has at most {MOST_RULES} rules.", field="kind")
    if len({rule.conditions for rule in rules}) < len(rules):
        raise BadValue(
            "There is a rule for this already.", remedy="Change that one, or add a condition.", field="kind"
        )


async def check_rule(tx: Transaction, rule: Rule) -> None:
    """Check that a rule can apply and that somebody can meet it.

    Raises:
        BadValue: names the field.
    """
    _check_conditions(tx.organization, rule)
    if rule.department:
        department = await tx.departments.get(rule.department)
        if department is None or department.retired_at is not None:
            raise BadValue("There is no such department.", field="department")
    _check_deadlines(rule)
    if len(rule.steps) > MOST_STEPS:
        raise BadValue(f"A rule has at most {MOST_STEPS} steps.", field="kind")
    for number, step in enumerate(rule.steps, start=1):
        await _check_step(tx, rule, step, number)
    await _check_pinged(tx, rule)


def _check_conditions(organization: Organization, rule: Rule) -> None:
    if rule.role and rule.kind not in WITH_ROLE:
        raise BadValue("This is not about a role.", remedy="Leave the role empty.", field="role")
    if rule.role and (rule.role not in roles_of(organization) or _is_owners(organization, rule.role)):
        raise BadValue(f"There is no role {rule.role} to give here.", field="role")
    admin = bool(privileged(organization, {rule.role}))
    if rule.role and rule.kind is not Kind.INVITE and admin != (rule.kind is Kind.ADMIN_ROLE):
        other = "an" if admin else "no"
        raise BadValue(f"That is {other} admin role.", remedy="Choose the kind that fits it.", field="role")
    if rule.people != 1 and rule.kind not in WITH_PEOPLE:
        raise BadValue("This is about one person each.", remedy="Leave the number empty.", field="people")
    if not 1 <= rule.people <= MOST_INVITED:
        raise BadValue(f"The number of people is from 1 to {MOST_INVITED:,}.", field="people")
    if rule.department and rule.kind not in WITH_DEPARTMENT:
        raise BadValue("Only invitations give departments.", field="department")


def _is_owners(organization: Organization, slug: str) -> bool:
    return slug == owner_role(organization).slug


def _check_deadlines(rule: Rule) -> None:
    hours = rule.deadlines
    if not 1 <= hours.expire <= LONGEST_OPEN:
        raise BadValue(f"A request stays open for 1 to {LONGEST_OPEN} hours.", field="expire")
    for field, value in (("remind", hours.remind), ("escalate", hours.escalate)):
        if not 0 <= value < hours.expire:
            raise BadValue(
                "This comes before the request expires.",
                fact=f"It expires after {hours.expire} hours.",
                remedy="Enter fewer hours, or 0 for never.",
                field=field,
            )


async def _check_step(tx: Transaction, rule: Rule, step: Step, number: int) -> None:
    if step.needed is not None and not 1 <= step.needed <= MOST_NEEDED:
        raise BadValue(f"From 1 to {MOST_NEEDED} yeses, or all.", field=f"needed_{number}")
    if step.approvers is Approvers.OWNER and step.needed != 1:
        raise BadValue("There is one owner, who says one yes.", field=f"needed_{number}")
    if step.approvers is Approvers.ROLE and step.role not in roles_of(tx.organization):
        raise BadValue(f"There is no role {step.role} here.", field=f"who_{number}")
    if step.approvers is Approvers.PEOPLE:
        await _check_people(tx, rule, step.people, field=f"people_{number}", most=MOST_PEOPLE)
        there = len(step.people)
    else:
        there = await _possible(tx, rule, step)
    if not there:
        raise BadValue(
            "Nobody could decide this.",
            fact="Whoever approves must be active, in Slack, and allowed to do it themselves.",
            remedy=f"Choose others: {_roles_that_could(tx, rule)} could.",
            field=f"who_{number}",
        )
    if there < (step.needed or 1):
        people = "One person" if there == 1 else f"{there} people"
        raise BadValue(
            "That is more yeses than there can be.",
            fact=f"{people} could say yes.",
            field=f"needed_{number}",
        )


async def _possible(tx: Transaction, rule: Rule, step: Step) -> int:
    """Return how many could decide a step, counted no further than it needs."""
    most = 0
    for outcome in example_outcomes(tx.organization, rule):
        slugs = roles_that_may(tx.organization, OPERATIONS[rule.kind], outcome)
        if step.approvers is Approvers.OWNER:
            slugs &= {owner_role(tx.organization).slug}
        elif step.approvers is Approvers.ROLE:
            slugs &= {step.role}
        limit = step.needed or 1
        most = max(most, len(await tx.members.holding(slugs, linked=True, limit=limit)) if slugs else 0)
    return most


def _slugs_that_could(tx: Transaction, rule: Rule) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for outcome in example_outcomes(tx.organization, rule):
        found |= roles_that_may(tx.organization, OPERATIONS[rule.kind], outcome)
    return found


def _roles_that_could(tx: Transaction, rule: Rule) -> str:
    return names_of(tx, _slugs_that_could(tx, rule)) or "nobody"


async def _check_people(
    tx: Transaction, rule: Rule, member_ids: tuple[str, ...], *, field: str, most: int
) -> None:
    if not 1 <= len(member_ids) <= most:
        raise BadValue(f"Name from 1 to {most} people.", field=field)
    known = await tx.members.many(member_ids)
    slugs = _slugs_that_could(tx, rule)
    for member_id in member_ids:
        member = known.get(member_id)
        if member is None or not _could(member, slugs):
            who = member.name or member.email if member else "Somebody named"
            raise BadValue(
                f"{who} could not decide this.",
                fact="Whoever approves must be active, in Slack, and allowed to do it themselves.",
                remedy=f"{_roles_that_could(tx, rule)} could.",
                field=field,
            )


def _could(member: Member, slugs: frozenset[str]) -> bool:
    return member.active and member.slack_user_id is not None and member.role in slugs


async def _check_pinged(tx: Transaction, rule: Rule) -> None:
    if rule.pinged:
        await _check_people(tx, rule, rule.pinged, field="pinged", most=MOST_PINGED)
