"""The audit chain names the first bad entry after any tampering."""

import pytest

from domain.audit import lines, verify
from tests.support.office import TEAM, Office, run_sql


async def checked(office: Office, head: str | None = None) -> tuple[int, int | None]:
    async with office.store.reading(TEAM) as tx:
        found = await verify(tx, head=head)
    return found.checked, found.fault.seq if found.fault else None


async def test_an_untouched_chain_holds(team: Office) -> None:
    count, fault = await checked(team)
    assert (count > 8, fault) == (True, None)


async def test_every_change_is_told_with_actor_and_authority(team: Office) -> None:
    async with team.reading() as tx:
        told = [line async for line in lines(tx)]
    assert [line.seq for line in told] == list(range(1, len(told) + 1))
    assert told[0].tag == "organization.founded"
    sent = next(line for line in told if line.tag == "invitation.sent")
    assert sent.personal["email"] == "adam@northwind.example"
    assert sent.actor == f"member:{(await team.member('olivia')).id}"


@pytest.mark.parametrize(
    ("name", "statements", "bad"),
    [
        ("edited", ["UPDATE audit_entries SET actor = 'member:x' WHERE seq = 4"], 4),
        ("deleted", ["DELETE FROM audit_values WHERE seq = 4", "DELETE FROM audit_entries WHERE seq = 4"], 4),
        (
            "reordered",
            [
                "DELETE FROM audit_values WHERE seq IN (3, 4)",
                "UPDATE audit_entries SET seq = 9999 WHERE seq = 3",
                "UPDATE audit_entries SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entries SET seq = 4 WHERE seq = 9999",
            ],
            3,
        ),
        ("unreadable facts", ["UPDATE audit_entries SET facts = facts || 'x' WHERE seq = 4"], 4),
        ("facts of another kind", ["UPDATE audit_entries SET facts = '7' WHERE seq = 4"], 4),
        ("personal value changed", ["UPDATE audit_values SET value = 'mallory' WHERE seq = 2"], 2),
    ],
)
async def test_tampering_is_found_at_its_place(
    team: Office, name: str, statements: list[str], bad: int
) -> None:
    await run_sql(team.url, *statements)
    assert await checked(team) == (bad - 1, bad), name


async def test_a_cut_tail_is_found(team: Office) -> None:
    count, _ = await checked(team)
    await run_sql(
        team.url,
        f"DELETE FROM audit_values WHERE seq = {count}",
        f"DELETE FROM audit_entries WHERE seq = {count}",
    )
    assert await checked(team) == (count - 1, count)


async def test_an_inserted_entry_is_found(team: Office) -> None:
    count, _ = await checked(team)
    shared = "at, actor, authority, tag, subject, facts, digests, key_id"
    columns = f"organization_id, seq, {shared}, previous, hash"
    await run_sql(
        team.url,
        f"INSERT INTO audit_entries ({columns}) SELECT organization_id, seq + 1, {shared}, hash, hash"
        f" FROM audit_entries WHERE seq = {count}",
    )
    assert await checked(team) == (count, count + 1)


async def test_an_erased_personal_value_leaves_the_chain_whole(team: Office) -> None:
    await run_sql(team.url, "DELETE FROM audit_values WHERE seq = 2")
    assert (await checked(team))[1] is None


async def test_a_head_noted_elsewhere_proves_that_nothing_was_cut_and_rewritten(team: Office) -> None:
    async with team.reading() as tx:
        head = tx.organization.audit_head
    assert (await checked(team, head))[1] is None
    assert (await checked(team, "0" * 64))[1] is not None
