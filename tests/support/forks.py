"""Processes of their own that need not load Steward again: forked from one that has."""

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache

from tests.support.launcher import Order
from tests.support.machine import ROOT

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""What a process gets of this one's environment."""


class Fork:
    """A process, with what `asyncio.subprocess.Process` has of it; `stdin` is a file."""

    def __init__(self, pid: int, *, stdin: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader):
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb", buffering=0)
        self.stdout, self.stderr = stdout, stderr
        self.returncode: int | None = None
        self._ending = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def wait(self) -> int:
        """Wait for its end and return its exit code, which is negative where a signal ended it."""
        await self._ending.wait()
        assert self.returncode is not None
        return self.returncode

    async def communicate(self, words: bytes = b"") -> bytes:
        """Say something to it, wait for its end and return the rest of its output, errors last."""
        if words:
            self.stdin.write(words)
        said = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return b"".join(said)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear from here how it ends."""
        self._following = asyncio.create_task(self._follow(reader, writer))

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.returncode = int(await reader.readline())
        self.stdin.close()
        writer.close()
        self._ending.set()


async def fork(module: str, *arguments: str, env: Mapping[str, str]) -> Fork:
    """Run `python -m module arguments` with these variables alone; whoever forks waits for its end."""
    order = Order(module=module, arguments=[*arguments], env=kept_environment() | dict(env))
    (read, stdin), (out, written), (errors, complained) = os.pipe(), os.pipe(), os.pipe()
    report, reported = socket.socketpair()
    with report.dup() as heard, reported:
        files = [read, written, complained, reported.fileno()]
        pid = await asyncio.to_thread(_launcher().forked, order, files, heard)
    for file in files[:3]:
        os.close(file)
    made = Fork(pid, stdin=stdin, stdout=await _reader(out), stderr=await _reader(errors))
    made.follow(*await asyncio.open_connection(sock=report))
    return made


def kept_environment() -> dict[str, str]:
    """What a process gets of this one's environment."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


async def _reader(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(file, "rb", buffering=0))
    return reader


class _Launcher:
    """The process that has loaded Steward; started at the first order, gone with this process."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.launcher", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                env=kept_environment(),
                pass_fds=[theirs.fileno()],
            )
        self._turn = threading.Lock()
        atexit.register(self._close)

    def forked(self, order: Order, files: list[int], report: socket.socket) -> int:
        """Fork a process with these files, and return its number."""
        with self._turn:
            socket.send_fds(self._orders, [json.dumps(asdict(order)).encode()], files)
            return int(_line(report))

    def _close(self) -> None:
        self._orders.close()
        self._process.wait()


@cache
def _launcher() -> _Launcher:
    return _Launcher()


def _line(report: socket.socket) -> bytes:
    """Read one line and not a byte more."""
    found = b""
    while not found.endswith(b"\n"):
        if not (byte := report.recv(1)):
            raise RuntimeError("The launcher has ended; what it said stands above.")
        found += byte
    return found
