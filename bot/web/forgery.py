"""Proves that a form was filled in on our own page: by its origin, a cookie and a key bound to both."""

import hmac
import re
import secrets
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from domain.keys import KeyRing, hash_token

COOKIE = "steward_form"
COOKIE_SECONDS = 24 * 60 * 60
_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")


class FormGuard:
    """Makes and checks the keys of forms.

    A key is the HMAC of the link's token and of a random value that the browser keeps in a cookie: another
    site can neither read the one nor set the other.
    """

    def __init__(self, keys: KeyRing, public_url: str) -> None:
        self._keys = keys
        self._public = urlsplit(public_url)

    def nonce(self, request: web.Request) -> str:
        """Return the browser's random value, or a new one; it goes to `set_cookie` and `form_key`."""
        held = request.cookies.get(COOKIE, "")
        return held if _NONCE.fullmatch(held) else secrets.token_urlsafe(32)

    def form_key(self, nonce: str, token: str) -> str:
        """Return the hidden field of the form on the page of `token`."""
        return self._key(nonce, token, self._keys.key_ids[0])

    def set_cookie(self, response: web.StreamResponse, nonce: str) -> None:
        """Leave the random value with the browser."""
        response.set_cookie(
            COOKIE,
            nonce,
            max_age=COOKIE_SECONDS,
            path=f"{self._public.path}/invitations/",
            httponly=True,
            secure=self._public.scheme == "https",
            samesite="Lax",  # Strict would be withheld on the way from the mail and so replaced each time
        )

    def genuine(self, request: web.Request, token: str, form_key: str) -> bool:
        """Return whether a posted form comes from our page of `token`, in the browser that was shown it."""
        nonce = request.cookies.get(COOKIE, "")
        if not _NONCE.fullmatch(nonce) or not self._from_here(request):
            return False
        given = form_key.encode("utf-8", "replace")
        # Every key is tried: one that was replaced since the page was shown still counts.
        known = [self._key(nonce, token, key_id).encode() for key_id in self._keys.key_ids]
        return any(hmac.compare_digest(given, key) for key in known)

    def _from_here(self, request: web.Request) -> bool:
        """Ask what the browser says of the page the form was on; where it says nothing the key decides."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site not in ("same-origin", "none"):
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        if origin == "null":
            return site == "same-origin"
        try:
            parts = urlsplit(origin)
            return _origin(parts) == _origin(self._public) or parts.netloc == request.host
        except ValueError:
            return False  # no origin at all

    def _key(self, nonce: str, token: str, key_id: str) -> str:
        message = f"{nonce}:{hash_token(token)}".encode()
        return hmac.new(self._keys.derive("csrf", key_id), message, "sha256").hexdigest()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
