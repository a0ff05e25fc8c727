"""Names, reasons and titles that ping, format, reverse or overflow: everywhere they are shown as text."""

import re
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest

from bot.sandbox.person import Person
from tests.support.attack import (
    Watched,
    accept_on_the_page,
    card,
    hears,
    link_for,
    shown,
    watched_steward,
)
from tests.support.whole import has_button

PING = "<!channel> & <@U0WNED> <https://evil.example|Click>"
BOLD = "*bold* _it_ `code` ~no~ > quote"
REVERSED = "\u202eמנהל\u202c שלום עולם"
EMOJI = "👩‍👩‍👧‍👦 Zoë 🏳️‍🌈 :tada:"
LONG = "Maximilian " * 40
HTML = "<script>alert(1)</script>&lt;b&gt;"
HOSTILE = {"ping": PING, "bold": BOLD, "reversed": REVERSED, "emoji": EMOJI, "html": HTML}
each_name = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        yield started


@each_name
async def test_a_member_with_such_a_name_is_listed_asked_about_and_deactivated(
    whole: Watched, name: str
) -> None:
    await whole.set_up(seats="50")
    olivia = whole.person("olivia")
    await olivia.command("/team", "invite eve@elsewhere.example")
    page = await accept_on_the_page(whole, "eve@elsewhere.example", name)
    assert "<script>alert" not in page
    async with whole.reading() as tx:
        eve = await tx.members.by_email("eve@elsewhere.example")
    assert eve is not None, page
    assert len(eve.name) <= 80
    await hears(olivia, "accepted your invitation")
    await olivia.command("/team", "members")
    assert "eve@elsewhere.example" in shown(olivia)
    for typed in ("can eve@elsewhere.example invite", "role eve@elsewhere.example emperor"):
        assert (await olivia.command("/team", typed)).text
    await olivia.command("/team", "role eve@elsewhere.example admin")
    again = await olivia.command("/team", "role eve@elsewhere.example admin")
    assert "already" in again.text
    assert (await olivia.command("/team", "deactivate eve@elsewhere.example")).text
    assert (await olivia.command("/team", "preview activate eve@elsewhere.example")).text
    assert "\u202e" not in "".join(str(each) for each in whole.said)
    async with whole.reading() as tx:
        assert [member.name for member in await tx.members.search(eve.name[:20], limit=5)] == [eve.name]


async def test_a_name_that_is_too_long_for_the_page_is_said_on_it_and_nothing_changes(whole: Watched) -> None:
    await whole.set_up()
    await whole.person("olivia").command("/team", "invite eve@elsewhere.example")
    page = await accept_on_the_page(whole, "eve@elsewhere.example", LONG)
    assert "at most 80 characters" in page
    assert await whole.invitation("eve@elsewhere.example")
    await accept_on_the_page(whole, "eve@elsewhere.example", LONG[:80])
    assert "member.joined" in (await whole.tags())[2:]


@each_name
async def test_an_organization_with_such_a_name_welcomes_invites_and_mails(whole: Watched, name: str) -> None:
    name = " ".join(name.split())[:80].strip()
    olivia, nora = whole.person("olivia"), whole.person("nora")
    await olivia.command("/team")
    await olivia.fill("Team name", name)
    await olivia.fill("Set-up code", "OPEN-SESAME")
    assert await olivia.submit() == {}
    await hears(olivia, "Welcome to")
    await olivia.command("/team", f"invite {nora.email}")
    await nora.until(lambda: has_button(nora, "Accept"))
    mail = (await whole.slack.until(lambda: whole.slack.inbox(nora.email)))[0]
    assert not set(mail.subject) & set("\r\n\u202e")
    assert "<script>alert" not in mail.html
    assert not re.search(r'href="[^"]*evil', mail.html)
    link = await link_for(whole, nora.email)
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        page = await answer.text()
    assert "<script>alert" not in page
    await nora.click("Accept")
    await hears(nora, "Welcome to")
    await olivia.open_home()
    await olivia.command("/team", "settings")
    assert "Name:" in shown(olivia)
    assert "\u202e" not in "".join(str(call.args) for call in whole.slack.calls)


async def test_a_department_with_such_a_name_is_made_given_renamed_and_retired(whole: Watched) -> None:
    await whole.set_up(seats="50")
    olivia, nora = whole.person("olivia"), whole.person("nora")
    await olivia.command("/team", "settings")
    await olivia.click("settings_open:departments")
    for name in HOSTILE.values():
        await olivia.click("New department")
        await olivia.fill("Name", " ".join(name.split())[:60])
        assert await olivia.submit() == {}, name
    await olivia.click("New department")
    await olivia.fill("Name", BOLD)
    assert "Name" in await olivia.submit()
    await olivia.close(everything=True)
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", nora.email)
    async with whole.reading() as tx:
        ids = [department.id for department in await tx.departments.all()]
    assert len(ids) == len(HOSTILE)
    await olivia.fill("Departments", ids)
    assert await olivia.submit() == {}
    await nora.until(lambda: has_button(nora, "Accept"))
    assert "Departments" in card(nora, "invites you").words


LONG_REASONS = ["<!channel>" * 95, "&" * 1000, "<" * 1000, "שלום " * 200, "👩‍👩‍👧‍👦" * 90, "line\n" * 200]


async def ask(dana: Person, address: str, reason: str) -> None:
    await dana.command("/team-invite")
    await dana.fill("E-mail addresses", address)
    await dana.fill("Why", reason)
    assert await dana.submit() == {}, reason[:20]


async def test_the_longest_reason_is_shown_whole_or_shortened_visibly_on_every_card(whole: Watched) -> None:
    await whole.team()
    dana, adam = whole.person("dana"), whole.person("adam")
    for number, reason in enumerate(LONG_REASONS):
        address = f"p{number}@elsewhere.example"
        await ask(dana, address, reason)
        if number % 3 == 0:
            await adam.until(partial(has_card, adam, address), timeout=15)
            await adam.click("Details", card(adam, address))
            assert "Why" in shown(adam), reason[:20]
            await adam.close(everything=True)
    await adam.command("/team", "approvals")
    for number in range(len(LONG_REASONS)):
        assert f"p{number}@elsewhere.example" in shown(adam)
    assert len(await whole.requests()) == len(LONG_REASONS)


def has_card(person: Person, address: str) -> bool:
    """Whether a card about this address has come."""
    return any(address in message.words for message in person.messages())


@pytest.mark.parametrize("typed", ["invite a@elsewhere.example because {}", "join because {}"])
async def test_a_reason_of_3000_characters_is_refused_with_its_length_and_nothing_is_asked(
    whole: Watched, typed: str
) -> None:
    await whole.team()
    who = whole.person("nora" if typed.startswith("join") else "dana")
    reply = await who.command("/team", typed.format("x" * 3000))
    assert "at most 1000 characters" in reply.text
    assert "3000" in reply.text
    assert await whole.requests() == ()
