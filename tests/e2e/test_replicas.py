"""Two `steward run` on one PostgreSQL: either serves any request, and one may die in the middle."""

import signal
from collections import Counter
from contextlib import AsyncExitStack
from itertools import cycle

import aiohttp
import pytest

from bot.sandbox import LocalSlack, Reply
from tests.support.whole import has_button, has_no_button
from tests.worker.bench import CODE
from tests.worker.killing import (
    INVITED,
    kill_after,
    make_due,
    settings,
    undelivered,
    until_delivered,
    workspace,
)
from tests.worker.processes import Process, steward

pytestmark = pytest.mark.long

KILLED_AT = len(INVITED) // 2


class Replicas:
    """Both processes; Slack's requests go to one and the other in turn, as a balancer sends them."""

    def __init__(self, slack: LocalSlack, addresses: list[str]) -> None:
        self.slack, self.addresses = slack, addresses
        self._turns = cycle(addresses)

    def turn(self) -> None:
        """The next request goes to the other one."""
        self.slack.connect(request_url=f"{next(self._turns)}/slack/events")

    def only(self, address: str) -> None:
        """The balancer noticed that the other one is gone."""
        self._turns = cycle([address])
        self.turn()

    async def command(self, handle: str, words: str) -> Reply:
        """Somebody types a command."""
        self.turn()
        return await self.slack.person(handle).command("/team", words)


async def address(process: Process) -> str:
    return (await process.says("Steward listens on")).split()[-1]


async def ready(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        return answer.status


async def set_up(replicas: Replicas) -> None:
    """Each step through another replica."""
    olivia = replicas.slack.person("olivia")
    await replicas.command("olivia", "setup")
    await olivia.fill("Set-up code", CODE)
    await olivia.fill("Seats", "100")
    replicas.turn()
    assert await olivia.submit() == {}
    await olivia.close()


async def invite_everybody(replicas: Replicas, dying: Process) -> None:
    """Half-way one replica dies, after Slack took a message and before it hears so."""
    for number, handle in enumerate(INVITED):
        if number == KILLED_AT:
            kill_after(1, replicas.slack, dying)
        reply = await replicas.command("olivia", f"invite @{handle}")
        if reply.error is not None:  # it went to the one that died: people type it again
            replicas.only(replicas.addresses[1])
            reply = await replicas.command("olivia", f"invite @{handle}")
        assert reply.error is None


async def test_of_two_replicas_one_is_killed_and_every_message_arrives_once(postgresql_url: str) -> None:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace())
        env = settings(slack, postgresql_url)
        first, second = [await stack.enter_async_context(steward("run", env=env)) for _ in range(2)]
        replicas = Replicas(slack, [await address(first), await address(second)])
        await set_up(replicas)
        await invite_everybody(replicas, first)
        assert await first.ends() == -signal.SIGKILL
        replicas.only(replicas.addresses[1])
        while await undelivered(postgresql_url):
            await make_due(postgresql_url)
            await until_delivered(postgresql_url)
        assert Counter(len(slack.person(handle).messages()) for handle in INVITED) == {1: len(INVITED)}
        assert await ready(replicas.addresses[1]) == 200
        assert not [line for line in second.errors if '"level": "error"' in line]
        ada = slack.person(INVITED[0])
        await ada.click("Accept")
        await ada.until(lambda: has_no_button(ada, "Accept"), 30)
        assert has_button(slack.person(INVITED[1]), "Accept")
    async with steward("audit", "verify", env=env) as proof:
        assert await proof.ends() == 0, proof.output
