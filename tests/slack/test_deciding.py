"""Who decides, in words: people by name up to ten, rules with theirs."""

from datetime import UTC, datetime

from bot.slack.deciding import named, needs, step_said
from domain.model import Approvers, Member, Organization, Preset, Step

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEAM = Organization(id="o", team_id="T", name="Northwind", preset=Preset.PORTAL, created_at=NOW)


def people(count: int) -> list[Member]:
    return [
        Member(
            id=f"m{at}",
            organization_id="o",
            email=f"m{at}@example.com",
            name=f"M {at}",
            role="admin",
            slack_user_id=f"U{at}",
            joined_at=NOW,
            status_at=NOW,
        )
        for at in range(count)
    ]


def test_ten_people_are_named_and_the_others_counted() -> None:
    assert named(people(2)) == "<@U0> and <@U1>"
    assert named(people(10)).endswith("<@U8> and <@U9>")
    assert named(people(13)).endswith("<@U9> and 3 more")
    assert named(people(100)).endswith("<@U9> and more than 90 more")


def test_a_step_names_those_the_rule_names() -> None:
    known = {member.id: member for member in people(3)}
    step = Step(approvers=Approvers.PEOPLE, people=("m0", "m2"), needed=2)
    assert step_said(TEAM, step, known) == "2 of <@U0> and <@U2>"


def test_a_step_names_who_may_decide_it_now() -> None:
    step = Step(approvers=Approvers.ROLE, role="admin")
    assert step_said(TEAM, step, {}, may=people(2)) == "one Admin (<@U0> and <@U1>)"
    assert step_said(TEAM, step, {}) == "one Admin"
    above = people(1)[0]
    assert step_said(TEAM, Step(approvers=Approvers.OWNER), {}, above=above) == "the owner (<@U0>)"


def test_steps_follow_each_other_in_one_sentence() -> None:
    first = step_said(TEAM, Step(approvers=Approvers.ANYONE_WHO_MAY), {})
    assert needs("Inviting <people>", [first, first]) == (
        "Inviting &lt;people&gt; needs a yes from anyone who may do it, then from anyone who may do it."
    )
    assert needs("", [first]) == "This needs a yes from anyone who may do it."
