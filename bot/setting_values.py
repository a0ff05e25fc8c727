"""Checks of single settings: each returns the value in its one form, or says in a sentence what is wrong."""

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from bot.mail_server import Server

SHORTEST_KEY = 16
SHORTEST_SETUP_CODE = 6
MAIL_EXAMPLE = "smtp+starttls://user:password@mail.example.com:587?from=steward@example.com"

_SQLITE = re.compile(r"sqlite(?:\+aiosqlite)?:///(?P<file>[^?]*)(?P<query>\?.*)?")
_SERVERS = re.compile(
    r"[^:]+://(?P<account>(?:[^/?#]*@)?)(?P<servers>[^/?#@]*,[^/?#@]*)(?P<rest>(?:[/?#].*)?)"
)
_SERVER = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def optional(check: Callable[[str], str]) -> Callable[[SecretStr | None], SecretStr | None]:
    """Return `check` for a secret that may be left out."""
    return lambda secret: None if secret is None else SecretStr(check(secret.get_secret_value()))


def optional_text(check: Callable[[str], str]) -> Callable[[str | None], str | None]:
    """Return `check` for a text that may be left out."""
    return lambda text: None if text is None else check(text)


def bot_token(value: str) -> str:
    """A token beginning with xoxb-."""
    return _token(value, "xoxb-", "a bot token", "OAuth & Permissions, Bot User OAuth Token")


def app_token(value: str) -> str:
    """A token beginning with xapp-."""
    return _token(value, "xapp-", "an app-level token", "Basic Information, App-Level Tokens")


def _token(value: str, prefix: str, what: str, where: str) -> str:
    if not value.startswith(prefix) or len(value) <= len(prefix):
        kinds = {"xoxb-": "a bot token", "xapp-": "an app-level token", "xoxp-": "a user token"}
        found = next((f": this is {kind}" for start, kind in kinds.items() if value.startswith(start)), "")
        raise ValueError(f"{what} begins with {prefix}{found}. Copy it from the app's page: {where}.")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{what} has neither spaces nor special characters. Copy it anew: {where}.")
    return value


def client_id(value: str) -> str:
    """Two numbers with a dot between them."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+", value):
        raise ValueError("the client ID is two numbers with a dot between. Copy it from Basic Information.")
    return value


def client_secret(value: str) -> str:
    """A secret in one word."""
    if value.startswith(("xoxb-", "xapp-", "xoxp-")):
        raise ValueError("this is a token, not the client secret. Copy it from Basic Information.")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("the client secret has neither spaces nor special characters. Copy it anew.")
    return value


def signing_secret(value: str) -> str:
    """A secret in one word."""
    if value.startswith(("xoxb-", "xapp-", "xoxp-")):
        raise ValueError(
            "this is a token, not the signing secret. Copy it from Basic Information, Signing Secret."
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("the signing secret has neither spaces nor special characters. Copy it anew.")
    return value


def setup_code(value: str) -> str:
    """A code nobody guesses."""
    if len(value) < SHORTEST_SETUP_CODE:
        raise ValueError(f"the code needs {SHORTEST_SETUP_CODE} characters or more.")
    return value


def split_keys(value: str) -> tuple[str, ...]:
    """The keys between the commas, without blank ones."""
    return tuple(key for part in value.split(",") if (key := part.strip()))


def secret_keys(value: str) -> str:
    """Keys, each long enough."""
    keys = split_keys(value)
    if not keys or any(len(key.encode()) < SHORTEST_KEY for key in keys):
        raise ValueError(
            f"each key needs {SHORTEST_KEY} characters or more. "
            'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    if len(set(keys)) < len(keys):
        raise ValueError("the same key stands in it twice.")
    return value


def host(value: str) -> str:
    """A name or an address of this machine."""
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(value):
            return value
    raise ValueError("this is not an address of this machine, such as 127.0.0.1 or 0.0.0.0.")


def port(value: int) -> int:
    """A port number."""
    if not 0 <= value <= 65535:
        raise ValueError("a port is a number from 0 to 65535.")
    return value


def public_url(value: str) -> str:
    """A web address without a trailing slash."""
    return _web_address(value, "https://steward.example.com").rstrip("/")


def api_url(value: str) -> str:
    """A web address with a trailing slash."""
    return _web_address(value, "https://slack.com/api/").rstrip("/") + "/"


def _web_address(value: str, example: str) -> str:
    parts = _split(value, example)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"this is not a web address such as {example}.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError(f"the address has nothing but name, port and path, such as {example}.")
    return value


def database_url(value: str) -> str:
    """An address as SQLAlchemy takes it, with the asynchronous driver."""
    scheme = value.partition(":")[0]
    if scheme in ("sqlite", "sqlite+aiosqlite"):
        return _sqlite_url(value)
    if scheme in ("postgresql", "postgres", "postgresql+asyncpg"):
        return _postgresql_url(value)
    raise ValueError("the address begins with sqlite:/// or postgresql://, such as sqlite:///steward.db.")


def _sqlite_url(value: str) -> str:
    found = _SQLITE.fullmatch(value)
    if found is None or not found["file"] or found["file"].endswith("/"):
        raise ValueError("it names no file. Three slashes and the file: sqlite:///steward.db.")
    if found["file"] == ":memory:":
        raise ValueError("a database in memory is lost at every stop. Name a file: sqlite:///steward.db.")
    folder = Path(found["file"]).absolute().parent
    if not folder.is_dir():
        raise ValueError(f"the folder {folder} does not exist. Make it, or name another file.")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"the folder {folder} cannot be written to by this account.")
    return f"sqlite+aiosqlite:///{found['file']}{found['query'] or ''}"


def _postgresql_url(value: str) -> str:
    example = "postgresql://steward:password@localhost/steward"
    if found := _SERVERS.fullmatch(value):
        servers = found["servers"].split(",")
        one = _postgresql_url(f"postgresql://{found['account']}{servers[0]}{found['rest']}")
        return _with_servers(one, found["account"], servers)
    parts = _split(value, example)
    if not parts.path.strip("/"):
        raise ValueError(f"it names no database, such as {example}.")
    # asyncpg calls ssl what libpq calls sslmode.
    query = [("ssl" if name == "sslmode" else name, text) for name, text in parse_qsl(parts.query)]
    return urlunsplit(("postgresql+asyncpg", parts.netloc, parts.path, urlencode(query), ""))


def _with_servers(url: str, account: str, servers: list[str]) -> str:
    """Return the address of the first server with all of them in it, as SQLAlchemy takes them."""
    if not all(_SERVER.fullmatch(server) for server in servers):
        raise ValueError("one of its servers cannot be read; several are HOST:PORT,HOST:PORT.")
    parts = urlsplit(url)
    query = [("host", server if ":" in server else f"{server}:5432") for server in servers]
    query += parse_qsl(parts.query)
    if "target_session_attrs" not in dict(query):
        query.append(("target_session_attrs", "read-write"))  # a standby refuses every change
    return f"postgresql+asyncpg://{account}{parts.path}?{urlencode(query, safe=':')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail server's address as `bot.connectors.smtp` takes it, and who letters come from."""

    url: str
    sender: str


def smtp_url(value: str) -> str:
    """The address of a mail server."""
    read_mail(value)
    return value


def read_mail(value: str) -> Mail:
    """Return server and sender: what `?from=` names, else the user, else `steward` at the server's name.

    Raises:
        ValueError: the server or the sender is wrong.
    """
    _split(value, MAIL_EXAMPLE)
    server = Server.from_url(value)
    sender = server.sender or _sender(server.user, server.host)
    if not re.fullmatch(r"(.*<)?\S+@\S+[^\s>]>?", sender):
        raise ValueError(f"after ?from= comes an e-mail address, such as {MAIL_EXAMPLE}.")
    return Mail(url=value, sender=sender)


def _sender(user: str, host: str) -> str:
    if "@" in user:
        return user
    named = any(sign.isalpha() for sign in host) and ":" not in host
    return f"steward@{host if named else 'localhost'}"


def passwords_in(url: str) -> list[str]:
    """The password of an address, as it is written there and as it is used."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return []
    return sorted({password, unquote(password), quote(unquote(password))}) if password else []


def _split(value: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        if parts.port is not None and parts.port > 65535:  # reading a bad port raises ValueError
            raise ValueError
    except ValueError as error:
        raise ValueError(f"it cannot be read as an address such as {example}.") from error
    if any(sign.isspace() for sign in value):
        raise ValueError(f"there is a space in the address, such as {example}.")
    return parts
