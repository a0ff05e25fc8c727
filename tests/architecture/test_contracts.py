"""The import contracts of pyproject.toml hold, and each of them is seen to break."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.machine import ROOT

PACKAGES = ("bot", "bot/slack", "bot/web", "bot/connectors", "bot/sandbox", "domain", "storage")
BAD_TREE = {
    "domain/desk.py": "import sqlalchemy\nimport slack_sdk\n",
    "domain/model.py": "import storage.store\n",
    "storage/store.py": "import aiohttp\n",
    "bot/app.py": "",
    "bot/cli.py": "import storage.store\n",
    "bot/slack/home.py": "import bot.web.page\n",
    "bot/web/page.py": "",
    "bot/sandbox/server.py": "import bot.cli\n",
}
CONTRACTS = (
    "bot -> storage -> domain",
    "Only the composition root touches storage",
    "domain and storage know neither Slack nor the web",
    "domain knows no database and no library",
    "Slack, web, connectors and sandbox never meet",
    "The local Slack imports nothing of Steward",
)


def test_the_import_contracts_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_breaks_in_a_bad_tree(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
    for path, text in BAD_TREE.items():
        (tmp_path / path).write_text(text)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    done = _lint(tmp_path)
    assert done.returncode == 1
    assert [name for name in CONTRACTS if f"{name} BROKEN" not in done.stdout] == []


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--config", "pyproject.toml", "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
