"""The mail server of the setting `STEWARD_SMTP_URL`, read from its address."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The mail server of a `STEWARD_SMTP_URL`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    """From the first byte."""
    starttls: bool = False
    sender: str = ""
    """The address mails come from, where the setting names one (`?from=`)."""

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """Read `smtp://`, `smtps://` or `smtp+starttls://USER:PASSWORD@HOST:PORT?from=ADDRESS`.

        A password never travels unencrypted to another machine: there `smtp://` means STARTTLS too.

        Raises:
            ValueError: with what is wrong, in words and without the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("The mail server is written smtp+starttls://user:password@mail.example.com:587.")
        guarded = bool(parts.username) and not _is_loopback(parts.hostname)
        return cls(
            host=parts.hostname,
            port=parts.port or _DEFAULT_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtps",
            starttls=parts.scheme == "smtp+starttls" or (parts.scheme == "smtp" and guarded),
            sender=dict(parse_qsl(parts.query)).get("from", ""),
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
