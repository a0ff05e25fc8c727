"""E-mail addresses as people write them: one address made regular, a pasted list taken apart."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# Teams that host themselves have mail under .local; the library names this list as the place to say so.
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name != "local"]

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
_SHOWN = 60

_AT_SIGNS = str.maketrans({"＠": "@", "﹫": "@"})
_AROUND = '<>()[]"“”„«»'
_DOTS = ".。．｡"
_TRAILING = ".,;:!?"
_SEPARATORS = frozenset(",;\n\r")
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.){0,100}"')  # bounded: the text may hold quotes alone


@lru_cache(4096)
def normalise_email(text: str) -> str:
    """Return the address in its one written form: domain in lower case and Unicode, local part as typed.

    Takes `ann@example.com`, `Ann <ann@example.com>`, `mailto:ann@example.com?subject=…`, Slack's
    `<mailto:ann@example.com|ann@example.com>`, all with quotes or punctuation around. Nothing is looked up.

    Raises:
        ValueError: it is no address; the message is one sentence for the person who typed it.
    """
    address = _bare(text)
    _check_shape(address)
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise ValueError(_words_of(address, str(error))) from error
    return found.normalized


def address_name(text: str) -> str:
    """Return the name in `Name <address>`, "" where there is none."""
    before, bracket, _ = text.rpartition("<")
    name = before.strip().strip('"').replace('\\"', '"') if bracket else ""
    return " ".join(name.split())


def split_addresses(text: str) -> list[str]:
    """Return the entries of a typed or pasted list, in order, duplicates and mistakes included.

    Entries are parted by commas, semicolons, line ends or spaces; `Name <address>` stays together. Each is
    meant for `normalise_email` and `address_name`.
    """
    pieces: list[str] = []
    for piece, comma_before in _pieces(text):
        # "Lee, Ann <ann@example.com>", as mail programs copy it: the comma belongs to the name.
        family_name = comma_before and pieces and "@" not in pieces[-1] and "@" in piece and "<" in piece
        if family_name and "@" not in piece.partition("<")[0]:
            pieces[-1] += f", {piece}"
        else:
            pieces.append(piece)
    return [entry for piece in pieces for entry in _entries(piece)]


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Part at separators that stand outside quotes and brackets; say whether a comma came before."""
    found: list[tuple[str, bool]] = []
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    start, position, comma = 0, 0, False
    spans = iter([*quoted, (len(text), len(text))])
    skip_from, skip_to = next(spans)
    while position < len(text):
        if position >= skip_from:
            position = skip_to
            skip_from, skip_to = next(spans)
            continue
        if text[position] in _SEPARATORS:
            found.append((text[start:position].strip(), comma))
            comma = text[position] == ","
            start = position + 1
        position += 1
    found.append((text[start:].strip(), comma))
    return [(piece, comma) for piece, comma in found if piece]


def _entries(piece: str) -> list[str]:
    entries: list[str] = []
    start = 0
    for match in re.finditer(r"<[^<>]*>", piece):
        words = piece[start : match.start()].split()
        # Words up to the last one with an @ are addresses of their own; the rest is the name.
        name_from = max((at + 1 for at, word in enumerate(words) if "@" in word), default=0)
        entries += words[:name_from]
        entries.append(" ".join([*words[name_from:], match.group()]))
        start = match.end()
    return entries + piece[start:].split()


def _bare(text: str) -> str:
    """Take off what stands around the address itself."""
    address = _peel(text.translate(_AT_SIGNS))
    if "<" in address:
        address = _peel(address[address.rindex("<") + 1 :])
    if match := _MAILTO.match(address):
        written = address[match.end() :].partition("|")[0].partition("?")[0]
        address = _peel(unquote(written))
    return address


def _peel(text: str) -> str:
    while True:
        peeled = _trim(text).strip(_AROUND)
        if len(peeled) > 1 and peeled[0] + peeled[-1] in ("''", "‘’", "’’"):
            peeled = peeled[1:-1]
        if "@" in peeled:
            peeled = peeled.rstrip(_TRAILING)
        if peeled == text:
            return text
        text = peeled


def _trim(text: str) -> str:
    """Strip blanks and the invisible signs that pasting brings along."""
    start, end = 0, len(text)
    while start < end and _invisible(text[start]):
        start += 1
    while end > start and _invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _invisible(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf")


def _unreadable(sign: str) -> bool:
    # U+FFFD stands where Slack's text held a sign that no database can keep, such as NUL.
    return _invisible(sign) or sign == "\ufffd"


def _check_shape(address: str) -> None:
    """Name the usual mistakes in words of our own."""
    if not address:
        raise ValueError("There is no address here.")
    local, _, domain = address.partition("@")
    problems = (
        ("@" not in address, "has no @: an address looks like name@example.com."),
        (address.count("@") > 1, "has more than one @."),
        (not local, "has nothing before the @. Pick a person from Slack's list, or type an address."),
        (not domain, "has nothing after the @."),
        (len(address) > LONGEST_ADDRESS, f"is longer than {LONGEST_ADDRESS} characters."),
        (len(local) > LONGEST_LOCAL_PART, f"has over {LONGEST_LOCAL_PART} characters before the @."),
        (any(sign.isspace() for sign in address), "has a space in it."),
        (any(_unreadable(sign) for sign in address), "has an invisible character in it: type it anew."),
        (".." in address, "has two periods in a row."),
        (not any(dot in domain for dot in _DOTS), "lacks an ending such as .com after the @."),
    )
    for wrong, words in problems:
        if wrong:
            raise ValueError(f"{_quote(address)} {words}")


def _words_of(address: str, reason: str) -> str:
    """Say what the validator found, without its own jargon."""
    local, _, domain = address.partition("@")
    if local.startswith(".") or local.endswith("."):
        return f"{_quote(address)} has a period at the edge of the part before the @."
    if "before the @-sign" in reason:
        return f"{_quote(local)} before the @ has characters an address cannot have."
    return f"{_quote(domain)} after the @ is not the name of a mail domain."


def _quote(text: str) -> str:
    shown = "".join(sign if not _invisible(sign) or sign == " " else "�" for sign in text)
    return f"“{shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + '…'}”"
