"""A PostgreSQL server of the tests' own, on loopback, that can be stopped, killed and started again."""

import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg

from tests.support.apart import run_apart
from tests.support.machine import postgres_binaries
from tests.support.quick_disk import in_memory

START_SECONDS = 60
START_ATTEMPTS = 3
CHOICE_OF_COPY = 15
"""The version of PostgreSQL since which the way to copy a database can be chosen."""
USER = "steward"

# Survives a killed server, not a power cut: what a test needs, without waiting for the disk.
HASTY = ("fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=64MB")
# A zone nobody assumes, so that a time without a zone shows itself.
COMMON = (
    "max_connections=200",
    "timezone=Asia/Kathmandu",
    "unix_socket_directories=",
)

# Stops the server when this process goes, even by SIGKILL: the pipe on standard input closes then.
# A word on the pipe says that somebody still wants the data.
LEASH = """
"$@" &
server=$!
read word
kill -INT "$server" 2>/dev/null
wait "$server"
[ "$word" = keep ] || rm -rf "$0"
"""


class PostgresServer:
    """One server with its own data folder; `start` before use, `close` at the end, or use it in a `with`.

    `durable` waits for the disk as a production server does; without it commits survive a killed
    server but not a power cut. `binaries` is the folder of PostgreSQL's programs.
    """

    def __init__(self, *, binaries: Path | None = None, durable: bool = False) -> None:
        found = binaries or postgres_binaries()
        if not found:
            raise RuntimeError("No PostgreSQL on this machine: run `make test`, which brings it.")
        self._account = _server_account()
        self._folder = Path(tempfile.mkdtemp(prefix="steward-postgres-"))
        self._binaries = found
        self._settings = COMMON if durable else COMMON + HASTY
        self._password = secrets.token_hex(16)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._template: str | None = None
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def binaries(self) -> Path:
        """The folder of the programs it runs with."""
        return self._binaries

    @property
    def password(self) -> str:
        """The password of its only account."""
        return self._password

    @property
    def port(self) -> int:
        """The port it listens on, also after it was stopped."""
        return self._port

    def url(self, database: str) -> str:
        """The address of a database as Steward's settings take it."""
        return self.address(database).replace("postgresql:", "postgresql+asyncpg:")

    def address(self, database: str) -> str:
        """The address of a database as PostgreSQL's own programs take it."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; nothing if it runs. The port stays the same."""
        if self.running:
            return
        attempts = 1 if self._port else START_ATTEMPTS
        for left in reversed(range(attempts)):
            port = self._port or _free_port()
            try:
                self._launch(port)
                self._port = port
                break
            except RuntimeError:
                if not left:
                    raise

    def _launch(self, port: int) -> None:
        self._pid_file.unlink(missing_ok=True)
        arguments = [str(self._binaries / "postgres"), "-D", str(self._data), "-h", "127.0.0.1"]
        arguments += ["-p", str(port)]
        for setting in self._settings:
            arguments += ["-c", setting]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", LEASH, str(self._folder), *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                **self._account,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Shut down as an operator does: connections are cut, the data is written out."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        if self.running:
            self._process.stdin.write(b"keep\n")
        self._process.stdin.close()
        self._process.wait(timeout=START_SECONDS)
        self._process = None

    def kill(self) -> None:
        """End the server at once, without a word to anybody; the next start recovers from the log."""
        if self.running:
            os.kill(int(self._pid_file.read_text().split()[0]), signal.SIGQUIT)
        self.stop()

    def kill_at_once(self) -> None:
        """End the server by SIGKILL; what it had not written is gone with it."""
        if self.running:
            os.kill(int(self._pid_file.read_text().split()[0]), signal.SIGKILL)
        self.stop()

    def restart(self) -> None:
        """`stop` and `start`."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop the server and remove its data."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, *, migrated: bool = True) -> str:
        """The address of a new database: at the newest migration, or empty."""
        template = self._migrated_template() if migrated else "template0"
        name = f"steward_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{self._way_to_copy()}')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database made by `create`, cutting whoever is still connected."""
        name = url.rpartition("/")[2]
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    def _prepare(self) -> None:
        if "user" in self._account:
            os.chown(self._folder, self._account["user"], self._account["group"])
        self._binaries = self._reachable(self._binaries)
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if "user" in self._account:
            os.chown(password_file, self._account["user"], self._account["group"])
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        self._run(
            *("initdb", "-D", str(self._data), "-U", USER, "--pwfile", str(password_file), "--no-sync"),
            *("--auth-local=reject", "--auth-host=password", "--encoding=UTF8", f"--locale={locale}"),
        )
        password_file.unlink()

    def _reachable(self, binaries: Path) -> Path:
        """The same programs where the server's account may run them (a wheel may lie in root's home)."""
        try:
            self._run("initdb", "--version")
        except (OSError, RuntimeError):
            server, package = binaries.parent, binaries.parents[1]
            shutil.copytree(server, self._folder / package.name / server.name, symlinks=True)
            # A wheel keeps its shared libraries beside its package.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, self._folder / libraries.name)
            return self._folder / package.name / server.name / "bin"
        return binaries

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False, **self._account
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                break
            if self._pid_file.exists() and self._pid_file.read_text().rstrip().endswith("ready"):
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()[-4000:]}")

    def _way_to_copy(self) -> str:
        """How to copy a database: its files in memory, its pages where a checkpoint waits for a disk."""
        version = int((self._data / "PG_VERSION").read_text())
        return " STRATEGY file_copy" if version >= CHOICE_OF_COPY and in_memory(self._folder) else ""

    def _migrated_template(self) -> str:
        if self._template is None:
            from storage.migrations import upgrade

            name = "steward_template"
            self._execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            run_apart(upgrade(self.url(name)))
            self._template = name
        return self._template

    def _execute(self, statement: str) -> None:
        run_apart(self._execute_alone(statement))

    async def _execute_alone(self, statement: str) -> None:
        connection = await asyncpg.connect(self.address("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _server_account() -> dict[str, Any]:
    """Popen's arguments that leave root behind, under which PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    """A port outside the range from which clients get theirs, so that it is still free at a restart."""
    while True:
        port = random.SystemRandom().randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
