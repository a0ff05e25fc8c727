"""Sending a reviewed file: at once what needs nobody, the rest as one request for those who decide it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain import desk
from domain.authority import standing_on
from domain.changes import InviteFromFile, InvitePeople
from domain.desk import Waiting
from domain.errors import Refusal
from domain.import_jobs import ImportJob, ImportState, Part, PartState
from domain.imports import change_part, load, load_own, over
from domain.model import Actor, Requirement, Step
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
    parts = tuple(Part(roles=one.roles, count=one.count) for one in await plan(tx, actor, job))
    await tx.imports.save(replace(job, state=ImportState.SENDING, parts=parts))
    answers = [await _begun(tx, actor, job.id, number) for number in range(len(parts))]
    refusals = [refusal for refusal in answers if refusal is not None]
    if len(refusals) == len(parts):
        raise refusals[0]
    return await load(tx, import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Good lines of a file that are sent, asked for, or refused together.

    Args:
        requirement: what must be approved first; None: nothing.
        refusal: why they cannot even be asked for.
    """

    roles: tuple[str, ...]
    count: int
    requirement: Requirement | None = None
    refusal: Refusal | None = None


async def plan(tx: Transaction, actor: Actor, job: ImportJob) -> tuple[Planned, ...]:
    """Return the good lines parted by who decides: as many requests as there are different deciders."""
    planned: list[Planned] = []
    parted: dict[tuple[Step, ...], list[str]] = {}
    for role, count in job.ready.items():
        try:
            needed = await _requirement(tx, actor, job, [role])
        except Refusal as refusal:  # by itself, so that the other roles are sent
            planned.append(Planned(roles=(role,), count=count, refusal=refusal))
        else:
            parted.setdefault(needed.steps if needed else (), []).append(role)
    for steps, roles in parted.items():
        requirement = await _requirement(tx, actor, job, roles) if steps else None
        count = sum(job.ready[role] for role in roles)
        planned.append(Planned(roles=tuple(roles), count=count, requirement=requirement))
    return tuple(planned)


async def _requirement(
    tx: Transaction, actor: Actor, job: ImportJob, roles: Sequence[str]
) -> Requirement | None:
    people = sum(job.ready[role] for role in roles)
    outcome = Outcome(gives=frozenset(roles), people=people, among=job.good)
    standing = await standing_on(tx, actor, InvitePeople(lines=()), outcome)
    return await desk.required(tx, actor, standing, InviteFromFile(import_id=job.id, part=0), outcome)


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
