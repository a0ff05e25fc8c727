"""Puts what tests write into memory where the machine has room, so that no test waits for a disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 3 * 1024**3
"""Bytes that must be free there: two servers, the databases of the tests that run, pictures of a browser."""


def pytest_configure() -> None:
    """Make it the folder for temporary files, here and in every process that a test starts."""
    if "TMPDIR" not in os.environ and in_memory(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def in_memory(folder: Path) -> bool:
    """Whether files may be kept in memory at this place."""
    return folder.is_relative_to(MEMORY) and os.access(MEMORY, os.W_OK) and _free(MEMORY) > ROOM


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
