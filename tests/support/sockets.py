"""Keeps the tests on this machine: any socket that leaves loopback fails the test that opened it."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
CONNECTIONS = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
# Mail programs greet with the machine's own name.
OWN_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()}


class LeftTheMachine(AssertionError):
    """Something under test tried to reach an address outside this machine."""


class _Guard:
    """Refuses and remembers; Python calls `watch` before each act on a socket, in every thread."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in LOOKUPS:
            self._check(event, arguments[0])
        elif event in CONNECTIONS and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
            # A connected socket sends without an address.
            self._check(event, arguments[1] and arguments[1][0])

    def _check(self, event: str, host: object) -> None:
        if host is None or _on_this_machine(host):
            return
        attempt = f"{event} to {host!r}"
        self.attempts.append(attempt)
        raise LeftTheMachine(f"Tests stay on this machine, but there was a {attempt}.")


_guard = _Guard()


def pytest_configure() -> None:
    """Close the network before anything is collected; an audit hook cannot be taken off again."""
    if not getattr(sys, "_steward_guard", False):
        sys.addaudithook(_guard.watch)
        sys._steward_guard = True  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def only_loopback() -> Iterator[None]:
    """Fail the test that tried to leave the machine, even if the code under test swallowed the error."""
    before = len(_guard.attempts)
    yield
    left = _guard.attempts[before:]
    if left:
        raise LeftTheMachine(f"Tests stay on this machine, but there was a {', a '.join(left)}.")


@contextmanager
def attempts_expected() -> Iterator[list[str]]:
    """For tests of this guard: attempts made inside are handed out and do not fail the test."""
    seen: list[str] = []
    before = len(_guard.attempts)
    yield seen
    seen.extend(_guard.attempts[before:])
    del _guard.attempts[before:]


def _on_this_machine(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name.lower() in OWN_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
