"""What a mode does not use is not loaded."""

import subprocess
import sys

UNUSED = ("alembic", "asyncpg", "aiosmtplib", "bot.sandbox", "bot.doctor")


def test_steward_on_sqlite_without_mail_loads_nothing_it_does_not_use() -> None:
    code = f"import sys, bot.app; print(*(name for name in {UNUSED!r} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
