"""Parked deliveries and stuck requests: told in words, given back or given up by the operator."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.clock import real_now
from bot.config import CannotStart, KeySettings
from bot.doctor import acts, database
from bot.doctor.findings import Finding, State
from bot.doctor.parcels import KINDS
from bot.outcomes import Undeliverable
from domain.audit import verify
from domain.notices import NOTICES, Notice
from tests.support.office import open_office, run_sql
from tests.worker.bench import Bench, bench, long_ago

KEY = "a secret of sixteen bytes or more"


@pytest.fixture
async def northwind(database_url: str) -> AsyncIterator[tuple[Bench, KeySettings]]:
    """A team whose worker runs, and the settings of its operator."""
    settings = KeySettings(STEWARD_DATABASE_URL=SecretStr(database_url), STEWARD_SECRET_KEY=SecretStr(KEY))
    async with bench(database_url) as made:
        made.worker.start()
        yield made, settings


async def found(settings: KeySettings, part: str) -> Finding:
    (finding,) = [each for each in await database.examine(settings) if each.part == part]
    return finding


async def parks(made: Bench, *notices: Notice) -> list[str]:
    """Queue what cannot be delivered, and return the numbers of the rows."""
    made.words.failures = [Undeliverable("channel_not_found") for _ in notices]
    await made.queue(*notices)
    await made.tried()
    return [each.id for each in await made.store.queue.parked(limit=50)]


def test_every_notice_has_words_for_the_operator() -> None:
    assert KINDS.keys() == NOTICES.keys()


async def test_a_parked_delivery_is_told_with_what_for_whom_why_and_how_old(
    northwind: tuple[Bench, KeySettings],
) -> None:
    made, settings = northwind
    assert (await found(settings, "parked")).state is State.OK
    (number,) = await parks(made, made.card("May Bob join?"))
    finding = await found(settings, "parked")
    assert finding.state is State.TO_DO
    assert finding.words.startswith("1 delivery was put aside.")
    (line,) = finding.items
    assert line.startswith(f"{number}: card that asks to approve for Olivia")
    assert line.endswith("old: channel_not_found.")


async def test_a_parked_delivery_given_back_arrives_and_the_audit_says_who_did_it(
    northwind: tuple[Bench, KeySettings],
) -> None:
    made, settings = northwind
    said: list[str] = []
    (number,) = await parks(made, made.card("May Bob join?"))
    assert made.said() == []
    assert await acts.retry(settings, [number], tell=said.append)
    await made.until(lambda: made.said() == ["May Bob join?"], 30)
    assert said[0].startswith("1 delivery was given back.")
    async with made.store.reading(made.team_id) as tx:
        entry = (await tx.audit.entries())[-1]
        assert (entry.tag, entry.actor, entry.facts) == (
            "delivery.retried",
            "system:operator",
            {"notice": "approval_asked"},
        )
        assert (await verify(tx)).fault is None
    assert not await acts.retry(settings, [number], tell=said.append)
    assert said[-1].startswith("The others are not parked any more")


async def test_all_parked_deliveries_are_given_back_at_once(
    northwind: tuple[Bench, KeySettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, settings = northwind
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    notes = [made.note(f"note {number}", str(number)) for number in range(5)]
    assert len(await parks(made, *notes)) == 5
    assert await acts.retry(settings, ["all"], tell=lambda _words: None)
    await made.until(lambda: len(made.said()) == 5, 30)
    assert len(set(made.said())) == 5


async def test_a_discarded_delivery_is_gone_and_nothing_is_said(
    northwind: tuple[Bench, KeySettings],
) -> None:
    made, settings = northwind
    first, second = await parks(made, made.note("one", "1"), made.note("two", "2"))
    assert await acts.discard(settings, [first], tell=lambda _words: None)
    assert [each.id for each in await made.store.queue.parked(limit=50)] == [second]
    async with made.store.reading(made.team_id) as tx:
        assert (await tx.audit.entries())[-1].tag == "delivery.discarded"
    assert made.said() == []


@pytest.mark.parametrize("chosen", ["everything", "-1", "²", ""])
async def test_what_is_no_number_is_refused_in_words(chosen: str, sqlite_url: str) -> None:
    settings = KeySettings(STEWARD_DATABASE_URL=SecretStr(sqlite_url), STEWARD_SECRET_KEY=SecretStr(KEY))
    with pytest.raises(CannotStart, match="is not the number of a parked delivery, or all"):
        await acts.retry(settings, [chosen], tell=lambda _words: None)
    with pytest.raises(CannotStart, match="is not the number of a parked delivery: see"):
        await acts.discard(settings, ["all"], tell=lambda _words: None)


async def test_what_has_been_due_for_long_asks_whether_a_steward_runs(sqlite_url: str) -> None:
    settings = KeySettings(STEWARD_DATABASE_URL=SecretStr(sqlite_url), STEWARD_SECRET_KEY=SecretStr(KEY))
    async with bench(sqlite_url) as made:
        await made.queue(made.card("May Bob join?"))
        assert (await found(settings, "outbox")).state is State.OK
        await made.queue(made.note("late"), run_at=long_ago())
        finding = await found(settings, "outbox")
    assert finding.state is State.TO_DO
    assert "2 due" in finding.words
    assert "Is a Steward running?" in finding.words


async def test_a_request_that_nobody_can_decide_now_is_named(database_url: str) -> None:
    settings = KeySettings(STEWARD_DATABASE_URL=SecretStr(database_url), STEWARD_SECRET_KEY=SecretStr(KEY))
    office = open_office(database_url)
    office.clock.time = real_now()
    await office.set_up()
    await office.joins("dana", "developer")
    await office.asks("dana", "bob@example.com")
    assert (await found(settings, "requests")).state is State.OK
    await run_sql(database_url, "UPDATE members SET slack_user_id = NULL WHERE role = 'super_admin'")
    finding = await found(settings, "requests")
    assert finding.state is State.TO_DO
    assert finding.words.startswith("1 open request nobody can decide now.")
    assert "invite bob@example.com" in finding.items[0]
    await office.store.close()
