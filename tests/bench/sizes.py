"""Whether it stays as quick: more members, more organizations, more invitations, more admins."""

from dataclasses import dataclass

from tests.bench.crowds import ALIKE, Crowd, neighbours
from tests.bench.databases import Databases
from tests.bench.figures import Figure, Goal, Series, at_most, at_most_times, milliseconds
from tests.bench.lab import Lab, Office, numbers, sends
from tests.bench.sampling import TURN, Act, series

ORGANIZATIONS = 10_000
SHARE = 0.1
"""Of the samples; there are many things to compare."""
ACTS = {"invite": "invite one person", "vote": "deciding vote"}
PICK = "pick_active"
COMMON = "an"
WARM_UP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An organization to compare with another."""

    members: int
    admins: int = 2
    pending: int = 0
    alone: bool = False
    """In a database of its own, not among the many."""


SIZES = {
    "alone": Size(members=10, alone=True),
    "10": Size(members=10),
    "100": Size(members=100),
    "1,000": Size(members=1_000),
    "100,000": Size(members=100_000),
    "pending": Size(members=10, pending=10_000),
    "admins": Size(members=1_000, admins=200),
}

COMPARED: tuple[tuple[str, str, str, str, Goal | None], ...] = (
    ("invite", "1,000", "1,000 members", "10 members", None),
    ("invite", "100,000", "100,000 members", "10 members", at_most_times(1.2)),
    ("invite", "pending", "10,000 pending invitations", "none", None),
    ("vote", "1,000", "1,000 members", "10 members", None),
    ("vote", "100,000", "100,000 members", "10 members", at_most_times(1.2)),
    ("vote", "admins", "200 admins", "2 admins", None),
)
"""Act, size, what is larger there than in the reference, the reference, the goal."""


@dataclass(frozen=True, slots=True)
class Town:
    """One engine with an organization of each size."""

    engine: str
    offices: dict[str, Office]
    crowds: dict[str, Crowd]

    async def act(self, size: str, kind: str) -> Act:
        """One client in an organization."""
        office, crowd = self.offices[size], self.crowds[size]
        line = await office.line()
        if kind == "invite":
            return office.invites(line, numbers())
        return office.votes(line, map(crowd.request_id, range(crowd.requests)))

    async def sending(self, size: str, delivery: str, *typed: str) -> Act:
        """One client who sends what `Sender` makes, again and again."""
        office = self.offices[size]
        return sends(await office.line(), lambda: getattr(office.sender, delivery)(*typed))


async def measure(lab: Lab) -> list[Figure]:
    """Return the figures."""
    samples = int(lab.samples * SHARE)
    figures: list[Figure] = []
    for databases in lab.engines:
        town = await _town(lab, databases, samples)
        figures += await _acts(town, samples)
        figures += await _reads(town, samples)
    return figures


async def _town(lab: Lab, databases: Databases, samples: int) -> Town:
    stewards = await lab.child("steward_server")
    shared, alone = await databases.fresh(), await databases.fresh()
    await neighbours(databases, shared, ORGANIZATIONS)
    crowds, offices = {}, {}
    for number, (name, size) in enumerate(SIZES.items()):
        crowds[name] = Crowd(
            workspace=await lab.workspace(f"T1SIZE{number}{databases.engine.upper()}"),
            members=size.members,
            admins=size.admins,
            pending=size.pending,
            requests=samples + WARM_UP + 4 * TURN,
        )
        await crowds[name].settle_in(databases, alone if size.alone else shared)
    for url in (shared, alone):
        await databases.settle(url)
    for name, size in SIZES.items():
        url = alone if size.alone else shared
        offices[name] = await lab.office(stewards, databases, url, crowds[name].workspace)
    return Town(databases.engine, offices, crowds)


async def _acts(town: Town, samples: int) -> list[Figure]:
    wanted = {(kind, size) for kind, size, *_ in COMPARED}
    wanted |= {(kind, size) for kind in ACTS for size in ("10", "alone")}
    acts = {f"{kind} {size}": await town.act(size, kind) for kind, size in sorted(wanted)}
    taken = await series(acts, samples, warm_up=WARM_UP)
    figures = [
        _figure(
            f"{ACTS[kind]}: {what}", town.engine, taken[f"{kind} {size}"], against, taken[f"{kind} 10"], goal
        )
        for kind, size, what, against, goal in COMPARED
    ]
    for kind, words in ACTS.items():
        one, of_many = taken[f"{kind} alone"], taken[f"{kind} 10"]
        many = f"{words}: among {ORGANIZATIONS:,} organizations"
        figures.append(_figure(many, town.engine, of_many, "alone", one, at_most_times(1.2)))
    return figures


async def _reads(town: Town, samples: int) -> list[Figure]:
    acts = {}
    for name in ("100", "100,000"):
        acts[f"{ALIKE} {name}"] = await town.sending(name, "typed", PICK, ALIKE[:4])
        acts[f"{COMMON} {name}"] = await town.sending(name, "typed", PICK, COMMON)
    for name in ("10", "100,000"):
        acts[f"home {name}"] = await town.sending(name, "home_opened")
    taken = await series(acts, samples, warm_up=WARM_UP)
    engine, few = town.engine, "100 members"
    alike, common, home = "type-ahead, 10 found", "type-ahead, the first 100 of many", "Home, published"
    return [
        _figure(
            f"{alike}: 100,000 members",
            *(engine, taken[f"{ALIKE} 100,000"], few, taken[f"{ALIKE} 100"]),
            at_most_times(1.5),
        ),
        _figure(
            f"{common}: 100,000 members",
            *(engine, taken[f"{COMMON} 100,000"], f"{few}, all found", taken[f"{COMMON} 100"]),
            None,
        ),
        _figure(
            f"{home}: 100,000 members",
            *(engine, taken["home 100,000"], "10 members", taken["home 10"]),
            at_most(15),
        ),
    ]


def _figure(
    name: str, engine: str, own: Series, reference: str, against: Series, goal: Goal | None
) -> Figure:
    return milliseconds(f"{name}: p50, {engine}", own.p50, reference, against.p50, goal)
