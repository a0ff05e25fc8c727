"""What the operator does about parked deliveries: give them back, or give them up."""

from collections.abc import Callable, Sequence

from bot.config import CannotStart, KeySettings
from bot.doctor.database import OpenStore, opened
from domain import upkeep

ALL = "all"
AT_ONCE = 200
"""Rows of one transaction."""


async def retry(settings: KeySettings, chosen: Sequence[str], *, tell: Callable[[str], None]) -> bool:
    """Make parked deliveries due again, and return whether every chosen one was parked.

    Args:
        chosen: their numbers, or "all".

    Raises:
        CannotStart: the database cannot be used, or something else than a number was given.
    """
    _check(chosen, (ALL,))
    async with opened(settings) as store:
        done = 0
        for team, ids in (await _by_team(store, chosen)).items():
            for start in range(0, len(ids), AT_ONCE):
                async with store.transaction(team) as tx:
                    done += len(await upkeep.give_back(tx, ids[start : start + AT_ONCE]))
    tell(f"{_deliveries(done)} given back. A running Steward tries them at once; look again in a minute.")
    return _all_found(chosen, done, tell)


async def discard(settings: KeySettings, chosen: Sequence[str], *, tell: Callable[[str], None]) -> bool:
    """Drop parked deliveries by their numbers, and return whether every chosen one was parked.

    Raises:
        CannotStart: as in `retry`.
    """
    _check(chosen, ())
    async with opened(settings) as store:
        done = 0
        for team, ids in (await _by_team(store, chosen)).items():
            async with store.transaction(team) as tx:
                done += len(await upkeep.discard(tx, ids))
    tell(f"{_deliveries(done)} given up for good.")
    return _all_found(chosen, done, tell)


def _check(chosen: Sequence[str], words: tuple[str, ...]) -> None:
    wrong = [each for each in chosen if each not in words and not (each.isascii() and each.isdigit())]
    if wrong:
        also = f", or {ALL}" if words else ""
        raise CannotStart([f"{wrong[0]} is not the number of a parked delivery{also}: see steward doctor."])


async def _by_team(store: OpenStore, chosen: Sequence[str]) -> dict[str, list[str]]:
    teams: dict[str, list[str]] = {}
    after = ""
    while rows := await store.queue.parked(limit=AT_ONCE, after=after):
        for row in rows:
            if ALL in chosen or row.id in {each.lstrip("0") for each in chosen}:
                teams.setdefault(row.team_id, []).append(row.id)
        after = rows[-1].id
    return teams


def _deliveries(count: int) -> str:
    return "1 delivery was" if count == 1 else f"{count:,} deliveries were"


def _all_found(chosen: Sequence[str], done: int, tell: Callable[[str], None]) -> bool:
    found = ALL in chosen or done == len(set(chosen))
    if not found:
        tell("The others are not parked any more: they left meanwhile, or the number is another one.")
    return found
