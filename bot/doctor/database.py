"""The database side: schema, time, what waits to leave, what was put aside, open requests, audit and keys."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.app import opened_store
from bot.clock import real_now
from bot.config import KeySettings
from bot.doctor.findings import Finding, bounded, counted, ok, skipped, span, to_do
from bot.doctor.parcels import described
from bot.doctor.slack import compared
from domain.audit import verify_newest
from domain.deliveries import Parked, Queue
from domain.descriptions import describe_request
from domain.installations import Installations
from domain.ports import Store
from domain.upkeep import undecidable

SHOWN = 25
"""Parked deliveries and stuck requests that are named; the others are counted."""
MOST_REQUESTS = 500
"""Open requests of an organization that are looked at."""
NEWEST = 1000
"""Audit entries that are checked; `steward audit verify` checks all."""
PATIENCE = timedelta(minutes=2)
"""How long something due may wait before it looks as if nobody delivers."""


class OpenStore(Store, Protocol):
    """The store as the composition root opens it."""

    @property
    def queue(self) -> Queue: ...
    @property
    def installations(self) -> Installations | None: ...
    async def teams(self) -> tuple[str, ...]: ...
    async def time(self) -> datetime | None: ...


Look = Callable[[OpenStore], Awaitable[Sequence[Finding]]]


async def examine(settings: KeySettings, *, but: Collection[str] = ()) -> Sequence[Finding]:
    """Look at everything in the database, `but` for some; each part is bounded and hides no other."""
    findings: list[Finding] = []
    async with opened_store(settings) as store:
        for name, look in PARTS.items():
            if name not in but:
                findings += await bounded(name, partial(look, store))
    return findings


async def clock(store: OpenStore) -> Sequence[Finding]:
    """Compare the clock of the database's machine with ours."""
    begun = real_now()
    theirs = await store.time()
    return () if theirs is None else (compared("the database's", theirs, begun, real_now()),)


async def deliveries(store: OpenStore) -> Sequence[Finding]:
    """Say how much waits to leave, and since when."""
    depth, since = await store.queue.depth(), await store.queue.oldest_due()
    waits = since is not None and real_now() - since > PATIENCE
    due, scheduled = depth["due"] + depth["leased"], depth["scheduled"]
    words = f"{due:,} due, {scheduled:,} for later."
    if since is None or not waits:
        return (ok("outbox", words),)
    late = span(real_now() - since)
    advice = (
        "Is a Steward running? Look at its log: Slack or the mail server may be away or limit it, "
        "and then this passes by itself."
    )
    return (to_do("outbox", f"{words} The oldest has been due for {late}. {advice}"),)


async def parked(store: OpenStore) -> Sequence[Finding]:
    """List what was put aside."""
    count = (await store.queue.depth())["parked"]
    if not count:
        return (ok("parked", "Nothing was put aside."),)
    lines = [await _line(store, each) for each in await store.queue.parked(limit=SHOWN)]
    if count > len(lines):
        lines.append(f"and {count - len(lines):,} more")
    return (
        to_do(
            "parked",
            f"{'1 delivery was' if count == 1 else f'{count:,} deliveries were'} put aside. Mend the cause, "
            "then: steward doctor --retry all (or the number of one). What is of no use any more: "
            "steward doctor --discard NUMBER.",
            *lines,
        ),
    )


async def _line(store: OpenStore, each: Parked) -> str:
    async with store.reading(each.team_id) as tx:
        return await described(tx, each)


async def requests(store: OpenStore) -> Sequence[Finding]:
    """Find open requests that nobody can decide now."""
    lines: list[str] = []
    for team in await store.teams():
        async with store.reading(team) as tx:
            for request in await undecidable(tx, limit=MOST_REQUESTS):
                title = (await describe_request(tx, request)).title
                lines.append(f"{tx.organization.name}: {title} ({request.requirement.rule})")
    if not lines:
        return (ok("requests", "Every open request has somebody who can decide it."),)
    more = [f"and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    words = (
        f"{counted(len(lines), 'open request')} nobody can decide now. The owner can invite, activate or "
        "link to Slack somebody who may; otherwise they expire."
    )
    return (to_do("requests", words, *lines[:SHOWN], *more),)


async def audit(store: OpenStore) -> Sequence[Finding]:
    """Prove the newest entries of each chain up to the head that the organization keeps."""
    teams, faults = await store.teams(), []
    for team in teams:
        async with store.reading(team) as tx:
            found = await verify_newest(tx, limit=NEWEST)
            if found.fault is not None:
                faults.append(f"{tx.organization.name}: entry {found.fault.seq}: {found.fault.reason}")
    if faults:
        words = (
            "The audit does not hold. If it says a key is gone, put that key back behind the others in "
            "STEWARD_SECRET_KEY. Otherwise somebody changed the database: keep a copy, see who had access, "
            "and run steward audit verify."
        )
        return (to_do("audit", words, *faults),)
    if not teams:
        return (skipped("audit", "Nobody has set Steward up yet: type /team in Slack."),)
    words = f"The newest entries hold, head included ({counted(len(teams), 'organization')})."
    return (ok("audit", f"{words} All of them: steward audit verify."),)


PARTS: dict[str, Look] = {
    "clock": clock,
    "outbox": deliveries,
    "parked": parked,
    "requests": requests,
    "audit": audit,
}


@asynccontextmanager
async def opened(settings: KeySettings) -> AsyncIterator[OpenStore]:
    """Open the store, for acts of the operator."""
    async with opened_store(settings) as store:
        yield store
