"""What who runs Steward looks after: deliveries that were put aside, and requests nobody can decide."""

from collections.abc import Collection

from domain import changes
from domain.approvals import right_approvers
from domain.audit import Event, record
from domain.deliveries import Parked
from domain.errors import Refusal
from domain.handling import handling_of
from domain.model import OPERATOR, Request
from domain.ports import Transaction


async def give_back(tx: Transaction, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
    """Make parked deliveries due again, and return which they were; the audit says that the operator did."""
    return await _recorded(tx, "delivery.retried", await tx.parked.give_back(parcel_ids))


async def discard(tx: Transaction, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
    """Drop parked deliveries for good, and return which they were; the audit says that the operator did."""
    return await _recorded(tx, "delivery.discarded", await tx.parked.discard(parcel_ids))


async def _recorded(tx: Transaction, tag: str, parked: tuple[Parked, ...]) -> tuple[Parked, ...]:
    if parked and tx.is_set_up:
        events = (
            Event(tag=tag, subject=f"delivery:{each.id}", facts={"notice": each.tag}) for each in parked
        )
        await record(tx, *events, actor=OPERATOR)
    return parked


async def undecidable(tx: Transaction, *, limit: int) -> tuple[Request, ...]:
    """Return which of the oldest `limit` open requests nobody can decide now."""
    found = [request for request in await tx.requests.open(limit=limit) if await _stuck(tx, request)]
    return tuple(found)


async def _stuck(tx: Transaction, request: Request) -> bool:
    change = changes.from_json(request.change)
    try:
        outcome = await handling_of(change).outcome(tx, change)
    except Refusal:
        return False  # the next click ends it with the reason
    return not await right_approvers(tx, request, change, outcome, limit=1)
