"""How names and addresses are ordered and found: without case, accents or the form they were typed in."""

import re
import unicodedata

LONGEST_TERM = 64
MOST_TERMS = 24
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_AFTER_ALL = "\U0010ffff"


def fold(text: str) -> str:
    """Return the form in which two spellings of the same words are equal."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", text.casefold())
    # Accents of European scripts; in other scripts such marks are vowels and stay.
    plain = "".join(character for character in apart if not "\u0300" <= character <= "\u036f")
    return " ".join(plain.casefold().split())


def sort_key(name: str, email: str) -> str:
    """Return what orders a person in lists: their name, else their address."""
    return (fold(name) or fold(email))[:LONGEST_TERM]


def terms(name: str, email: str) -> list[str]:
    """Return the name and the address from the beginning of each of their words, in order."""
    found: dict[str, None] = {}
    for text in (fold(name), fold(email)):
        for start in _words(text):
            found[text[start : start + LONGEST_TERM]] = None
    return sorted(list(found)[:MOST_TERMS])


def _words(text: str) -> list[int]:
    if text.isascii():
        return [match.start() for match in _ASCII_WORD.finditer(text)]
    return [start for start in range(len(text)) if _begins_word(text, start)]


def _begins_word(text: str, at: int) -> bool:
    return text[at].isalnum() and (at == 0 or not _within_word(text[at - 1]))


def _within_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def beginning(text: str) -> str:
    """Return what a search looks for: the folded text from its first word on."""
    folded = fold(text)
    start = next((at for at, character in enumerate(folded) if character.isalnum()), len(folded))
    return folded[start : start + LONGEST_TERM]


def end_of(prefix: str) -> str:
    """Return an upper bound of all texts that begin with `prefix`."""
    return prefix + _AFTER_ALL
