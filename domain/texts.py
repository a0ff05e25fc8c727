"""Text from people as it is kept: no control characters, nothing invisible, one written form."""

import unicodedata

LONGEST_NAME = 80
LONGEST_REASON = 1000
_JOINERS = "\u200c\u200d"  # join letters of some scripts and parts of emoji; invisible by themselves


def clean_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return a name on one line of at most `longest` characters; empty when nothing of it can be seen."""
    kept = " ".join("".join(character for character in text if _visible(character)).split())
    return kept[:longest].rstrip() if kept.strip(_JOINERS + " ") else ""


def clean_reason(text: str) -> str:
    """Return a reason as it is kept; lines stay lines."""
    kept = "".join(character for character in text if character == "\n" or _visible(character))
    return kept.strip()[:LONGEST_REASON]


def _visible(character: str) -> bool:
    if character.isspace() or character in _JOINERS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
