"""A forked process is one of its own: with its variables, its files and its end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from bot.manifest import manifest
from tests.support.forks import fork, kept_environment
from tests.support.machine import ROOT

SHOWN = "import json, os; print(json.dumps([os.getpid(), os.getcwd(), dict(os.environ)]))"
ORPHANED = """
import asyncio, os, signal
from tests.support import forks
asyncio.run(forks.fork("bot", "manifest", "--socket", env={}))
print(forks._launcher()._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_it_runs_a_command_with_the_variables_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "of-this-process")
    shown = await fork("timeit", "-n1", "-r1", SHOWN, env={"STEWARD_PORT": "0"})
    pid, folder, variables = json.loads((await shown.communicate()).splitlines()[0])
    assert (pid, folder, shown.returncode) == (shown.pid, str(ROOT), 0)
    assert variables == kept_environment() | {"STEWARD_PORT": "0"}
    assert pid != os.getpid()


async def test_its_output_and_its_errors_are_its_own() -> None:
    well, badly = (
        await fork("bot", "manifest", "--socket", "--json", env={}),
        await fork("bot", "run", env={}),
    )
    said, complained = await asyncio.gather(well.communicate(), badly.communicate())
    assert json.loads(said) == manifest(socket=True)
    assert b"STEWARD_SECRET_KEY is missing" in complained
    assert (well.returncode, badly.returncode) == (0, 2)


async def test_a_killed_one_is_known_to_be_killed_and_the_others_go_on() -> None:
    killed, other = [await fork("tests.support.racer", env={}) for _ in range(2)]
    killed.send_signal(signal.SIGKILL)
    assert await killed.communicate() == b""
    assert (killed.returncode, other.returncode) == (-signal.SIGKILL, None)
    other.send_signal(signal.SIGTERM)
    assert await other.communicate() == b""
    assert other.returncode == -signal.SIGTERM


def test_what_forks_goes_with_a_killed_run() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ORPHANED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 60
    with suppress(ProcessLookupError):
        while True:
            os.kill(int(done.stdout), 0)
            assert time.monotonic() < deadline
            time.sleep(0.02)
