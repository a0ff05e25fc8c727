"""Two workspaces in one deployment: nobody of the one learns or changes anything of the other's."""

import json
import random
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from bot.sandbox import Person, Workspace
from bot.sandbox.dispatch import signature
from storage.engines import address
from tests.soak.attacks import actor_of, encoded
from tests.soak.journey import Sent, travel
from tests.soak.listening import every_door
from tests.soak.mutations import replaced, swapping
from tests.soak.rivals import Ids, Records, rival_team
from tests.support.attack import blank
from tests.support.several import Deployment, deployment, set_up
from tests.support.whole import Whole

pytestmark = pytest.mark.long

HERE = rival_team("T0REDWOOD", "Redwood Labs", "redwood.example")
THERE = rival_team("T0SOUTHWND", "Southwind Works", "southwind.example")


@dataclass
class Tenant(Whole):
    """One of several workspaces of a deployment, for a journey through it."""

    place: Workspace

    @property
    def workspace(self) -> Workspace:
        return self.place

    def person(self, handle: str) -> Person:
        return self.slack.person(handle, self.place)

    async def set_up(self, *, preset: str = "Portal", seats: str = "") -> None:
        await set_up(self.person("olivia"), self.place.team.name, seats=seats)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A workspace, what its people did, and the ids of all there is in it."""

    tenant: Tenant
    sent: list[Sent]
    ids: Ids
    word: str
    """Stands in every name and address of it, and in nothing of the other."""


@dataclass(frozen=True, kw_only=True)
class Intruder:
    """Somebody of one workspace who sends what belongs to the other; every answer is kept."""

    made: Deployment
    own: Side
    other: Side
    session: aiohttp.ClientSession
    answers: list[str]

    async def send(self, sent: Sent) -> None:
        """Deliver it signed, as Slack would for somebody of the own workspace."""
        payload, place = deepcopy(sent.payload), self.own.tenant.workspace
        if "trigger_id" in payload:
            payload["trigger_id"] = place.trigger(actor_of(payload))
        payload.pop("response_url", None)  # Steward then answers by the Web API, which is looked at
        body, kind = encoded(replace(sent, payload=payload))
        moment = int(time.time()) - len(self.answers) % 250
        headers = {"Content-Type": kind, **signature(self.made.slack.signing_secret, body, moment)}
        url = f"{self.made.steward.url}/slack/events"
        async with self.session.post(url, data=body, headers=headers) as response:
            self.answers.append(await response.text())
            assert response.status in (200, 400), payload

    def said(self) -> Iterator[str]:
        """All that the own workspace was told."""
        token = self.own.tenant.workspace.installation
        assert token is not None
        yield from self.answers
        for call in self.made.slack.calls:
            if call.token == token.bot_token:
                yield json.dumps(call.args, ensure_ascii=False)


async def side(made: Deployment, records: Records, place: Workspace, word: str) -> Side:
    """Let a workspace install Steward and go through every screen."""
    tenant = Tenant(slack=made.slack, steward=made.steward, clock=made.clock, place=place)
    await made.install(tenant.person("olivia"))
    sent = await travel(tenant)
    return Side(tenant=tenant, sent=sent, ids=await records.ids(place.team.id), word=word)


def acts(intruder: Intruder) -> Iterable[Sent]:
    """What the other's people did, as if the own ones had done it, about the same ids."""
    own, other = intruder.own.tenant, intruder.other.tenant
    by_handle = {one.handle: one.id for one in own.workspace.people}
    people = {one.id: by_handle[one.handle] for one in other.workspace.people if one.handle in by_handle}
    words = {intruder.other.word: intruder.own.word, intruder.other.word.title(): intruder.own.word.title()}
    swap = swapping({other.team_id: own.team_id, **people, **words})
    for sent in intruder.other.sent:
        event = sent.payload.get("event")
        if not (isinstance(event, dict) and isinstance(event.get("user"), dict)):
            yield replace(sent, payload=replaced(sent.payload, swap))


def doors(intruder: Intruder, handle: str) -> Iterator[Sent]:
    """Every button, form and menu there is, by somebody of the own workspace, about each kind of id."""
    place, account = intruder.own.tenant.workspace, intruder.own.tenant.person(handle).account
    for kind, ids in intruder.other.ids.items():
        view = place.views.open(account.id, blank("blank"))
        metadata = dict.fromkeys(("member", "invitation", "request", "department", "import", "id"), ids[0])
        view.view["private_metadata"] = json.dumps(metadata)
        chosen = random.Random(kind).sample(ids, min(3, len(ids)))
        yield from every_door(place, account, view, chosen)
        place.views.close_all(account.id)


@asynccontextmanager
async def both(url: str) -> AsyncIterator[tuple[Deployment, Records, aiohttp.ClientSession, list[Side]]]:
    """Two workspaces, each with a whole team in it."""
    engine = create_async_engine(address(url))
    try:
        async with (
            deployment(url, rotation=False, team=HERE) as made,
            aiohttp.ClientSession() as session,
        ):
            records = Records(engine=engine)
            second = made.slack.add_workspace(THERE)
            sides = [
                await side(made, records, made.slack.workspace, "redwood"),
                await side(made, records, second, "southwind"),
            ]
            yield made, records, session, sides
    finally:
        await engine.dispose()


async def test_no_id_of_one_organization_tells_or_changes_anything_from_another(database_url: str) -> None:
    async with both(database_url) as (made, records, session, sides):
        for own, other in (sides, sides[::-1]):
            intruder = Intruder(made=made, own=own, other=other, session=session, answers=[])
            before = await records.contents(other.tenant.team_id)
            made.slack.calls.clear()
            for sent in acts(intruder):
                await intruder.send(sent)
            for sent in doors(intruder, "olivia") if own is sides[0] else ():
                await intruder.send(sent)
            await made.slack.settle()
            after = await records.contents(other.tenant.team_id)
            assert [name for name in after if before[name] != after[name]] == []
            assert [said for said in intruder.said() if other.word in said.lower()] == []
            assert len(intruder.answers) > 80
        await _links_tell_their_own_alone(made, session, sides)


async def _links_tell_their_own_alone(
    made: Deployment, session: aiohttp.ClientSession, sides: list[Side]
) -> None:
    """The page of each invitation names its own organization and nothing of the other."""
    for own, other in (sides, sides[::-1]):
        async with own.tenant.reading() as tx:
            found = await tx.invitations.many(own.ids["invitations"])
            links = [tx.facilities.keys.invitation_token(one.id, one.generation) for one in found.values()]
        pages = []
        for link in links:
            async with session.get(f"{made.steward.url}/invitations/{link}") as response:
                pages.append((await response.text()).lower())
        assert any(own.word in page for page in pages)
        assert not any(other.word in page for page in pages)
