"""How the tests themselves run: the long ones first, in memory, without walking over what stays."""

import gc
from pathlib import Path

import pytest

from tests.support.machine import ROOT
from tests.support.quick_disk import MEMORY, in_memory

MUCH = 10_000
"""Objects that libraries and tests are at least once they are loaded."""
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
markers =
    long:
"""
TESTS = """
import pytest
def test_a(): pass
def test_b(): pass
@pytest.mark.long
def test_c(): pass
@pytest.mark.long
def test_d(): pass
"""


def test_the_long_ones_come_first_and_the_others_in_their_order(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini(INI)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-v", "-p", "no:randomly", "-p", "tests.support.order")
    ran = [line.partition("::")[2].split()[0] for line in result.outlines if " PASSED" in line]
    assert ran == [f"test_{name}" for name in "cdab"]


def test_what_was_loaded_is_set_aside_for_the_garbage_collector() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > MUCH


def test_files_lie_in_memory_where_it_has_room(tmp_path: Path) -> None:
    assert not in_memory(ROOT)
    if in_memory(MEMORY):
        assert in_memory(tmp_path)
