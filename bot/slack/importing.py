"""The worker's side of a file of people: fetch, review, send piece by piece, hand out what became of it."""

import asyncio
import time
from collections.abc import Iterator, Sequence

import structlog

from bot import spreadsheets
from bot.addresses import address_name
from bot.outcomes import TryLater, Undeliverable
from bot.slack.calls import CallFailed
from bot.slack.delivery import no_line
from bot.slack.files import Files, NotHandedOut
from bot.slack.lines import Lines, NotInstalled, NotRenewed
from bot.slack.screens.invite_file import review_view
from bot.slack.screens.invite_lines import Choices
from bot.slack.screens.invite_rows import line_of_row
from bot.spreadsheets import SheetRow, Unreadable
from domain import imports
from domain.changes import InvitationLine
from domain.deliveries import Parcel
from domain.errors import BadLine, Busy
from domain.import_accounts import csv_of
from domain.import_jobs import CHUNK, ImportJob, ImportLine, ImportState
from domain.import_pieces import Piece, next_piece, piece_of, send_piece
from domain.notices import ImportBegun, ImportListed, ImportSends
from domain.permissions import default_role, roles_of
from domain.ports import Store, StoreUnavailable, Transaction
from domain.reviews import Row, normal

log = structlog.get_logger("steward.imports")

STORED_PIECE = 256 * 1024
AT_A_TIME = 50
"""Lines looked at before others get their turn."""
SENDING_SECONDS = 20.0
"""How long one delivery sends, well within its lease; another goes on from there."""
PAUSE = 0.06
"""Seconds between two pieces: whoever waited for one is done before the next."""
BUSY_WAIT = 0.5
MOST_ATTEMPTS = 5


class Importing:
    """Does what `ImportBegun`, `ImportSends` and `ImportListed` ask for; each can be done again.

    Args:
        lines: their clients are patient and have no retry handlers.
    """

    def __init__(self, *, store: Store, lines: Lines) -> None:
        self._store, self._lines = store, lines

    async def run(self, parcel: Parcel) -> None:
        """Do the work of a parcel.

        Raises:
            TryLater, Undeliverable: see there.
        """
        try:
            await self._run(parcel)
        except Busy as busy:  # others were quicker; what is done stays done
            raise TryLater("the organization is being changed", after=BUSY_WAIT) from busy
        except (NotInstalled, NotRenewed) as without:
            raise no_line(without) from without

    async def _files(self, team_id: str) -> Files:
        line = await self._lines.of(team_id)
        return Files(client=line.client, caller=line.caller)

    async def _run(self, parcel: Parcel) -> None:
        match parcel.notice:
            case ImportBegun(import_id=import_id):
                await self._review(parcel, import_id)
            case ImportSends(import_id=import_id, part=part):
                await self._send(parcel.team_id, import_id, part)
            case ImportListed(import_id=import_id, problems=problems):
                await self._list(parcel.team_id, import_id, problems=problems)
            case _:
                raise TypeError(f"{parcel.notice.tag} is no job")

    async def _review(self, parcel: Parcel, import_id: str) -> None:
        async with self._store.reading(parcel.team_id) as tx:
            job = await tx.imports.get(import_id)
        if job is None or job.state is not ImportState.READING:
            return
        try:
            content = await self._content(parcel.team_id, job)
            sheet = await asyncio.to_thread(spreadsheets.read, content)
            pieces = await self._reviewed(parcel.team_id, job, sheet.rows)
        except (NotHandedOut, Unreadable) as known:
            await self._fail(parcel.team_id, import_id, str(known))
        except (TryLater, Busy, StoreUnavailable, NotInstalled, NotRenewed):
            raise
        except Exception:  # whoever waits must hear of it in the end; the log has the rest
            if parcel.attempts < MOST_ATTEMPTS:
                raise
            log.exception("imports.not_reviewed", job=import_id)
            await self._fail(parcel.team_id, import_id, "Steward could not read the file. Try another one.")
        else:
            async with self._store.transaction(parcel.team_id) as tx:
                await imports.keep_review(
                    tx, await imports.load(tx, import_id), pieces, ignored=sheet.ignored
                )
        await self._show(parcel.team_id, import_id)

    async def _content(self, team_id: str, job: ImportJob) -> bytes:
        """The file, fetched once."""
        if job.stored:
            async with self._store.reading(team_id) as tx:
                return b"".join((await tx.blobs.pieces(job.file_blob)).values())
        content = await (await self._files(team_id)).fetch(job.file_id)
        starts = range(0, len(content), STORED_PIECE)
        pieces = {at: content[start : start + STORED_PIECE] for at, start in enumerate(starts)}
        async with self._store.transaction(team_id) as tx:
            now = await imports.load(tx, job.id)
            if now.state is ImportState.READING:
                await imports.store_file(tx, now, pieces)
        return content

    async def _reviewed(
        self, team_id: str, job: ImportJob, rows: Sequence[SheetRow]
    ) -> list[tuple[ImportLine, ...]]:
        async with self._store.reading(team_id) as tx:
            choices = await _choices(tx)
        seen: set[str] = set()
        found: list[tuple[ImportLine, ...]] = []
        for start in range(0, len(rows), CHUNK):
            written = [(row, _line(row, job, choices)) for row in rows[start : start + CHUNK]]
            async with self._store.reading(team_id) as tx:
                member = await tx.members.get(job.member_id)
                assert member is not None  # members are never erased
                numbered: list[tuple[int, Row]] = []
                for at, (row, line) in enumerate(written):
                    numbered.append((row.number, _row(tx, row, line)))
                    if at % AT_A_TIME == 0:
                        await asyncio.sleep(0)
                found.append(await imports.review_piece(tx, member, numbered, seen))
        return found

    async def _fail(self, team_id: str, import_id: str, words: str) -> None:
        async with self._store.transaction(team_id) as tx:
            await imports.fail(tx, await imports.load(tx, import_id), words)

    async def _show(self, team_id: str, import_id: str) -> None:
        """Bring the open form up to date; a message says the same where it was closed."""
        async with self._store.reading(team_id) as tx:
            job = await imports.load(tx, import_id)
            view = await review_view(tx, job)
        if not job.view_id:
            return
        line = await self._lines.of(team_id)
        try:
            await line.caller.call("views.update", line.client.views_update, view_id=job.view_id, view=view)
        except CallFailed as failed:
            log.info("imports.form_not_renewed", error=failed.error)

    async def _send(self, team_id: str, import_id: str, part: int) -> None:
        end = time.monotonic() + SENDING_SECONDS
        async with self._store.reading(team_id) as tx:
            job = await imports.load(tx, import_id)
            reviewed, keys = await tx.blobs.pieces(job.review_blob), tx.facilities.keys
        pieces = range(next_piece(job, part), job.chunks)
        more = bool(pieces)
        for place in pieces:
            piece = await _ready(piece_of(keys, job.parts[part], place, reviewed))
            async with self._store.transaction(team_id) as tx:
                more = await send_piece(tx, import_id, part, piece)
            await asyncio.sleep(PAUSE)
            if not more or time.monotonic() > end:
                break
        if more:
            async with self._store.transaction(team_id) as tx:
                await tx.outbox.add(ImportSends(import_id=import_id, part=part))

    async def _list(self, team_id: str, import_id: str, *, problems: bool) -> None:
        async with self._store.reading(team_id) as tx:
            job = await imports.load(tx, import_id)
            member = await tx.members.get(job.member_id)
            content = await csv_of(tx, job, problems=problems)
        if member is None or member.slack_user_id is None or not member.active:
            return
        words = "The lines with a problem: mend them and send this file with /team invite."
        try:
            await (await self._files(team_id)).hand_out(
                member.slack_user_id,
                name=file_name(job, problems=problems),
                content=content,
                words=words if problems else f"What became of every line of {job.file_name}.",
            )
        except NotHandedOut as refused:
            raise Undeliverable(str(refused)) from refused


async def _ready(making: Iterator[Piece | None]) -> Piece:
    """Let others have their turn while a piece is made ready."""
    for piece in making:
        if piece is not None:
            return piece
        await asyncio.sleep(0)
    raise AssertionError("the last thing made is the piece")


def file_name(job: ImportJob, *, problems: bool) -> str:
    """Return what a handed-out file is called."""
    stem = job.file_name.rpartition(".")[0] or job.file_name
    return f"{stem}-{'problems' if problems else 'summary'}.csv"


async def _choices(tx: Transaction) -> Choices:
    return Choices(
        roles=roles_of(tx.organization),
        departments=await tx.departments.all(),
        default_role=default_role(tx.organization).slug,
    )


def _line(row: SheetRow, job: ImportJob, choices: Choices) -> InvitationLine:
    if row.defect:
        return InvitationLine(email=row.email, role=row.role, name=row.name)
    return line_of_row(
        choices,
        email=row.email,
        role=row.role or job.role,
        departments=row.departments,
        else_in=job.departments,
        name=row.name or address_name(row.email),
    )


def _row(tx: Transaction, row: SheetRow, line: InvitationLine) -> Row:
    return Row(line=line, problem=BadLine(row.defect)) if row.defect else normal(tx, line)
