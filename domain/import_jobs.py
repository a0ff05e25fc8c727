"""A file of people to invite on its way: read, reviewed, sent in chunks; everything survives a restart."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.changes import InvitationLine

CHUNK = 640
"""Lines of the file in one piece: reviewed in one look, sent in one transaction."""
MOST_EXAMPLES = 5


class ImportState(StrEnum):
    """Where an import stands."""

    READING = "reading"
    REVIEWED = "reviewed"
    SENDING = "sending"  # or waiting for an approval: its parts say
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class PartState(StrEnum):
    """Where a part of an import stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"


OPEN = (ImportState.READING, ImportState.REVIEWED, ImportState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The good lines that share what must be approved before they are sent.

    Args:
        roles: what they give.
        count: how many lines there are.
        reserved: seats that are kept for those not sent yet.
        place: the next piece of the file to be sent.
        failed: lines that were good at the review and had a problem when they were sent.
        why: what stopped it, or refused it.
    """

    roles: tuple[str, ...]
    count: int
    state: PartState = PartState.WAITING
    request_id: str | None = None
    authority_id: str | None = None
    reserved: int = 0
    place: int = 0
    sent: int = 0
    failed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """A file that somebody attached to the form, with the form's defaults.

    Args:
        file_id: Slack's id of the file.
        view_id: Slack's id of the form that shows the progress.
        chunks: pieces the file is kept in.
        ready: how many good lines give which role.
        problems: how many lines have which problem.
        examples: the first lines with a problem, by number.
        ignored: headings of columns that mean nothing to Steward.
        why: what kept the file from being read.
    """

    id: str
    organization_id: str
    member_id: str
    file_id: str
    file_name: str = ""
    view_id: str = ""
    role: str = ""
    departments: tuple[str, ...] = ()
    reason: str = ""
    state: ImportState = ImportState.READING
    stored: bool = False
    chunks: int = 0
    ready: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    examples: tuple[tuple[int, str], ...] = ()
    ignored: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    why: str = ""
    created_at: datetime
    version: int = 1

    @property
    def good(self) -> int:
        """How many lines can be sent."""
        return sum(self.ready.values())

    @property
    def bad(self) -> int:
        """How many lines have a problem."""
        return sum(self.problems.values())

    @property
    def sent(self) -> int:
        """How many invitations were sent."""
        return sum(part.sent for part in self.parts)

    @property
    def file_blob(self) -> str:
        """Under which the file itself is kept until it is reviewed."""
        return f"{self.id}:file"

    @property
    def review_blob(self) -> str:
        """Under which the reviewed lines are kept."""
        return f"{self.id}:review"

    def result_blob(self, part: int) -> str:
        """Under which is kept what became of the lines of a part."""
        return f"{self.id}:{part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One line of the file.

    Args:
        number: in the file, from 1.
        code: of the refusal that is its problem; empty for none.
        words: the problem in words.
        invitation_id: of the invitation that was sent.
    """

    number: int
    line: InvitationLine
    code: str = ""
    words: str = ""
    invitation_id: str = ""


def pack(lines: Iterable[ImportLine]) -> bytes:
    """Return lines as they are kept."""
    return zlib.compress(json.dumps([_packed(one) for one in lines], separators=(",", ":")).encode(), 1)


def _packed(one: ImportLine) -> list[object]:
    line = one.line
    return [
        *(one.number, one.code, one.words, one.invitation_id),
        *(line.email, line.role, list(line.departments), line.name, line.slack_user_id),
    ]


def unpack(packed: bytes) -> tuple[ImportLine, ...]:
    """Return the lines that `pack` wrote."""
    return tuple(
        ImportLine(
            number=number,
            code=code,
            words=words,
            invitation_id=invitation_id,
            line=InvitationLine(
                email=email,
                role=role,
                departments=tuple(departments),
                name=name,
                slack_user_id=slack_user_id,
            ),
        )
        for number, code, words, invitation_id, email, role, departments, name, slack_user_id in json.loads(
            zlib.decompress(packed)
        )
    )


def part_of(values: Mapping[str, object]) -> Part:
    """Return a part from its plain values."""
    known: dict[str, object] = dict(values)
    known["roles"] = tuple(known["roles"])  # type: ignore[arg-type]
    known["state"] = PartState(str(known["state"]))
    return Part(**known)  # type: ignore[arg-type]
