"""What the policy requires, as a table of cases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.model import Approvers, Deadlines, Kind, Organization, Preset, Rule, Step
from domain.permissions import Outcome, places
from domain.policies import ANYONE, OWNER, facts_of, requirement_of

TWO_ADMINS = Step(approvers=Approvers.ROLE, role="admin", needed=2)
NAMED = Step(approvers=Approvers.PEOPLE, people=("m1", "m2"))
DIRECT = None


def organization(*rules: Rule) -> Organization:
    return Organization(
        id="o",
        team_id="T",
        name="Northwind",
        preset=Preset.PORTAL,
        rules=rules,
        created_at=datetime.now(UTC),
    )


def outcome(*gives: str, takes: str = "", people: int = 1, departments: tuple[str, ...] = ()) -> Outcome:
    return Outcome(
        gives=frozenset(gives),
        takes=frozenset({takes} - {""}),
        people=people,
        places=frozenset().union(*(places(role, departments) for role in gives)),
    )


MANY = Rule(kind=Kind.INVITE, people=50, steps=(TWO_ADMINS,))
SALES = Rule(kind=Kind.INVITE, department="sales", steps=(NAMED,))
SALES_DIRECT = Rule(kind=Kind.INVITE, role="developer", department="sales")
ADMINS_IN_SALES = Rule(kind=Kind.INVITE, role="admin", department="sales", steps=(NAMED,))
MORE = Rule(kind=Kind.INVITE, people=100, steps=(NAMED,))
DEVELOPERS = Rule(kind=Kind.INVITE, role="developer")
EVERY_BY_OWNER = Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.PEOPLE, people=("m1",)),))
EVERY = Rule(kind=Kind.INVITE, steps=(ANYONE,))
ROLES = Rule(kind=Kind.ADMIN_ROLE, steps=(TWO_ADMINS, OWNER))
PLAIN = outcome("developer")
ADMIN = outcome("admin")


@pytest.mark.parametrize(
    ("rules", "tag", "what", "may", "owner", "expected"),
    [
        ((), "invite_people", PLAIN, True, False, DIRECT),
        ((), "invite_people", PLAIN, False, False, (ANYONE,)),
        ((), "invite_people", ADMIN, True, False, (OWNER,)),
        ((), "invite_people", ADMIN, True, True, DIRECT),
        ((), "invite_people", outcome(people=500), True, False, DIRECT),
        ((), "revoke_invitation", Outcome(offers=frozenset({"admin"})), True, False, DIRECT),
        ((), "change_role", outcome("admin", takes="developer"), True, False, (OWNER,)),
        ((), "change_role", outcome("developer", takes="admin"), True, False, (OWNER,)),
        ((), "deactivate_member", outcome(takes="admin"), True, False, (OWNER,)),
        ((), "deactivate_member", outcome(takes="developer"), True, False, DIRECT),
        ((), "join_organization", PLAIN, False, False, (ANYONE,)),
        ((), "change_settings", Outcome(), True, False, DIRECT),
        ((MANY,), "invite_people", outcome("developer", people=49), True, False, DIRECT),
        ((MANY,), "invite_people", outcome("developer", people=50), True, False, (TWO_ADMINS,)),
        ((MANY,), "invite_people", outcome("developer", people=50), True, True, (TWO_ADMINS,)),
        ((MANY,), "invite_people", outcome("admin", people=50), True, False, (TWO_ADMINS, OWNER)),
        ((SALES,), "invite_people", outcome("developer", departments=("sales",)), True, False, (NAMED,)),
        ((SALES,), "invite_people", outcome("developer", departments=("it",)), True, False, DIRECT),
        ((SALES,), "invite_people", outcome("developer", departments=("it", "sales")), True, False, (NAMED,)),
        ((SALES,), "invite_from_file", outcome("developer", people=9), True, False, (NAMED,)),
        ((EVERY, DEVELOPERS), "invite_people", PLAIN, True, False, DIRECT),
        ((MANY, DEVELOPERS), "invite_people", outcome("developer", people=50), True, False, (TWO_ADMINS,)),
        (
            (MANY, SALES_DIRECT),
            "invite_people",
            outcome("developer", people=50, departments=("sales",)),
            *(True, False, (TWO_ADMINS,)),
        ),
        ((MANY, MORE), "invite_people", outcome("developer", people=100), True, False, (NAMED,)),
        (
            (MANY, SALES),
            "invite_people",
            outcome("developer", people=50, departments=("sales",)),
            *(True, False, (TWO_ADMINS, NAMED)),
        ),
        (
            (MANY,),
            "invite_people",
            replace(PLAIN, people=1, among=50),
            *(True, False, (TWO_ADMINS,)),
        ),
        (
            (Rule(kind=Kind.ADMIN_ROLE, role="admin"),),
            "invite_people",
            outcome("admin", "developer"),
            *(True, False, DIRECT),
        ),
        (
            (ADMINS_IN_SALES, Rule(kind=Kind.ADMIN_ROLE)),
            "invite_people",
            replace(
                outcome("admin", "developer"), places=places("admin", ()) | places("developer", ["sales"])
            ),
            *(True, False, DIRECT),
        ),
        ((DEVELOPERS, EVERY), "invite_people", outcome("developer", "viewer"), True, False, (ANYONE,)),
        ((ROLES,), "change_role", outcome("admin"), True, False, (TWO_ADMINS, OWNER)),
        ((ROLES,), "change_role", outcome("admin"), True, True, (TWO_ADMINS,)),
        ((EVERY_BY_OWNER,), "invite_people", PLAIN, True, True, DIRECT),
        ((EVERY_BY_OWNER,), "invite_people", PLAIN, True, False, EVERY_BY_OWNER.steps),
        ((ROLES,), "activate_member", outcome("admin"), True, False, (TWO_ADMINS, OWNER)),
        ((MANY, ROLES), "change_approval_rules", Outcome(), True, True, DIRECT),
    ],
)
def test_the_policy_requires(
    rules: tuple[Rule, ...],
    tag: str,
    what: Outcome,
    may: bool,
    owner: bool,
    expected: tuple[Step, ...] | None,
) -> None:
    team = organization(*rules)
    needed = requirement_of(team, facts_of(team, tag, what), may=may, owner="m1" if owner else None)
    assert (needed.steps if needed else None) == expected


def test_admin_roles_are_direct_where_a_rule_says_so() -> None:
    team = organization(Rule(kind=Kind.ADMIN_ROLE))
    assert requirement_of(team, facts_of(team, "change_role", ADMIN), may=True, owner=None) is None


def test_of_several_rules_the_shortest_deadlines_hold() -> None:
    slow = Rule(kind=Kind.INVITE, steps=(ANYONE,), deadlines=Deadlines(remind=0, escalate=9, expire=99))
    team = organization(slow)
    needed = requirement_of(team, facts_of(team, "invite_people", ADMIN), may=True, owner=None)
    assert needed is not None
    assert needed.deadlines == Deadlines(remind=24, escalate=9, expire=99)


def test_a_requirement_keeps_the_version_and_the_words_of_its_rule() -> None:
    team = organization(MANY)
    facts = facts_of(team, "invite_people", outcome("developer", people=60))
    needed = requirement_of(team, facts, may=True, owner=None)
    assert needed is not None
    assert needed.rule == "Inviting people (50 people or more) needs a yes from 2 of the holders of Admin."
    assert needed.policy_version == team.policy_version
