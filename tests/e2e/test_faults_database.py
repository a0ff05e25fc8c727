"""A database that is locked, full, hangs or is gone: people hear it in words, and nothing is half-done."""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from bot.sandbox.person import Person
from bot.slack.edge.late import TAKES_LONGER
from tests.support.attack import Watched, form, shown, watched_steward
from tests.support.office import run_sql
from tests.support.postgres import PostgresServer
from tests.support.whole import has_button

SAM = "sam@elsewhere.example"
PAT = "pat@elsewhere.example"
BUSY = "busy with other changes"
GONE = "could not reach its database"
LONG = 60.0
"""Seconds a machine with other work beside it may take; nobody waits so long where there is none."""


@asynccontextmanager
async def patient(database_url: str) -> AsyncIterator[Watched]:
    """A team in a Slack that waits longer than the real one, whatever else the machine does."""
    async with watched_steward(database_url) as whole:
        whole.slack.dispatcher.answer_seconds = LONG
        await whole.team()
        yield whole


@pytest.fixture
async def whole(database_url: str) -> AsyncIterator[Watched]:
    async with patient(database_url) as started:
        yield started


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Watched]:
    async with patient(sqlite_url) as started:
        yield started


@pytest.fixture
async def on_postgresql(postgresql_url: str) -> AsyncIterator[Watched]:
    async with patient(postgresql_url) as started:
        yield started


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Hold the lock every change needs, as another process would."""
    if database_url.startswith("sqlite"):
        path = database_url.partition(":///")[2]
        connection = sqlite3.connect(path, isolation_level=None, timeout=LONG, check_same_thread=False)
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()
        return
    holder = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM organizations FOR UPDATE")
            yield
    finally:
        await holder.close()


async def answer(person: Person, typed: str) -> str:
    """Type a command; return what is said in the end, or shown."""
    before = len(person.ephemerals)
    reply = await person.command("/team", typed)
    assert reply.error is None, (typed, reply)
    if TAKES_LONGER not in reply.text:
        return reply.text or shown(person)
    await person.until(lambda: len(person.ephemerals) > before + 1, timeout=LONG)
    return str(person.ephemerals[-1].words)


CHANGES = {"olivia": (f"invite {PAT}", "deactivate @devi"), "nora": ("join because I am new",)}


async def refused(whole: Watched, words: str) -> None:
    """Every change is refused in these words."""
    for who, typed in CHANGES.items():
        for text in typed:
            said = await answer(whole.person(who), text)
            assert words in said, (text, said)
            assert "Nothing was done" in said


async def works_again(whole: Watched, before: list[str]) -> None:
    """What was refused before is done now, each once; `before` was in the audit then."""
    olivia, adam, nora = (whole.person(name) for name in ("olivia", "adam", "nora"))
    assert await whole.tags() == before
    assert "Invitation sent" in await answer(olivia, f"invite {PAT}")
    assert "deactivated" in await answer(olivia, "deactivate @devi")
    assert "Asked" in await answer(nora, "join because I am new")
    await adam.until(lambda: has_button(adam, "Approve"), timeout=LONG)
    await adam.click("Approve")
    await nora.until(lambda: any("Welcome to" in each.words for each in nora.messages()), timeout=LONG)
    since = (await whole.tags())[len(before) :]
    for tag in ("invitation.sent", "member.deactivated", "member.joined"):
        assert since.count(tag) == 1, since


async def readiness(whole: Watched) -> dict[str, str]:
    """What `/readyz` says of each part, asked anew."""
    await asyncio.sleep(1.1)  # it keeps an answer for a second
    async with aiohttp.ClientSession() as session, session.get(f"{whole.steward.url}/readyz") as response:
        return dict((await response.json())["checks"])


async def test_while_the_database_is_locked_changes_are_refused_in_words_and_reading_goes_on(
    whole: Watched, database_url: str
) -> None:
    before = await whole.tags()
    async with locked(database_url):
        await refused(whole, BUSY)
        for typed in ("help", "members", "approvals", "who can invite", "settings"):
            said = await answer(whole.person("olivia"), typed)
            assert said, typed
            assert BUSY not in said, typed
    await works_again(whole, before)


async def test_clicks_and_forms_under_a_lock_keep_what_was_typed_and_work_afterwards(
    whole: Watched, database_url: str
) -> None:
    dana, adam, nora = (whole.person(name) for name in ("dana", "adam", "nora"))
    await dana.command("/team", f"invite {nora.email}")
    await adam.until(lambda: has_button(adam, "Approve"), timeout=LONG)
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
    await nora.until(lambda: has_button(nora, "Accept"), timeout=LONG)
    assert (await whole.tags())[len(before) :].count("request.filed") == 1


async def test_a_database_file_moved_away_is_told_to_people_and_operator_and_found_again(
    on_sqlite: Watched, sqlite_url: str
) -> None:
    path = Path(sqlite_url.partition(":///")[2])
    before = await on_sqlite.tags()
    path.rename(path.with_suffix(".away"))
    await refused(on_sqlite, GONE)
    assert "is not there. Put it back" in (await readiness(on_sqlite))["database"]
    assert on_sqlite.events("store.file_moved")
    path.with_suffix(".away").rename(path)
    await works_again(on_sqlite, before)
    assert (await readiness(on_sqlite))["database"] == "ok"


async def test_a_full_disk_is_told_and_used_again_when_there_is_space(
    on_sqlite: Watched, sqlite_url: str
) -> None:
    before = await on_sqlite.tags()
    with no_space():
        await refused(on_sqlite, GONE)
        assert await on_sqlite.tags() == before
    await works_again(on_sqlite, before)


@pytest.mark.parametrize(
    "when", ["AFTER INSERT ON outbox", "AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED"]
)
async def test_postgresql_with_a_full_disk_refuses_in_words_and_goes_on_when_there_is_space(
    on_postgresql: Watched, postgresql_url: str, when: str
) -> None:
    before = await on_postgresql.tags()
    await run_sql(
        postgresql_url,
        "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
        f"CREATE CONSTRAINT TRIGGER no_space {when} FOR EACH ROW EXECUTE FUNCTION no_space()",
    )
    await refused(on_postgresql, GONE)
    assert await on_postgresql.tags() == before
    await run_sql(postgresql_url, "DROP FUNCTION no_space CASCADE")
    await works_again(on_postgresql, before)


@contextmanager
def no_space() -> Iterator[None]:
    """Let no file grow, as a full disk does; the signal that goes with it is ignored."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


async def test_postgresql_stopped_is_told_in_words_and_found_again(
    postgres: PostgresServer, on_postgresql: Watched
) -> None:
    dana = on_postgresql.person("dana")
    before = await on_postgresql.tags()
    await dana.command("/team-invite")
    await dana.fill("E-mail addresses", SAM)
    await asyncio.to_thread(postgres.stop)
    await refused(on_postgresql, GONE)
    for typed in ("members", "approvals", "nonsense"):
        assert GONE in await answer(on_postgresql.person("olivia"), typed), typed
    assert GONE in str(await dana.submit())
    assert form(dana).values["email"]["email"]["value"] == SAM
    await asyncio.to_thread(postgres.start)
    await works_again(on_postgresql, before)
    assert await dana.submit() == {}


async def test_postgresql_killed_while_people_act_loses_nothing_that_was_said_to_be_done(
    postgres: PostgresServer, postgresql_url: str
) -> None:
    async with watched_steward(postgresql_url) as whole:
        whole.slack.dispatcher.answer_seconds = LONG
        await whole.set_up(seats="200")
        olivia = whole.person("olivia")
        addresses = [f"p{number}@elsewhere.example" for number in range(12)]
        acts = [asyncio.create_task(olivia.command("/team", f"invite {each}")) for each in addresses]
        await asyncio.wait(acts, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.to_thread(postgres.kill)
        await asyncio.to_thread(postgres.start)
        said = "\n".join(reply.text for reply in await asyncio.gather(*acts))
        # Answers to one person that come at once stand together: each invitation names its address.
        sent = [address for address in addresses if f"{address} as" in said]
        assert sent
        for address in sent:
            assert await whole.invitation(address), address
        if len(sent) < len(addresses):
            assert any(words in said for words in (GONE, BUSY, TAKES_LONGER)), said
        assert "Invitation sent" in await answer(olivia, f"invite {SAM}")
        await whole.tags()


async def test_postgresql_that_hangs_is_told_as_one_that_cannot_be_reached(
    on_postgresql: Watched, postgresql_url: str
) -> None:
    before = await on_postgresql.tags()
    pids = await backends(postgresql_url)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        said = await answer(on_postgresql.person("olivia"), f"invite {PAT}")
        assert GONE in said, said
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    await works_again(on_postgresql, before)


async def backends(url: str) -> list[int]:
    """The processes that serve Steward."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    rows = await connection.fetch(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'steward' AND datname = current_database()"
    )
    await connection.close()
    return [row["pid"] for row in rows]
