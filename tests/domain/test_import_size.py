"""Sending a file costs few statements, however many lines it has."""

from collections.abc import Callable

from domain.import_jobs import CHUNK
from domain.import_pieces import send_piece
from tests.support.files import held, people, reviewed, seats, sends
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
    async with team.reading() as tx:
        pieces = await tx.blobs.pieces(job.review_blob)
    number, more = counted(team), True
    while more:
        async with team.store.transaction(TEAM) as tx:
            more = await send_piece(tx, job.id, 0, pieces)
    assert number() <= 20 * lines / 1000
    assert await held(team) == lines
