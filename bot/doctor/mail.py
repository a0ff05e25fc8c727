"""The mail server: greeting, encryption and sign-in as for a letter, without sending one."""

from collections.abc import Sequence

from bot.config import Settings
from bot.doctor.findings import Finding, ok, skipped, to_do
from bot.mail_server import Server
from bot.outcomes import TryLater, Undeliverable


async def mail_server(settings: Settings) -> Sequence[Finding]:
    """Knock at the mail server of the settings."""
    mail = settings.mail
    if mail is None:
        return (skipped("mail", "not used: STEWARD_SMTP_URL is not set."),)
    from bot.connectors.smtp import Mailer  # only where mail is set

    server = Server.from_url(mail.url)
    place = f"{server.host}:{server.port}"
    mailer = Mailer(mail.url, mail.sender)
    try:
        await mailer.check()
    except (TryLater, Undeliverable) as error:
        why = error.error.rstrip(".")
        return (to_do("mail", f"STEWARD_SMTP_URL: {place}: {why}. Check server, port and sign-in."),)
    finally:
        await mailer.close()
    encrypted = "encrypted" if server.tls or server.starttls else "not encrypted"
    signed_in = f"signed in as {server.user}" if server.user else "without signing in"
    return (ok("mail", f"{place} answers, {encrypted}, {signed_in}. No mail was sent."),)
