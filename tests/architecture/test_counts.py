"""A run that claims to be whole is believed only when nothing was left out."""

from collections.abc import Callable

import pytest

from tests.support.machine import ROOT

INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
markers =
    sqlite:
    postgresql:
    browser:
    other:
"""
Run = Callable[..., pytest.RunResult]

EVERYTHING = """
import pytest
BOTH = [pytest.param(1, marks=pytest.mark.sqlite), pytest.param(2, marks=pytest.mark.postgresql)]
@pytest.mark.sqlite
def test_a(): pass
@pytest.mark.parametrize("engine", BOTH)
def test_b(engine): pass
@pytest.mark.browser
def test_c(): pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest with the counts on a text of tests."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini(INI)

    def run(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess("-p", "tests.support.counts", *arguments)

    return run


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_ends_with_its_counts(run: Run, workers: str) -> None:
    result = run(EVERYTHING, "--whole", "-n", workers)
    assert result.ret == 0
    assert "4 passed" in result.outlines[-2]
    assert result.outlines[-1] == "sqlite 2 · postgresql 1 · browser 1 · skipped 0"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "browser"])
def test_a_whole_run_without_one_kind_fails(run: Run, kind: str) -> None:
    result = run(EVERYTHING.replace(f"pytest.mark.{kind}", "pytest.mark.other"), "--whole")
    assert result.ret == 1
    assert f"{kind} 0" in result.outlines[-1]
    result.stdout.fnmatch_lines([f"not a whole run: nothing passed on {kind}"])


@pytest.mark.parametrize(
    ("left_out", "workers"),
    [
        ("def test_d(): pytest.skip('no')", "0"),
        ("def test_d(): pytest.skip('no')", "2"),
        ("@pytest.mark.skipif(True, reason='no')\ndef test_d(): pass", "0"),
        ("def test_d(): pytest.xfail('no')", "0"),
        ("pytest.skip('no', allow_module_level=True)", "0"),
        ("pytest.skip('no', allow_module_level=True)", "2"),
    ],
)
def test_a_whole_run_that_skips_fails(run: Run, left_out: str, workers: str) -> None:
    result = run(f"{EVERYTHING}\n{left_out}\n", "--whole", "-n", workers)
    assert result.ret != 0
    assert "skipped 1" in result.outlines[-1]


def test_a_chosen_part_may_leave_kinds_out(run: Run) -> None:
    result = run(EVERYTHING, "-k", "test_c")
    assert result.ret == 0
    assert result.outlines[-1] == "sqlite 0 · postgresql 0 · browser 1 · skipped 0"


def test_a_failed_test_is_not_counted(run: Run) -> None:
    result = run(EVERYTHING.replace("def test_c(): pass", "def test_c(): assert False"), "--whole")
    assert result.ret == 1
    assert "browser 0" in result.outlines[-1]


def test_a_note_stands_in_the_closing_lines(run: Run) -> None:
    result = run("def test_a(note): note('half of it')")
    result.stdout.fnmatch_lines(["note: half of it"])
    assert result.ret == 0
