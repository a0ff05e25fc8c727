"""Sending one piece of a file: authority, facts and seats are looked at again in its own transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from domain import seats
from domain.approvals import requirement_for
from domain.authority import standing_on
from domain.changes import InviteFromFile, InvitePeople
from domain.errors import NoPermission, Refusal
from domain.import_jobs import ImportJob, ImportLine, Part, PartState, pack, unpack
from domain.imports import change_part, end_part
from domain.invitations import Draft, draft, send_lines
from domain.keys import KeyRing
from domain.model import CLOCK, Member
from domain.permissions import Outcome, Standing
from domain.ports import Transaction
from domain.reviews import review

AT_A_TIME = 10
"""Lines made ready before others get their turn."""
TOLD_EVERY = 3
"""Pieces between two edits of the card: Slack takes some dozens a minute, whoever sends files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The good lines of one piece of a part, made ready before the organization is locked.

    Args:
        place: of the piece in the file.
        lines: as they were reviewed; nothing changes that any more.
        drafts: of each line.
    """

    place: int
    lines: tuple[ImportLine, ...]
    drafts: tuple[Draft, ...]


def piece_of(keys: KeyRing, part: Part, place: int, reviewed: Mapping[int, bytes]) -> Iterator[Piece | None]:
    """Make a piece ready: yield None after every few lines, so that others get their turn, then the piece.

    Args:
        reviewed: the pieces of the review.
    """
    lines = tuple(one for one in unpack(reviewed[place]) if not one.code and one.line.role in part.roles)
    drafts: list[Draft] = []
    for start in range(0, len(lines), AT_A_TIME):
        yield None
        drafts.extend(draft(keys, one.line) for one in lines[start : start + AT_A_TIME])
    yield Piece(place=place, lines=lines, drafts=tuple(drafts))


def next_piece(job: ImportJob, number: int) -> int:
    """Return the place of the piece of a part that is sent next; behind the last one, when none is."""
    sending = number < len(job.parts) and job.parts[number].state is PartState.SENDING
    return job.parts[number].place if sending else job.chunks


async def send_piece(tx: Transaction, import_id: str, number: int, piece: Piece) -> bool:
    """Send a piece of a part, rechecking authority and every line; return whether the next is to be sent.

    A piece that was sent already is not sent again: the part knows its place, and whoever moved it goes on.
    """
    job = await tx.imports.get(import_id)
    if job is None or number >= len(job.parts) or job.parts[number].state is not PartState.SENDING:
        return False
    part = job.parts[number]
    if part.place != piece.place:
        return True
    known = await tx.members.many([job.member_id, part.authority_id or ""])
    inviter, authority = known.get(job.member_id), known.get(part.authority_id or "")
    try:
        inviter, authority = await _still_may(tx, job, part, inviter, authority)
    except Refusal as refusal:
        await end_part(tx, job, number, PartState.STOPPED, str(refusal), actor=CLOCK)
        return False
    results = await _sent(tx, part, piece, actor=inviter, authority=authority)
    await tx.blobs.put(job.result_blob(number), {part.place: pack(results)})
    sent = sum(not one.code for one in results)
    kept = max(0, part.reserved - sent)
    moved = replace(
        part,
        place=part.place + 1,
        sent=part.sent + sent,
        failed=part.failed + len(results) - sent,
        reserved=kept,
    )
    if moved.place >= job.chunks:
        moved = replace(moved, state=PartState.DONE, reserved=0)
    seats.reserve(tx, moved.reserved)
    await change_part(tx, job, number, moved, told=moved.place % TOLD_EVERY == 0)
    return moved.state is PartState.SENDING


async def _sent(
    tx: Transaction, part: Part, piece: Piece, *, actor: Member, authority: Member
) -> tuple[ImportLine, ...]:
    """Send the lines that are still good; the seats kept for the part are given back to be taken."""
    seats.reserve(tx, -part.reserved)
    # Seats that are kept need no counting: nobody else may take them.
    lines, kept = [one.line for one in piece.lines], len(piece.lines) <= part.reserved
    rows = await review(tx, lines, normalised=True, seated=not kept) if lines else ()
    # The review of a reviewed line finds its Slack user, and leaves what the draft was made of.
    good = [(row.line, draft) for row, draft in zip(rows, piece.drafts, strict=True) if not row.problem]
    made = await send_lines(tx, good, actor=actor, authority=authority, together=True) if good else ()
    ids = {invitation.email: invitation.id for invitation in made}
    return tuple(
        replace(
            one,
            line=row.line,
            code=row.problem.code if row.problem else "",
            words=str(row.problem) if row.problem else "",
            invitation_id="" if row.problem else ids[row.line.email],
        )
        for one, row in zip(piece.lines, rows, strict=True)
    )


async def _still_may(
    tx: Transaction, job: ImportJob, part: Part, inviter: Member | None, authority: Member | None
) -> tuple[Member, Member]:
    """Check that who sends the part, and who approved it, may do so at this moment.

    Raises:
        Refusal: one of them may not any more.
    """
    if inviter is None or authority is None:
        raise NoPermission("Who sent this file is not a member any more.")
    outcome = Outcome(gives=frozenset(part.roles), people=part.count, among=job.good)
    standing = await standing_on(tx, inviter, InvitePeople(lines=()), outcome)
    if authority.id != inviter.id:
        by_authority = await standing_on(tx, authority, InvitePeople(lines=()), outcome)
        if by_authority is not Standing.MAY:
            raise NoPermission("Whoever approved this may not send such invitations any more.")
    elif requirement_for(tx, inviter, standing, outcome, tag=InviteFromFile.tag) is not None:
        raise NoPermission(
            "Such invitations need somebody's approval now.",
            remedy="Send the lines that are left again: those who can approve them are asked.",
        )
    return inviter, authority
