"""Letters on their way to a real mail server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.connectors import smtp
from bot.connectors.letter import Letter
from bot.connectors.smtp import Mailer, MailRefused, MailTemporarilyFailed
from bot.mail_server import Server
from tests.connectors.conftest import CERTIFICATE, Post

LETTER = Letter(
    to="bob@example.com",
    to_name="Bob Ray",
    subject="Ann Lee invites you to Northwind",
    text="Join Northwind\n\nhttps://steward.example/invitations/abc\n",
    html="<p>Join Northwind</p>",
    message_id="0123abcd@steward.example",
    from_name="Northwind (Steward)",
    reply_to="ann@example.com",
)
SENDER = "steward@northwind.example"


@pytest.fixture
async def mailer(post: Post) -> AsyncIterator[Mailer]:
    mailer = Mailer(post.url, SENDER)
    yield mailer
    await mailer.close()


async def test_a_letter_arrives_in_text_and_html_with_its_headers(post: Post, mailer: Mailer) -> None:
    await mailer.send(LETTER)
    (letter,) = post.letters
    assert letter["Subject"] == LETTER.subject
    assert letter["From"] == '"Northwind (Steward)" <steward@northwind.example>'
    assert letter["To"] == "Bob Ray <bob@example.com>"
    assert letter["Reply-To"] == "ann@example.com"
    assert letter["Message-ID"] == "<0123abcd@steward.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime.tzinfo is not None
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    text = letter.get_body(("plain",))
    assert text is not None
    assert "https://steward.example/invitations/abc" in text.get_content()
    (envelope,) = post.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["bob@example.com"])


async def test_the_setting_may_name_the_sender(post: Post) -> None:
    mailer = Mailer(f"{post.url}?from=Help%20Desk%20%3Chelp@northwind.example%3E", SENDER)
    await mailer.send(LETTER)
    await mailer.close()
    assert post.letters[0]["From"] == "Help Desk <help@northwind.example>"
    assert post.envelopes[0].mail_from == "help@northwind.example"


async def test_a_burst_goes_over_few_connections(post: Post, mailer: Mailer) -> None:
    await asyncio.gather(*(mailer.send(LETTER) for _ in range(40)))
    await mailer.send(LETTER)
    assert len(post.letters) == 41
    assert post.connections <= smtp.CONNECTIONS


async def test_a_connection_carries_a_bounded_number_of_letters(
    post: Post, mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "LETTERS_PER_CONNECTION", 3)
    for _ in range(7):
        await mailer.send(LETTER)
    assert len(post.letters) == 7
    assert post.connections == 3


async def test_idle_connections_are_given_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "IDLE_SECONDS", 0.05)
    mailer = Mailer(post.url, SENDER)
    await mailer.send(LETTER)
    await asyncio.sleep(0.3)
    await mailer.send(LETTER)
    await mailer.close()
    assert post.connections == 2


async def test_an_unknown_recipient_is_refused_for_good(post: Post, mailer: Mailer) -> None:
    post.on_recipient = "550 5.1.1 No such person here"
    with pytest.raises(MailRefused, match="No such person here"):
        await mailer.send(LETTER)


@pytest.mark.parametrize("answer", ["451 4.3.0 Try later", "421 4.3.2 Going down"])
async def test_a_busy_server_is_asked_again_later(post: Post, mailer: Mailer, answer: str) -> None:
    post.on_recipient = answer
    with pytest.raises(MailTemporarilyFailed, match=answer[:3]):
        await mailer.send(LETTER)
    post.on_recipient = ""
    await mailer.send(LETTER)
    assert len(post.letters) == 1


async def test_a_letter_may_be_refused_or_put_off_as_a_whole(post: Post, mailer: Mailer) -> None:
    post.on_letter = "554 5.7.1 Looks like spam"
    with pytest.raises(MailRefused, match="spam"):
        await mailer.send(LETTER)
    post.on_letter = "452 4.2.2 Disk full"
    with pytest.raises(MailTemporarilyFailed, match="Disk full"):
        await mailer.send(LETTER)


async def test_a_refused_sender_is_for_the_operator_to_mend_not_the_letters_end(
    post: Post, mailer: Mailer
) -> None:
    post.on_sender = "553 5.1.8 Sender not allowed"
    with pytest.raises(MailTemporarilyFailed, match="Sender not allowed"):
        await mailer.send(LETTER)


async def test_a_wrong_password_is_for_the_operator_to_mend(post: Post) -> None:
    post.password = "right horse"
    wrong = Mailer(f"smtp://steward:wrong@127.0.0.1:{post.port}", SENDER)
    with pytest.raises(MailTemporarilyFailed, match="535") as failed:
        await wrong.send(LETTER)
    assert "wrong" not in str(failed.value)
    right = Mailer(f"smtp://steward:right%20horse@127.0.0.1:{post.port}", SENDER)
    await right.send(LETTER)
    await right.close()
    assert len(post.letters) == 1


async def test_a_server_that_is_down_is_asked_again_later(post: Post, mailer: Mailer) -> None:
    await post.stop()
    with pytest.raises(MailTemporarilyFailed, match="cannot be reached"):
        await mailer.send(LETTER)
    await post.start()
    await mailer.send(LETTER)
    assert len(post.letters) == 1


async def test_a_lost_answer_repeats_the_letter_under_the_same_id(post: Post, mailer: Mailer) -> None:
    post.hang_up = True
    with pytest.raises(MailTemporarilyFailed):
        await mailer.send(LETTER)
    post.hang_up = False
    await mailer.send(LETTER)
    # At least once: where the answer was lost the letter comes again, and says that it is the same.
    assert {letter["Message-ID"] for letter in post.letters} == {"<0123abcd@steward.example>"}


async def test_a_connection_the_server_closed_meanwhile_costs_no_letter(post: Post, mailer: Mailer) -> None:
    await mailer.send(LETTER)
    for connection in mailer._idle:
        connection.client.close()
    await mailer.send(LETTER)
    assert len(post.letters) == 2


async def test_a_silent_server_does_not_hold_a_letter_forever(
    mailer: Mailer, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "LETTER_SECONDS", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(MailTemporarilyFailed, match="cannot be reached"):
        await Mailer(f"smtp://127.0.0.1:{port}", SENDER).send(LETTER)
    server.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_nothing_leaves_unencrypted_when_encryption_is_asked_for(post: Post, scheme: str) -> None:
    mailer = Mailer(f"{scheme}://steward:secret@127.0.0.1:{post.port}", SENDER)
    with pytest.raises(MailTemporarilyFailed):
        await mailer.send(LETTER)
    assert post.letters == []


async def test_an_encrypted_connection_needs_a_certificate_that_is_trusted(post: Post) -> None:
    post.starttls = True
    url = f"smtp+starttls://localhost:{post.port}"
    with pytest.raises(MailTemporarilyFailed, match="CERTIFICATE_VERIFY_FAILED"):
        await Mailer(url, SENDER).send(LETTER)
    trusting = Mailer(url, SENDER, tls_context=ssl.create_default_context(cafile=str(CERTIFICATE)))
    await trusting.send(LETTER)
    await trusting.close()
    assert len(post.letters) == 1


def test_a_password_is_never_sent_in_the_clear_to_another_machine() -> None:
    assert Server.from_url("smtp://user:secret@mail.example.com").starttls
    assert not Server.from_url("smtp://user:secret@localhost").starttls
    assert not Server.from_url("smtp://mail.example.com").starttls


def test_the_address_of_the_server_is_read() -> None:
    server = Server.from_url("smtps://a%40b:p%2Fw@mail.example.com?from=s@example.com")
    assert server == Server(
        host="mail.example.com", port=465, user="a@b", password="p/w", tls=True, sender="s@example.com"
    )
    assert Server.from_url("smtp+starttls://mail.example.com").port == 587
    assert Server.from_url("smtp://mail.example.com").port == 25
    with pytest.raises(ValueError, match=r"is written smtp\+starttls"):
        Server.from_url("https://mail.example.com")
    with pytest.raises(ValueError, match="no address to send mail from"):
        Mailer("smtp://localhost", "steward")


async def test_an_internationalized_domain_travels_in_ascii(post: Post, mailer: Mailer) -> None:
    post.utf8 = False
    await mailer.send(replace(LETTER, to="bob@exämple.org"))
    assert post.envelopes[0].rcpt_tos == ["bob@xn--exmple-cua.org"]
    assert post.letters[0]["To"] == "Bob Ray <bob@xn--exmple-cua.org>"


async def test_an_internationalized_address_needs_a_server_that_takes_it(post: Post, mailer: Mailer) -> None:
    letter = replace(LETTER, to="дмитрий@пример.рф")
    await mailer.send(letter)
    (envelope,) = post.envelopes
    assert envelope.rcpt_tos == ["дмитрий@xn--e1afmkfd.xn--p1ai"]
    assert "SMTPUTF8" in envelope.mail_options
    await mailer.close()
    post.utf8 = False
    with pytest.raises(MailRefused, match="outside ASCII"):
        await mailer.send(letter)


@pytest.mark.parametrize(
    "name",
    [
        "Eve\r\nBcc: everybody@example.com",
        "Eve\nSubject: Won\n\nhello",
        "<!channel> & <b>Eve</b>",
        'Eve "the" \\ <eve@evil.example>',
        "دانا שלום \u202etxet",
        "Ann 👩‍👩‍👧 🚀",
        "E" * 3000,
        "\x00\x07\ud800".encode("utf-8", "replace").decode(),
    ],
)
async def test_no_name_adds_a_header_or_a_recipient(post: Post, mailer: Mailer, name: str) -> None:
    await mailer.send(replace(LETTER, to_name=name, from_name=name, subject=f"{name} invites you"))
    (letter,) = post.letters
    assert set(letter.keys()) == {
        *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("X-Auto-Response-Suppress", "MIME-Version", "Content-Type"),
    }
    assert [address.addr_spec for address in letter["To"].addresses] == ["bob@example.com"]
    assert [address.addr_spec for address in letter["From"].addresses] == [SENDER]
    assert post.envelopes[0].rcpt_tos == ["bob@example.com"]
    assert len(letter["Subject"]) <= 150
