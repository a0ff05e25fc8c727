"""What became of every line of a file, as CSV that can be mended and brought back (product §4)."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.import_jobs import ImportJob, ImportLine, Part, PartState, unpack
from domain.model import InvitationStatus
from domain.permissions import roles_of
from domain.ports import Transaction

COLUMNS = ("line", "email", "role", "departments", "name", "outcome", "problem")
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line and what became of it: "ready", "sent", "asked" or "not sent", with the problem in words."""

    line: ImportLine
    outcome: str
    problem: str = ""


async def accounts(tx: Transaction, job: ImportJob) -> tuple[Account, ...]:
    """Return every line of the file, in its order."""
    results: dict[int, ImportLine] = {}
    for number in range(len(job.parts)):
        for packed in (await tx.blobs.pieces(job.result_blob(number))).values():
            results.update((one.number, one) for one in unpack(packed))
    part_of = {role: part for part in job.parts for role in part.roles}
    pieces = await tx.blobs.pieces(job.review_blob)
    return tuple(
        _account(job, one, results.get(one.number), part_of)
        for packed in pieces.values()
        for one in unpack(packed)
    )


def _account(
    job: ImportJob, reviewed: ImportLine, result: ImportLine | None, part_of: Mapping[str, Part]
) -> Account:
    if reviewed.code:
        return Account(line=reviewed, outcome="not sent", problem=reviewed.words)
    if result is not None:
        outcome = "not sent" if result.code else "sent"
        return Account(line=result, outcome=outcome, problem=result.words)
    part = part_of.get(reviewed.line.role)
    if part is None:
        return Account(line=reviewed, outcome="ready")
    if part.state in (PartState.STOPPED, PartState.REFUSED):
        return Account(line=reviewed, outcome="not sent", problem=part.why)
    asked = part.state is PartState.WAITING
    return Account(line=reviewed, outcome="asked" if asked else "being sent")


async def unanswered(tx: Transaction, job: ImportJob) -> int:
    """Return how many of the file's invitations have expired without an answer."""
    ids = [one.line.invitation_id for one in await accounts(tx, job) if one.line.invitation_id]
    found = (await tx.invitations.many(ids)).values()
    return sum(one.status_at(tx.now) is InvitationStatus.EXPIRED for one in found)


async def csv_of(tx: Transaction, job: ImportJob, *, problems: bool) -> bytes:
    """Return the lines as CSV in UTF-8.

    Args:
        problems: only those that were not sent, as they stood in the file.
    """
    every = await accounts(tx, job)
    shown = [one for one in every if not problems or one.problem]
    links = bool(not problems and any(_passed_on(tx, one.line) for one in shown))
    names = {slug: role.name for slug, role in roles_of(tx.organization).items()}
    names |= {each.id: each.name for each in await tx.departments.all(retired=True)}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *(["link"] if links else [])])
    for one in shown:
        cells = [*_cells(one, names), *([_link(tx, one.line)] if links else [])]
        writer.writerow([_quiet(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(one: Account, names: Mapping[str, str]) -> Iterator[str]:
    line = one.line.line
    yield str(one.line.number)
    yield line.email
    yield names.get(line.role, line.role)
    yield ";".join(names.get(each, each) for each in line.departments)
    yield line.name
    yield one.outcome
    yield one.problem


def _quiet(cell: str) -> str:
    """A cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(_CALCULATED) else cell


def _passed_on(tx: Transaction, one: ImportLine) -> bool:
    """Whether the inviter has to pass the link on."""
    return bool(one.invitation_id) and not tx.facilities.mail and one.line.slack_user_id is None


def _link(tx: Transaction, one: ImportLine) -> str:
    if not _passed_on(tx, one):
        return ""
    token = tx.facilities.keys.invitation_token(one.invitation_id, 1)
    return f"{tx.facilities.public_url}/invitations/{token}"
