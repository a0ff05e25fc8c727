"""Whom a request is told and how many one person may have open."""

import pytest

from domain.changes import ChangeApprovalRules
from domain.desk import Applied
from domain.errors import TooManyOpenRequests
from domain.model import APPROVERS_TOLD, OPEN_REQUESTS_PER_PERSON, Approvers, Kind, Rule, Step, Verdict
from domain.overview import request_facts
from tests.support.office import Office, who


async def test_of_more_than_ten_admins_ten_are_told_and_all_may_decide(office: Office) -> None:
    await office.set_up(seats=40)
    for number in range(12):
        await office.joins(f"admin{number}", "admin")
    await office.joins("dana", "developer")
    waiting = await office.asks("dana", "sam@elsewhere.example")
    assert len(waiting.request.asked) == APPROVERS_TOLD
    last = await office.member("admin11")
    assert last.id not in waiting.request.asked
    async with office.reading() as tx:
        assert len((await request_facts(tx, waiting.request)).approvers) == 13
    answer = await office.desk.decide(who("admin11"), waiting.request.id, Verdict.APPROVE)
    assert isinstance(answer, Applied)


async def test_the_eleventh_open_request_of_a_person_is_refused(team: Office) -> None:
    for number in range(OPEN_REQUESTS_PER_PERSON):
        await team.asks("dana", f"p{number}@elsewhere.example")
    with pytest.raises(TooManyOpenRequests):
        await team.asks("dana", "one-more@elsewhere.example")
    await team.asks("devi", "one-more@elsewhere.example")


async def test_who_is_not_pinged_by_the_rule_may_decide_all_the_same(team: Office) -> None:
    olivia, adam = await team.member("olivia"), await team.member("adam")
    rule = Rule(kind=Kind.INVITE, steps=(Step(approvers=Approvers.ANYONE_WHO_MAY),), pinged=(olivia.id,))
    await team.desk.submit(who("olivia"), ChangeApprovalRules(rules=(rule,), basis=1))
    waiting = await team.asks("dana", "sam@elsewhere.example")
    assert waiting.request.silent == (adam.id,)
    assert isinstance(await team.desk.decide(who("adam"), waiting.request.id, Verdict.APPROVE), Applied)
