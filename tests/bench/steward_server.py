"""A process with Stewards that take requests but deliver nothing: `python -m tests.bench.steward_server`.

What they queue stays in the outbox, so that the time of a change is not mixed with that of deliveries.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from bot.app import Steward
from bot.config import load_settings
from bot.logs import set_up_logs
from tests.bench.children import Handle, serve


class Stewards:
    """The Stewards of this process, and a count of what they ask of their databases."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._stewards: dict[str, Steward] = {}
        self._statements = 0

    async def handle(self, request: dict[str, Any]) -> Any:
        """Do what the parent asks."""
        match request["do"]:
            case "start":
                return await self._start(request["environment"])
            case "watch":
                self._watch(self._stewards[request["url"]], on=True)
                return None
            case "count":
                self._watch(self._stewards[request["url"]], on=False)
                counted, self._statements = self._statements, 0
                return counted
        raise ValueError(request["do"])

    async def _start(self, environment: dict[str, str]) -> str:
        settings = load_settings(environment)
        set_up_logs(secrets=settings.secrets)
        steward = Steward(settings, tell=lambda words: None)
        await steward.start()
        self._stack.push_async_callback(steward.stop)
        assert steward._worker is not None
        await steward._worker.stop()
        self._stewards[steward.url] = steward
        return steward.url

    def _watch(self, steward: Steward, *, on: bool) -> None:
        steward.store.watch(self._told if on else None)

    def _told(self, _statement: str, _parameters: object) -> None:
        self._statements += 1


async def main(listen: Callable[[Handle], Awaitable[None]]) -> None:
    """Serve until the parent hangs up."""
    async with AsyncExitStack() as stack:
        await listen(Stewards(stack).handle)


if __name__ == "__main__":
    serve(main)
