"""The number by which a person's report of an unexpected error is found in the log."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def incident_number() -> str:
    """Return a new number that can be read out aloud: "7KQ2-XM4P"."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(2))
