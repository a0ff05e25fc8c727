"""Sending a reviewed file: what needs nobody's yes at once, the rest as one request for each rule."""

from dataclasses import replace

from domain import desk
from domain.approvals import requirement_for
from domain.authority import standing_on
from domain.changes import InviteFromFile, InvitePeople
from domain.desk import Waiting
from domain.errors import Refusal
from domain.import_jobs import ImportJob, ImportState, Part, PartState
from domain.imports import change_part, load, load_own, over
from domain.model import Actor, Requirement
from domain.permissions import Outcome
from domain.ports import Transaction


async def send(tx: Transaction, actor: Actor, import_id: str) -> ImportJob:
    """Send the good lines of a reviewed file, or ask for them.

    Raises:
        ImportOver: it was sent before, or cancelled.
        Refusal: none of its lines can be sent or asked for.
    """
    job = await load_own(tx, actor, import_id)
    if job.state is not ImportState.REVIEWED or not job.good:
        raise over(job)
    parts = await _parts(tx, actor, job)
    await tx.imports.save(replace(job, state=ImportState.SENDING, parts=parts))
    answers = [await _begun(tx, actor, job.id, number) for number in range(len(parts))]
    refusals = [refusal for refusal in answers if refusal is not None]
    if len(refusals) == len(parts):
        raise refusals[0]
    return await load(tx, import_id)


async def _parts(tx: Transaction, actor: Actor, job: ImportJob) -> tuple[Part, ...]:
    """The good lines, grouped by what they need."""
    groups: dict[Requirement | str | None, list[str]] = {}
    for role in job.ready:
        outcome = Outcome(gives=frozenset({role}), people=sum(job.ready.values()))
        needed: Requirement | str | None
        try:
            standing = await standing_on(tx, actor, InvitePeople(lines=()), outcome)
            needed = requirement_for(tx, actor, standing, outcome, tag=InviteFromFile.tag)
        except Refusal:
            needed = role  # refused by itself, so that the other roles are sent
        groups.setdefault(needed, []).append(role)
    return tuple(
        Part(roles=tuple(roles), count=sum(job.ready[role] for role in roles)) for roles in groups.values()
    )


async def _begun(tx: Transaction, actor: Actor, import_id: str, number: int) -> Refusal | None:
    """Send or ask for one part; return why neither is possible."""
    reason = (await load(tx, import_id)).reason
    change = InviteFromFile(import_id=import_id, part=number)
    try:
        async with tx.savepoint():
            answer = await desk.submit(tx, actor, change, reason=reason)
    except Refusal as refusal:
        job = await load(tx, import_id)
        refused = replace(job.parts[number], state=PartState.REFUSED, why=str(refusal))
        await change_part(tx, job, number, refused)
        return refusal
    if isinstance(answer, Waiting):
        job = await load(tx, import_id)
        asked = replace(job.parts[number], request_id=answer.request.id)
        await change_part(tx, job, number, asked)
    return None
