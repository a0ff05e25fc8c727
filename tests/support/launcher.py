"""Loads Steward once and forks a process for each order: `python -m tests.support.launcher SOCKET`.

An order is a line of JSON with the files for standard input, output and errors, and a socket on which the
number of the new process is said, and its exit code when it has ended.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass

LOADED = (
    *("bot.auditing", "bot.cli", "bot.doctor.examination", "bot.serving"),
    *("storage.migrations", "tests.support.office"),
    *("sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite", "uvloop"),
)
"""What the processes would load, most of them all of it."""
FILES = 4
_ORDER_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the new process is: `python -m module arguments`, with these variables alone."""

    module: str
    arguments: list[str]
    env: dict[str, str]


def main() -> None:
    """Load, fork for every order, and end when nobody is left who could order."""
    for name in LOADED:
        with suppress(ImportError):  # some are not made for every system
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    order = _Launcher(socket.socket(fileno=int(sys.argv[1]))).order()
    if order is not None:
        os.environ.clear()
        os.environ.update(order.env)
        sys.argv[1:] = order.arguments
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


class _Launcher:
    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._bell, self._rung = os.pipe()
        os.set_blocking(self._rung, False)
        self._running: dict[int, socket.socket] = {}

    def order(self) -> Order | None:
        """Serve; return in each new process with its order, and here with None at the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._rung, warn_on_full_buffer=False)
        heard: list[socket.socket | int] = [self._orders, self._bell]
        while True:
            ready, _, _ = select.select(heard, [], [])
            if self._bell in ready:
                os.read(self._bell, _ORDER_BYTES)
                self._bury()
            if self._orders in ready:
                line, files, _, _ = socket.recv_fds(self._orders, _ORDER_BYTES, FILES)
                if not line:
                    return None
                if self._forked(files):
                    return Order(**json.loads(line))

    def _forked(self, files: list[int]) -> bool:
        """Whether this is the new process."""
        pid = os.fork()
        if pid:
            report = socket.socket(fileno=files.pop())
            self._running[pid] = report
            _say(report, pid)
        else:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._orders, *self._running.values()):
                end.close()
            for number, file in enumerate(files[:3]):
                os.dup2(file, number)
            files += [self._bell, self._rung]
        for file in files:
            os.close(file)
        return not pid

    def _bury(self) -> None:
        """Say of each process that has ended how it did."""
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                report = self._running.pop(pid)
                _say(report, os.waitstatus_to_exitcode(status))
                report.close()


def _say(report: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody listens any more
        report.sendall(b"%d\n" % number)


if __name__ == "__main__":
    main()
