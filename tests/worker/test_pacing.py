"""How long a post waits for its turn, on a clock moved by hand."""

import pytest

from bot.slack.pacing import REMEMBERED, Pacing


class Seconds:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_a_short_burst_goes_at_once_and_then_one_a_second(seconds: Seconds) -> None:
    pacing = Pacing(per_second=1, burst=3, clock=seconds)
    assert [pacing.reserve("D1") for _ in range(6)] == [0, 0, 0, 1, 2, 3]


def test_a_pause_gives_the_burst_back(seconds: Seconds) -> None:
    pacing = Pacing(per_second=1, burst=2, clock=seconds)
    assert [pacing.reserve("D1") for _ in range(3)] == [0, 0, 1]
    seconds.now += 1
    assert pacing.reserve("D1") == 1
    seconds.now += 60
    assert [pacing.reserve("D1") for _ in range(3)] == [0, 0, 1]


def test_conversations_do_not_wait_for_each_other(seconds: Seconds) -> None:
    pacing = Pacing(per_second=1, burst=1, clock=seconds)
    assert [pacing.reserve(channel) for channel in ("D1", "D2", "D3", "D1")] == [0, 0, 0, 1]


def test_a_held_method_is_free_after_its_time_and_the_longer_hold_counts(seconds: Seconds) -> None:
    pacing = Pacing(clock=seconds)
    pacing.hold("chat.postMessage", 30)
    pacing.hold("chat.postMessage", 5)
    assert pacing.held("chat.postMessage") == 30
    assert pacing.held("chat.update") == 0
    seconds.now += 30
    assert pacing.held("chat.postMessage") == 0


def test_memory_is_bounded_however_many_conversations_there_are(seconds: Seconds) -> None:
    pacing = Pacing(per_second=1, burst=1, clock=seconds)
    for number in range(REMEMBERED + 10):
        pacing.reserve(f"D{number}")
    assert pacing.reserve("D0") == 0  # forgotten
    assert pacing.reserve(f"D{REMEMBERED + 9}") == 1
