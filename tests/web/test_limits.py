"""The counting behind the rate limits."""

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.limits import RateLimit, client_address


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def test_a_burst_passes_and_then_a_steady_rate() -> None:
    clock = Clock()
    limit = RateLimit(burst=3, per_minute=60, clock=clock)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.time = 0.5
    assert limit.wait("a") == 0.5
    clock.time = 1
    assert limit.wait("a") == 0
    assert limit.wait("b") == 0
    clock.time = 1000
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 1]


def test_memory_is_bounded_and_the_one_not_seen_for_longest_is_forgotten() -> None:
    clock = Clock()
    limit = RateLimit(burst=1, per_minute=1, keys=100, clock=clock)
    for number in range(1000):
        limit.wait(str(number))
        limit.wait("busy")
    assert len(limit) == 100
    assert limit.wait("busy") > 0
    assert limit.wait("3") == 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("8.8.8.8", "9.9.9.9", "8.8.8.8"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.2", "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        ("10.0.0.2", "9.9.9.9, 10.0.0.7", "9.9.9.9"),
        ("10.0.0.2", "10.0.0.7", "10.0.0.2"),
        ("127.0.0.1", "rubbish", "unknown"),
        ("2001:4860::1", "", "2001:4860::/64"),
        ("2001:4860::2", "", "2001:4860::/64"),
        ("fe80::1%eth0", "2606:4700::1", "2606:4700::/64"),
        ("::ffff:8.8.8.8", "", "::ffff:808:808"),
    ],
)
def test_who_is_counted(peer: str, forwarded: str, counted: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    assert client_address(request) == counted
