"""What stands at the top of the repository fits together."""

import re
import tomllib
from itertools import chain

from tests.support.machine import ROOT, SERVER_WHEEL

TOP_LEVEL = {
    *("pyproject.toml", "README.md", "bot", "domain", "storage", "tests", "manifest.yml"),
    *("Makefile", "LICENSE", "constraints.txt"),
}
TARGETS = ("demo", "test", "check", "bench", "run")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_top_level_holds_what_was_agreed() -> None:
    ignored = set(
        re.findall(r"^/([\w-]+)/$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.MULTILINE)
    )
    found = (
        {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - ignored - {"__pycache__"}
    )
    assert found == TOP_LEVEL


def test_constraints_are_names_and_exact_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!+]*", line)] == []
    assert lines == sorted(lines, key=str.lower)


def test_every_dependency_has_its_tested_version() -> None:
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {_canonical(re.split(r"[^\w.-]", each)[0]) for each in wanted} - {"steward"}
    pinned = {
        _canonical(line.partition("==")[0])
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    assert names - pinned == set()
    assert _canonical(SERVER_WHEEL) in pinned


def test_the_makefile_has_the_five_commands_and_says_so() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert set(TARGETS) <= targets
    assert [
        target for target in TARGETS if not re.search(rf"^{target}:.*## \S", MAKEFILE, re.MULTILINE)
    ] == []


def test_every_make_command_of_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = set(re.findall(r"\bmake ([a-z]+)\b", readme))
    assert {"demo", "test"} <= said
    assert said <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_ci_calls_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
