"""A fuzz of every endpoint: two organizations are built up, then each is attacked in every way known."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from sqlalchemy.ext.asyncio import create_async_engine

from bot.sandbox.team import Team
from storage.engines import address
from tests.soak import attacks, web_attacks
from tests.soak.attacks import Attack
from tests.soak.journey import Sent, travel
from tests.soak.listening import every_door
from tests.soak.mutations import CANARY
from tests.soak.overheard import overheard
from tests.soak.report import Report
from tests.soak.rivals import Records, Rival, rival_team
from tests.support.attack import blank
from tests.support.whole import CODE, Whole, whole_steward

HERE = rival_team("T0NORTHWND", "Northwind Labs", "northwind.example")
THERE = rival_team("T0SOUTHWND", "Southwind Works", "southwind.example")
FEW = 2
"""Of many ways to do the same, how many the short form tries on each act."""
FAILURES = ("slack.incident", "slack.undispatched", "web.incident", "worker.failed", "Traceback")
"""Words of the log that tell of a mistake of Steward's own."""
SETTLED_SECONDS = 60.0


async def fuzz(database_url: str, *, seed: int, garbled: int, acts: int | None = None) -> Report:
    """Attack a real Steward over HTTP.

    Args:
        garbled: how many payloads are garbled.
        acts: how many of the journey's acts the other attacks are tried with; None for all, in every way.
    """
    report, begun = Report(), time.monotonic()
    engine = create_async_engine(address(database_url))
    with overheard() as log:
        try:
            async with aiohttp.ClientSession() as session:
                plan = _Plan(database_url, Records(engine=engine), report, session, random.Random(seed), acts)
                secrets = await plan.carry_out(garbled)
        finally:
            await engine.dispose()
    written = log.getvalue()
    report.count("lines of log", written.count("\n"))
    for secret in secrets:
        report.hold(secret not in written, f"the log has {secret!r}: {_line(written, secret)}")
    for word in FAILURES:
        report.hold(word not in written, f"the log tells of a mistake: {_line(written, word)}")
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


@dataclass(frozen=True)
class _Plan:
    """One Steward after the other on the same database: each serves the workspace of its token alone."""

    url: str
    records: Records
    report: Report
    session: aiohttp.ClientSession
    chance: random.Random
    acts: int | None

    async def carry_out(self, garbled: int) -> list[str]:
        """Build up both, attack one from every side, then the other; return what no log may have."""
        async with self._working(THERE) as there:
            theirs = await travel(there)
            known = await self.records.rival(there)
        async with self._working(HERE) as here:
            attack = self._attack(here, known, [*await travel(here), *await self._doors(here)])
            before = await self.records.contents(THERE.id)
            await _from_every_side(attack, garbled)
            after = await self.records.contents(THERE.id)
            moved = [name for name, rows in after.items() if before[name] != rows]
            self.report.hold(not moved, f"rows of another organization changed: {moved}")
            own = await self.records.rival(here)
            secrets = [*_secrets(here, own), *_secrets(there, known)]
        async with self._working(THERE) as there:
            back = self._attack(there, own, theirs)
            await attacks.come_to_rest(back)
            await attacks.with_ids_from_elsewhere(back)
            await attacks.chain_holds(back)
        return secrets

    @asynccontextmanager
    async def _working(self, team: Team) -> AsyncIterator[Whole]:
        """A Steward for a workspace, which leaves nothing of it in the outbox for another's."""
        async with whole_steward(self.url, team=team) as whole:
            yield whole
            async with asyncio.timeout(SETTLED_SECONDS):
                depth = await whole.steward.store.queue.depth()
                while depth["due"] or depth["leased"]:
                    await asyncio.sleep(0.05)
                    depth = await whole.steward.store.queue.depth()

    def _attack(self, here: Whole, there: Rival, sent: list[Sent]) -> Attack:
        return Attack(
            here=here,
            there=there,
            records=self.records,
            sent=self.chance.sample(sent, min(self.acts or len(sent), len(sent))),
            chance=self.chance,
            report=self.report,
            session=self.session,
            most=FEW if self.acts else None,
        )

    async def _doors(self, here: Whole) -> list[Sent]:
        """What the journey may have left out, by the owner from an empty form."""
        workspace, olivia = here.workspace, here.person("olivia").account
        view = workspace.views.open(olivia.id, blank("blank"))
        known = [one for each in (await self.records.ids(here.team_id)).values() for one in each]
        made = list(every_door(workspace, olivia, view, known))
        workspace.views.close_all(olivia.id)
        return made


async def _from_every_side(attack: Attack, garbled: int) -> None:
    await attacks.come_to_rest(attack)
    await attacks.by_outsiders(attack)
    await attacks.with_ids_from_elsewhere(attack)
    await attacks.unsigned(attack)
    await attacks.replayed(attack)
    await attacks.unreadable(attack)
    await attacks.with_garbled_parts(attack, garbled)
    await web_attacks.pages(attack)
    await attacks.chain_holds(attack)


def _secrets(whole: Whole, rival: Rival) -> list[str]:
    """What is in no log: secrets, links, and whatever tells of a person."""
    app = whole.slack.core.app
    people = [one for one in rival.people if one.is_person]
    about = [part for one in people for part in (one.email, one.name) if len(part) > len("slackbot")]
    typed = [CANARY, "elsewhere.example", "No seat to spare"]
    own = [
        app.signing_secret,
        whole.slack.bot_token,
        app.verification_token,
        CODE,
        "a-secret-of-the-tests-long-enough",
    ]
    return [*typed, *own, *about, *rival.tokens]


def _line(written: str, words: str) -> str:
    return next((line for line in written.splitlines() if words in line), "")[:2000]
