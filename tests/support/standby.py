"""A PostgreSQL primary with a synchronous standby: killed, failed over and made whole again."""

import os
import time
from types import TracebackType
from typing import Self

import asyncpg

from tests.support.apart import run_apart
from tests.support.postgres import START_SECONDS, USER, PostgresServer

_SYNCHRONOUS = "ALTER SYSTEM SET synchronous_standby_names = '*'"
"""A commit waits until a standby has it on its disk."""
_IN_STEP = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


class _Standby(PostgresServer):
    """A server that follows another one and can be read meanwhile."""

    def __init__(self, primary: PostgresServer, *, port: int = 0) -> None:
        self._primary = primary
        super().__init__(binaries=primary.binaries)
        self._port = port

    def _prepare(self) -> None:
        if "user" in self._account:
            os.chown(self._folder, self._account["user"], self._account["group"])
        self._binaries = self._reachable(self._binaries)
        self._password = self._primary.password
        copied = self._primary.address("postgres")
        self._run(
            *("pg_basebackup", "-d", copied, "-D", str(self._data), "-R", "-X", "stream"),
            *("--checkpoint=fast", "--no-sync"),
        )


class Pair:
    """Two servers behind one address, as an operator keeps them; use it in a `with`."""

    def __init__(self) -> None:
        self._servers: list[PostgresServer] = []
        self.database = ""

    def __enter__(self) -> Self:
        try:
            self._servers.append(PostgresServer())
            self.primary.start()
            self.database = self.primary.create().rpartition("/")[2]
            self._follow(port=0)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def primary(self) -> PostgresServer:
        """The server that takes changes."""
        return self._servers[0]

    @property
    def standby(self) -> PostgresServer:
        """The server that follows; after a failover the one that was lost."""
        return self._servers[1]

    @property
    def url(self) -> str:
        """The address with both servers, as an operator writes it in Steward's settings."""
        places = ",".join(sorted(f"127.0.0.1:{server.port}" for server in self._servers))
        return f"postgresql://{USER}:{self.primary.password}@{places}/{self.database}"

    def fail_over(self) -> None:
        """Kill the primary and promote the standby, which must have had every commit until then."""
        assert self._asked(self.primary, _IN_STEP), "the standby had fallen behind"
        lost, heir = self._servers
        lost.kill_at_once()
        assert self._asked(heir, "SELECT pg_promote(wait => true)"), "the standby was not promoted"
        self._servers = [heir, lost]

    def follow_again(self) -> None:
        """Replace the server that was lost by a new standby at its port."""
        lost = self._servers.pop()
        lost.close()
        self._follow(port=lost.port)

    def close(self) -> None:
        """Stop both and remove their data."""
        for server in self._servers:
            server.close()

    def _follow(self, *, port: int) -> None:
        standby = _Standby(self.primary, port=port)
        self._servers.append(standby)
        standby.start()
        self._asked(self.primary, _SYNCHRONOUS)
        self._asked(self.primary, "SELECT pg_reload_conf()")
        deadline = time.monotonic() + START_SECONDS
        while not self._asked(self.primary, _IN_STEP):
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)

    def _asked(self, server: PostgresServer, query: str) -> object:
        async def ask() -> object:
            connection = await asyncpg.connect(server.address("postgres"))
            try:
                return await connection.fetchval(query)
            finally:
                await connection.close()

        return run_apart(ask())
