"""Runs one Steward until it is told to stop."""

import asyncio
import signal

from bot.app import Steward
from bot.config import Settings
from bot.logs import set_up_logs


async def serve(settings: Settings) -> None:
    """Start, wait for SIGTERM or SIGINT, and finish what was begun.

    Raises:
        CannotStart: something is in the way.
    """
    set_up_logs(secrets=settings.secrets)
    steward = Steward(settings, tell=tell)
    told = told_to_stop()
    await steward.start()
    await told.wait()
    tell("Stopping: finishing what was begun.")
    await steward.stop()


def tell(words: str) -> None:
    """Say something to who started Steward, at once."""
    print(words, flush=True)  # noqa: T201


def told_to_stop() -> asyncio.Event:
    """Return the event of the first SIGTERM or SIGINT; a second one ends the process at once."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def first() -> None:
        told.set()
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in signals:
        loop.add_signal_handler(number, first)
    return told
