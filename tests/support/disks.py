"""A disk that fills up under a running process: a small file system, or a limit where none may be mounted."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE = 24 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A folder; `real` says whether it is a file system of its own, as the machine's own figures tell."""

    folder: Path
    real: bool

    @contextmanager
    def full(self, pid: int) -> Iterator[None]:
        """Leave no room for that process meanwhile."""
        if self.real:
            ballast = self.folder / "ballast"
            _fill(ballast)
            try:
                yield
            finally:
                ballast.unlink()
            return
        limit = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limit[1]))
        try:
            yield
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a small file system at an empty folder, if this account may; else limit the process itself."""
    real = os.geteuid() == 0 and _ran("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder))
    try:
        yield Disk(folder=folder, real=real)
    finally:
        if real:
            _ran("umount", "--lazy", str(folder))


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(_CHUNK))


def _ran(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
