"""Cursors of lists that come in pages."""

import base64
import binascii

from bot.sandbox.errors import ApiError


def make_cursor(kind: str, last: str | None) -> dict[str, str]:
    """`response_metadata` with the cursor after `last`; empty where the list ended."""
    if last is None:
        return {"next_cursor": ""}
    return {"next_cursor": base64.b64encode(f"{kind}:{last}".encode()).decode()}


def read_cursor(kind: str, cursor: str) -> str | None:
    """What the cursor stands after; raises ApiError `invalid_cursor`."""
    if not cursor:
        return None
    try:
        found, _, last = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError("invalid_cursor") from None
    if found != kind or not last:
        raise ApiError("invalid_cursor")
    return last
