"""Attacks on a Steward's endpoints: whatever is sent, nothing fails and nobody else's changes."""

import io
import json
import random
import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.dispatch import Delivery, signature
from bot.sandbox.ids import Json
from domain.audit import lines, verify
from tests.soak.journey import Sent
from tests.soak.mutations import by_another, garbled, replaced, swapping
from tests.soak.report import Report
from tests.soak.rivals import OUTSIDERS, Records, Rival
from tests.support.whole import Whole

T = TypeVar("T")
FORM = "application/x-www-form-urlencoded"
ROUNDS_TO_REST = 4
UNKNOWN: Mapping[str, str] = {"id": "U0UNKNOWN0", "team_id": "T0UNKNOWN0"}


@dataclass(kw_only=True)
class Attack:
    """What is sent, by whom, and what came of it.

    Args:
        here: the organization that is attacked.
        there: the other one in the same database; nobody but its own people may touch it.
        sent: deliveries of a journey `here`.
        most: how many of many ways are tried on each of them; None for all.
        moving: those that change something whenever they come, however often.
    """

    here: Whole
    there: Rival
    records: Records
    sent: list[Sent]
    chance: random.Random
    report: Report
    session: aiohttp.ClientSession
    most: int | None = None
    moving: list[Sent] = field(default_factory=list)
    _next: int = 0
    _signed: set[tuple[bytes, int]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where Slack posts to."""
        return f"{self.here.steward.url}/slack/events"

    def some(self, ways: Sequence[T]) -> list[T]:
        """As many of the ways as are tried."""
        return self.chance.sample(ways, len(ways) if self.most is None else min(self.most, len(ways)))

    def fresh(self, sent: Sent) -> Sent:
        """The same act anew: another trigger, another moment, another event."""
        payload, workspace = deepcopy(sent.payload), self.here.workspace
        if "trigger_id" in payload:
            payload["trigger_id"] = workspace.trigger(actor_of(payload))
        for action in payload.get("actions", ()):
            action["action_ts"] = workspace.stamps.next()
        if "event_id" in payload:
            payload["event_id"] = f"Ev{workspace.stamps.next()}"
        return replace(sent, payload=payload)

    async def deliver(self, sent: Sent) -> int:
        """Send something signed; the answer's status. Slack is never answered 500."""
        body, kind = encoded(sent)
        headers = {"Content-Type": kind, **self._signature(body)}
        status = await self.post(body, headers)
        self.report.hold(status in (200, 400), f"{status} for a signed {what(sent.payload)}: {sent.payload}")
        return status

    def _signature(self, body: bytes) -> dict[str, str]:
        """A signature that was not sent yet; Slack's clock and ours may differ by minutes."""
        while True:
            self._next += 1
            moment = int(time.time()) - self._next % 250
            if (body, moment) not in self._signed:
                self._signed.add((body, moment))
                return signature(self.here.slack.signing_secret, body, moment)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Send bytes to Slack's endpoint."""
        self.report.count("requests")
        async with self.session.post(self.url, data=io.BytesIO(body), headers=headers) as answer:
            await answer.read()
            self.report.hold(answer.status < 500, f"{answer.status} for {body[:500]!r}")
            return answer.status

    async def watched(self, sent: Sent, words: str) -> None:
        """Send something that must change nothing anywhere."""
        before = await self.records.heads()
        await self.deliver(sent)
        after = await self.records.heads()
        if before != after:
            last = await last_tags(self.here)
            self.report.broke(f"{words} changed {last}: {what(sent.payload)} {sent.payload}")


async def come_to_rest(attack: Attack) -> None:
    """Repeat every act until it changes nothing any more; what always does is kept apart."""
    moving = list(attack.sent)
    for _ in range(ROUNDS_TO_REST):
        still = []
        for sent in moving:
            before = await attack.records.heads()
            await attack.deliver(attack.fresh(sent))
            if await attack.records.heads() != before:
                still.append(sent)
        moving = still
    attack.moving = moving
    attack.report.count("acts recorded", len(attack.sent))
    attack.report.count("acts that go on changing", len(moving))


async def by_outsiders(attack: Attack) -> None:
    """Every act by guests, bots, people of other workspaces, people who are gone or were never there."""
    people = attack.here.workspace.people
    accounts = [people.handle(handle) for handle in OUTSIDERS]
    users: list[Mapping[str, str]] = [{"id": one.id, "team_id": one.team_id} for one in accounts if one]
    owner = attack.there.people.handle("olivia")
    assert owner is not None
    users += [{"id": owner.id, "team_id": owner.team_id}, UNKNOWN, {"id": "", "team_id": ""}]
    for sent in attack.sent:
        if told_by_slack(sent):
            continue
        for user in attack.some(users):
            other = replace(sent, payload=by_another(attack.fresh(sent).payload, user))
            await attack.watched(other, f"somebody from outside ({user['id']})")


async def with_ids_from_elsewhere(attack: Attack) -> None:
    """Every act with an id of the other organization in place of each of this one's."""
    ours, theirs = await attack.records.ids(attack.here.team_id), attack.there.ids
    for kind, own in ours.items():
        for foreign in attack.some(theirs[kind]):
            await _swapped(attack, dict.fromkeys(own, foreign))
    teams = {attack.here.team_id: attack.there.team_id}
    await _swapped(attack, teams)
    by_handle = {one.handle: one.id for one in attack.there.people}
    here = attack.here.workspace.people
    users = {one.id: by_handle[one.handle] for one in here if one.handle in by_handle}
    await _swapped(attack, teams | users)


async def _swapped(attack: Attack, pairs: Mapping[str, str]) -> None:
    moving = {id(sent) for sent in attack.moving}
    for sent in attack.sent:
        changed = replaced(sent.payload, swapping(pairs))
        if changed != sent.payload and id(sent) not in moving:
            await attack.watched(attack.fresh(replace(sent, payload=changed)), "another organization's id")


async def with_garbled_parts(attack: Attack, times: int) -> None:
    """Acts with parts of another type, left out or doubled: changes, if any, are the sender's own."""
    ours = await attack.records.ids(attack.here.team_id)
    known = [one for each in (*ours.values(), *attack.there.ids.values()) for one in each]
    for _ in range(times):
        sent = attack.fresh(attack.chance.choice(attack.sent))
        junk = {} if attack.chance.random() < 0.7 else {"of": known}
        made = garbled(sent.payload, attack.chance, **junk)
        before = await attack.records.heads()
        await attack.deliver(replace(sent, payload=made))
        after = await attack.records.heads()
        if before != after:
            attack.report.count("garbled acts that still meant something")
            await _own_change(attack, before, after, made)


async def _own_change(attack: Attack, before: Any, after: Any, payload: Json) -> None:
    there = attack.there.team_id
    attack.report.hold(before[there] == after[there], f"another organization changed by {payload}")
    async with attack.here.reading() as tx:
        member = await tx.members.by_user(actor_of(payload))
        found = [line.actor async for line in lines(tx, after=tx.organization.audit_count - 1)]
    expected = {f"member:{member.id}" if member else "", f"user:{actor_of(payload)}", "system:clock"}
    attack.report.hold(set(found) <= expected, f"{found} changed something by {payload}")


async def unsigned(attack: Attack) -> None:
    """Every act with something wrong about its envelope: it is turned away, and nothing changes."""
    before = await attack.records.heads()
    secret, now = attack.here.slack.signing_secret, int(time.time())
    for sent in attack.sent:
        body, kind = encoded(attack.fresh(sent))
        good = signature(secret, body, now)
        cut = body[: attack.chance.randrange(len(body))]
        envelopes: list[tuple[bytes, dict[str, str]]] = [
            (body, {}),
            (body, signature("another secret", body, now)),
            (body, signature(secret, body, now - 3600)),
            (body, signature(secret, body, now + 3600)),
            (cut, good),
            (body + b" ", good),
            (body, {**good, "X-Slack-Request-Timestamp": "soon"}),
            (body, {**good, "X-Slack-Signature": good["X-Slack-Signature"].upper()}),
        ]
        for sending, headers in envelopes:
            status = await attack.post(sending, {"Content-Type": kind, **headers})
            attack.report.hold(status in (400, 401), f"{status} for an unsigned {what(sent.payload)}")
    attack.report.hold(await attack.records.heads() == before, "something unsigned changed something")


async def replayed(attack: Attack) -> None:
    """Every act copied byte by byte: the copy is turned away."""
    secret = attack.here.slack.signing_secret
    for sent in attack.sent:
        body, kind = encoded(attack.fresh(sent))
        headers = {"Content-Type": kind, **signature(secret, body, int(time.time()) - 1)}
        first = await attack.post(body, headers)
        before = await attack.records.heads()
        second = await attack.post(body, headers)
        attack.report.hold((first, second) == (200, 401), f"{first}, then {second} for a copy")
        attack.report.hold(
            await attack.records.heads() == before, f"a copy changed something: {sent.payload}"
        )


async def unreadable(attack: Attack) -> None:
    """Signed bytes that say nothing: torn, huge, deep, not UTF-8, of another kind."""
    before, secret = await attack.records.heads(), attack.here.slack.signing_secret
    for sent in attack.some(attack.sent):
        body, kind = encoded(attack.fresh(sent))
        cut = body[: attack.chance.randrange(len(body))]
        for torn in (
            cut,
            cut + b"\xff\xfe",
            b"payload=" + cut,
            b"{" + cut,
            body[::-1],
            b"payload=" + b"[" * 9000,
        ):
            moment = int(time.time()) - attack.chance.randrange(250)
            await attack.post(torn, {"Content-Type": kind, **signature(secret, torn, moment)})
    for huge in (
        b"command=%2Fteam&text=" + b"x" * (4 << 20),
        b'{"a":"' + b"x" * (4 << 20) + b'"}',
        b"{" * (2 << 20),
    ):
        status = await attack.post(huge, {"Content-Type": FORM, **signature(secret, huge, int(time.time()))})
        attack.report.hold(status in (400, 413), f"{status} for {len(huge)} bytes")
    attack.report.hold(await attack.records.heads() == before, "something torn changed something")


async def chain_holds(attack: Attack) -> None:
    """The audit is whole."""
    async with attack.here.reading() as tx:
        found = await verify(tx)
    attack.report.hold(found.fault is None, f"the audit chain of {attack.here.team_id}: {found.fault}")


async def last_tags(whole: Whole) -> list[str]:
    """The newest entries of the audit."""
    async with whole.reading() as tx:
        return [line.tag async for line in lines(tx, after=tx.organization.audit_count - 3)]


def encoded(sent: Sent) -> tuple[bytes, str]:
    """The body as Slack would send it, and its kind."""
    if sent.kind is Delivery.EVENT:
        return json.dumps(sent.payload).encode(), "application/json"
    fields = sent.payload if sent.kind is Delivery.COMMAND else {"payload": json.dumps(sent.payload)}
    return urlencode(fields, errors="replace").encode(), FORM


def actor_of(payload: Mapping[str, Any]) -> str:
    """Who acts, as far as it is said."""
    user, event = payload.get("user"), payload.get("event")
    found = payload.get("user_id")
    if isinstance(user, Mapping):
        found = user.get("id")
    elif isinstance(event, Mapping):
        found = event.get("user")
    return found if isinstance(found, str) else ""


def told_by_slack(sent: Sent) -> bool:
    """Whether Slack itself tells of something, such as a new name, rather than a person doing something."""
    event = sent.payload.get("event")
    return isinstance(event, Mapping) and isinstance(event.get("user"), Mapping)


def what(payload: Mapping[str, Any]) -> str:
    """A name for a payload: its kind and what it is about."""
    event, view = payload.get("event"), payload.get("view")
    about = payload.get("text") if "command" in payload else payload.get("actions")
    about = view.get("callback_id") if about is None and isinstance(view, Mapping) else about
    return f"{payload.get('type', payload.get('command'))} {about or event}"[:300]
