"""A full outbox delivered by a real `steward run` to a local Slack without limits, and commands meanwhile."""

import asyncio
import itertools
import time
from dataclasses import dataclass

import aiohttp

from tests.bench.children import environment_of
from tests.bench.crowds import Crowd, as_json
from tests.bench.databases import Databases
from tests.bench.figures import (
    MILLISECONDS,
    PER_SECOND,
    Figure,
    Series,
    at_least,
    at_most,
    percentile,
)
from tests.bench.lab import Lab
from tests.bench.real import steward_run
from tests.bench.sampling import series
from tests.bench.traffic import Line, Sender, Workspace

WAITING = 600
AT_ONCE = 32
PAUSE = 0.03
"""Seconds between two commands of the one client who works while the outbox drains."""
LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Drain:
    """Deliveries per second, and what the client's commands took meanwhile, in milliseconds."""

    rate: float
    commands: tuple[float, ...]


async def measure(lab: Lab) -> list[Figure]:
    """Return the figures."""
    figures: list[Figure] = []
    for databases in lab.engines:
        figures += await _measure(lab, databases)
    return figures


async def _measure(lab: Lab, databases: Databases) -> list[Figure]:
    samples = lab.samples // 8
    people = WAITING + int(LONGEST / PAUSE) + samples + 100
    workspace = await lab.workspace(f"T1OUTBOX{databases.engine.upper()}", people=people)
    crowd = Crowd(workspace=workspace, members=10, pending=WAITING, announced=True)
    url = await databases.fresh()
    await crowd.settle_in(databases, url)
    await databases.settle(url)
    alone = await _slack_alone(workspace)
    already = len(await _delivered(lab, workspace))
    environment = environment_of(as_json(workspace), url, mail=False)
    async with steward_run(environment, log=lab.log) as real:
        owner = Owner(Sender(workspace), await Line.open(real.url, workspace.signing_secret))
        drain = await _drained(lab, owner, already)
        busy = (await series({"busy": owner.invite}, samples))["busy"]
        owner.line.close()
    return _figures(databases.engine, drain, busy, alone)


def _figures(engine: str, drain: Drain, busy: Series, alone: float) -> list[Figure]:
    meanwhile = drain.commands
    return [
        Figure(
            name=f"outbox: deliveries, {engine}",
            value=drain.rate,
            unit=PER_SECOND,
            reference="the same calls without Steward",
            reference_value=alone,
            goal=at_least(100),
        ),
        Figure(
            name=f"invite one person while the outbox drains: p99, {engine}",
            value=percentile(meanwhile, 0.99),
            unit=MILLISECONDS,
            reference="its own p50",
            reference_value=percentile(meanwhile, 0.5),
            goal=at_most(250),
        ),
        Figure(
            name=f"invite one after another, each delivered: p99, {engine}",
            value=busy.p99,
            unit=MILLISECONDS,
            reference="its own p50",
            reference_value=busy.p50,
        ),
    ]


@dataclass(slots=True)
class Owner:
    """The owner, who invites Slack users one by one."""

    sender: Sender
    line: Line
    invited: int = WAITING

    async def invite(self) -> None:
        """Invite the next one."""
        _, email = self.sender.workspace.people[self.invited]
        self.invited += 1
        await self.line.send(self.sender.command(f"invite {email}"))


async def _drained(lab: Lab, owner: Owner, already: int) -> Drain:
    """Work beside the worker until everything that waited is delivered."""
    commands: list[float] = []
    end = time.perf_counter() + LONGEST
    times: list[float] = []
    while len(times) < WAITING:
        if time.perf_counter() > end:
            raise TimeoutError(f"after {LONGEST} s {len(times)} of {WAITING} were delivered")
        for _ in range(5):
            begun = time.perf_counter()
            await owner.invite()
            commands.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(PAUSE)
        times = (await _delivered(lab, owner.sender.workspace))[already:]
    return Drain((len(times) - 1) / (times[-1] - times[0]), tuple(commands))


async def _delivered(lab: Lab, workspace: Workspace) -> list[float]:
    times: list[float] = await lab.slacks.ask("delivered", team_id=workspace.team_id)
    return times


async def _slack_alone(workspace: Workspace) -> float:
    """How many messages a second the local Slack takes, each with its conversation opened first."""
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    users = iter([user_id for user_id, _ in itertools.islice(workspace.people, WAITING)])

    async def post(session: aiohttp.ClientSession) -> None:
        for user_id in users:
            opened = await _call(session, "conversations.open", users=user_id)
            await _call(session, "chat.postMessage", channel=opened["channel"]["id"], text="Hello")

    begun = time.perf_counter()
    async with aiohttp.ClientSession(workspace.api_url, headers=headers) as session:
        await asyncio.gather(*(post(session) for _ in range(AT_ONCE)))
    return WAITING / (time.perf_counter() - begun)


async def _call(session: aiohttp.ClientSession, method: str, **arguments: str) -> dict[str, dict[str, str]]:
    async with session.post(method, json=arguments) as answer:
        said: dict[str, dict[str, str]] = await answer.json()
    if not said["ok"]:
        raise RuntimeError(f"{method}: {said}")
    return said
