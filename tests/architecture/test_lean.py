"""What a mode does not use is not loaded, and what stays is not looked through again."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from bot.manifest import manifest
from bot.sandbox import LocalSlack
from tests.support.machine import ROOT

UNUSED = ("alembic", "asyncpg", "aiosmtplib", "bot.sandbox", "bot.doctor")
UNUSED_WHEN_RUN = (*UNUSED, "bot.slack.several", "bot.slack.keeping", "pydantic_settings", "rich", "yaml")

_RUN = """
import atexit, gc, sys
from bot.cli import main

atexit.register(lambda: print("at the end:", gc.isenabled(), gc.get_freeze_count() > 0, *sys.modules))
sys.argv = ["steward", "run"]
main()
"""


def test_steward_on_sqlite_without_mail_loads_nothing_it_does_not_use() -> None:
    code = f"import sys, bot.app; print(*(name for name in {UNUSED!r} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


async def test_steward_run_for_one_workspace_loads_little_and_collects_only_what_is_new(
    sqlite_url: str,
) -> None:
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack:
        settings = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "STEWARD_DATABASE_URL": sqlite_url,
            "STEWARD_PORT": "0",
            "STEWARD_SECRET_KEY": "a-secret-of-the-tests-long-enough",
            "STEWARD_SLACK_API_URL": slack.api_url,
        }
        said = await _until_stopped(settings)
    collects, frozen, *loaded = said.removeprefix("at the end: ").split()
    assert (collects, frozen) == ("True", "True")
    assert set(UNUSED_WHEN_RUN) & set(loaded) == set()


async def _until_stopped(settings: dict[str, str]) -> str:
    """Run Steward until it listens, stop it, and return its last line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "STEWARD_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RUN), cwd=Path(ROOT), env=kept | settings, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        lines = []
        async for line in process.stdout:
            lines.append(line.decode().strip())
            if lines[-1].startswith("Set-up code"):  # said after the start
                process.terminate()
        return lines[-1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
