"""What the measurements share: databases of both engines, local Slacks, Stewards, and the owner who acts."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.bench.children import Child, environment_of
from tests.bench.crowds import as_json, workspace_of
from tests.bench.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.bench.sampling import Act, Spent
from tests.bench.traffic import Delivery, Line, Place, Sender, Workspace, WrongAnswer, whisper
from tests.support.postgres import PostgresServer

APPROVE = "request_approve"
COUNTED = 5


@dataclass(slots=True)
class Lab:
    """One run of the bench."""

    stack: AsyncExitStack
    folder: Path
    samples: int
    window: float
    """Seconds each round of a throughput takes."""
    engines: tuple[Databases, ...]
    slacks: Child
    log: Path

    async def child(self, module: str) -> Child:
        """Start another process, stopped at the end."""
        child = await Child.start(module, log=self.log)
        self.stack.push_async_callback(child.stop)
        return child

    async def workspace(self, team_id: str, *, people: int = 0) -> Workspace:
        """Open a local Slack with an owner and so many others."""
        return workspace_of(await self.slacks.ask("open", team_id=team_id, people=people))

    async def office(
        self, stewards: Child, databases: Databases, database_url: str, workspace: Workspace
    ) -> "Office":
        """Start a Steward that delivers nothing, for one workspace."""
        environment = environment_of(as_json(workspace), database_url, mail=True)
        url = await stewards.ask("start", environment=environment)
        office = Office(self, stewards, url, databases, database_url, Sender(workspace))
        office.before = await office.kept()
        return office

    async def line(self, url: str, workspace: Workspace) -> Line:
        """Connect to a bot, until the end."""
        line = await Line.open(url, workspace.signing_secret)
        self.stack.callback(line.close)
        return line


@dataclass(slots=True)
class Office:
    """A running Steward with its database, and what the owner does there."""

    lab: Lab
    stewards: Child
    url: str
    databases: Databases
    database_url: str
    sender: Sender
    before: int = 0
    """How many invitations there were at first."""
    invited: int = 0
    """How many were sent since, as far as Steward said."""

    async def line(self) -> Line:
        """Another connection, as of another client."""
        return await self.lab.line(self.url, self.sender.workspace)

    def invites(self, line: Line, names: Iterator[int]) -> Act:
        """The owner invites one new address, directly."""

        async def invite() -> None:
            await line.send(self.sender.command(f"invite guest-{next(names)}@far.example"))
            self.invited += 1
            if b"Invitation sent" not in line.answer:
                raise WrongAnswer(line.answer.decode())

        return invite

    def votes(self, line: Line, requests: Iterator[str], where: Callable[[], Place] = whisper) -> Act:
        """The owner approves one request."""

        async def vote() -> None:
            request = next(requests, None)
            if request is None:
                raise Spent
            await line.send(self.sender.click(APPROVE, request, where()))
            self.invited += 1

        return vote

    async def kept(self) -> int:
        """Return how many invitations the database holds."""
        return int(await self.databases.one(self.database_url, "SELECT count(*) FROM invitations"))

    async def all_kept(self) -> None:
        """Make sure that everything acknowledged is in the database.

        Raises:
            WrongAnswer: some of it is not.
        """
        kept = await self.kept() - self.before
        if kept != self.invited:
            raise WrongAnswer(f"{self.invited} invitations acknowledged at {self.url}, {kept} kept")

    async def statements(self, act: Act) -> float:
        """Return how many statements one act takes; begin, commit and rollback are some."""
        await self.stewards.ask("watch", url=self.url)
        for _ in range(COUNTED):
            await act()
        return float(await self.stewards.ask("count", url=self.url)) / COUNTED


@asynccontextmanager
async def laboratory(*, samples: int, window: float, log: Path) -> AsyncIterator[Lab]:
    """Start what every measurement needs."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="steward-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = await asyncio.to_thread(PostgresServer, durable=True)
        stack.callback(server.close)
        await asyncio.to_thread(server.start)
        engines = (SqliteDatabases(folder), PostgresqlDatabases(server))
        slacks = await Child.start("local_slack", log=log)
        stack.push_async_callback(slacks.stop)
        yield Lab(stack, folder, samples, window, engines, slacks, log)


def sends(line: Line, make: Callable[[], Delivery]) -> Act:
    """One delivery after another."""

    async def send() -> None:
        await line.send(make())

    return send


def numbers() -> Iterator[int]:
    """Numbers for names, each once."""
    return count()
