"""`steward run`, killed by SIGKILL at random moments under load, between a post and its commit among them."""

import asyncio
import signal
import time

from bot.sandbox.conversations import Message
from tests.soak.aftermath import comes_out_well
from tests.soak.report import Report
from tests.soak.siege import IN_TIME, Siege, besieged
from tests.worker.processes import Process, steward

LONGEST = 1.5
"""Seconds a process may work before it is killed, at most."""
MOST_POSTS = 6
MOST_WAIT = 10.0
LOOKED_AT = 25
"""Kills after which everything is looked at, so that what broke is found near where it broke."""


async def kills(url: str, *, times: int, seed: int, patience: float = IN_TIME) -> Report:
    """Kill Steward so often, each time at another moment."""
    report, begun = Report(), time.monotonic()
    async with besieged(url, report=report, seed=seed, patience=patience) as siege:
        for number in range(times):
            await siege.after_a_death()
            way = _WAYS[number % len(_WAYS)]
            await way(siege)
            report.count("kills")
            if number % LOOKED_AT == LOOKED_AT - 1 or number == times - 1:
                await comes_out_well(siege)
            if report.broken:
                break
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


async def _at_any_moment(siege: Siege) -> None:
    async with siege.running() as process, siege.working():
        await asyncio.sleep(siege.chance.uniform(0, LONGEST))
        await _killed(process)
    siege.report.count("kills at any moment")


async def _after_a_post(siege: Siege) -> None:
    """Slack has the message, and the process dies before it hears of it."""
    async with siege.running() as process, siege.working():
        posted = _kill_after(siege.chance.randint(1, MOST_POSTS), siege, process)
        try:
            async with asyncio.timeout(MOST_WAIT):
                await process.process.wait()
            siege.report.count("kills between post and commit")
        except TimeoutError:
            siege.report.count("kills at any moment")  # there was nothing more to post
        posted.cancel()
        await _killed(process)


async def _while_it_starts(siege: Siege) -> None:
    async with steward("run", env=siege.settings) as process:
        await asyncio.sleep(siege.chance.uniform(0, LONGEST))
        await _killed(process)
    siege.report.count("kills while it starts")


_WAYS = (_at_any_moment, _after_a_post, _at_any_moment, _after_a_post, _after_a_post, _while_it_starts)


async def _killed(process: Process) -> None:
    process.kill()
    code = await process.ends()
    assert code == -signal.SIGKILL, [code, *process.output, *process.errors[-20:]]


class _Hook:
    """Puts what was changed in the local Slack back."""

    def __init__(self, siege: Siege) -> None:
        self._conversations = siege.slack.workspace.conversations
        self._say = self._conversations.say

    def cancel(self) -> None:
        """Messages are only said again."""
        self._conversations.say = self._say  # type: ignore[method-assign]


def _kill_after(posts: int, siege: Siege, process: Process) -> _Hook:
    """The process dies after Slack has taken so many messages, before it hears of the last."""
    hook, left = _Hook(siege), posts
    say = siege.slack.workspace.conversations.say

    def say_and_kill(message: Message) -> Message:
        nonlocal left
        if message.from_app and message.ephemeral_to is None:
            left -= 1
            if left == 0:
                process.kill()
        return say(message)

    siege.slack.workspace.conversations.say = say_and_kill  # type: ignore[method-assign]
    return hook
