"""Outcomes of deliveries, written together: what comes while a commit is under way goes with the next."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.sql import Executable

from domain.deliveries import Parcel, Posting
from storage import claims
from storage.connections import Connections
from storage.driving import Statements

MOST = 100
"""Outcomes in one transaction, so that it stays short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is to be written.

    Args:
        parcel: what was delivered, None when only the posting is to be remembered.
        posting: where its message stands.
        recorded: answers whether the parcel's lease was still held.
    """

    parcel: Parcel | None
    posting: Posting | None
    recorded: "asyncio.Future[bool]"

    @property
    def row(self) -> int | None:
        """The outbox's row, None for none."""
        return int(self.parcel.id) if self.parcel else None


class Recorder:
    """Writes outcomes in the order they came.

    Args:
        remember: the statement that keeps a posting.
        patience: seconds to wait for SQLite's one writer.
    """

    def __init__(self, connections: Connections, *, remember: Executable, patience: float) -> None:
        self._connections, self._remember, self._patience = connections, remember, patience
        self._waiting: list[Outcome] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, parcel: Parcel | None, posting: Posting | None) -> bool:
        """Return once it is committed: whether the parcel's lease was still held.

        Raises:
            Busy, StoreUnavailable: nothing was written.
        """
        outcome = Outcome(parcel=parcel, posting=posting, recorded=asyncio.get_running_loop().create_future())
        self._waiting.append(outcome)
        if self._writing is None:
            self._writing = asyncio.create_task(self._work())
        return await outcome.recorded

    async def settle(self) -> None:
        """Wait until nothing is being written."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _work(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._record(together)
        finally:
            self._writing = None

    async def _record(self, together: list[Outcome]) -> None:
        async def write(statements: Statements) -> set[int]:
            return await self._write(statements, together)

        try:
            async with self._connections.writing(write, patience=self._patience) as work:
                pass
        except BaseException as error:  # whoever waits hears of it, a cancellation too
            for outcome in together:
                if not outcome.recorded.done():
                    outcome.recorded.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for outcome in together:
            if not outcome.recorded.done():
                outcome.recorded.set_result(outcome.row is None or outcome.row in work.answer)

    async def _write(self, statements: Statements, together: list[Outcome]) -> set[int]:
        """Delete the rows whose lease is held, and keep the postings that belong to them or to none."""
        held = [(int(one.parcel.id), one.parcel.lease) for one in together if one.parcel]
        finished: set[int] = set()
        if held:
            values = {"ids": [row for row, _ in held], "held": [f"{row} {lease}" for row, lease in held]}
            finished = {row.id for row in await statements.rows(claims.FINISH_ALL, values)}
        postings = [
            values_of(one.posting) for one in together if one.posting and one.row in {None, *finished}
        ]
        if postings:
            await statements.write_all(self._remember, postings)
        return finished


def values_of(posting: Posting) -> dict[str, Any]:
    """Return a posting as it is written."""
    return {
        "team_id": posting.team_id,
        "key": posting.key,
        "channel": posting.channel,
        "ts": posting.ts,
        "settles_at": posting.settles_at,
        "written_at": datetime.now(UTC),
    }
