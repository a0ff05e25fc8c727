"""The tests cannot leave this machine, and notice who tries."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.support.machine import ROOT
from tests.support.sockets import LeftTheMachine, attempts_expected

# Reserved for documentation: nobody answers there.
ELSEWHERE = "192.0.2.1"


def test_a_connection_to_another_machine_is_refused() -> None:
    with attempts_expected() as attempts, socket.socket() as out, pytest.raises(LeftTheMachine):
        out.connect((ELSEWHERE, 80))
    assert attempts == [f"socket.connect to {ELSEWHERE!r}"]


@pytest.mark.parametrize("name", ["slack.com", "mail.example.org", b"example.org"])
def test_a_name_of_another_machine_is_not_looked_up(name: str | bytes) -> None:
    with attempts_expected() as attempts, pytest.raises(LeftTheMachine):
        socket.getaddrinfo(name, 443)
    assert len(attempts) == 1


def test_no_port_is_opened_to_the_outside() -> None:
    with attempts_expected(), socket.socket() as listener, pytest.raises(LeftTheMachine):
        listener.bind(("0.0.0.0", 0))


def test_a_datagram_to_another_machine_is_refused() -> None:
    with attempts_expected(), socket.socket(type=socket.SOCK_DGRAM) as out, pytest.raises(LeftTheMachine):
        out.sendto(b"hello", (ELSEWHERE, 53))


async def test_asyncio_cannot_leave_either() -> None:
    with attempts_expected() as attempts, pytest.raises(LeftTheMachine):
        await asyncio.open_connection(ELSEWHERE, 80)
    assert len(attempts) == 1


async def test_loopback_and_unix_sockets_work(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "localhost", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    assert await reader.read() == b""
    writer.close()
    server.close()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))


def test_a_swallowed_attempt_fails_its_test_all_the_same(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(
        """
        import socket
        def test_a():
            try: socket.create_connection(("192.0.2.1", 80))
            except Exception: pass
        """
    )
    outcome = pytester.runpytest_subprocess("-p", "tests.support.sockets")
    outcome.assert_outcomes(passed=1, errors=1)
