"""Other processes of the bench: each reads requests, one JSON line at a time, and answers with one."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import uvloop

START_SECONDS = 60.0
Handle = Callable[[dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class Child:
    """A running `python -m tests.bench.<module>`."""

    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, module: str, *, log: Path) -> "Child":
        """Start it; what it says on standard error goes to the end of `log`."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", f"tests.bench.{module}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                limit=1 << 24,
            )
        return cls(process)

    async def ask(self, do: str, **about: Any) -> Any:
        """Send a request and return its answer.

        Raises:
            RuntimeError: the child failed, or is gone; its own words are in the log.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **about}).encode() + b"\n")
        async with asyncio.timeout(START_SECONDS):
            line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the bench ended while it was asked to {do}")
        answer = json.loads(line)
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer["answer"]

    async def processor(self, act: Callable[[], Awaitable[object]], times: int) -> float:
        """Return the milliseconds of processor time the child spends on one act."""
        before = await self.ask("processor")
        for _ in range(times):
            await act()
        return 1000 * float(await self.ask("processor") - before) / times

    async def stop(self) -> None:
        """End it by closing its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(15):
                await self.process.wait()
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def _serve(handle: Handle, answers: IO[str]) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        try:
            asked = request["do"] == "processor"
            answer = {"answer": time.process_time() if asked else await handle(request)}
        except Exception as error:  # the parent gets the words and decides
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def serve(main: Callable[[Callable[[Handle], Awaitable[None]]], Awaitable[None]]) -> None:
    """Run `main` on the loop that `steward run` uses; it calls what it is given with its handler."""
    # Whatever prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    async def whole() -> None:
        await main(lambda handle: _serve(handle, answers))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(whole())


def environment_of(workspace: Mapping[str, Any], database_url: str, *, mail: bool) -> dict[str, str]:
    """Return Steward's settings for a workspace of the bench."""
    settings = {
        "SLACK_BOT_TOKEN": str(workspace["bot_token"]),
        "SLACK_SIGNING_SECRET": str(workspace["signing_secret"]),
        "STEWARD_DATABASE_URL": database_url,
        "STEWARD_PORT": "0",
        "STEWARD_SECRET_KEY": "a-secret-of-the-bench-long-enough",
        "STEWARD_SETUP_CODE": "OPEN-SESAME",
        "STEWARD_SLACK_API_URL": str(workspace["api_url"]),
    }
    if mail:
        settings["STEWARD_SMTP_URL"] = f"{workspace['smtp_url']}?from=steward@bench.example"
    return settings
