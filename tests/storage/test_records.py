"""The audit chain and recorded refusals come back as they were written."""

from dataclasses import replace
from datetime import timedelta

from domain.audit import Event, record, verify
from domain.model import CLOCK, RecordedRefusal, new_id
from storage.store import SqlStore
from tests.storage.examples import START, TEAM, founded


async def test_the_audit_chain_verifies_after_its_way_through_the_database(store: SqlStore) -> None:
    await founded(store)
    facts = {"ö": [1, 2.5, None, True, "🎉"], "z": {"b": 1, "a": "\u2028"}, "tuple": (1, 2), "big": 2**60}
    personal = {"email": "ann@example.com", "name": 'Ann "the" O\'Neil \\ 🎉'}
    async with store.transaction(TEAM) as tx:
        await record(tx, Event(tag="a.b", subject="s:1", facts=facts, personal=personal), actor=CLOCK)
        await record(tx, Event(tag="c.d", subject="s:2"), actor=CLOCK)
        assert [entry.seq for entry in await tx.audit.entries()] == [1, 2]
        assert {value.field: value.value for value in await tx.audit.values(first=1, last=1)} == personal
    async with store.reading(TEAM) as tx:
        verification = await verify(tx)
        assert verification.fault is None
        assert verification.checked == 2
        assert (await tx.audit.entries(after=1))[0].tag == "c.d"


async def test_refusals_come_back_and_only_the_last_twenty_of_a_person_stay(store: SqlStore) -> None:
    made, owner = await founded(store)
    refusals = [
        RecordedRefusal(
            id=new_id(),
            organization_id=made.id,
            member_id=owner.id,
            user_id=None,
            code="NoSeatLeft",
            rule="rule",
            fact="fact",
            remedy="remedy",
            who=("m1", "m2"),
            can_ask=True,
            change={"tag": "x"},
            at=START + timedelta(minutes=number),
        )
        for number in range(25)
    ]
    stranger = replace(refusals[0], id=new_id(), member_id=None, user_id="U5", change=None, who=())
    async with store.transaction(TEAM) as tx:
        await tx.refusals.add(stranger)
        for refusal in refusals:
            await tx.refusals.add(refusal)
    async with store.reading(TEAM) as tx:
        assert await tx.refusals.last(member_id=owner.id, user_id=None) == refusals[-1]
        assert await tx.refusals.last(member_id=None, user_id="U5") == stranger
        assert await tx.refusals.last(member_id=owner.id, user_id="U5") == refusals[-1]
        assert await tx.refusals.last(member_id=None, user_id=None) is None
        kept = [refusal for refusal in refusals if await tx.refusals.get(refusal.id)]
        assert kept == refusals[5:]
        assert await tx.refusals.get(stranger.id) == stranger
