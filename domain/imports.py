"""A file of people to invite: begun, reviewed, sent in pieces that recheck their facts (product §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from domain import seats
from domain.audit import Event, record
from domain.authority import standing_on
from domain.changes import InviteFromFile, InvitePeople
from domain.errors import ImportOver, NoSuchImport, Refusal
from domain.handling import handles
from domain.import_jobs import (
    MOST_EXAMPLES,
    OPEN,
    ImportJob,
    ImportLine,
    ImportState,
    Part,
    PartState,
    pack,
)
from domain.model import INVITATION_LIFETIME, Actor, Member, Request, new_id
from domain.notices import (
    ImportBegun,
    ImportFinished,
    ImportLapsed,
    ImportSends,
    ImportTold,
    to_member,
)
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.reviews import Row, review
from domain.texts import clean_name

AFTERWARDS = timedelta(minutes=1)
"""After the end of the last invitation it is told how many have not answered."""
STOPPED = "You stopped it before this line was sent."


async def begin(
    tx: Transaction,
    actor: Actor,
    *,
    file_id: str,
    file_name: str,
    view_id: str,
    role: str,
    departments: Sequence[str],
    reason: str,
) -> ImportJob:
    """Note that a file was attached; the worker fetches and reviews it.

    Raises:
        NotAMember, NoPermission: the actor may not even ask to invite.
    """
    await standing_on(tx, actor, InvitePeople(lines=()), Outcome())
    assert isinstance(actor, Member)  # nobody else may
    job = ImportJob(
        id=new_id(),
        organization_id=tx.organization.id,
        member_id=actor.id,
        file_id=file_id,
        file_name=clean_name(file_name) or "the file",
        view_id=view_id,
        role=role,
        departments=tuple(departments),
        reason=reason,
        created_at=tx.now,
    )
    await tx.imports.add(job)
    await tx.outbox.add(ImportBegun(import_id=job.id))
    return job


async def load(tx: Transaction, import_id: str) -> ImportJob:
    """Return an import of this organization.

    Raises:
        NoSuchImport: there is none of that id any more.
    """
    job = await tx.imports.get(import_id)
    if job is None:
        raise NoSuchImport("This file is not known here any more.", remedy="Send it again with /team invite.")
    return job


async def load_own(tx: Transaction, actor: Actor, import_id: str) -> ImportJob:
    """Return an import of the actor's own.

    Raises:
        NoSuchImport: there is none of that id any more, or it is somebody else's.
    """
    job = await load(tx, import_id)
    if not isinstance(actor, Member) or actor.id != job.member_id:
        raise NoSuchImport("This file was sent by somebody else.", remedy="Ask them to send it.")
    return job


async def store_file(tx: Transaction, job: ImportJob, pieces: Mapping[int, bytes]) -> ImportJob:
    """Keep the file itself, so that it need not be fetched again."""
    await tx.blobs.drop(job.file_blob)
    await tx.blobs.put(job.file_blob, pieces)
    return await _save(tx, replace(job, stored=True))


async def fail(tx: Transaction, job: ImportJob, why: str) -> None:
    """Note that the file cannot be used, and tell whoever attached it."""
    if job.state is ImportState.READING:
        await tx.blobs.drop(job.file_blob)
        await _save(tx, replace(job, state=ImportState.FAILED, why=why))
        await tell(tx, job)


async def review_piece(
    tx: Transaction, actor: Member, numbered: Sequence[tuple[int, Row]], seen: set[str]
) -> tuple[ImportLine, ...]:
    """Return the lines of one piece, each with its problem or none; seats are looked at when it is sent.

    Args:
        numbered: lines by their number, with what is known to be wrong with them already.
        seen: who stood in the pieces before; it grows.
    """
    good = [(number, row.line) for number, row in numbered if row.problem is None]
    rows = await review(tx, [line for _, line in good], normalised=True, seated=False, seen=seen)
    roles = {row.line.role for row in rows if row.problem is None}
    refused = {role: await _not_grantable(tx, actor, role) for role in roles}
    found = {
        number: row if row.problem else replace(row, problem=refused[row.line.role])
        for (number, _), row in zip(good, rows, strict=True)
    }
    return tuple(_line_of(number, found.get(number, row)) for number, row in numbered)


def _line_of(number: int, row: Row) -> ImportLine:
    code = row.problem.code if row.problem else ""
    return ImportLine(number=number, line=row.line, code=code, words=str(row.problem) if row.problem else "")


async def _not_grantable(tx: Transaction, actor: Member, role: str) -> Refusal | None:
    try:
        await standing_on(tx, actor, InvitePeople(lines=()), Outcome(gives=frozenset({role})))
    except Refusal as refusal:
        return refusal
    return None


async def keep_review(
    tx: Transaction, job: ImportJob, pieces: Sequence[Sequence[ImportLine]], *, ignored: Sequence[str]
) -> ImportJob:
    """Keep what the review found and show it to whoever attached the file."""
    if job.state is not ImportState.READING:
        return job
    ready: dict[str, int] = {}
    problems: dict[str, int] = {}
    examples: list[tuple[int, str]] = []
    for one in (one for piece in pieces for one in piece):
        counts, key = (problems, one.code) if one.code else (ready, one.line.role)
        counts[key] = counts.get(key, 0) + 1
        if one.code and len(examples) < MOST_EXAMPLES:
            examples.append((one.number, one.words))
    await tx.blobs.drop(job.file_blob)
    await tx.blobs.put(job.review_blob, {number: pack(piece) for number, piece in enumerate(pieces)})
    reviewed = replace(
        job,
        state=ImportState.REVIEWED,
        chunks=len(pieces),
        ready=ready,
        problems=problems,
        examples=tuple(examples),
        ignored=tuple(ignored),
    )
    await tell(tx, job)
    return await _save(tx, reviewed)


async def tell(tx: Transaction, job: ImportJob) -> None:
    """Bring the card of whoever attached the file up to date."""
    await tx.outbox.add(ImportTold(import_id=job.id, to=to_member(job.member_id)))


async def cancel(tx: Transaction, actor: Actor, import_id: str) -> ImportJob:
    """Send nothing of the file, or nothing more.

    Raises:
        ImportOver: it is sent, cancelled, or waits for others alone.
    """
    job = await load_own(tx, actor, import_id)
    if job.state is ImportState.SENDING and any(part.state is PartState.SENDING for part in job.parts):
        for number, part in enumerate(job.parts):
            if part.state is PartState.SENDING:
                job = await end_part(tx, job, number, PartState.STOPPED, STOPPED, actor=actor)
        return job
    if job.state not in (ImportState.READING, ImportState.REVIEWED):
        raise over(job)
    for blob in (job.file_blob, job.review_blob):
        await tx.blobs.drop(blob)
    await tell(tx, job)
    return await _save(tx, replace(job, state=ImportState.CANCELLED))


def over(job: ImportJob) -> ImportOver:
    """Return the refusal of an act on a file that is done with."""
    facts = {
        ImportState.READING: "It is still being read.",
        ImportState.SENDING: "It is sent already, or waits for an approval.",
        ImportState.DONE: "It is sent already.",
        ImportState.CANCELLED: "It was cancelled.",
        ImportState.FAILED: "It could not be read.",
    }
    return ImportOver("This cannot be done with the file any more.", fact=facts.get(job.state, ""))


async def _save(tx: Transaction, job: ImportJob) -> ImportJob:
    await tx.imports.save(job)
    return replace(job, version=job.version + 1)


async def change_part(
    tx: Transaction, job: ImportJob, number: int, part: Part, *, told: bool = True
) -> ImportJob:
    """Write a changed part; the import is done when all of its parts are.

    Args:
        told: the card is brought up to date; when the import is done it is in any case.
    """
    parts = tuple(part if at == number else other for at, other in enumerate(job.parts))
    changed = replace(job, parts=parts)
    busy = any(each.state in (PartState.WAITING, PartState.SENDING) for each in parts)
    if not busy:
        changed = replace(changed, state=ImportState.DONE)
    if told or not busy:
        await tell(tx, job)
    if not busy:
        to = to_member(job.member_id)
        await tx.outbox.add(ImportFinished(import_id=job.id, to=to))
        if changed.sent:
            lapsed = ImportLapsed(import_id=job.id, to=to)
            await tx.outbox.add(lapsed, run_at=tx.now + INVITATION_LIFETIME + AFTERWARDS)
    return await _save(tx, changed)


async def _sending(tx: Transaction, change: InviteFromFile) -> Outcome:
    job = await load(tx, change.import_id)
    part = _part(job, change.part)
    return Outcome(gives=frozenset(part.roles), people=part.count, among=job.good)


def _part(job: ImportJob, number: int) -> Part:
    if job.state not in OPEN or not 0 <= number < len(job.parts):
        raise over(job)
    return job.parts[number]


async def _request_ended(tx: Transaction, change: InviteFromFile, *, request: Request, actor: Actor) -> None:
    """The request for a part was declined, withdrawn, or ran out: its lines are not sent."""
    job = await tx.imports.get(change.import_id)
    if job is None or not 0 <= change.part < len(job.parts):
        return
    if job.parts[change.part].state is PartState.WAITING:
        said = f" “{request.decision_reason}”" if request.decision_reason else ""
        why = f"The request for it ended without a yes ({request.status}).{said}"
        await end_part(tx, job, change.part, PartState.REFUSED, why, actor=actor)


@handles(InviteFromFile, _sending, ended=_request_ended)
async def invite_from_file(
    tx: Transaction, change: InviteFromFile, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Reserve the seats, as many as there are, and let the worker send the part piece by piece."""
    job = await load(tx, change.import_id)
    part = _part(job, change.part)
    if part.state is not PartState.WAITING:
        raise over(job)
    assert isinstance(authority, Member)  # nobody else sends invitations
    reserved = await _seats_for(tx, part)
    seats.reserve(tx, reserved)
    begun = replace(part, state=PartState.SENDING, authority_id=authority.id, reserved=reserved)
    await change_part(tx, job, change.part, begun)
    event = Event(
        tag="import.begun",
        subject=f"import:{job.id}",
        facts={"roles": list(part.roles), "lines": part.count, "reserved": reserved},
    )
    await record(tx, event, actor=actor, authority=authority)
    await tx.outbox.add(ImportSends(import_id=job.id, part=change.part))
    return (job.id,)


async def _seats_for(tx: Transaction, part: Part) -> int:
    """Return how many seats the part can have kept.

    Raises:
        NoSeatLeft: there is none.
    """
    if not tx.organization.pending_holds_seat:
        return 0
    now = await seats.seats_now(tx)
    if now.free == 0:
        raise await seats.no_seat_left(tx, now, part.count)
    return part.count if now.free is None else min(part.count, now.free)


async def end_part(
    tx: Transaction, job: ImportJob, number: int, state: PartState, why: str, *, actor: Actor
) -> ImportJob:
    """End a part before all of it is sent, and give its seats back."""
    part = job.parts[number]
    seats.reserve(tx, -part.reserved)
    event = Event(
        tag=f"import.{state}",
        subject=f"import:{job.id}",
        facts={"sent": part.sent, "left": part.count - part.sent - part.failed},
    )
    await record(tx, event, actor=actor)
    return await change_part(tx, job, number, replace(part, state=state, reserved=0, why=why))
