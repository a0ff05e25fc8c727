"""Seals secrets for the database: AES-256-GCM under keys derived from the server's secret keys."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.installations import Unreadable
from domain.keys import KeyRing

PURPOSE = "sealed secrets"
_NONCE = 12


class AesSealer:
    """`domain.installations.Sealer`: a sealed secret names its key, and opens only for what it is about."""

    def __init__(self, keys: KeyRing) -> None:
        self._newest = keys.key_ids[0]
        self._ciphers = {key_id: AESGCM(keys.derive(PURPOSE, key_id)) for key_id in keys.key_ids}

    def seal(self, secret: str, *, about: str) -> str:
        """Return the secret sealed with the newest key, differently each time."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self._newest].encrypt(nonce, secret.encode(), about.encode())
        return f"{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, *, about: str) -> str:
        """Return the secret; raises Unreadable."""
        key_id, _, text = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unreadable(f"the key {key_id[:8]} is not among the secret keys")
        try:
            content = base64.b64decode(text, altchars=b"-_", validate=True)
            return cipher.decrypt(content[:_NONCE], content[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Unreadable("it was changed, or belongs to something else") from error

    def newest(self, sealed: str) -> bool:
        """Whether the key that writes now has sealed it."""
        return sealed.partition(".")[0] == self._newest
