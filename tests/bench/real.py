"""A real `steward run` in a process of its own, and what it weighs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

READY_SECONDS = 60.0
REST_SECONDS = 1.0
LISTENS = "Steward listens on "
IMPORTED = "import time:"

_IDLE = """
import importlib, sys
for name in sys.stdin.readline().split():
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(slots=True)
class Real:
    """A running process: how long it took to be ready, in seconds, and where it listens."""

    process: asyncio.subprocess.Process
    seconds: float
    url: str = ""

    def megabytes(self) -> float:
        """Its resident memory."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            return int(line.split()[1]) / 1024
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return int(told.stdout) / 1024

    async def settled(self) -> float:
        """Its resident memory once what the start has to do is done."""
        await asyncio.sleep(REST_SECONDS)
        return self.megabytes()


@asynccontextmanager
async def steward_run(
    environment: dict[str, str], *, log: Path, options: Sequence[str] = ()
) -> AsyncIterator[Real]:
    """Start `steward run`, wait until it says that it listens and is ready, and stop it at the end.

    Args:
        options: for the interpreter.

    Raises:
        RuntimeError: it ended, or is not ready.
    """
    begun = time.perf_counter()
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *options, "-m", "bot", "run"),
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_settled(environment),
        )
    try:
        url = await _listening(process)
        real = Real(process, time.perf_counter() - begun, url)
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
            if answer.status != 200:
                raise RuntimeError(f"steward run is not ready: {await answer.text()}")
        yield real
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@asynccontextmanager
async def idle_process(modules: Sequence[str]) -> AsyncIterator[Real]:
    """Start a process that imports the modules and waits."""
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _IDLE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_settled({})
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(" ".join(modules).encode() + b"\n")
    await process.stdout.readline()
    try:
        yield Real(process, time.perf_counter() - begun)
    finally:
        process.stdin.close()
        await process.wait()


async def modules_of(environment: dict[str, str], *, folder: Path) -> list[str]:
    """Return what `steward run` imports until it is ready, in order."""
    log = folder / "imports.log"
    async with steward_run(environment, log=log, options=("-X", "importtime")):
        pass
    lines = (line for line in log.read_text().splitlines() if line.startswith(IMPORTED))
    names = [line.rpartition("|")[2].strip() for line in lines]
    return [name for name in names if name.replace(".", "").replace("_", "").isalnum()]


async def _listening(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS):
        async for line in process.stdout:
            if line.decode().startswith(LISTENS):
                return line.decode().removeprefix(LISTENS).strip()
    raise RuntimeError("steward run ended before it was ready; its words are in the log")


def _settled(environment: dict[str, str]) -> dict[str, str]:
    """Return this environment with these settings alone, and Python free to keep what it compiles."""
    other = ("SLACK_", "STEWARD_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(other)}
    return kept | environment
