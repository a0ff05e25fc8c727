"""Seats: a limit below use, nonsense for a number, the last one wanted by many; all hear the numbers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.attack import Watched, accept_on_the_page, hears, shown, watched_steward
from tests.support.whole import has_button

SAM = "sam@elsewhere.example"


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.set_up(seats="5")
        await started.staff(adam="admin", dana="developer")
        yield started


async def limit(whole: Watched, typed: str) -> dict[str, str]:
    """Let Olivia type a seat limit into the settings; return the faults of the form."""
    olivia = whole.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click("settings_open:settings_subscription")
    await olivia.fill("Seats", typed)
    return await olivia.submit()


async def test_a_seat_limit_below_use_is_refused_on_its_field_with_the_numbers(whole: Watched) -> None:
    olivia = whole.person("olivia")
    await olivia.command("/team", f"invite {SAM}")
    before = await whole.tags()
    faults = await limit(whole, "3")
    assert "cannot be lower than the seats in use" in faults["Seats"]
    assert "3 active members and 1 held by pending invitations need 4 seats" in faults["Seats"]
    assert "Active: Adam Adler, Dana Diaz, Olivia Owens. Pending: sam@elsewhere.example." in faults["Seats"]
    assert await whole.tags() == before
    assert await limit(whole, "4") == {}
    assert (await whole.tags())[-1] == "organization.subscription_changed"


@pytest.mark.parametrize("typed", ["0", "-3", "2.5", "many", "1e9", "99999999999999999999"])
async def test_nonsense_for_a_seat_limit_is_said_on_its_field(whole: Watched, typed: str) -> None:
    before = await whole.tags()
    assert (await limit(whole, typed))["Seats"]
    assert await whole.tags() == before


async def test_without_a_seat_left_inviting_says_who_could_help_and_what_to_do(whole: Watched) -> None:
    olivia, dana = whole.person("olivia"), whole.person("dana")
    for number in range(2):
        await olivia.command("/team", f"invite p{number}@elsewhere.example")
    for who in (olivia, dana):
        reply = await who.command("/team", f"invite {SAM}")
        assert "3 of 5 seats are used and 2 held by pending invitations" in reply.text, reply.text
        assert "Deactivate somebody" in reply.text
        assert f"<@{olivia.id}>" in reply.text
    assert await whole.requests() == ()
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", "a@elsewhere.example\nb@elsewhere.example")
    await olivia.submit()
    assert "0 ready to send, 2 with a problem" in shown(olivia)


async def test_what_is_approved_when_no_seat_is_left_any_more_stays_waiting_and_says_why(
    whole: Watched,
) -> None:
    olivia, dana = whole.person("olivia"), whole.person("dana")
    await dana.command("/team", f"invite {SAM}")
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.command("/team", "invite pat@elsewhere.example")
    await olivia.command("/team", "invite kim@elsewhere.example")
    reply = await olivia.click("Approve")
    assert "stays waiting" in reply.text
    assert has_button(olivia, "Approve")
    assert await limit(whole, "6") == {}
    await olivia.close(everything=True)
    await olivia.click("Approve")
    assert await whole.invitation(SAM)


async def test_the_last_seat_is_one_persons_and_the_others_hear_that_they_wait(sqlite_url: str) -> None:
    async with watched_steward(sqlite_url) as whole:
        await whole.set_up(preset="Analytics", seats="2")  # where pending invitations hold no seat
        olivia, strangers = whole.person("olivia"), [f"p{number}@elsewhere.example" for number in range(4)]
        for address in strangers:
            await olivia.command("/team", f"invite {address}")
        pages = await asyncio.gather(
            *(accept_on_the_page(whole, address, f"Stranger {address[:2]}") for address in strangers)
        )
        async with whole.reading() as tx:
            counts = await tx.roster.counts()
        assert (counts["active"], counts.get("waiting", 0)) == (2, 3)
        assert sum("seat" in page.casefold() for page in pages) >= 3
        await hears(olivia, "finds no seat")
        assert (await whole.tags()).count("member.joined") == 2
