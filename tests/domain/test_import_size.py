"""Sending a file costs few statements, however many lines it has."""

from collections.abc import Callable

from domain.import_jobs import CHUNK
from domain.import_pieces import send_piece
from tests.support.files import held, next_ready, people, reviewed, seats, sends
from tests.support.office import TEAM, Office
from tests.support.watching import watch

BOOKKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def counted(office: Office) -> Callable[[], int]:
    """Count statements from here on."""
    seen: list[str] = []

    def see(statement: str) -> None:
        if not statement.startswith(BOOKKEEPING):
            seen.append(statement)

    watch(office.store, see)
    return lambda: len(seen)


async def test_a_thousand_lines_are_sent_with_twenty_statements(team: Office) -> None:
    await seats(team, None)
    lines = 2 * CHUNK
    job = await reviewed(team, "olivia", people(lines), piece=CHUNK)
    await sends(team, "olivia", job)
    statements = 0
    while ready := await next_ready(team, job):
        number = counted(team)
        async with team.store.transaction(TEAM) as tx:
            await send_piece(tx, job.id, 0, ready)
        statements += number()
    assert statements <= 20 * lines / 1000
    assert await held(team) == lines
