"""What must be true after whatever happened: nothing lost, nothing twice, in order, nobody left waiting."""

from functools import partial
from itertools import pairwise

from bot.sandbox.person import Person
from tests.soak.siege import ADMINS, Siege, card_to, key_of, keys_of
from tests.support.office import run_sql
from tests.worker.processes import steward


async def comes_out_well(siege: Siege) -> None:
    """Start Steward a last time, let it finish, decide what still waits, and look at everything."""
    await siege.after_a_death()
    async with siege.running():
        await siege.drained()
        await _decided_at_last(siege)
        await siege.drained()
    await _nothing_is_lost(siege)
    await _nobody_is_left_waiting(siege)
    _nothing_came_twice(siege)
    _all_came_in_order(siege)
    await _audit_holds(siege)
    siege.report.most("people invited", len(siege.ledger.invited))
    siege.report.most("requests", len(siege.ledger.asked))
    siege.report.most("members", len(siege.ledger.accepted))


async def _decided_at_last(siege: Siege) -> None:
    """Approve whatever still has a card: a request whose card cannot be decided is stuck."""
    olivia = siege.slack.person("olivia")
    for _ in range(100):
        found = card_to(olivia, "Approve")
        if found is None:
            return
        message, _ = found
        reply = await olivia.click("Approve", message)
        siege.report.hold(reply.error is None, f"a card could not be decided: {reply}")
        await olivia.until(partial(_gone, olivia, message.ts), timeout=60)


def _gone(person: Person, ts: str) -> bool:
    now = card_to(person, "Approve")
    return now is None or now[0].ts != ts


async def _nothing_is_lost(siege: Siege) -> None:
    ledger, report = siege.ledger, siege.report
    invitations = await _texts(siege, "SELECT email FROM invitations")
    members = await _texts(siege, "SELECT email FROM members WHERE status = 'active'")
    wanted = await _texts(siege, "SELECT change FROM requests")
    open_requests = await _texts(siege, "SELECT id FROM requests WHERE status = 'waiting'")
    for handle in sorted(ledger.invited):
        report.hold(_address(handle) in invitations, f"{handle} was invited, so it was said; it is lost")
    for handle in sorted(ledger.asked):
        named = any(f'"{_address(handle)}"' in change for change in wanted)
        report.hold(named, f"{handle} was asked for, so it was said; it is lost")
    for handle in sorted(ledger.accepted):
        report.hold(_address(handle) in members, f"{handle} accepted, so it was said; it is lost")
    lost = sorted(ledger.decided & open_requests)
    report.hold(not lost, f"decisions are lost: {lost}")


async def _nobody_is_left_waiting(siege: Siege) -> None:
    report = siege.report
    stuck = await _texts(siege, "SELECT id FROM requests WHERE status = 'waiting'")
    report.hold(not stuck, f"requests are stuck: {sorted(stuck)}")
    parked = await run_sql(siege.url, "SELECT key, error FROM outbox WHERE state = 'parked'")
    report.hold(not parked, f"deliveries were put aside: {parked}")
    for handle in ADMINS:
        found = card_to(siege.slack.person(handle), "Approve")
        report.hold(found is None, f"{handle} still sees a card of what was decided: {found}")
    for handle in sorted(siege.ledger.accepted):
        found = card_to(siege.slack.person(handle), "Accept")
        report.hold(found is None, f"{handle} still sees the invitation they accepted: {found}")
    for handle in sorted(siege.ledger.invited - siege.ledger.accepted):
        messages = siege.slack.person(handle).messages()
        report.hold(bool(messages), f"{handle} never got the invitation")


def _nothing_came_twice(siege: Siege) -> None:
    found = keys_of(siege.slack)
    siege.report.most("messages", sum(keys.total() for keys in found.values()))
    for channel, keys in found.items():
        for key, times in keys.items():
            siege.report.hold(times == 1, f"{key} came {times} times in {channel}")


def _all_came_in_order(siege: Siege) -> None:
    for channel in siege.slack.workspace.conversations:
        keys = [key_of(channel.messages[ts]) for ts in channel.order]
        numbers = [int(key.rpartition("#")[2]) for key in keys if "#" in key]
        late = [(one, other) for one, other in pairwise(numbers) if one > other]
        siege.report.hold(not late, f"messages overtook each other in {channel.id}: {late}")


async def _audit_holds(siege: Siege) -> None:
    async with steward("audit", "verify", env=siege.settings) as process:
        code = await process.ends()
    siege.report.hold(code == 0, f"the audit chain does not hold: {process.output} {process.errors}")


async def _texts(siege: Siege, query: str) -> set[str]:
    return {str(row[0]) for row in await run_sql(siege.url, query)}


def _address(handle: str) -> str:
    return f"{handle}@northwind.example"
