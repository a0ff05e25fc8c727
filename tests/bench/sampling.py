"""Takes samples of several things by turns, so that what disturbs the machine disturbs them alike."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

from tests.bench.figures import Series

ROUNDS = 3
TURN = 20
"""Samples of one thing in a row: enough to be warm, few enough that all meet the same weather."""
WARM_UP = 30

Act = Callable[[], Awaitable[object]]


class Spent(Exception):
    """There is nothing left to act on."""


async def series(acts: Mapping[str, Act], samples: int, *, warm_up: int = WARM_UP) -> dict[str, Series]:
    """Time each act `samples` times, in three rounds of short turns in random order."""
    for act in acts.values():
        for _ in range(warm_up):
            await act()
    rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        taken = await _round(acts, max(TURN, samples // ROUNDS))
        for name, seconds in taken.items():
            rounds[name].append(tuple(seconds))
    return {name: Series(tuple(taken)) for name, taken in rounds.items()}


async def _round(acts: Mapping[str, Act], samples: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in acts}
    names = list(acts)
    while any(len(seconds) < samples for seconds in taken.values()):
        random.shuffle(names)
        for name in names:
            await _turn(acts[name], taken[name], min(TURN, samples - len(taken[name])))
    return taken


async def _turn(act: Act, taken: list[float], times: int) -> None:
    for _ in range(times):
        begun = time.perf_counter()
        await act()
        taken.append(time.perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class Crew:
    """Clients that act at once, and what counts the acts that were really done."""

    clients: Sequence[Act]
    count: Callable[[], Awaitable[int]]


async def rates(crews: Mapping[str, Crew], seconds: float) -> dict[str, float]:
    """Let each crew act for a while, by turns; return acts done per second, the median of rounds."""
    found: dict[str, list[float]] = {name: [] for name in crews}
    names = list(crews)
    for _ in range(ROUNDS):
        random.shuffle(names)
        for name in names:
            found[name].append(await _rate(crews[name], seconds))
    return {name: median(rates) for name, rates in found.items()}


async def _rate(crew: Crew, seconds: float) -> float:
    before = await crew.count()
    begun = time.perf_counter()
    await asyncio.gather(*(_until(act, begun + seconds) for act in crew.clients))
    elapsed = time.perf_counter() - begun
    return (await crew.count() - before) / elapsed


async def _until(act: Act, end: float) -> None:
    with suppress(Spent):
        while time.perf_counter() < end:
            await act()
