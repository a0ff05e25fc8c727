"""A CSV file attached to the invitation form: reviewed in the background, sent in pieces, accounted for."""

import csv
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.outcomes import TryLater
from bot.sandbox import Person
from bot.slack.calls import Caller
from bot.slack.edge import web_client
from bot.slack.files import LARGEST, Files, NotHandedOut
from bot.slack.pacing import Pacing
from tests.slack.local import Local, running
from tests.slack.screens.filling import departments
from tests.slack.screens.reading import form_words, title

PATIENCE = 60.0
"""Seconds a busy machine may take to read and send a file."""


async def hears(person: Person, *parts: str) -> str:
    """Wait for a message of Steward with all these parts and return its words."""

    def heard() -> str:
        said = (message.words for message in person.messages())
        return next((words for words in said if all(part in words for part in parts)), "")

    return await person.until(heard, timeout=PATIENCE)


async def sees(person: Person, *parts: str) -> str:
    """Wait until the open form shows all these parts and return its words."""
    await person.until(lambda: all(part in form_words(person) for part in parts), timeout=PATIENCE)
    return form_words(person)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Local]:
    """Set up by Olivia, with Adam and Dana, on each database."""
    async with running(database_url) as local:
        await local.set_up(Seats="1000")
        await local.member("adam", "Admin")
        await local.member("dana", "Developer")
        yield local


async def attach(person: Person, content: str | bytes, *, name: str = "people.csv") -> None:
    """Send the invitation form with a file."""
    await person.command("/team", "invite")
    data = content if isinstance(content, bytes) else content.encode()
    await person.upload("CSV file", name, data)
    assert await person.submit() == {}


def crowd(count: int, role: str = "") -> str:
    """A file of so many people."""
    return "email,role,name\n" + "".join(f"p{n}@example.org,{role},Person {n}\n" for n in range(count))


def handed_out(local: Local, person: Person) -> list[str]:
    """The content of each file Steward put into the conversation."""
    ids = [file["id"] for message in person.messages() for file in message.files]
    return [local.slack.workspace.files[each].content.decode("utf-8-sig") for each in ids]


async def test_a_file_is_reviewed_in_the_form_and_in_a_message(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await attach(olivia, "email,role\nbob@example.org,Developer\nfoo,Admin\n")
    words = await sees(olivia, "1 ready to send, 1 with a problem")
    assert "✗ Line 3, foo: “foo” is not an e-mail address." in words
    assert "✓ Line 2, *bob@example.org* as Developer" in words
    said = await hears(olivia, "people.csv: 1 ready to send, 1 with a problem")
    assert "• 1: no e-mail address, or a wrong one" in said
    assert "✗ Line 3: “foo” is not an e-mail address." in said


async def test_hundreds_are_sent_in_pieces_and_every_line_is_accounted_for(
    office: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.importing.CHUNK", 60)
    olivia, nora = office.person("olivia"), office.person("nora")
    await office.directory.mirror(office.team_id)
    await attach(olivia, crowd(300) + "nora@northwind.example,Admin\nfoo,\nadam@northwind.example,\n")
    await sees(olivia, "301 ready to send, 2 with a problem")
    assert await olivia.submit() == {}
    assert "people.csv is being sent" in form_words(olivia)
    said = await hears(olivia, "people.csv is done.", "• 301 invitations sent")
    assert "• 2 had a problem already at the review" in said
    await hears(nora, "invites you to Northwind as Admin")
    await olivia.click("Summary as CSV")
    await olivia.until(lambda: handed_out(office, olivia), timeout=PATIENCE)
    rows = list(csv.DictReader(io.StringIO(handed_out(office, olivia)[0])))
    assert [row["outcome"] for row in rows] == ["sent"] * 301 + ["not sent"] * 2
    assert rows[300]["role"] == "Admin"
    assert rows[300]["link"] == ""  # Nora has her card
    assert len({row["link"] for row in rows[:300]}) == 300
    async with office.store.reading(office.team_id) as tx:
        assert await tx.invitations.held() == 301


async def test_problems_are_handed_out_mended_and_brought_back(office: Local) -> None:
    olivia = office.person("olivia")
    await departments(office, 1)
    await attach(olivia, "bob@example.org,Developer\ncem.example.org,Developer,,=Cem\ndee@example.org,Boss\n")
    await hears(olivia, "people.csv: 1 ready to send, 2 with a problem")
    await olivia.click("Send 1 invitation", in_=olivia.messages()[-1])
    await hears(olivia, "people.csv is done.")
    await olivia.click("Problems as CSV")
    await olivia.until(lambda: handed_out(office, olivia), timeout=PATIENCE)
    content = handed_out(office, olivia)[0]
    assert "'=Cem" in content
    mended = content.replace("cem.example.org", "cem@example.org").replace("Boss", "Developer")
    await olivia.close()
    await attach(olivia, mended, name="people-problems.csv")
    await hears(olivia, "people-problems.csv: 2 ready to send, 0 with a problem")
    await sees(olivia, "2 ready to send")
    assert await olivia.submit() == {}
    await hears(olivia, "people-problems.csv is done.", "• 2 invitations sent")
    async with office.store.reading(office.team_id) as tx:
        found = await tx.invitations.open_for(["cem@example.org", "bob@example.org"])
    assert found["cem@example.org"].name == "=Cem"


async def test_the_same_file_twice_invites_nobody_twice(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    for number in range(2):
        await attach(olivia, "bob@example.org\n")
        await olivia.until(lambda: title(olivia) == "Review invitations", timeout=PATIENCE)
        if number == 0:
            assert await olivia.submit() == {}
            await hears(olivia, "people.csv is done.")
        await olivia.close()
    await hears(olivia, "people.csv: 0 ready to send, 1 with a problem", "• 1: invited already")


async def test_whoever_may_only_ask_has_one_card_brought_to_the_right_admins(office: Local) -> None:
    dana, adam = office.person("dana"), office.person("adam")
    await attach(dana, crowd(40))
    await hears(
        dana,
        "40 ready to send",
        "40 people are asked for, on one card. This needs a yes from anyone who may do it.",
    )
    await dana.until(lambda: title(dana) == "Review invitations", timeout=PATIENCE)
    assert await dana.submit() == {}
    card = await hears(adam, "invite 40 people from the file people.csv", "p0@example.org")
    assert "Seats after: 43 of 1000" in card
    assert sum("people.csv" in message.words for message in adam.messages()) == 1
    await adam.click("Approve")
    await hears(dana, "people.csv is done.", "• 40 invitations sent")


async def test_who_declines_a_file_is_heard_by_its_sender(northwind: Local) -> None:
    dana, adam = northwind.person("dana"), northwind.person("adam")
    await attach(dana, "bob@example.org\n")
    await hears(dana, "1 ready to send")
    await dana.click("Send 1 invitation", in_=dana.messages()[-1])
    await hears(adam, "invite 1 person from the file people.csv")
    await adam.click("Decline")
    assert await adam.submit() == {}
    await hears(dana, "people.csv is done.", "1 as Developer was not sent")


async def test_too_few_seats_are_said_before_and_named_afterwards(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await attach(olivia, crowd(5))
    await hears(olivia, "5 ready to send", "Only 2 seats are free: the first 2 are invited")
    await olivia.click("Send 5 invitations", in_=olivia.messages()[-1])
    said = await hears(olivia, "people.csv is done.")
    assert "• 2 invitations sent" in said
    assert "• 3 could not be sent when it was their turn: the summary says why" in said


async def test_the_last_seat_and_a_department_that_is_none_are_named(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite zoe@example.org")
    await attach(olivia, "email,departments\nann@example.org\nben@example.org\ncid@example.org,Sales\n")
    said = await hears(olivia, "2 ready to send", "Only 1 seat is free: the first one is invited")
    assert "There is no department “Sales” here. Leave departments empty, or have one made" in said
    await olivia.click("Send 2 invitations", in_=olivia.messages()[-1])
    await hears(olivia, "people.csv is done.", "• 1 could not be sent when it was its turn")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("email\n" + "a@example.org\n" * 10_001, "long.csv", "10,001 lines; 10,000 are the most"),
        ("email\nann@example.org".encode("utf-16"), "wide.csv", "UTF-16"),
        (b"PK\x03\x04 and so on", "book.csv", "This is a workbook, not a CSV file."),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_with_words(
    northwind: Local, content: str | bytes, name: str, words: str
) -> None:
    olivia = northwind.person("olivia")
    await attach(olivia, content, name=name)
    assert f"{name} could not be used." in await sees(olivia, words)
    assert words in await hears(olivia, f"{name} could not be used.")


async def test_the_lines_can_be_looked_through_page_by_page_and_the_file_cancelled(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await attach(olivia, crowd(50))
    await olivia.until(lambda: title(olivia) == "Review invitations", timeout=PATIENCE)
    assert "Shown: 1–20 of 50" in form_words(olivia)
    await olivia.click("Next ›")
    assert "Shown: 21–40 of 50" in form_words(olivia)
    await olivia.close()
    await hears(olivia, "50 ready to send")
    await olivia.click("See the lines")
    assert "Line 2, *p0@example.org* as Developer" in form_words(olivia)
    await olivia.close()
    await olivia.click("Cancel", in_=olivia.messages()[-1])
    await hears(olivia, "people.csv was cancelled.")


async def test_a_file_and_typed_addresses_are_not_mixed(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    await olivia.fill("E-mail addresses", "bob@example.org")
    await olivia.upload("CSV file", "people.csv", b"cem@example.org\n")
    assert "A file is sent by itself." in (await olivia.submit())["CSV file"]


async def test_the_form_fills_what_a_line_leaves_out(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    (department,) = await departments(northwind, 1)
    await olivia.command("/team", "invite")
    await olivia.fill("Role", "Admin")
    await olivia.fill("Departments", [department.name])
    await olivia.upload("CSV file", "people.csv", b"bob@example.org\ncem@example.org,Developer\n")
    assert await olivia.submit() == {}
    await sees(olivia, "2 ready to send")
    assert f"*bob@example.org* as Admin ({department.name})" in form_words(olivia)
    assert f"*cem@example.org* as Developer ({department.name})" in form_words(olivia)


async def test_without_the_scopes_there_is_no_field_and_files_come_as_links(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    northwind.scopes.learn(northwind.team_id, {"x-oauth-scopes": "commands,files:read"})
    await attach(olivia, "bob@example.org\nfoo\n")
    await hears(olivia, "1 ready to send")
    reply = await olivia.click("Problems as CSV", in_=olivia.messages()[-1])
    assert "https://steward.example/imports/" in reply.text
    await olivia.close()
    northwind.scopes.learn(northwind.team_id, {"x-oauth-scopes": "commands"})
    await olivia.command("/team", "invite")
    assert "CSV file" not in form_words(olivia)


class Host:
    """A file host that answers as it is told, and says what it was asked with."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b""
        self.tokens: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        if request.path == "/api/files.info":
            place = f"{request.url.origin()}/file"
            return web.json_response({"ok": True, "file": {"id": "F1", "url_private_download": place}})
        self.tokens.append(request.headers.get("Authorization", ""))
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@pytest.fixture
async def host() -> AsyncIterator[tuple[Host, Files, str]]:
    """The host, what fetches from it, and its address."""
    made, application = Host(), web.Application()
    application.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        client = web_client(token="xoxb-secret", session=session, base_url=f"{address}/api/")
        yield made, Files(client=client, caller=Caller(Pacing())), address
    await runner.cleanup()


async def test_a_file_comes_with_the_token_from_its_own_host_alone(host: tuple[Host, Files, str]) -> None:
    made, files, _ = host
    made.body = b"email\n"
    assert await files.fetch("F1") == b"email\n"
    assert made.tokens == ["Bearer xoxb-secret"]


@pytest.mark.parametrize(
    ("status", "headers", "size", "words"),
    [
        (302, {"Location": "http://localhost:1/file"}, 0, "not kept by Slack itself"),
        (302, {"Location": "https://files.slack.com/file"}, 0, "not kept by Slack itself"),
        (302, {"Location": "/file"}, 0, "in circles"),
        (200, {"Content-Type": "text/html; charset=utf-8"}, 100, "does not let Steward read"),
        (404, {}, 0, "not in Slack any more"),
        (200, {}, LARGEST + 1, "too large: 10 MB"),
    ],
)
async def test_what_is_no_file_of_slacks_is_not_fetched(
    host: tuple[Host, Files, str], status: int, headers: dict[str, str], size: int, words: str
) -> None:
    made, files, _ = host

    made.status, made.headers, made.body = status, headers, b"x" * size
    with pytest.raises(NotHandedOut, match=words):
        await files.fetch("F1")


async def test_a_file_host_that_is_down_is_asked_again_later(host: tuple[Host, Files, str]) -> None:
    made, files, _ = host
    made.status = 503
    with pytest.raises(TryLater):
        await files.fetch("F1")


@pytest.mark.parametrize(
    "address",
    [
        "http://files.slack.com/f",
        "https://files.slack.com:8443/f",
        "https://files.slack.com.evil.example/f",
        "https://slack.com/f",
        "",
    ],
)
async def test_the_real_slacks_token_goes_to_its_file_host_alone(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        client = web_client(token="xoxb-secret", session=session)
        files = Files(client=client, caller=Caller(Pacing()))
        with pytest.raises(NotHandedOut, match="not kept by Slack itself"):
            await files.download(address)
