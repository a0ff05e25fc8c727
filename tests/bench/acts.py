"""A durable change and a deciding vote over signed HTTP: how long they take, how many go through at once."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench.bare import About, Written, watched
from tests.bench.children import Child
from tests.bench.crowds import Crowd, as_json
from tests.bench.databases import Databases
from tests.bench.drivers import Driver, driver
from tests.bench.figures import (
    PER_SECOND,
    STATEMENTS,
    Figure,
    Series,
    at_least_times,
    at_most_times,
    milliseconds,
)
from tests.bench.lab import Lab, Office, numbers, sends
from tests.bench.sampling import Act, Crew, Spent, rates, series
from tests.bench.traffic import Place, card, home_tab, whisper

ACTS = {"invite": "invite one person", "vote": "deciding vote"}
CLIENTS = (1, 8, 32)
MEMBERS = 10
REDRAWN = 16
"""Of so many votes one is also measured where Slack shows its outcome."""


@dataclass(slots=True)
class Desk:
    """One engine: Steward on it, and the bare driver on copies of its database."""

    databases: Databases
    office: Office
    invites: Iterator[int]
    requests: Iterator[str]
    written: dict[str, Written]
    drivers: dict[str, Driver]

    @property
    def engine(self) -> str:
        return self.databases.engine

    async def act(self, kind: str, where: Callable[[], Place] = whisper) -> Act:
        """One client with a connection of its own; a vote is a click at a place."""
        line = await self.office.line()
        if kind == "invite":
            return self.office.invites(line, self.invites)
        return self.office.votes(line, self.requests, where)

    def bare(self, kind: str) -> Act:
        """The bare driver writes what the act writes."""
        written, driver = self.written[kind], self.drivers[kind]

        async def write() -> None:
            try:
                await driver.write(written)
            except IndexError:
                raise Spent from None

        return write


async def measure(lab: Lab) -> list[Figure]:
    """Return the figures."""
    async with AsyncExitStack() as stack:
        desks = [await _desk(lab, databases, stack) for databases in lab.engines]
        empty = await _empty(lab, desks[0])
        figures = await _times(lab, desks, empty)
        figures += await _redrawn(lab, desks)
        figures += await _costs(lab, desks, empty)
        for desk in desks:
            await desk.office.all_kept()
        return figures + await _rates(lab, desks)


async def _desk(lab: Lab, databases: Databases, stack: AsyncExitStack) -> Desk:
    team = f"T1ACTS{databases.engine.upper()}"
    crowd = Crowd(workspace=await lab.workspace(team), members=MEMBERS, requests=3 * lab.samples + 6_000)
    url = await databases.fresh()
    await crowd.settle_in(databases, url)
    await databases.settle(url)
    copies = {kind: await databases.copy(url) for kind in ACTS}
    office = await lab.office(await lab.child("steward_server"), databases, url, crowd.workspace)
    ids = [crowd.request_id(number) for number in range(crowd.requests)]
    drivers = {kind: await stack.enter_async_context(driver(copy)) for kind, copy in copies.items()}
    desk = Desk(databases, office, numbers(), iter(ids), {}, drivers)
    for kind in ACTS:
        act = await desk.act(kind)
        for _ in range(3):
            await act()
        words, subject = (f"guest-{3}", "") if kind == "invite" else (f"asked-{3}", ids[3])
        about = About(words=words, subject=subject, subjects=ids)
        desk.written[kind] = await watched(url, act, about)
    return desk


@dataclass(frozen=True, slots=True)
class Empty:
    """Bolt with a command that does nothing: as it comes, and processing before it answers."""

    child: Child
    stock: Act
    before: Act


async def _empty(lab: Lab, desk: Desk) -> Empty:
    bolts = await lab.child("bolt_server")
    sender = desk.office.sender
    acts = []
    for before in (False, True):
        workspace = as_json(sender.workspace)
        url = await bolts.ask("start", workspace=workspace, process_before_response=before)
        line = await lab.line(url, sender.workspace)
        acts.append(sends(line, lambda: sender.command("help")))
    return Empty(bolts, *acts)


async def _times(lab: Lab, desks: list[Desk], empty: Empty) -> list[Figure]:
    acts = {"stock": empty.stock, "empty": empty.before}
    for desk in desks:
        for kind in ACTS:
            acts[f"{kind} {desk.engine}"] = await desk.act(kind)
            acts[f"bare {kind} {desk.engine}"] = desk.bare(kind)
    taken = await series(acts, lab.samples)
    figures = [
        milliseconds("empty command, stock Bolt: p50", taken["stock"].p50),
        milliseconds("empty command, process_before_response: p50", taken["empty"].p50),
    ]
    for kind in ACTS:
        for desk in desks:
            figures += _time(kind, desk.engine, taken)
    return figures


def _time(kind: str, engine: str, taken: dict[str, Series]) -> list[Figure]:
    words, own, bare = ACTS[kind], taken[f"{kind} {engine}"], taken[f"bare {kind} {engine}"]
    stock, floor = taken["stock"].p50, taken["empty"].p50 + bare.p50
    lowest, half = "floor: empty command + bare rows", "stock Bolt's empty command"
    return [
        milliseconds(f"{words}: the same rows by the bare driver p50, {engine}", bare.p50),
        milliseconds(f"{words}: p50, {engine}", own.p50, lowest, floor, at_most_times(5)),
        milliseconds(f"{words}: p50 beside stock Bolt, {engine}", own.p50, half, stock, at_most_times(0.5)),
        milliseconds(f"{words}: p99, {engine}", own.p99, "its own p50", own.p50, at_most_times(4)),
    ]


async def _redrawn(lab: Lab, desks: list[Desk]) -> list[Figure]:
    """Votes after which the place that was clicked is drawn anew, in Slack, before the answer."""
    samples = lab.samples // REDRAWN
    acts: dict[str, Act] = {}
    for desk in desks:
        team = desk.office.sender.workspace.team_id
        made = await lab.slacks.ask("card", team_id=team, urls=2 * samples + 100)
        acts[desk.engine] = await desk.act("vote")
        acts[f"card {desk.engine}"] = await desk.act("vote", _cards(made))
        acts[f"home {desk.engine}"] = await desk.act("vote", partial(home_tab, team))
    taken = await series(acts, samples)
    return [
        milliseconds(
            f"{ACTS['vote']}, {words} drawn anew in Slack: p50, {desk.engine}",
            taken[f"{where} {desk.engine}"].p50,
            "nothing drawn",
            taken[desk.engine].p50,
        )
        for where, words in (("card", "the card"), ("home", "Home"))
        for desk in desks
    ]


def _cards(made: dict[str, Any]) -> Callable[[], Place]:
    urls = iter(made["urls"])
    return lambda: card(made["message"], next(urls))


async def _costs(lab: Lab, desks: list[Desk], empty: Empty) -> list[Figure]:
    """Statements, and processor time, which others on the machine disturb least."""
    times = lab.samples // 10
    nothing = await empty.child.processor(empty.before, 5 * times)
    figures = []
    for kind, words in ACTS.items():
        for desk in desks:
            act = await desk.act(kind)
            figures.append(
                Figure(
                    name=f"{words}: statements, {desk.engine}",
                    value=await desk.office.statements(act),
                    unit=STATEMENTS,
                    reference="bare driver, the same rows",
                    reference_value=desk.written[kind].statements,
                )
            )
            spent = await desk.office.stewards.processor(act, times)
            figures.append(
                milliseconds(f"{words}: processor time, {desk.engine}", spent, "empty command", nothing)
            )
    return figures


async def _rates(lab: Lab, desks: list[Desk]) -> list[Figure]:
    figures = []
    for kind, words in ACTS.items():
        for clients in CLIENTS:
            crews = {}
            for desk in desks:
                acting = [await desk.act(kind) for _ in range(clients)]
                crews[desk.engine] = Crew(acting, desk.office.kept)
                crews[f"bare {desk.engine}"] = Crew([desk.bare(kind)] * clients, desk.written[kind].times)
            done = await rates(crews, lab.window)
            figures += [
                Figure(
                    name=f"{words}: throughput, {clients} client{'s' * (clients > 1)}, {desk.engine}",
                    value=done[desk.engine],
                    unit=PER_SECOND,
                    reference="bare driver's transactions",
                    reference_value=done[f"bare {desk.engine}"],
                    goal=at_least_times(0.15) if clients == 8 else None,
                )
                for desk in desks
            ]
    return figures
