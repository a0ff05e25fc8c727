"""Keys derived from the server's secret: the first writes, all are read."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The server's secret keys, newest first (`STEWARD_SECRET_KEY`)."""

    secrets: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.secrets or any(len(secret) < 16 for secret in self.secrets):
            raise ValueError("every secret key needs at least 16 bytes")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Public names of the keys, newest first."""
        return tuple(_name_of(secret) for secret in self.secrets)

    def derive(self, purpose: str, key_id: str | None = None) -> bytes:
        """Return the 32-byte key for `purpose`, from the newest secret or the one named.

        Raises:
            KeyError: no secret has that `key_id`.
        """
        if key_id is None:
            return _derived(self.secrets[0], purpose)
        for known, secret in zip(self.key_ids, self.secrets, strict=True):
            if known == key_id:
                return _derived(secret, purpose)
        raise KeyError(key_id)

    def invitation_token(self, invitation_id: str, generation: int, token_hash: str = "") -> str:
        """Return the link token of one generation of an invitation.

        With `token_hash` given, an older key is used when that is the one the hash was made with.
        """
        message = f"{invitation_id}:{generation}".encode()
        tokens = [
            base64.urlsafe_b64encode(hmac.digest(self.derive("invitation", key_id), message, "sha256"))
            .rstrip(b"=")
            .decode()
            for key_id in (self.key_ids if token_hash else self.key_ids[:1])
        ]
        return next((token for token in tokens if hash_token(token) == token_hash), tokens[0])

    def link_code(self, member_id: str, user_id: str, window: int) -> str:
        """Return the eight-character code mailed to prove that a Slack user owns a member's address."""
        message = f"{member_id}:{user_id}:{window}".encode()
        return base64.b32encode(hmac.digest(self.derive("link code"), message, "sha256"))[:8].decode()


@lru_cache(maxsize=256)
def _name_of(secret: bytes) -> str:
    return hashlib.sha256(b"key id:" + secret).hexdigest()[:8]


@lru_cache(maxsize=256)
def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, purpose.encode(), "sha256")


def hash_token(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
