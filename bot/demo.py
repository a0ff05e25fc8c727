"""Steward unchanged against a local Slack in the browser: the newcomer's first minute."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.app import Steward
from bot.clock import MovableClock
from bot.config import CannotStart, load_settings
from bot.demo_team import team_joins
from bot.logs import set_up_logs
from bot.manifest import manifest
from bot.sandbox.server import LocalSlack
from bot.serving import tell, told_to_stop

log = structlog.get_logger("steward.demo")

SENDER = "Steward <steward@northwind.example>"
_ANY_ADDRESS = "https://steward.example.com"
"""Stands in the manifest; the local Slack is told the real one once it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo is like.

    Args:
        port: of the local Slack's page; 0 picks a free one.
        data: where the team is kept; None: it is forgotten with the process.
        empty: nobody but who sets Steward up becomes a member by themself.
        socket: over Socket Mode instead of HTTP.
        smtp: with the local Slack's mail server.
    """

    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    empty: bool = False
    socket: bool = False
    smtp: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDemo:
    """A demo while it runs: `slack.url` is the page."""

    slack: LocalSlack
    steward: Steward
    clock: MovableClock
    team: asyncio.Task[None] | None
    """Ends when the demo team has joined; None when it does not."""


@asynccontextmanager
async def running(demo: Demo, tell: Callable[[str], None] = tell) -> AsyncIterator[RunningDemo]:
    """Start a demo, and stop it at the end.

    Raises:
        CannotStart: the port is taken, or the folder cannot be used.
    """
    async with AsyncExitStack() as stack:
        folder = _folder(demo, stack)
        clock = MovableClock()
        slack = LocalSlack(
            host=demo.host,
            port=demo.port,
            manifest=manifest(socket=demo.socket, url=None if demo.socket else _ANY_ADDRESS),
            signing_secret=secrets.token_hex(16),
            bot_token=f"xoxb-{secrets.token_hex(16)}",
            app_token=f"xapp-{secrets.token_hex(16)}",
            clock=clock,
        )
        await _listening(slack, demo)
        stack.push_async_callback(slack.stop)
        steward = Steward(
            load_settings(_environment(demo, slack, folder)),
            now=clock.now,
            prefill_setup_code=True,
            tell=lambda _words: None,
        )
        clock.moved = steward.wake
        await steward.start()
        stack.push_async_callback(steward.stop)
        slack.connect(request_url=None if demo.socket else f"{steward.url}/slack/events")
        team = None if demo.empty else asyncio.create_task(_joining(slack, steward, tell))
        try:
            yield RunningDemo(slack=slack, steward=steward, clock=clock, team=team)
        finally:
            if team is not None:
                team.cancel()
                await asyncio.gather(team, return_exceptions=True)


async def serve_demo(demo: Demo) -> None:
    """Run the demo until SIGTERM or SIGINT; raises as `running` does."""
    set_up_logs(level=30, readable=True)
    told = told_to_stop()
    async with running(demo) as started:
        tell(f"The local Slack: {started.slack.url}")
        for line in _to_try(demo):
            tell(line)
        await told.wait()
        tell("Stopping: finishing what was begun.")


def _to_try(demo: Demo) -> tuple[str, str, str]:
    mail = "read the mail in Sam's inbox" if demo.smtp else "open the link that Olivia is given to pass on"
    return (
        "1. As Olivia, type /team in #general and send the form: Steward is set up, Olivia owns the team.",
        "2. As Dana, type /team invite nora@northwind.example; as Adam, approve it; as Nora, accept."
        if not demo.empty
        else "2. As Olivia, type /team invite nora@northwind.example; as Nora, accept.",
        f"3. As Olivia, type /team invite sam@elsewhere.example, and {mail}.",
    )


def _folder(demo: Demo, stack: AsyncExitStack) -> Path:
    if demo.data is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steward-demo-")))
    try:
        demo.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart([f"--data: {demo.data} cannot be used as a folder ({error.strerror})."]) from error
    return demo.data


async def _listening(slack: LocalSlack, demo: Demo) -> None:
    try:
        await slack.start()
    except OSError as error:
        await slack.stop()
        raise CannotStart(
            [f"--port: the local Slack cannot listen on port {demo.port}. Name another, or 0 for any."]
        ) from error


def _environment(demo: Demo, slack: LocalSlack, folder: Path) -> Mapping[str, str]:
    values = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "STEWARD_SLACK_API_URL": slack.api_url,
        "STEWARD_DATABASE_URL": f"sqlite:///{folder.absolute() / 'steward.db'}",
        "STEWARD_HOST": demo.host,
        "STEWARD_PORT": "0",
        "STEWARD_SECRET_KEY": _secret_key(folder / "secret.key"),
    }
    if demo.socket:
        values["SLACK_APP_TOKEN"] = slack.app_token
    else:
        values["SLACK_SIGNING_SECRET"] = slack.signing_secret
    if demo.smtp:
        values["STEWARD_SMTP_URL"] = f"{slack.smtp_url}?from={SENDER.replace(' ', '%20')}"
    return values


def _secret_key(file: Path) -> str:
    """Return the key beside the database, made when it is missing: a kept team stays readable."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


async def _joining(slack: LocalSlack, steward: Steward, tell: Callable[[str], None]) -> None:
    account = await steward.contact.account()
    try:
        await team_joins(slack, steward.store, account.team_id, tell)
    except (LookupError, TimeoutError, ConnectionError) as error:
        # Somebody was quicker, or made the local Slack misbehave: the demo goes on without them.
        log.warning("demo.team_did_not_join", error=str(error).partition("\n")[0])
        tell("Not everybody of the demo team could join; invite them yourself.")
