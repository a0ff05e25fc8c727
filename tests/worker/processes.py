"""`steward` as a process of its own, started, watched and killed."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.forks import Fork, fork, kept_environment
from tests.support.machine import ROOT

READY_SECONDS = 30


@dataclass
class Process:
    """A running command; `output` and `errors` grow while it runs."""

    process: asyncio.subprocess.Process | Fork
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def says(self, words: str, *, seconds: float = READY_SECONDS) -> str:
        """Wait for a line of output with these words and return it."""
        async with asyncio.timeout(seconds):
            while True:
                found = next((line for line in self.output if words in line), None)
                if found is not None:
                    return found
                if self.process.returncode is not None:
                    raise AssertionError("\n".join(["it ended:", *self.output, *self.errors]))
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End it at once, without a word to it."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)

    async def ends(self, *, seconds: float = 60) -> int:
        """Wait for its end and return its exit code."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()


@asynccontextmanager
async def steward(*arguments: str, env: Mapping[str, str], fresh: bool = False) -> AsyncIterator[Process]:
    """Run `python -m bot` with these arguments and these settings alone.

    Args:
        fresh: let it load everything by itself, where the start is what the test is about.
    """
    started = await (_alone(*arguments, env=env) if fresh else fork("bot", *arguments, env=env))
    process = Process(started)
    assert started.stdout is not None
    assert started.stderr is not None
    readers = [
        asyncio.create_task(_read(started.stdout, process.output)),
        asyncio.create_task(_read(started.stderr, process.errors)),
    ]
    try:
        yield process
    finally:
        process.kill()
        await started.wait()
        await asyncio.gather(*readers)


async def _alone(*arguments: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env=kept_environment() | dict(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for line in stream:
        lines.append(line.decode().rstrip("\n"))  # noqa: PERF401 - it is read while it grows
