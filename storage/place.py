"""Where an SQLite database lies, and whether the files there are still those its connections opened."""

import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from domain.ports import StoreUnavailable

LEAST_ROOM = 1024 * 1024
"""Bytes; with less left on its disk a database is as good as full."""

_Identity = tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Device and inode of the database, its write-ahead log and the log's index; None for one not there."""

    database: _Identity
    log: _Identity
    index: _Identity


class Place:
    """The path of a database. A connection goes on with a file that was moved away or deleted, unseen."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._opened: Files | None = None
        self._was_gone = False
        self.log_is_spent = False
        """Whether all that was in the log of the file that was moved stands in that file itself."""
        self._lock = threading.Lock()

    @property
    def moved(self) -> bool:
        """Whether the files that are open are not, or not all, at the path any more."""
        return self._opened is not None and self.now() != self._opened

    def now(self) -> Files:
        """Return what stands at the path."""
        return Files(
            database=_identity(self.path),
            log=_identity(f"{self.path}-wal"),
            index=_identity(f"{self.path}-shm"),
        )

    def must_have_file(self) -> _Identity:
        """Return which file is there, before it is opened: SQLite would make an empty one.

        Raises:
            StoreUnavailable: none is.
        """
        found = _identity(self.path)
        if found is None:
            self._was_gone = True
            raise StoreUnavailable(
                f"The database file {self.path} is not there. Put it back and Steward goes on with it; "
                "for a new, empty one run steward db upgrade."
            )
        return found

    def must_have_room(self) -> None:
        """Tell that changes are refused, or soon will be.

        Raises:
            StoreUnavailable: there is no room left on the disk.
        """
        if shutil.disk_usage(Path(self.path).absolute().parent).free < LEAST_ROOM:
            raise StoreUnavailable(
                f"The disk under the database file {self.path} is full, so changes are refused. "
                "Make room on it and Steward goes on by itself."
            )

    def opened(self, database: _Identity) -> None:
        """Note that a connection was opened on `database`, whatever has come to the path meanwhile.

        Raises:
            StoreUnavailable: another file is there by now, or other connections are open on another one.
        """
        with self._lock:
            now = self.now()
            if now.database != database or self._opened not in (None, now):
                raise self.is_moved()
            self._opened = now

    def must_be_unmoved(self) -> None:
        """Stop whoever is about to commit to a file that nobody will find.

        Raises:
            StoreUnavailable: the files that are open are not at the path any more.
        """
        if self.moved:
            raise self.is_moved()

    def is_moved(self) -> StoreUnavailable:
        """Return the error of who finds other files than those that are open."""
        return StoreUnavailable(
            f"The database file {self.path}, or its -wal or -shm file, was moved, deleted or replaced."
        )

    def leave(self) -> None:
        """Forget what was opened, once all connections are closed and a database is there again.

        A log that was left behind is put aside: it would be read as part of the database that is there now.
        """
        now, was = self.now(), self._opened
        other = was is not None and now.database != was.database
        # A new file may have the number of one that was deleted.
        perhaps_other = self._was_gone and self.log_is_spent
        if was is not None and now.log is not None and now.log == was.log and (other or perhaps_other):
            Path(f"{self.path}-wal").replace(f"{self.path}-wal.left-behind")
            Path(f"{self.path}-shm").unlink(missing_ok=True)
        self._opened, self._was_gone, self.log_is_spent = None, False, False


def _identity(path: str) -> _Identity:
    try:
        found = os.stat(path)  # noqa: PTH116 - before each unit of work: it is to cost nothing more
    except OSError:
        return None
    return found.st_dev, found.st_ino
