"""Files of people at an office without Slack: reviewed, sent in pieces and looked at as the worker does."""

import csv
import io
from collections.abc import Sequence

from domain import import_sending, imports
from domain.changes import (
    ChangeSubscription,
    InvitationLine,
)
from domain.front_desk import identify
from domain.import_accounts import csv_of
from domain.import_jobs import ImportJob
from domain.import_pieces import Piece, next_piece, piece_of, send_piece
from domain.model import Invitation
from domain.notices import Notice
from domain.ports import Transaction
from domain.reviews import normal
from tests.support.office import TEAM, Office, who

PIECE = 10


def people(count: int, *, start: int = 0, role: str = "developer") -> list[InvitationLine]:
    return [InvitationLine(email=f"p{start + n}@example.org", role=role) for n in range(count)]


async def reviewed(
    office: Office, handle: str, lines: Sequence[InvitationLine], *, piece: int = PIECE, reason: str = ""
) -> ImportJob:
    """Attach a file and review it, as the worker does."""
    async with office.store.transaction(TEAM) as tx:
        actor = await identify(tx, who(handle))
        job = await imports.begin(
            tx,
            actor,
            file_id="F1",
            file_name="people.csv",
            view_id="V1",
            role="developer",
            departments=(),
            reason=reason,
        )
    seen: set[str] = set()
    pieces = []
    for start in range(0, len(lines), piece):
        async with office.reading() as tx:
            member = await tx.members.get(job.member_id)
            assert member is not None
            part = enumerate(lines[start : start + piece], start=start + 1)
            rows = [(number, normal(tx, line)) for number, line in part]
            pieces.append(await imports.review_piece(tx, member, rows, seen))
    async with office.store.transaction(TEAM) as tx:
        await imports.keep_review(tx, await imports.load(tx, job.id), pieces, ignored=())
    return await known(office, job.id)


async def known(office: Office, import_id: str) -> ImportJob:
    async with office.reading() as tx:
        return await imports.load(tx, import_id)


async def sends(office: Office, handle: str, job: ImportJob) -> ImportJob:
    async def work(tx: Transaction, actor: object) -> ImportJob:
        return await import_sending.send(tx, await identify(tx, who(handle)), job.id)

    return await office.desk.act(who(handle), work)


async def piece(office: Office, job: ImportJob, part: int = 0) -> bool:
    ready = await next_ready(office, job, part)
    if ready is None:
        return False
    async with office.store.transaction(TEAM) as tx:
        return await send_piece(tx, job.id, part, ready)


async def next_ready(office: Office, job: ImportJob, part: int = 0) -> Piece | None:
    """The next piece of a part, made ready; None when there is none."""
    async with office.reading() as tx:
        now = await imports.load(tx, job.id)
        reviewed, keys = await tx.blobs.pieces(job.review_blob), tx.facilities.keys
    place = next_piece(now, part)
    if place >= now.chunks:
        return None
    return [*piece_of(keys, now.parts[part], place, reviewed)][-1]


async def finish(office: Office, job: ImportJob, part: int = 0) -> ImportJob:
    while await piece(office, job, part):
        pass
    return await known(office, job.id)


async def reserved(office: Office) -> int:
    async with office.reading() as tx:
        return tx.organization.reserved_seats


async def held(office: Office) -> int:
    async with office.reading() as tx:
        return await tx.invitations.held()


async def seats(office: Office, limit: int | None) -> None:
    async with office.reading() as tx:
        now = tx.organization
    change = ChangeSubscription(seat_limit=limit, plan=now.plan, invoice_email=now.invoice_email)
    await office.desk.submit(who("olivia"), change)


async def table(office: Office, job: ImportJob, *, problems: bool = False) -> list[dict[str, str]]:
    """What the CSV says that is handed out."""
    async with office.reading() as tx:
        content = await csv_of(tx, await imports.load(tx, job.id), problems=problems)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def waiting(office: Office, kind: type[Notice]) -> list[Notice]:
    """What waits in the outbox; it is taken out."""
    found = []
    while parcels := await office.store.queue.claim(limit=100):
        for parcel in parcels:
            found.append(parcel.notice)
            await office.store.queue.finish(parcel)
    return [notice for notice in found if isinstance(notice, kind)]


async def first_invitation(office: Office) -> Invitation:
    async with office.reading() as tx:
        found = await tx.invitations.open_for(["p0@example.org"])
    return found["p0@example.org"]
