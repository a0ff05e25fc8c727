"""The one-time code that the first set-up asks for."""

from bot.config import Settings
from domain.keys import KeyRing

LENGTH = 8
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def setup_code(settings: Settings, keys: KeyRing) -> str:
    """Return the code that was set, else one that every replica makes alike and a restart does not change."""
    if settings.setup_code is not None:
        return settings.setup_code.get_secret_value()
    number = int.from_bytes(keys.derive("set-up code"))
    signs = [_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(LENGTH)]
    return f"{''.join(signs[:4])}-{''.join(signs[4:])}"
