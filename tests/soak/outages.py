"""Slack limits, fails, is slow, answers nonsense or nothing, for long; then it is well again."""

import asyncio
import time

from tests.soak.aftermath import comes_out_well
from tests.soak.report import Report
from tests.soak.siege import IN_TIME, Siege, besieged

FAULTS: dict[str, dict[str, object]] = {
    "429": {"api_429": True, "retry_after": 1},
    "500": {"api_500": True},
    "lost answers": {"api_lost_answer": True},
    "nonsense": {"api_nonsense": True},
    "slowness": {"api_slow": 4.0},
    "everything twice": {"deliver_twice": True},
}
STEP, STEPS_OF_AN_HOUR = 0.2, 12
"""Attempts that fail one after another; with the waits between them an hour goes by."""


async def outages(url: str, *, rounds: int, acts: int, seed: int, patience: float = IN_TIME) -> Report:
    """Go through every fault so often, while everybody works; then an hour of nothing.

    Args:
        acts: how much people do under each fault.
    """
    report, begun = Report(), time.monotonic()
    async with besieged(url, report=report, seed=seed, patience=patience) as siege:
        async with siege.running():
            for _ in range(rounds):
                for name, fault in siege.chance.sample(list(FAULTS.items()), len(FAULTS)):
                    await _under(siege, fault, acts)
                    report.count(f"outages: {name}")
                await _an_hour_of_nothing(siege, acts)
        await comes_out_well(siege)
    report.count("seconds", round(time.monotonic() - begun, 1))
    return report


async def _under(siege: Siege, fault: dict[str, object], acts: int) -> None:
    siege.slack.faults.update(fault)
    async with siege.working():
        await siege.busy(acts)
    siege.slack.faults.clear()
    await siege.a_while_later()


async def _an_hour_of_nothing(siege: Siege, acts: int) -> None:
    """What people did before Slack went away is tried again and again, and goes out afterwards."""
    siege.slack.faults.update({"api_500": True})
    async with siege.working():
        await siege.busy(acts)
    siege.slack.faults.slack_down = True
    for _ in range(STEPS_OF_AN_HOUR):
        await siege.a_while_later()
        await asyncio.sleep(STEP)
    siege.slack.faults.clear()
    await siege.a_while_later()
    siege.report.count("outages: nothing at all")
