"""Reads a spreadsheet of people saved as CSV: a row for each line of it, each with its defect or none."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_ROWS = 10_000
LONGEST_LINE = 10_000
"""Bytes of one line."""
SHOWN = 200
"""Characters of a line that could not be read which are shown again."""
MOST_BLANK = 100_000
_MOST_KEPT = 2 * MOST_ROWS
_LOOKED_AT = 20
_MOST_JOINED = 5

SAVE_AS = "In your spreadsheet choose Save as or Download, then CSV UTF-8."
_KINDS = (
    ((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"), "This is a workbook, not a CSV file."),
    ((b"%PDF",), "This is a PDF, not a CSV file."),
    (
        (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"),
        "This file is written in UTF-16 or UTF-32, which Steward does not read.",
    ),
)
_UTF8_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_SEPARATORS = ",;\t"
_FORMULA = re.compile(r"'[=+\-@\t\r]")
_PLAIN = ("email", "role", "departments", "name")
_HEADINGS = {
    **dict.fromkeys(("email", "mail", "address", "emailaddress", "emails", "mailaddress"), "email"),
    **dict.fromkeys(("role", "roles"), "role"),
    **dict.fromkeys(("departments", "department", "dept"), "departments"),
    **dict.fromkeys(("name", "fullname", "realname", "displayname"), "name"),
    **dict.fromkeys(("firstname", "givenname"), "first"),
    **dict.fromkeys(("lastname", "surname", "familyname"), "last"),
}
_OWN = frozenset({"line", "outcome", "problem", "link", "status"})
"""Headings of what Steward hands out itself; they say nothing when it comes back."""


class Unreadable(Exception):
    """Nothing of the file can be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One line of people.

    Args:
        number: of the line in the file, from 1.
        defect: why it cannot be read, a sentence; then `email` holds the beginning of the line as it stands.
    """

    number: int
    email: str
    role: str = ""
    departments: str = ""
    name: str = ""
    defect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file as it was read.

    Args:
        ignored: headings of columns that mean nothing to Steward.
    """

    rows: tuple[SheetRow, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    defect: str = ""


def read(content: bytes) -> Sheet:
    """Read a file; the heading is optional, in any order, and columns are parted by comma, semicolon or tab.

    Raises:
        Unreadable: it is no CSV file, holds nobody, or more than `MOST_ROWS` lines.
    """
    _check_kind(content)
    lines = _lines(content.removeprefix(_UTF8_MARK))
    separator, lines = _separator(lines)
    records = list(_records(lines, separator))
    columns, ignored, records = _columns(records)
    rows = tuple(_row(line, cells, columns) for line, cells in records)
    if not rows:
        raise Unreadable("There is nobody in this file.")
    if len(rows) > MOST_ROWS:
        raise _too_many(len(rows))
    return Sheet(rows=rows, ignored=ignored)


def _too_many(count: int) -> Unreadable:
    return Unreadable(
        f"This file has {count:,} lines; {MOST_ROWS:,} are the most. Split it and send the parts one by one."
    )


def _check_kind(content: bytes) -> None:
    if not content.strip():
        raise Unreadable("This file is empty.")
    for beginnings, words in _KINDS:
        if content.startswith(beginnings):
            raise Unreadable(f"{words} {SAVE_AS}")
    head = content[:4096]
    if head.count(0) * 4 > len(head) and any(0 not in head[start::2] for start in (0, 1)):
        raise Unreadable(f"{_KINDS[2][1]} {SAVE_AS}")
    if head.count(0):
        raise Unreadable(f"This is not a text file. {SAVE_AS}")


def _lines(content: bytes) -> list[_Line]:
    """The lines that hold something, as text."""
    kept: list[_Line] = []
    count = 0
    for number, raw in enumerate(_split(content), start=1):
        if raw.strip(b' \t,;"'):
            count += 1
            if count <= _MOST_KEPT:
                kept.append(_decoded(number, raw))
        elif number - count > MOST_BLANK:
            raise Unreadable("This file consists of empty lines for the most part. Delete them.")
    if count > _MOST_KEPT:
        raise _too_many(count)
    return kept


def _split(content: bytes) -> Iterator[bytes]:
    start = 0
    for end in _LINE_END.finditer(content):
        yield content[start : end.start()]
        start = end.end()
    if start < len(content):
        yield content[start:]


def _decoded(number: int, raw: bytes) -> _Line:
    shown = raw[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN]
    if len(raw) > LONGEST_LINE:
        words = f"This line is {len(raw):,} bytes long; {LONGEST_LINE:,} are the most."
        return _Line(number, shown, words)
    if b"\0" in raw:
        return _Line(number, shown.replace("\0", "�"), "This line holds signs that are no text.")
    try:
        return _Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError:
        words = "This line is not written in UTF-8, but perhaps in Latin-1 or a Windows encoding."
        return _Line(number, shown, f"{words} {SAVE_AS}")


def _separator(lines: Sequence[_Line]) -> tuple[str, list[_Line]]:
    """What parts the columns: what comes first in most lines; `sep=;`, as Excel writes it, says so itself."""
    if lines and (said := re.fullmatch(r"sep=([,;\t])", lines[0].text.strip(" \r\n"), re.IGNORECASE)):
        return said.group(1), list(lines[1:])
    firsts: Counter[str] = Counter()
    for line in lines[:_LOOKED_AT]:
        unquoted = re.sub(r'"[^"]*"', "", line.text)
        firsts.update(next(([sign] for sign in unquoted if sign in _SEPARATORS), []))
    return (firsts.most_common(1)[0][0] if firsts else ","), list(lines)


def _records(lines: Sequence[_Line], separator: str) -> Iterator[tuple[_Line, list[str]]]:
    """The cells of each line; a quoted cell may hold line ends, but never somebody else's address."""
    at = 0
    while at < len(lines):
        line, taken = lines[at], 1
        cells, problem = ([], line.defect) if line.defect else _cells(line.text, separator)
        if problem == _UNCLOSED:
            for joined in _joined(lines[at : at + _MOST_JOINED]):
                taken += 1
                cells, problem = _cells(joined, separator)
                if problem != _UNCLOSED:
                    break
            taken = 1 if problem else taken
        yield _Line(line.number, line.text, problem), cells
        at += taken


_UNCLOSED = "A quotation mark in this line is never closed."


def _joined(lines: Sequence[_Line]) -> Iterator[str]:
    text = lines[0].text
    for line in lines[1:]:
        if "@" in line.text or line.defect:
            return
        text += "\n" + line.text
        yield text


def _cells(text: str, separator: str) -> tuple[list[str], str]:
    # Blanks between a closing quotation mark and the separator mean nothing.
    text = re.sub(rf'" +(?={separator}|$)', '"', text) if '" ' in text else text
    try:
        cells = next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        return [], _UNCLOSED if unclosed else "A quotation mark in this line stands in the wrong place."
    return [_plain(cell) for cell in cells], ""


def _plain(cell: str) -> str:
    """A cell on one line, without the apostrophe that keeps a spreadsheet from calculating it."""
    if _FORMULA.match(cell):
        cell = cell[1:]
    return " ".join(cell.split())


Columns = dict[int, str]
_Records = list[tuple[_Line, list[str]]]


def _columns(records: _Records) -> tuple[Columns, tuple[str, ...], _Records]:
    """What stands in which column, headings that mean nothing, and the records below the heading."""
    first = records[0][1] if records else []
    words = ["".join(sign for sign in cell.casefold() if sign.isalnum()) for cell in first]
    named = {at: _HEADINGS[word] for at, word in enumerate(words) if word in _HEADINGS}
    if any("@" in cell for cell in first) or not named:
        return dict(enumerate(_PLAIN)), (), records
    fields = list(named.values())
    if "email" not in fields:
        raise Unreadable("The first line names no column for e-mail addresses. Call one of them email.")
    for field in dict.fromkeys(fields):
        if fields.count(field) > 1:
            raise Unreadable(f"The first line names more than one column for the {field}. Keep one of them.")
    ignored = [first[at] for at, word in enumerate(words) if at not in named and word and word not in _OWN]
    used = dict.fromkeys(range(len(first)), "") | named
    return used, tuple(ignored), records[1:]


def _row(line: _Line, cells: Sequence[str], columns: Columns) -> SheetRow:
    if line.defect:
        return SheetRow(number=line.number, email=line.text[:SHOWN], defect=line.defect)
    found = {field: cell for at, cell in enumerate(cells) if (field := columns.get(at))}
    name = found.get("name") or " ".join(part for part in (found.get("first"), found.get("last")) if part)
    return SheetRow(
        number=line.number,
        email=found.get("email", ""),
        role=found.get("role", ""),
        departments=found.get("departments", ""),
        name=name,
        defect=_defect(cells, columns, found),
    )


def _defect(cells: Sequence[str], columns: Columns, found: dict[str, str]) -> str:
    if extra := [cell for at, cell in enumerate(cells) if at not in columns and cell]:
        return f"This line has more columns than the file: “{extra[0][:60]}” belongs to none."
    return "" if found.get("email") else "This line has no e-mail address."
