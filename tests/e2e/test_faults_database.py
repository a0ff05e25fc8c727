"""A database that is locked, hangs or is gone: people hear it in words and in time, nothing is half-done."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from bot.sandbox.person import Person, Reply
from tests.support.attack import Watched, form, hears, shown, watched_steward
from tests.support.postgres import PostgresServer
from tests.support.whole import has_button

SAM = "sam@elsewhere.example"
BUSY = "busy with other changes"
GONE = "could not reach its database"
IN_TIME = 3.0


@pytest.fixture
async def whole(database_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(database_url) as started:
        await started.team()
        yield started


@asynccontextmanager
async def locked(database_url: str, *, wholly: bool = False) -> AsyncIterator[None]:
    """Hold the lock every change needs, as another process would; `wholly` keeps readers out too.

    On SQLite nobody can keep readers out.
    """
    if database_url.startswith("sqlite"):
        path = database_url.partition(":///")[2]
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
            connection.close()
        return
    holder = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        async with holder.transaction():
            statement = "LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE"
            await holder.execute(statement if wholly else "SELECT 1 FROM organizations FOR UPDATE")
            yield
    finally:
        await holder.close()


async def timed(person: Person, typed: str, *, within: float = IN_TIME) -> Reply:
    """Type a command; it is answered in time."""
    begun = time.monotonic()
    reply = await person.command("/team", typed)
    assert reply.error is None, (typed, reply)
    assert time.monotonic() - begun < within, (typed, time.monotonic() - begun)
    return reply


CHANGES = {
    "olivia": ("invite pat@elsewhere.example", "role @dana admin", "deactivate @devi"),
    "dana": (f"invite {SAM} because", "role @dana admin"),
    "nora": ("join because I am new",),
}


async def test_while_the_database_is_locked_changes_are_refused_in_words_and_reading_goes_on(
    whole: Watched, database_url: str
) -> None:
    before = await whole.tags()
    async with locked(database_url):
        typed = [(whole.person(who), text) for who, texts in CHANGES.items() for text in texts]
        for reply in await asyncio.gather(*(timed(who, text) for who, text in typed)):
            assert BUSY in reply.text, reply.text
            assert "Nothing was done" in reply.text
        for text in ("help", "members", "approvals", "can @dana invite", "who can invite", "settings"):
            reply = await timed(whole.person("olivia"), text)
            assert reply.view or reply.text, text
            assert BUSY not in reply.text, text
        assert await whole.tags() == before
    await changes_work(whole)


async def changes_work(whole: Watched) -> None:
    """What was refused before is done now, each once."""
    olivia, adam, nora = (whole.person(name) for name in ("olivia", "adam", "nora"))
    assert "Invitation sent" in (await timed(olivia, "invite pat@elsewhere.example")).text
    assert "deactivated" in (await timed(olivia, "deactivate @devi")).text
    assert "Asked" in (await timed(nora, "join because I am new")).text
    await adam.until(lambda: has_button(adam, "Approve"), timeout=15)
    await adam.click("Approve")
    await hears(nora, "Welcome to")
    tags = await whole.tags()
    assert tags.count("invitation.sent") == 4
    assert tags.count("member.deactivated") == 1
    assert tags.count("member.joined") == 5


async def test_a_lock_held_for_a_second_only_delays_the_answer(whole: Watched, database_url: str) -> None:
    olivia = whole.person("olivia")
    async with locked(database_url):
        waiting = asyncio.create_task(timed(olivia, "invite pat@elsewhere.example"))
        await asyncio.sleep(0.8)
    assert "Invitation sent" in (await waiting).text


async def test_clicks_and_forms_under_a_lock_keep_what_was_typed_and_work_afterwards(
    whole: Watched, database_url: str
) -> None:
    dana, adam, nora = (whole.person(name) for name in ("dana", "adam", "nora"))
    await dana.command("/team", f"invite {nora.email}")
    await adam.until(lambda: has_button(adam, "Approve"))
    await dana.command("/team-invite")
    await dana.fill("E-mail addresses", SAM)
    await dana.fill("Why", "Because Sam knows")
    before = await whole.tags()
    async with locked(database_url):
        clicked = await adam.click("Approve")
        assert clicked.error is None
        assert BUSY in clicked.text
        assert has_button(adam, "Approve")
        faults = await dana.submit()
        assert BUSY in str(faults) or BUSY in shown(dana), faults
        if BUSY in shown(dana):
            await dana.close()
        assert form(dana).values["email"]["email"]["value"] == SAM
    assert await whole.tags() == before
    assert await dana.submit() == {}
    await adam.click("Approve")
    await nora.until(lambda: has_button(nora, "Accept"))
    assert (await whole.tags())[len(before) :].count("request.filed") == 1


@pytest.mark.parametrize("handle", ["olivia", "nora"])
async def test_a_table_locked_for_everybody_is_told_in_time_whatever_is_typed(
    postgresql_url: str, handle: str
) -> None:
    async with watched_steward(postgresql_url) as whole:
        await whole.team()
        person = whole.person(handle)
        async with locked(postgresql_url, wholly=True):
            typed = ("", "nonsense", "join", "join because", "members", "can invite", "why", "preview join",
                     "invite pat@elsewhere.example", "approvals", "settings")  # fmt: skip
            for reply in await asyncio.gather(*(timed(person, text) for text in typed)):
                assert BUSY in reply.text, reply.text
        assert (await timed(person, "help")).text


async def test_postgresql_stopped_is_told_in_words_and_found_again(
    postgres: PostgresServer, postgresql_url: str
) -> None:
    async with watched_steward(postgresql_url) as whole:
        await whole.team()
        dana, adam, nora = (whole.person(name) for name in ("dana", "adam", "nora"))
        await dana.command("/team", f"invite {nora.email}")
        await adam.until(lambda: has_button(adam, "Approve"))
        before = await whole.tags()
        await dana.command("/team-invite")
        await dana.fill("E-mail addresses", SAM)
        await asyncio.to_thread(postgres.stop)
        for who in (dana, adam, nora):
            for typed in ("", "help", "members", "approvals", f"invite {SAM}", "join because", "nonsense"):
                reply = await timed(who, typed)
                assert GONE in reply.text or typed == "help", (typed, reply.text)
                assert "Nothing was done" in reply.text or typed == "help"
        clicked = await adam.click("Approve")
        assert GONE in clicked.text
        assert GONE in str(await dana.submit())
        assert form(dana).values["email"]["email"]["value"] == SAM
        adam.change(name="Adam A.")  # an event meanwhile
        await asyncio.to_thread(postgres.start)
        assert await whole.tags() == before
        assert await dana.submit() == {}
        await adam.click("Approve")
        await nora.until(lambda: has_button(nora, "Accept"), timeout=15)
        assert (await whole.tags())[len(before) :].count("request.applied") == 1


async def test_postgresql_killed_while_people_act_loses_nothing_that_was_said_to_be_done(
    postgres: PostgresServer, postgresql_url: str
) -> None:
    async with watched_steward(postgresql_url) as whole:
        await whole.set_up(seats="200")
        olivia = whole.person("olivia")
        acts = [asyncio.create_task(timed(olivia, f"invite p{n}@elsewhere.example")) for n in range(40)]
        await asyncio.sleep(0.15)
        await asyncio.to_thread(postgres.kill)
        await asyncio.to_thread(postgres.start)
        for number, reply in enumerate(await asyncio.gather(*acts)):
            invited = await whole.invitation(f"p{number}@elsewhere.example")
            if "Invitation sent" in reply.text:
                assert invited, number
            else:
                assert GONE in reply.text or BUSY in reply.text, reply.text
        assert (await timed(olivia, "invite last@elsewhere.example")).text.startswith("*Invitation sent")
        await whole.tags()


async def test_postgresql_that_hangs_is_told_in_time(postgres: PostgresServer, postgresql_url: str) -> None:
    import os
    import signal

    async with watched_steward(postgresql_url) as whole:
        await whole.team()
        pids = await backends(postgresql_url)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            for typed in ("help", f"invite {SAM}", "members"):
                reply = await timed(whole.person("olivia"), typed)
                assert reply.text, typed
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0.2)
        assert (await timed(whole.person("olivia"), "members")).view


async def backends(url: str) -> list[int]:
    """The processes that serve Steward."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    rows = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = 'steward'")
    await connection.close()
    return [row["pid"] for row in rows]
