"""Mail: what is sent is in the inbox, whole, with its links."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from bot.sandbox import LocalSlack


def invitation(to: str) -> EmailMessage:
    """A mail with text, HTML and a link in each."""
    mail = EmailMessage()
    mail["From"] = "Steward <steward@northwind.example>"
    mail["To"] = to
    mail["Subject"] = "Grüße: you are invited"
    mail["Message-ID"] = "<one@northwind.example>"
    mail.set_content("Accept: http://127.0.0.1/invitations/abc.\n")
    mail.add_alternative(
        '<p>Näher: <a href="http://127.0.0.1/invitations/abc?html">Accept</a></p>', subtype="html"
    )
    return mail


async def send(slack: LocalSlack, mail: EmailMessage) -> None:
    host, _, port = slack.smtp_url.removeprefix("smtp://").partition(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port))


async def test_a_mail_is_kept_with_text_html_and_links(slack: LocalSlack) -> None:
    await send(slack, invitation("Sam <sam@elsewhere.example>"))
    [mail] = slack.inbox("SAM@elsewhere.example")
    assert mail.subject == "Grüße: you are invited"
    assert mail.text == "Accept: http://127.0.0.1/invitations/abc.\n"
    assert "Näher" in mail.html
    assert mail.links == ("http://127.0.0.1/invitations/abc", "http://127.0.0.1/invitations/abc?html")
    assert mail.headers["Message-ID"] == "<one@northwind.example>"
    assert mail.sender == "Steward <steward@northwind.example>"


async def test_a_mail_to_an_unknown_address_makes_a_stranger_with_an_inbox(slack: LocalSlack) -> None:
    await send(slack, invitation("new@far.example"))
    stranger = slack.workspace.people.email("new@far.example")
    assert stranger is not None
    assert not stranger.in_slack
    assert len(slack.inbox("new@far.example")) == 1


async def test_every_addressee_gets_a_copy(slack: LocalSlack) -> None:
    await send(slack, invitation("sam@elsewhere.example, dana@northwind.example"))
    assert len(slack.inbox("sam@elsewhere.example")) == len(slack.inbox("dana@northwind.example")) == 1


async def test_the_mail_server_can_be_down_and_come_back(slack: LocalSlack) -> None:
    slack.faults.smtp_down = True
    with pytest.raises(aiosmtplib.SMTPException):
        await send(slack, invitation("sam@elsewhere.example"))
    slack.faults.smtp_down = False
    await send(slack, invitation("sam@elsewhere.example"))
    assert len(slack.inbox("sam@elsewhere.example")) == 1
