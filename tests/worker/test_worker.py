"""The worker is woken, is quick, survives outages, and finishes what it began."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.outcomes import TryLater, Undeliverable, wait_before
from bot.slack.delivery import SETTLED_AFTER
from bot.slack.pacing import Pacing
from domain.notices import InvitationExpires, InvitationMailed, to_member, to_user
from tests.support.databases import PostgresqlDatabases
from tests.support.office import run_sql
from tests.support.postgres import PostgresServer
from tests.worker.bench import LEASE, Bench, another_worker, bench


async def test_a_commit_wakes_the_worker_at_once(sqlite_url: str) -> None:
    async with bench(sqlite_url, poll_seconds=60) as made:
        made.worker.start()
        await asyncio.sleep(0.1)
        await made.queue(made.card("Now"))
        made.worker.wake()
        await made.until(made.said, timeout=2)
        assert made.said() == ["Now"]


async def test_rows_of_another_process_are_found(northwind: Bench) -> None:
    await asyncio.sleep(0.1)
    await northwind.queue(northwind.card("From elsewhere"))
    await northwind.until(northwind.said, timeout=2)
    assert northwind.said() == ["From elsewhere"]


async def test_a_row_with_a_later_date_goes_out_when_it_falls_due(northwind: Bench) -> None:
    due = northwind.clock.now() + timedelta(seconds=0.7)
    await northwind.queue(northwind.card("In a moment"), run_at=due)
    await asyncio.sleep(0.4)
    assert northwind.said() == []
    await northwind.until(lambda: northwind.said() == ["In a moment"], timeout=2)


async def test_moving_the_clock_makes_rows_due_at_once(sqlite_url: str) -> None:
    async with bench(sqlite_url, poll_seconds=60) as made:
        made.worker.start()
        await made.queue(made.card("In a week"), run_at=made.clock.now() + timedelta(days=7))
        await asyncio.sleep(0.1)
        await made.clock.advance(timedelta(days=8))
        await made.until(made.said, timeout=2)
        assert made.said() == ["In a week"]


async def test_a_timer_goes_to_the_desk(northwind: Bench) -> None:
    await northwind.queue(InvitationExpires(invitation_id="gone", generation=1))
    await northwind.drained()
    assert sum((await northwind.store.queue.depth()).values()) == 0


async def test_one_person_gets_their_messages_in_order(northwind: Bench) -> None:
    to = to_member(northwind.owner_id)
    await northwind.queue(*(northwind.role_note(str(number), number, to=to) for number in range(12)))
    await northwind.drained()
    assert northwind.said() == [str(number) for number in range(12)]


async def test_a_paced_conversation_holds_nobody_else_up(sqlite_url: str) -> None:
    async with bench(sqlite_url, pacing=Pacing(per_second=2, burst=2)) as made:
        adam = made.slack.person("adam")
        many = [made.role_note(str(each), each, to=to_member(made.owner_id)) for each in range(6)]
        await made.queue(*many, made.role_note("Hello", 1, to=to_user(adam.id)))
        made.worker.start()
        await made.until(lambda: made.said(adam))
        assert len(made.said()) < 6
        await made.drained()
        assert made.said() == [str(each) for each in range(6)]


async def test_an_error_nobody_foresaw_is_tried_again_alone(northwind: Bench) -> None:
    northwind.words.failures.append(ZeroDivisionError("a mistake"))
    adam = northwind.slack.person("adam")
    await northwind.queue(northwind.card("Olivia"), northwind.note("Adam", to=to_user(adam.id)))
    await northwind.until(lambda: northwind.said() == ["Olivia"] and northwind.said(adam) == ["Adam"])
    await northwind.drained()
    assert (await northwind.store.queue.depth())["parked"] == 0


async def test_an_error_nobody_foresaw_leaves_the_number_by_which_the_log_has_it(
    idle: Bench, sqlite_url: str
) -> None:
    idle.words.failures.append(ZeroDivisionError("of ann@example.com"))
    await idle.queue(idle.card("Olivia"))
    with capture_logs() as logs:
        idle.worker.start()
        await idle.until(lambda: [each for each in logs if each["event"] == "worker.later"])
        await idle.worker.stop()
    (number,) = [str(each["incident"]) for each in logs if each["event"] == "worker.failed"]
    ((error,),) = await run_sql(sqlite_url, "SELECT error FROM outbox")
    assert error == f"ZeroDivisionError, incident {number} in the log"


async def test_mail_that_fails_for_now_leaves_later(with_mail: Bench) -> None:
    with_mail.letters.failures.append(TryLater("the server is away"))
    letter = InvitationMailed(invitation_id="1", generation=1)
    await with_mail.queue(letter)
    await with_mail.drained()
    assert with_mail.letters.sent == [letter.key]


async def test_mail_that_is_refused_is_put_aside(with_mail: Bench) -> None:
    with_mail.letters.failures.append(Undeliverable("no such mailbox"))
    await with_mail.queue(InvitationMailed(invitation_id="1", generation=1))
    await with_mail.drained()
    assert with_mail.letters.sent == []
    assert (await with_mail.store.queue.depth())["parked"] == 1


async def test_thousands_of_mails_to_a_server_that_is_silent_keep_no_message_in_slack_waiting(
    with_mail: Bench,
) -> None:
    with_mail.letters.answers.clear()
    async with with_mail.store.transaction(with_mail.team_id) as tx:
        for number in range(100):
            await tx.outbox.add(InvitationMailed(invitation_id=f"i{number}", generation=1), bulk=True)
    with_mail.worker.wake()
    await with_mail.until(lambda: with_mail.worker.under_way)
    await with_mail.queue(with_mail.card("Now"))
    with_mail.worker.wake()
    await with_mail.until(with_mail.said)
    assert with_mail.said() == ["Now"]
    assert (await with_mail.store.queue.depth())["due"] > 80
    with_mail.letters.answers.set()


async def test_a_stop_finishes_what_was_begun_and_takes_nothing_new(idle: Bench) -> None:
    idle.slack.faults.api_slow = 0.3
    to = to_member(idle.owner_id)
    await idle.queue(idle.role_note("First", 1, to=to), idle.role_note("Second", 2, to=to))
    idle.worker.start()
    await idle.until(lambda: idle.worker.under_way)
    assert await idle.worker.stop()
    assert idle.said() == ["First"]
    depth = await idle.store.queue.depth()
    assert (depth["leased"], depth["due"]) == (0, 1)


async def test_what_a_stop_could_not_finish_is_delivered_once_by_the_next(idle: Bench) -> None:
    idle.slack.faults.api_slow = 0.5
    await idle.queue(idle.card("Ann asks"))
    idle.worker.start()
    await idle.until(lambda: idle.slack.calls.count("conversations.open"))
    assert not await idle.worker.stop(0.2)
    idle.slack.faults.api_slow = 0
    async with another_worker(idle) as other:
        await idle.clock.advance(SETTLED_AFTER)
        other.start()
        await idle.drained(timeout=LEASE.total_seconds() + 20)
    assert idle.said() == ["Ann asks"]


async def test_the_worker_outlives_a_database_that_goes_away(
    postgresql_databases: PostgresqlDatabases, postgres: PostgresServer
) -> None:
    async with bench(postgresql_databases.fresh()) as made:
        made.worker.start()
        postgres.kill()
        await made.until(lambda: not made.worker.healthy, timeout=10)
        postgres.start()
        await made.queue(made.card("Back again"))
        await made.until(lambda: made.said() == ["Back again"], timeout=15)
        assert made.worker.healthy


@pytest.mark.parametrize("attempts", [0, 1, 5, 50, 5000])
def test_waits_grow_to_ten_minutes_and_differ(attempts: int) -> None:
    waits = {wait_before(attempts) for _ in range(20)}
    longest = min(600.0, 2.0 ** min(attempts, 20))
    assert len(waits) > 1
    assert all(longest / 2 <= wait <= longest for wait in waits)
