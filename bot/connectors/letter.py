"""One letter: what it says, to whom, and its form on the wire."""

import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from email_validator import validate_email

from bot.clock import real_now

LONGEST_SUBJECT, LONGEST_NAME = 150, 80
JOINERS = "\u200c\u200d"  # within words of Persian and emoji of several signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one person, in text and in HTML.

    Args:
        to: a normalised address.
        message_id: without the angle brackets; the same for each sending of the same letter.
        from_name: how the sender shows, unless the sender's setting carries a name of its own.
        reply_to: an address that answers, "" for none.
    """

    to: str
    to_name: str = ""
    subject: str
    text: str
    html: str
    message_id: str
    from_name: str = "Steward"
    reply_to: str = ""

    def message(self, sender: str) -> EmailMessage:
        """Return the mail as it leaves.

        Args:
            sender: `name@example.org` or `Name <name@example.org>`.
        """
        sender_name, sender_address = parseaddr(sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = _mailbox(sender_name or self.from_name, sender_address)
        message["To"] = _mailbox(self.to_name, self.to)
        if self.reply_to:
            message["Reply-To"] = _mailbox("", self.reply_to)
        message["Subject"] = one_line(self.subject, LONGEST_SUBJECT)
        message["Date"] = format_datetime(real_now())
        message["Message-ID"] = f"<{one_line(self.message_id)}>"
        # Nobody's holiday notice shall answer, and no list software (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return message


def one_line(text: str, longest: int = 1000) -> str:
    """Return `text` fit for a header: without line ends, control and direction signs, shortened visibly."""
    line = " ".join("".join(map(_shown, text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _shown(sign: str) -> str:
    if sign.isprintable() or sign in JOINERS:
        return sign
    return "" if unicodedata.category(sign) == "Cf" else " "  # of no width, or a line end


def envelope_address(address: str) -> str:
    """Return the address as SMTP carries it: the domain in ASCII, the local part as it is."""
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        domain = validate_email(address, check_deliverability=False, test_environment=True).ascii_domain
    return f"{local}@{domain}"


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = envelope_address(address).rpartition("@")
    return Address(display_name=one_line(name, LONGEST_NAME), username=local, domain=domain)
