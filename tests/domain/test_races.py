"""Races with connections and processes of their own: exactly one wins, the others are told why."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest

from domain.model import Preset, RequestStatus
from tests.support.forks import fork
from tests.support.office import Office
from tests.support.racer import act

Race = Callable[[str, Sequence["Job"]], Awaitable[list[str]]]
Job = tuple[str, str, str]
"""What, who, about what."""


async def by_connections(url: str, jobs: Sequence[Job]) -> list[str]:
    """Every racer has a store, and so connections, of its own."""
    return list(await asyncio.gather(*(act(url, *job) for job in jobs)))


async def by_processes(url: str, jobs: Sequence[Job]) -> list[str]:
    """Every racer is a process of its own; all start together."""
    racers = [await fork("tests.support.racer", env={}) for _ in jobs]
    for racer, (what, handle, subject) in zip(racers, jobs, strict=True):
        job = {"office_url": url, "what": what, "handle": handle, "subject": subject}
        racer.stdin.write(json.dumps(job).encode() + b"\n")
    for racer in racers:
        assert await racer.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    return [output.decode().strip() for output in outputs]


RACES = pytest.mark.parametrize("race", [by_connections, by_processes])


@RACES
async def test_eight_acceptances_for_one_seat_one_enters_and_seven_wait(office: Office, race: Race) -> None:
    await office.set_up(Preset.ANALYTICS, seats=2)
    handles = [f"p{number}" for number in range(8)]
    await office.knows(*handles)
    jobs = []
    for handle in handles:
        invitation = await office.invites("olivia", f"{handle}@northwind.example", "user")
        jobs.append(("accept", handle, invitation.id))
    outcome = Counter(await race(office.url, jobs))
    assert outcome == {"accepted": 1, "waiting": 7}
    async with office.reading() as tx:
        assert tx.organization.active_members == 2


@RACES
async def test_eight_invitations_for_the_last_seat_one_is_sent(team: Office, race: Race) -> None:
    jobs = [("invite", "olivia", f"n{number}@elsewhere.example") for number in range(8)]
    assert Counter(await race(team.url, jobs)) == {"sent": 1, "NoSeatLeft": 7}


@RACES
async def test_two_admins_decide_at_once_and_one_decision_stands(team: Office, race: Race) -> None:
    waiting = await team.asks("dana", "sam@elsewhere.example")
    jobs = [("approve", "adam", waiting.request.id), ("decline", "olivia", waiting.request.id)]
    outcome = await race(team.url, jobs)
    stored = await team.request(waiting.request.id)
    if stored.status is RequestStatus.APPLIED:
        assert outcome == ["Applied", "Ended"]
        assert stored.decided_by == (await team.member("adam")).id
    else:
        assert outcome == ["Ended", "Ended"]
        assert stored.status is RequestStatus.DECLINED
        assert stored.decided_by == (await team.member("olivia")).id
    async with team.reading() as tx:
        assert len(await tx.requests.votes(stored.id)) == 1
        assert await tx.invitations.held() == (stored.status is RequestStatus.APPLIED)


@RACES
async def test_two_set_ups_at_once_and_one_founds(office: Office, race: Race) -> None:
    await office.knows("olivia", "nora")
    outcome = await race(office.url, [("set_up", "olivia", "First"), ("set_up", "nora", "Second")])
    assert Counter(outcome) == {"founded": 1, "AlreadySetUp": 1}
    async with office.reading() as tx:
        assert tx.organization.name == ("First" if outcome[0] == "founded" else "Second")
        assert tx.organization.active_members == 1
