"""Counts what ran on which database and in the browser, and fails a whole run that left something out."""

from collections import Counter
from collections.abc import Callable, Generator

import pytest

from tests.support.browser import BROWSER_FIXTURES
from tests.support.databases import ENGINE_OF_FIXTURE

KINDS = ("sqlite", "postgresql", "browser")
KIND, NOTE = "kind", "note"


class Tally:
    """What ran, by kind, what was skipped, and what tests had to say."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.skipped: set[str] = set()
        self.notes: set[str] = set()

    def add(self, report: pytest.TestReport) -> None:
        """Take one phase of one test into account."""
        if report.skipped:
            self.skipped.add(report.nodeid)
        for name, value in report.user_properties:
            if name == KIND and report.when == "call" and report.passed:
                self.ran[str(value)] += 1
            if name == NOTE:
                self.notes.add(str(value))

    def line(self) -> str:
        """`sqlite 12 · postgresql 12 · browser 3 · skipped 0`."""
        counts = [f"{kind} {self.ran[kind]}" for kind in KINDS]
        return " · ".join([*counts, f"skipped {len(self.skipped)}"])

    def missing(self) -> list[str]:
        """Why a whole run with these counts is none, in words; empty when it is one."""
        problems = [f"nothing passed on {kind}" for kind in KINDS if not self.ran[kind]]
        problems += [f"skipped: {nodeid}" for nodeid in sorted(self.skipped)]
        return problems


tally_key = pytest.StashKey[Tally]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole`: this run claims to be all of it."""
    parser.addoption(
        "--whole",
        action="store_true",
        help="fail unless tests passed on SQLite, on PostgreSQL and in the browser, and none was skipped",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[tally_key] = tally = Tally()
    config.pluginmanager.register(_Ear(tally), "steward-tally")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures it uses, and write its kinds where the report carries them."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if engine := ENGINE_OF_FIXTURE.get(name):
                item.add_marker(engine)
            if name in BROWSER_FIXTURES:
                item.add_marker("browser")
        item.user_properties += [(KIND, kind) for kind in KINDS if item.get_closest_marker(kind)]


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say something in the closing lines of the run, such as a check that could do only half its work."""
    return lambda text: request.node.user_properties.append((NOTE, text))


class _Ear:
    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._tally.add(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._tally.skipped.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for text in sorted(self._tally.notes):
            terminalreporter.write_line(f"note: {text}", yellow=True)


# Outermost, so that the line follows pytest's own closing line.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Print the counts at the very end, and fail a whole run that was none."""
    yield
    reporter: pytest.TerminalReporter | None = session.config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    tally = session.config.stash[tally_key]
    problems = tally.missing() if session.config.option.whole else []
    if problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if reporter:
        for problem in problems:
            reporter.write_line(f"not a whole run: {problem}", red=True)
        reporter.write_line(tally.line(), bold=True)
