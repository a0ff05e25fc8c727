"""Text that people read in Slack: escaping, names, mentions, dates and visible shortening."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

ELLIPSIS = "…"

_FIRST_STRONG, _POP = "\u2068", "\u2069"
_UNPAIRED = re.compile(f"({_FIRST_STRONG}[^{_FIRST_STRONG}{_POP}]*{_POP})|[{_FIRST_STRONG}{_POP}]")
_ZERO_WIDTH_JOINER = "\u200d"

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2066, 0x2067)
_INVISIBLE = (
    0x00AD,
    0x180E,
    0x200B,
    *range(0x2060, 0x2065),
    *range(0x206A, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
)
_CONTROLS = tuple(code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A))
_CLEANING: dict[int, str | None] = {
    **dict.fromkeys((*_BIDI, *_INVISIBLE, *_CONTROLS)),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # lone surrogates cannot be encoded
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
}

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>|]+")


class Mrkdwn(str):
    """Slack markup that may be sent as it is; a plain `str` is text from people and gets escaped first."""

    __slots__ = ()

    def __add__(self, other: str) -> Mrkdwn:
        return Mrkdwn(str.__add__(self, escape(other)))

    def __radd__(self, other: str) -> Mrkdwn:
        return Mrkdwn(str.__add__(escape(other), self))

    def join(self, parts: Iterable[str]) -> Mrkdwn:
        """The parts in one, each escaped unless it is markup already."""
        return Mrkdwn(str.join(self, map(escape, parts)))


def clean(text: str) -> str:
    """`text` without control, invisible and direction-changing characters; balanced isolates stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANING)
    if _FIRST_STRONG in text or _POP in text:
        text = _UNPAIRED.sub(lambda found: found.group(1) or "", text)
    return text


def escape(text: str) -> Mrkdwn:
    """`text` as mrkdwn that shows exactly these characters; markup is returned untouched."""
    if isinstance(text, Mrkdwn):
        return text
    return Mrkdwn(clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def md(template: str, /, **values: object) -> Mrkdwn:
    """Our own markup `template` with `{names}` filled in; values that are not `Mrkdwn` are escaped."""
    return Mrkdwn(template.format(**{key: _value(value) for key, value in values.items()}))


def _value(value: object) -> Mrkdwn:
    return escape(value if isinstance(value, str) else str(value))


def lines(*parts: str | None) -> Mrkdwn:
    """The parts below each other, without those that are None or empty."""
    return Mrkdwn("\n").join(part for part in parts if part)


def plain(text: str, limit: int | None = None) -> str:
    """`text` for a plain_text object: cleaned, and shortened visibly to `limit` characters."""
    text = clean(text)
    return text if limit is None else shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, ending in "…" when cut; markup is cut between its entities.

    Raises:
        ValueError: `limit` is below 1.
    """
    if limit < 1:
        raise ValueError("the limit must be at least 1")
    if len(text) <= limit:
        return text
    cut = limit - len(ELLIPSIS)
    if isinstance(text, Mrkdwn):
        return Mrkdwn(str(text)[: _outside_entities(text, cut)].rstrip() + ELLIPSIS)
    return text[: _between_characters(text, cut)].rstrip() + ELLIPSIS


def _outside_entities(text: str, cut: int) -> int:
    opened = text.rfind("<", 0, cut)
    if opened > text.rfind(">", 0, cut):
        return opened
    ampersand = text.rfind("&", max(0, cut - 4), cut)
    if ampersand >= 0 and text.find(";", ampersand, cut) < 0:
        return ampersand
    return _between_characters(text, cut)


def _between_characters(text: str, cut: int) -> int:
    """The nearest place at or before `cut` that does not tear an accent or an emoji apart."""
    while cut > 0 and (_continues(text[cut]) or text[cut - 1] == _ZERO_WIDTH_JOINER):
        cut -= 1
    return cut


def _continues(character: str) -> bool:
    return (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in ("Mn", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def name(text: str | None, limit: int = 80) -> str:
    """A person's or organization's name on one line; right-to-left names cannot reorder what follows.

    The result is text, not markup: builders escape it where it is shown as mrkdwn.
    """
    one_line = shorten(" ".join(clean(text or "").split()), limit)
    return _isolated(one_line) if one_line else "(no name)"


def _isolated(text: str) -> str:
    if any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return f"{_FIRST_STRONG}{text.strip(_FIRST_STRONG + _POP)}{_POP}"
    return text


def email(address: str) -> str:
    """An address on one line; a domain not in ASCII is followed by its ASCII form, as lookalikes deceive."""
    one_line = "".join(clean(address).split())
    domain = one_line.rpartition("@")[2]
    if domain.isascii():
        return _isolated(one_line)
    try:
        return f"{_isolated(one_line)} ({domain.encode('idna').decode('ascii')})"
    except UnicodeError:
        return _isolated(one_line)


def mention(user_id: str) -> Mrkdwn:
    """A mention of a Slack user.

    Raises:
        ValueError: this is not a Slack user id.
    """
    if not _USER.fullmatch(user_id):
        raise ValueError("not a Slack user id")
    return Mrkdwn(f"<@{user_id}>")


def channel(channel_id: str) -> Mrkdwn:
    """A link to a Slack conversation.

    Raises:
        ValueError: this is not the id of a conversation.
    """
    if not _CHANNEL.fullmatch(channel_id):
        raise ValueError("not a Slack conversation id")
    return Mrkdwn(f"<#{channel_id}>")


def person(*, user_id: str | None, named: str | None, address: str | None = None) -> Mrkdwn:
    """Who somebody is: a mention where they are in Slack, else their name, else their address."""
    if user_id:
        return mention(user_id)
    if named and named.strip():
        return escape(name(named))
    return escape(email(address) if address else name(None))


def link(url: str, label: str) -> Mrkdwn:
    """A link shown as `label`.

    Raises:
        ValueError: `url` is not an http(s) address without blanks, brackets and bars.
    """
    if not _WEB_ADDRESS.fullmatch(url):
        raise ValueError("not a web address")
    return Mrkdwn(f"<{url.replace('&', '&amp;')}|{escape(label).replace('|', '¦')}>")


def date(
    moment: datetime, fallback: str | None = None, form: str = "{date_short_pretty} at {time}"
) -> Mrkdwn:
    """`moment` in the reader's own time zone.

    Args:
        moment: with a time zone.
        fallback: shown where dates are not rendered; the time in UTC unless given.
        form: Slack's date tokens.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    shown = escape(fallback or utc(moment)).replace("|", "¦")
    return Mrkdwn(f"<!date^{int(moment.timestamp())}^{form}|{shown}>")


def utc(moment: datetime) -> str:
    """`moment` as words for places that know no time zone, such as plain text: "3 Jan 2025, 14:05 UTC"."""
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%b %Y, %H:%M} UTC"
