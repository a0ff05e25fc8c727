"""Socket Mode attacked: torn, forged and repeated envelopes on connections that are cut and replaced."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import create_async_engine

from bot.sandbox.ids import Json
from storage.engines import address
from tests.soak.fuzz import FAILURES
from tests.soak.journey import PATIENCE, Sent, travel
from tests.soak.mutations import CANARY, JUNK, garbled
from tests.soak.overheard import overheard
from tests.soak.report import Report
from tests.soak.rivals import Records
from tests.support.whole import CODE, Whole, whole_steward

HUGE = 5 * 1024 * 1024
"""Characters: more than a frame may have."""
FRAMES = (
    *("", "{", "null", "[]", "1e999", '"x"', "\x00", '{"type":', '{"type":"hello","num_connections":"x"}'),
    *('{"type":[]}', '{"type":"unknown","envelope_id":7}', '{"envelope_id":null,"payload":{}}'),
    *("[" * 5000, '{"a":' * 5000, f'{{"type":"{CANARY}","envelope_id":"{CANARY}","payload":"{CANARY}"}}'),
)
KINDS: tuple[object, ...] = (
    "slash_commands",
    "interactive",
    "events_api",
    "options",
    "hello",
    CANARY,
    "",
    None,
    7,
    [],
)
REASONS = ("warning", "refresh_requested", "link_disabled", "", CANARY)


@dataclass(frozen=True, kw_only=True)
class _Wire:
    """The local Slack's end of the connection."""

    whole: Whole
    report: Report
    chance: random.Random
    invited: set[str] = field(default_factory=set)

    async def frame(self, text: str) -> None:
        """Send a frame as it is; the connection may be going just then."""
        connection = await self.whole.slack.socket.available()
        self.report.count("frames")
        try:
            await connection.socket.send_str(text)
        except ConnectionError:
            self.report.count("frames into a closed connection")

    async def envelope(self, kind: object, payload: object, number: str) -> None:
        """Send an envelope around anything."""
        around: Json = {"envelope_id": number, "type": kind, "payload": payload}
        around["accepts_response_payload"] = self.chance.choice((True, False, None, "x"))
        await self.frame(json.dumps(around))

    async def invites(self, address_: str) -> None:
        """Olivia invites somebody; an invitation that was said to be sent is noted."""
        reply = await self.whole.person("olivia").command("/team", f"invite {address_}")
        if "Invitation sent" in reply.text and address_ in reply.text:
            self.invited.add(address_)

    async def answers(self, after: str) -> None:
        """A person is answered, on whatever connection there is by now."""
        await self.whole.slack.socket.available()
        reply = await self.whole.person("olivia").command("/team", "help")
        self.report.hold(reply.error is None, f"nobody answers after {after}: {reply}")


async def envelopes(
    database_url: str, *, seed: int, rounds: int, garbled_each: int, patience: float = PATIENCE
) -> Report:
    """Attack a real Steward over Socket Mode.

    Args:
        rounds: how often each way to lose a connection is taken.
        garbled_each: how many garbled payloads come before each.
    """
    report, begun = Report(), time.monotonic()
    engine = create_async_engine(address(database_url))
    with overheard() as log:
        try:
            async with whole_steward(database_url, socket=True) as whole:
                wire = _Wire(whole=whole, report=report, chance=random.Random(seed))
                sent = await travel(whole)
                whole.slack.dispatcher.answer_seconds = patience
                await _repeated(wire, sent, Records(engine=engine))
                for _ in range(rounds):
                    await _attacked(wire, sent, garbled_each)
                await _nothing_is_lost(wire)
                app = whole.slack.core.app
                secrets = [app.app_token, whole.slack.bot_token, app.signing_secret, CODE, CANARY]
        finally:
            await engine.dispose()
    for words in (*secrets, *FAILURES):
        told = next((line for line in log.getvalue().splitlines() if words in line), None)
        report.hold(told is None, f"the log has {words!r}: {told}")
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


async def _repeated(wire: _Wire, sent: list[Sent], records: Records) -> None:
    """What was delivered comes again, under its old envelope's id and under others: nothing changes."""
    before = await records.heads()
    for number, each in enumerate(sent):
        for name in (f"again-{number}", f"again-{number}", f"new-{number}"):
            await wire.envelope(each.kind, each.payload, name)
    await wire.answers("repeated envelopes")
    socket = wire.whole.slack.socket
    for each in wire.chance.sample(sent, min(20, len(sent))):
        async with asyncio.timeout(PATIENCE):
            await socket.send(await socket.available(), each.kind, deepcopy(each.payload), (1, "timeout"))
    wire.report.hold(await records.heads() == before, "repeated envelopes changed something")


async def _attacked(wire: _Wire, sent: list[Sent], garbled_each: int) -> None:
    for name, loses in _WAYS.items():
        for text in FRAMES:
            await wire.frame(text)
        for number in range(garbled_each):
            each = wire.chance.choice(sent)
            await wire.envelope(wire.chance.choice((each.kind, *KINDS)), _garbled(wire, each), f"g{number}")
        await wire.answers("garbled envelopes")
        address_ = f"{name.replace(' ', '-')}-{wire.report.figures['frames']:g}@wire.example"
        inviting = asyncio.create_task(wire.invites(address_))
        await asyncio.sleep(wire.chance.uniform(0, 0.05))  # somewhere in the middle of it
        async with asyncio.timeout(PATIENCE):
            await loses(wire)
        await inviting
        await wire.answers(name)
        wire.report.count(name)


def _garbled(wire: _Wire, sent: Sent) -> object:
    if wire.chance.random() < 0.2:
        return wire.chance.choice(JUNK[:7])
    return garbled(sent.payload, wire.chance)


async def _cut(wire: _Wire) -> None:
    connection = await wire.whole.slack.socket.available()
    await connection.socket.close()
    await connection.gone.wait()


async def _told_to_leave(wire: _Wire) -> None:
    for reason in REASONS:
        await wire.whole.slack.socket.refresh(reason, grace=0.2)
        await wire.whole.slack.socket.available()


async def _too_large(wire: _Wire) -> None:
    connection = await wire.whole.slack.socket.available()
    await wire.frame(json.dumps({"envelope_id": "huge", "payload": {"text": "x" * HUGE}}))
    await connection.gone.wait()


_WAYS: dict[str, Callable[[_Wire], Awaitable[None]]] = {
    "connections cut": _cut,
    "connections told to leave": _told_to_leave,
    "frames too large": _too_large,
}


async def _nothing_is_lost(wire: _Wire) -> None:
    async with wire.whole.reading() as tx:
        known = await tx.invitations.open_for(sorted(wire.invited))
    lost = sorted(wire.invited - set(known))
    wire.report.hold(not lost, f"invitations that were said to be sent are lost: {lost}")
    wire.report.count("people invited", len(wire.invited))
