"""A real mail server on this machine, which can be told to misbehave."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Signed by itself, for localhost; with its key, which opens nothing."""


def server_certificate() -> ssl.SSLContext:
    """Return what a server with the certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@dataclass
class Post:
    """A mail server: what it got, and what it answers."""

    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connections: int = 0
    on_sender: str = ""
    on_recipient: str = ""
    on_letter: str = ""
    hang_up: bool = False
    """Before the answer to a letter that was taken."""
    utf8: bool = True
    password: str = ""
    starttls: bool = False
    port: int = 0
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings(action="ignore"):  # about passwords without encryption, as meant here
            return SMTP(
                self,
                enable_SMTPUTF8=self.utf8,
                hostname="post.example",
                ident="Post",
                authenticator=self._known if self.password else None,
                auth_require_tls=False,
                auth_required=bool(self.password),
                tls_context=server_certificate() if self.starttls else None,
                require_starttls=self.starttls,
            )

    def _known(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=login.password.decode() == self.password, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_sender:
            return self.on_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_recipient:
            return self.on_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hang_up:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if self.on_letter:
            return self.on_letter
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, _class=EmailMessage, policy=SMTPUTF8))
        self.envelopes.append(envelope)
        return "250 Taken"

    @property
    def url(self) -> str:
        """The server's address for the setting."""
        return f"smtp://127.0.0.1:{self.port}"


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """A running mail server."""
    server = Post()
    await server.start()
    yield server
    await server.stop()
