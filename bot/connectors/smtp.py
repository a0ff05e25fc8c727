"""Sends letters over SMTP, telling what a later attempt may mend from what it will not."""

import asyncio
import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from time import monotonic

import aiosmtplib

from bot.connectors.letter import Letter, envelope_address, one_line
from bot.mail_server import Server
from bot.outcomes import TryLater, Undeliverable

CONNECTIONS = 4
LETTERS_PER_CONNECTION = 50
IDLE_SECONDS = 10.0
PROBE_SECONDS = 5.0
COMMAND_SECONDS = 20.0
LETTER_SECONDS = 40.0


class MailTemporarilyFailed(TryLater):
    """The same letter may leave later: the server is away, busy, or does not know us at the moment."""


class MailRefused(Undeliverable):
    """The server will never take this letter."""


@dataclass(slots=True)
class _Connection:
    client: aiosmtplib.SMTP
    letters: int = 0
    used_at: float = 0.0


class Mailer:
    """Sends letters, over a few connections that a burst reuses."""

    def __init__(self, url: str, sender: str, *, tls_context: ssl.SSLContext | None = None) -> None:
        """Check the settings; nothing is connected yet.

        Args:
            url: see `Server.from_url`.
            sender: `name@example.org` or `Name <name@example.org>`; used where the url names none.
            tls_context: for servers with a certificate of an authority of their own.

        Raises:
            ValueError: the address of the server or of the sender is wrong.
        """
        self._server = Server.from_url(url)
        self._sender = self._server.sender or sender
        self._sender_address = envelope_address(parseaddr(self._sender)[1])
        if not all(self._sender_address.rpartition("@")):
            raise ValueError(f"{self._sender!r} is no address to send mail from.")
        self._tls_context = tls_context
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[_Connection] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, letter: Letter) -> None:
        """Hand the letter to the server.

        Raises:
            MailTemporarilyFailed: try again later; the letter may have left if the answer was lost.
            MailRefused: do not try again.
        """
        async with self._slots:
            try:
                async with asyncio.timeout(LETTER_SECONDS):
                    connection = await self._connection()
                    await self._send(connection, letter)
            except (OSError, ValueError, aiosmtplib.SMTPException) as error:
                raise _failure(error) from error

    async def check(self) -> None:
        """Greet the server, encrypt and sign in as for a letter, and leave without sending any.

        Raises:
            MailTemporarilyFailed, MailRefused: why no letter would leave now.
        """
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await self._quit(await self._connect())
        except (OSError, ValueError, aiosmtplib.SMTPException) as error:
            raise _failure(error) from error

    async def close(self) -> None:
        """Say goodbye on every open connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(self._quit(connection) for connection in idle), *self._closing)

    async def _send(self, connection: _Connection, letter: Letter) -> None:
        try:
            await connection.client.send_message(
                letter.message(self._sender),
                sender=self._sender_address,
                recipients=[envelope_address(letter.to)],
            )
        except BaseException as error:
            # A connection that was cut or left in the middle of a letter serves no other one.
            whole = isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused)
            self._give_back(connection, usable=whole and connection.client.is_connected)
            raise
        connection.letters += 1
        self._give_back(connection, usable=connection.letters < LETTERS_PER_CONNECTION)

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.client.noop(timeout=PROBE_SECONDS)
            except (OSError, aiosmtplib.SMTPException):
                connection.client.close()  # the server hung up meanwhile
            else:
                return connection
        return await self._connect()

    async def _connect(self) -> _Connection:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=self._sender_address.rpartition("@")[2],
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._tls_context if server.tls or server.starttls else None,
            timeout=COMMAND_SECONDS,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return _Connection(client)

    def _give_back(self, connection: _Connection, *, usable: bool) -> None:
        if not usable:
            self._dismiss(connection)
            return
        connection.used_at = monotonic()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop_idle)

    def _drop_idle(self) -> None:
        self._sweep = None
        limit = monotonic() - IDLE_SECONDS
        kept = [connection for connection in self._idle if connection.used_at > limit]
        for connection in self._idle:
            if connection not in kept:
                self._dismiss(connection)
        self._idle = kept
        if kept:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop_idle)

    def _dismiss(self, connection: _Connection) -> None:
        task = asyncio.get_running_loop().create_task(self._quit(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _quit(self, connection: _Connection) -> None:
        try:
            await connection.client.quit(timeout=2)
        except (OSError, aiosmtplib.SMTPException):
            pass  # it is gone already
        finally:
            connection.client.close()


def _failure(error: Exception) -> MailTemporarilyFailed | MailRefused:
    """Sort an error: about this letter and for good, or about the moment or our own standing."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPNotSupported) and "SMTPUTF8" in error.message:
        return MailRefused("The mail server does not take addresses with letters outside ASCII.")
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # as a bad certificate is
        return MailRefused("The address cannot be written into a mail.")
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        why = str(error) or type(error).__name__
        return MailTemporarilyFailed(f"The mail server cannot be reached: {one_line(why, 300)}")
    words = f"The mail server answered {error.code} {one_line(error.message, 300)}"
    about_the_letter = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
    return (MailRefused if about_the_letter and error.code >= 500 else MailTemporarilyFailed)(words)
