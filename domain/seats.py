"""Seats of the licence: one check, which every door passes (product §3)."""

from dataclasses import dataclass, replace

from domain.errors import NoSeatLeft, SeatLimitBelowUse
from domain.model import Organization
from domain.operations import Operation
from domain.permissions import Outcome, roles_that_may
from domain.ports import Transaction

LISTED = 10
"""Names in a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The licence now: limit (None: none), used by active members, held for those who are invited."""

    limit: int | None
    used: int
    held: int

    @property
    def free(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.held)

    def available(self, wanted: int) -> bool:
        return self.free is None or self.free >= wanted


async def seats_now(tx: Transaction) -> Seats:
    """Return the seats of the transaction's organization."""
    organization = tx.organization
    held = await tx.invitations.held() + organization.reserved_seats if organization.pending_holds_seat else 0
    return Seats(limit=organization.seat_limit, used=organization.active_members, held=held)


async def require_seats(tx: Transaction, wanted: int) -> None:
    """Check that `wanted` more people find a seat.

    Raises:
        NoSeatLeft: with who could change the limit.
    """
    seats = await seats_now(tx)
    if not seats.available(wanted):
        raise await no_seat_left(tx, seats, wanted)


async def no_seat_left(tx: Transaction, seats: Seats, wanted: int) -> NoSeatLeft:
    """Return the refusal in words."""
    held = f" and {seats.held} held by pending invitations" if seats.held else ""
    need = "" if wanted == 1 else f" {wanted} are needed."
    roles = roles_that_may(tx.organization, Operation.MANAGE_SUBSCRIPTION, Outcome())
    could = await tx.members.holding(roles, limit=5)
    return NoSeatLeft(
        "Every member needs a seat of the licence.",
        fact=f"{seats.used} of {seats.limit} seats are used{held}.{need}",
        remedy="Deactivate somebody, revoke an invitation, or have the seat limit raised in /team settings.",
        who=[member.id for member in could],
    )


def take(tx: Transaction) -> None:
    """Count one more active member; the caller checked that there is a seat."""
    organization = tx.organization
    tx.update(replace(organization, active_members=organization.active_members + 1))


def release(tx: Transaction) -> None:
    """Count one active member less."""
    organization = tx.organization
    tx.update(replace(organization, active_members=organization.active_members - 1))


def reserve(tx: Transaction, change: int) -> None:
    """Keep so many seats more for invitations that are about to be sent, or fewer."""
    organization = tx.organization
    tx.update(replace(organization, reserved_seats=max(0, organization.reserved_seats + change)))


async def check_limit(tx: Transaction, organization: Organization) -> None:
    """Check that the seats in use fit the limit `organization` would have.

    Raises:
        SeatLimitBelowUse: with the numbers, and who uses the seats.
    """
    reserved = tx.organization.reserved_seats
    held = await tx.invitations.held() + reserved if organization.pending_holds_seat else 0
    used = organization.active_members
    if organization.seat_limit is not None and used + held > organization.seat_limit:
        holding = f" and {held} held by pending invitations" if held else ""
        raise SeatLimitBelowUse(
            "The seat limit cannot be lower than the seats in use.",
            fact=f"{used} active members{holding} need {used + held} seats. "
            f"{await _seated(tx, used, 'Active')}{await _seated(tx, held, 'Pending')}".rstrip(),
            remedy="Deactivate people or revoke invitations first: /team members lists them.",
            field="seat_limit",
        )


async def _seated(tx: Transaction, count: int, status: str) -> str:
    """Return who uses or holds seats, by name; only the first of many."""
    rows = (await tx.roster.page(status=status.casefold(), limit=LISTED)).rows if count else ()
    names = ", ".join(row.name or row.email for row in rows)
    more = f" and {count - len(rows)} more" if count > len(rows) else ""
    return f"{status}: {names}{more}. " if rows else ""
