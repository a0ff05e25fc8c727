"""A list whose lines fall under different rules: counted as a whole, parted by who decides."""

from dataclasses import replace

import pytest

from domain.changes import ChangeApprovalRules, InvitationLine
from domain.desk import Applied
from domain.import_jobs import Part, PartState
from domain.inviting import Sending
from domain.model import Approvers, Kind, Rule, Step, Verdict
from domain.policies import OWNER
from tests.support.files import finish, piece, reviewed, sends
from tests.support.office import Office, who

ADMINS = Step(approvers=Approvers.ROLE, role="admin")
FEW = Rule(kind=Kind.INVITE, people=5, steps=(ADMINS,))


@pytest.fixture
async def many(office: Office) -> Office:
    """A team of an owner and three admins, with seats for all."""
    await office.set_up(seats=500)
    for handle in ("adam", "amy", "abel"):
        await office.joins(handle, "admin")
    await office.joins("dana", "developer")
    return office


async def sets(office: Office, *rules: Rule) -> None:
    async with office.reading() as tx:
        basis = tx.organization.policy_version
    await office.desk.submit(who("olivia"), ChangeApprovalRules(rules=rules, basis=basis))


def listed(developers: int, admins: int = 0) -> list[InvitationLine]:
    roles = ["developer"] * developers + ["admin"] * admins
    return [InvitationLine(email=f"p{at}@example.com", role=role) for at, role in enumerate(roles)]


def steps_of(sending: Sending) -> dict[tuple[Step, ...], int]:
    """How many lines each card asks for, by who decides them."""
    return {
        one.request.requirement.steps: len(one.request.change["lines"])  # type: ignore[arg-type]
        for one in sending.waiting
    }


async def test_people_are_counted_over_the_whole_list_and_not_by_their_roles(many: Office) -> None:
    await sets(many, FEW)
    sending = await many.desk.invite(who("adam"), listed(4, admins=1))
    assert sending.sent is None
    assert steps_of(sending) == {(ADMINS,): 4, (ADMINS, OWNER): 1}


async def test_one_person_less_is_sent_at_once_and_only_the_admin_is_asked_for(many: Office) -> None:
    await sets(many, FEW)
    sending = await many.desk.invite(who("adam"), listed(3, admins=1))
    assert sending.sent is not None
    assert len(sending.sent.made) == 3
    assert steps_of(sending) == {(OWNER,): 1}


async def test_lines_that_the_same_people_decide_are_on_one_card_whatever_their_rules(many: Office) -> None:
    for_developers = Rule(kind=Kind.INVITE, role="developer", steps=(ADMINS,))
    quicker = replace(FEW.deadlines, expire=24, escalate=0, remind=0)
    for_admins = Rule(kind=Kind.INVITE, role="admin", steps=(ADMINS,), deadlines=quicker)
    await sets(many, for_developers, for_admins, Rule(kind=Kind.ADMIN_ROLE))
    (waiting,) = (await many.desk.invite(who("olivia"), listed(2, admins=2))).waiting
    requirement = waiting.request.requirement
    assert requirement.deadlines.expire == 24
    assert "role Admin" in requirement.rule
    assert "role Developer" in requirement.rule
    answer = await many.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)
    assert len(answer.made) == 4


async def test_a_rule_for_one_department_does_not_meet_a_line_without_it(many: Office) -> None:
    direct = Rule(kind=Kind.ADMIN_ROLE)
    await sets(many, Rule(kind=Kind.INVITE, role="admin", people=9, steps=(OWNER,)), direct)
    sending = await many.desk.invite(who("adam"), listed(3, admins=1))
    assert sending.sent is not None
    assert len(sending.sent.made) == 4


async def test_who_may_only_ask_has_one_card_for_each_kind_of_deciders(many: Office) -> None:
    await sets(many, FEW)
    sending = await many.desk.invite(who("dana"), listed(6, admins=2))
    assert steps_of(sending) == {(ADMINS,): 6, (ADMINS, OWNER): 2}


async def test_people_are_counted_over_the_whole_file(many: Office) -> None:
    await sets(many, FEW)
    job = await sends(many, "adam", await reviewed(many, "adam", listed(4, admins=1)))
    assert {part.roles: (part.count, part.state) for part in job.parts} == {
        ("developer",): (4, PartState.WAITING),
        ("admin",): (1, PartState.WAITING),
    }
    steps = [(await many.request(part.request_id or "")).requirement.steps for part in job.parts]
    assert steps == [(ADMINS,), (ADMINS, OWNER)]


async def test_roles_of_a_file_that_the_same_people_decide_are_on_one_card(many: Office) -> None:
    await sets(many, FEW, Rule(kind=Kind.ADMIN_ROLE))
    job = await sends(many, "adam", await reviewed(many, "adam", listed(4, admins=2)))
    (part,) = job.parts
    assert (set(part.roles), part.count) == ({"developer", "admin"}, 6)
    await many.desk.decide(who("amy"), part.request_id or "", Verdict.APPROVE)
    assert (await finish(many, job)).sent == 6


async def test_a_file_on_its_way_stops_where_its_size_needs_a_yes_by_now(many: Office) -> None:
    await sets(many, Rule(kind=Kind.ADMIN_ROLE, steps=(OWNER,)))
    job = await sends(many, "adam", await reviewed(many, "adam", listed(4, admins=1), piece=2))
    assert await piece(many, job, part=_of(job.parts, "developer"))
    await sets(many, FEW)
    number = _of(job.parts, "developer")
    stopped = (await finish(many, job, part=number)).parts[number]
    assert (stopped.state, stopped.sent) == (PartState.STOPPED, 2)


def _of(parts: tuple[Part, ...], role: str) -> int:
    return next(number for number, part in enumerate(parts) if role in part.roles)
