"""Times in words, for pages and letters."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment(time: datetime, zone: str = "UTC") -> str:
    """Return a time with its zone: "Friday, 28 November 2025, 13:30 UTC".

    Args:
        zone: a name such as "Europe/Paris"; one that this machine does not know counts as UTC.
    """
    try:
        there = time.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # OSError: a name that is a folder of the zones' files
        there = time.astimezone(UTC)
    return f"{there:%A}, {there.day} {there:%B %Y}, {there:%H:%M %Z}"
