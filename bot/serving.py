"""Runs one Steward until it is told to stop."""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Awaitable

from bot.app import Steward
from bot.config import Settings
from bot.logs import set_up_logs

LAST_SECONDS = 12.0
"""After so long the process ends, whatever still hangs: all that was begun is in the database."""


async def serve(settings: Settings) -> None:
    """Start, wait for SIGTERM or SIGINT, and finish what was begun.

    Raises:
        CannotStart: something is in the way.
    """
    set_up_logs(secrets=settings.secrets)
    steward = Steward(settings, tell=tell)
    told = told_to_stop()
    if not await begun(steward.start(), told):
        return
    # What the start has made stays; each look through all of it would stop everybody for 0.1 s or more.
    gc.freeze()
    gc.enable()
    await told.wait()
    tell("Stopping: finishing what was begun.")
    await steward.stop()


async def begun(start: Awaitable[None], told: asyncio.Event) -> bool:
    """Return whether the start came to its end before somebody said to stop; else it is given up."""
    starting, stop = asyncio.ensure_future(start), asyncio.ensure_future(told.wait())
    await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if starting.done():
        starting.result()
        return True
    starting.cancel()
    await asyncio.wait({starting})
    return False


def tell(words: str) -> None:
    """Say something to who started Steward, at once."""
    print(words, flush=True)  # noqa: T201


def told_to_stop() -> asyncio.Event:
    """Return the event of the first SIGTERM or SIGINT; a second one, or `LAST_SECONDS`, ends the process."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def first() -> None:
        told.set()
        last = threading.Timer(LAST_SECONDS, os._exit, (1,))
        last.daemon = True
        last.start()
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in signals:
        loop.add_signal_handler(number, first)
    return told
