"""A mail server with inboxes: what the bot sends, kept whole and easy to read."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.sandbox.faults import Faults
from bot.sandbox.ids import fresh_id

MOST_BYTES = 20 * 1024 * 1024
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


@dataclass(slots=True, kw_only=True)
class Mail:
    """A mail as it arrived in one inbox; `received` is seconds since the epoch."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    headers: dict[str, str]
    raw: bytes
    received: float = field(default_factory=time.time)
    read: bool = False


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def read_mail(to: str, content: bytes) -> Mail:
    """A mail from its bytes: text, HTML, and every link of both in order."""
    message = message_from_bytes(content, _class=EmailMessage, policy=default)
    text, html = _part(message, "plain"), _part(message, "html")
    hrefs = _Hrefs()
    hrefs.feed(html)
    found = [*(link.rstrip(".,;") for link in _LINK.findall(text)), *hrefs.found]
    return Mail(
        id=fresh_id("M"),
        to=to,
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
        html=html,
        links=tuple(dict.fromkeys(found)),
        headers={name: str(value) for name, value in message.items()},
        raw=content,
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


class Mailboxes:
    """Every inbox, by address in lower case."""

    def __init__(self, arrived: Callable[[Mail], None]) -> None:
        self._boxes: dict[str, list[Mail]] = {}
        self._arrived = arrived

    def of(self, address: str) -> list[Mail]:
        """The mails of an address, oldest first."""
        return list(self._boxes.get(address.lower(), ()))

    def unread(self, address: str) -> int:
        """How many of them were not opened."""
        return sum(not mail.read for mail in self._boxes.get(address.lower(), ()))

    def deliver(self, to: str, content: bytes) -> Mail:
        """Puts a mail into an inbox."""
        mail = read_mail(to, content)
        self._boxes.setdefault(to.lower(), []).append(mail)
        self._arrived(mail)
        return mail


class _Handler:
    def __init__(self, boxes: Mailboxes) -> None:
        self._boxes = boxes

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        for address in envelope.rcpt_tos:
            self._boxes.deliver(address, content)
        return "250 OK"


class _Closed(asyncio.Protocol):
    """A mail server that is down: it hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class _Server(SMTP):
    """A connection that was open before the server went down hears nothing more either."""

    def __init__(self, handler: _Handler, faults: Faults) -> None:
        super().__init__(handler, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MOST_BYTES)
        self._faults = faults

    def data_received(self, data: bytes) -> None:
        if self._faults.smtp_down and isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
            return
        super().data_received(data)


class MailServer:
    """Listens for SMTP on loopback."""

    def __init__(self, boxes: Mailboxes, faults: Faults) -> None:
        self._handler = _Handler(boxes)
        self._faults = faults
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Begins to listen; port 0 picks a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _protocol(self) -> asyncio.BaseProtocol:
        if self._faults.smtp_down:
            return _Closed()
        return _Server(self._handler, self._faults)

    async def stop(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
