"""What waits for somebody: complete, page by page, whether they were told or not."""

from dataclasses import replace

from domain import waiting
from domain.overview import home_of
from domain.policies import OWNER
from domain.waiting import waiting_for
from tests.support.office import TEAM, Office


async def _all(office: Office, handle: str, limit: int) -> list[str]:
    """The ids on every page."""
    found: list[str] = []
    async with office.reading() as tx:
        member = await office.member(handle)
        page = await waiting_for(tx, member, limit=limit)
        found += [one.id for one in page.requests]
        while page.next_after:
            page = await waiting_for(tx, member, limit=limit, after=page.next_after)
            found += [one.id for one in page.requests]
    return found


async def test_every_request_waits_on_exactly_one_page_of_whoever_may_decide(office: Office) -> None:
    await office.set_up(seats=None)
    for handle in ("adam", "dana", "devi"):
        await office.joins(handle, "admin" if handle == "adam" else "developer")
    asked = [
        (await office.asks(handle, f"{handle}{nth}@elsewhere.example")).request.id
        for nth in range(4)
        for handle in ("dana", "devi")
    ]
    for limit in (1, 3, 8, 9):
        assert await _all(office, "adam", limit) == asked
    assert await _all(office, "dana", 3) == []


async def test_home_finds_what_waits_behind_many_requests_for_others(office: Office) -> None:
    await office.set_up(seats=None)
    await office.joins("adam", "admin")
    await office.joins("dana", "developer")
    first = (await office.asks("dana", "sam@elsewhere.example")).request
    owner = (await office.member("olivia")).id
    async with office.store.transaction(TEAM) as tx:
        await tx.requests.save(replace(first, requirement=replace(first.requirement, steps=(OWNER,))))
        for nth in range(waiting.COUNTED_AMONG + 5):
            theirs = replace(first.requirement, steps=(OWNER,))
            other = replace(
                first, id=f"{first.id[:-5]}z{nth:04}", requirement=theirs, requester_id=owner, asked=()
            )
            await tx.requests.add(other)
    adam = await office.member("adam")
    async with office.reading() as tx:
        assert str((await home_of(tx, adam)).waiting) == "0"
    office.clock.advance(hours=1)
    last = (await office.asks("dana", "tom@elsewhere.example")).request
    async with office.reading() as tx:
        home = await home_of(tx, adam)
    assert [one.request.id for one in home.desk.waiting_for_me] == [last.id]
    assert str(home.waiting) == "1"


async def test_a_request_behind_more_than_a_page_looks_at_is_found_further_on(office: Office) -> None:
    await office.set_up(seats=None)
    for handle in ("adam", "dana"):
        await office.joins(handle, "admin" if handle == "adam" else "developer")
    first = (await office.asks("dana", "sam@elsewhere.example")).request
    owner = await office.member("olivia")
    async with office.store.transaction(TEAM) as tx:
        steps = tuple(replace(step, approvers="owner") for step in first.requirement.steps)  # type: ignore[arg-type]
        theirs = replace(first.requirement, steps=steps)
        for nth in range(waiting.MOST_EXAMINED + 5):
            other = replace(
                first, id=f"{first.id[:-5]}z{nth:04}", requirement=theirs, requester_id=owner.id, asked=()
            )
            await tx.requests.add(other)
    office.clock.advance(hours=1)
    last = (await office.asks("dana", "tom@elsewhere.example")).request
    assert await _all(office, "adam", 10) == [first.id, last.id]
