"""Changing the approval policy: by the owner only, to what somebody can meet, every version kept."""

import pytest

from domain.changes import AcceptInvitation, ChangeApprovalRules, ChangeRole, SetPinging
from domain.desk import Applied, Waiting
from domain.errors import BadValue, ChangedMeanwhile, NoPermission
from domain.model import Approvers, Deadlines, Kind, Rule, Step, Verdict
from domain.policies import ANYONE, OWNER
from tests.support.office import Office, who

ADMINS = Step(approvers=Approvers.ROLE, role="admin")
TWO = Step(approvers=Approvers.ROLE, role="admin", needed=2)
BY_ADMINS = Rule(kind=Kind.INVITE, steps=(ADMINS,))


async def sets(office: Office, *rules: Rule, by: str = "olivia", basis: int | None = None) -> None:
    async with office.reading() as tx:
        version = tx.organization.policy_version
    change = ChangeApprovalRules(rules=rules, basis=version if basis is None else basis)
    await office.desk.submit(who(by), change)


async def test_an_invitation_that_was_direct_needs_the_yes_the_rule_asks_for(team: Office) -> None:
    await sets(team, BY_ADMINS)
    waiting = await team.asks("olivia", "sam@elsewhere.example")
    assert waiting.request.requirement.policy_version == 2
    assert "one Admin" in waiting.request.requirement.rule
    assert isinstance(await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE), Applied)


async def test_an_owner_beside_whom_nobody_could_decide_acts_alone(office: Office) -> None:
    await office.set_up(seats=9)
    await sets(office, Rule(kind=Kind.INVITE, steps=(ANYONE,)))
    assert (await office.sends("olivia", "sam@elsewhere.example", "developer")).sent is not None


async def test_a_step_that_only_the_requester_could_decide_goes_to_the_owner(team: Office) -> None:
    await sets(team, BY_ADMINS)
    waiting = await team.asks("adam", "sam@elsewhere.example")
    assert waiting.request.requirement.steps == (OWNER,)


async def test_the_owner_who_stands_in_for_a_step_is_not_asked_again_in_the_next(team: Office) -> None:
    await sets(team, Rule(kind=Kind.INVITE, steps=(ADMINS, OWNER)))
    waiting = await team.asks("adam", "sam@elsewhere.example")
    assert waiting.request.requirement.steps == (OWNER,)
    waiting = await team.asks("dana", "sam@elsewhere.example")
    assert waiting.request.requirement.steps == (ADMINS, OWNER)


async def test_a_request_keeps_what_its_rule_is_about(team: Office) -> None:
    await sets(team, BY_ADMINS)
    waiting = await team.asks("dana", "sam@elsewhere.example")
    stored = await team.request(waiting.request.id)
    assert stored.requirement == waiting.request.requirement
    assert stored.requirement.about == "Inviting people"


async def test_an_owner_named_alone_by_a_rule_acts_alone_and_the_audit_says_so(team: Office) -> None:
    olivia = await team.member("olivia")
    await sets(team, Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.PEOPLE, people=(olivia.id,)),)))
    assert (await team.sends("olivia", "sam@elsewhere.example", "developer")).sent is not None
    async with team.reading() as tx:
        noted = [one.facts for one in await tx.audit.entries(limit=500) if one.tag == "change.noted"]
    assert noted[1:] == [{"change": "invite_people", "owner_alone": True}]  # Adam became an admin before


async def test_what_was_approved_by_the_rule_is_not_asked_again_on_acceptance(team: Office) -> None:
    await sets(team, BY_ADMINS)
    await team.knows("nora")
    waiting = await team.asks("olivia", "nora@northwind.example")
    answer = await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)
    await team.desk.submit(who("nora"), AcceptInvitation(invitation_id=answer.made[0]))
    assert (await team.member("nora")).active


async def test_only_the_owner_changes_the_policy(team: Office) -> None:
    with pytest.raises(NoPermission):
        await sets(team, BY_ADMINS, by="adam")


async def test_every_version_is_kept_and_audited_with_old_and_new(team: Office) -> None:
    await sets(team, BY_ADMINS)
    await sets(team)
    async with team.reading() as tx:
        kept = [await tx.policies.get(version) for version in (1, 2, 3)]
        events = [one for one in await tx.audit.entries(limit=500) if one.tag.endswith("rules_changed")]
    assert [one.rules for one in kept if one] == [(), (BY_ADMINS,), ()]
    assert [(bool(one.facts["added"]), bool(one.facts["removed"])) for one in events] == [
        (True, False),
        (False, True),
    ]


async def test_who_edited_an_older_version_is_told_so(team: Office) -> None:
    await sets(team, BY_ADMINS)
    with pytest.raises(ChangedMeanwhile):
        await sets(team, basis=1)


REFUSED = [
    (Rule(kind=Kind.INVITE, steps=(TWO,)), "needed_1"),
    (Rule(kind=Kind.INVITE, steps=(ANYONE, Step(approvers=Approvers.OWNER, needed=2))), "needed_2"),
    (Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.ROLE, role="developer"),)), "who_1"),
    (Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.ROLE, role="wizard"),)), "who_1"),
    (Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.PEOPLE),)), "people_1"),
    (Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.PEOPLE, people=("x",)),)), "people_1"),
    (Rule(kind=Kind.INVITE, role="wizard"), "role"),
    (Rule(kind=Kind.INVITE, role="super_admin"), "role"),
    (Rule(kind=Kind.ROLE, role="admin"), "role"),
    (Rule(kind=Kind.ADMIN_ROLE, role="developer"), "role"),
    (Rule(kind=Kind.SETTINGS, role="admin"), "role"),
    (Rule(kind=Kind.ROLE, people=5), "people"),
    (Rule(kind=Kind.INVITE, people=0), "people"),
    (Rule(kind=Kind.INVITE, department="none"), "department"),
    (Rule(kind=Kind.JOIN, department="none"), "department"),
    (Rule(kind=Kind.JOIN, deadlines=Deadlines(expire=0)), "expire"),
    (Rule(kind=Kind.JOIN, deadlines=Deadlines(remind=50, expire=48)), "remind"),
    (Rule(kind=Kind.JOIN, steps=(ANYONE,), pinged=("x",)), "pinged"),
]


async def test_a_rule_nobody_can_meet_is_refused_on_its_field(team: Office) -> None:
    for rule, field in REFUSED:
        with pytest.raises(BadValue) as refused:
            await sets(team, rule)
        assert (rule, refused.value.field) == (rule, field)


async def test_two_rules_for_the_same_are_refused(team: Office) -> None:
    with pytest.raises(BadValue) as refused:
        await sets(team, BY_ADMINS, Rule(kind=Kind.INVITE))
    assert refused.value.field == "kind"


async def test_who_turned_messages_off_is_not_told_and_decides_all_the_same(team: Office) -> None:
    await team.desk.submit(who("adam"), SetPinging(pinged=False))
    adam = await team.member("adam")
    waiting = await team.asks("dana", "sam@elsewhere.example")
    assert adam.id in waiting.request.silent
    assert isinstance(await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE), Applied)


async def test_where_nobody_would_hear_everybody_does(team: Office) -> None:
    for handle in ("olivia", "adam"):
        await team.desk.submit(who(handle), SetPinging(pinged=False))
    waiting = await team.asks("dana", "sam@elsewhere.example")
    assert (len(waiting.request.asked), waiting.request.silent) == (2, ())


async def test_a_rule_about_admin_roles_replaces_the_owners_yes(team: Office) -> None:
    await sets(team, Rule(kind=Kind.ADMIN_ROLE))
    dana = await team.member("dana")
    answer = await team.desk.submit(who("adam"), ChangeRole(member_id=dana.id, role="admin"))
    assert not isinstance(answer, Waiting)
