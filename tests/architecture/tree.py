"""The files of the repository that the rules look at."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.machine import ROOT

PACKAGES = ("bot", "domain", "storage")
CONFIGURATION = ("pyproject.toml", "constraints.txt", "Makefile", ".gitignore", ".ci/*")

Rule = Callable[[str, str], list[str]]


def source(*packages: str, migrations: bool = True) -> Iterator[tuple[str, str]]:
    """Path and text of every module of the packages; without the single migrations when told so."""
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if migrations or path.parent.name != "versions":
                yield relative(path), path.read_text(encoding="utf-8")


def files(*patterns: str) -> Iterator[tuple[str, str]]:
    """Path and text of every file that fits one of the patterns."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                yield relative(path), path.read_text(encoding="utf-8")


def assert_kept(rule: Rule, texts: Iterator[tuple[str, str]]) -> None:
    """Fail with every place that breaks the rule, and when there is nothing to look at."""
    chosen = list(texts)
    assert chosen, "there is no such file"
    problems = [problem for path, text in chosen for problem in rule(path, text)]
    assert not problems, "\n".join([str(rule.__doc__), *problems])


def relative(path: Path) -> str:
    """The path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()
