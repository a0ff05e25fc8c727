"""Requests of those who leave are withdrawn; those that waited for them are looked at again (product §7)."""

from domain.approvals import close
from domain.model import Actor, Member, RequestStatus
from domain.notices import RequestReconsidered
from domain.ports import Transaction

MOST_REROUTED = 10_000


async def withdraw_all(tx: Transaction, member: Member, *, actor: Actor) -> None:
    """Withdraw the open requests of somebody who leaves (product §7)."""
    for request in await tx.requests.open_by(member_id=member.id, user_id=member.slack_user_id):
        if not request.on_behalf:
            reason = "The requester was deactivated."
            await close(tx, request, RequestStatus.WITHDRAWN, actor=actor, reason=reason)


async def reroute(tx: Transaction, member: Member) -> None:
    """Have every request looked at again that waited for somebody who may have lost the authority."""
    for request in await tx.requests.open_asked(member.id, limit=MOST_REROUTED):
        await tx.outbox.add(RequestReconsidered(request_id=request.id), run_at=tx.now)


async def reroute_all(tx: Transaction) -> None:
    """Have every open request looked at again: a role means something else for all of its holders."""
    for request in await tx.requests.open(limit=MOST_REROUTED):
        await tx.outbox.add(RequestReconsidered(request_id=request.id), run_at=tx.now)


async def reroute_lacking_seat(tx: Transaction) -> None:
    """Have every open request looked at again whose deciding yes found no seat: there may be one now."""
    for request in await tx.requests.lacking_seat(limit=MOST_REROUTED):
        await tx.outbox.add(RequestReconsidered(request_id=request.id), run_at=tx.now)
