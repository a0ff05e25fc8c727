"""The command line: `steward run`, `demo`, `doctor`, `db`, `manifest`, `audit`."""

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.config import (
    CannotStart,
    DatabaseSettings,
    KeySettings,
    load_part,
    load_settings,
    settings_table,
)

T = TypeVar("T")

CANNOT_START = 2
NOT_AS_IT_SHOULD_BE = 1

_SETTINGS = "\n\n".join(
    ["Settings, from the environment:"]
    + [f"{line.name} ({line.default}): {line.meaning}" for line in settings_table()]
)

app = typer.Typer(
    name="steward",
    help="Runs a team's membership from Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain: prove it, export it.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(audit, name="audit")


@app.command(epilog=_SETTINGS)
def run() -> None:
    """Start Steward in your Slack, with the settings of the environment."""
    settings = _checked(load_settings)
    gc.disable()  # what is loaded now stays: `serve` collects once it has started
    with _without("rich"):  # structlog loads it wherever it is installed
        from bot.serving import serve

    _in_loop(lambda: serve(settings))


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the local Slack's page.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep the team in; without it all is forgotten.")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Nobody joins by themself after the set-up.")
    ] = False,
    socket: Annotated[bool, typer.Option("--socket", help="Use Socket Mode instead of HTTP.")] = False,
    no_smtp: Annotated[bool, typer.Option("--no-smtp", help="Without a mail server.")] = False,
) -> None:
    """Try Steward in a local Slack in your browser: nothing to sign up for."""
    try:
        from bot.demo import Demo, serve_demo
    except ModuleNotFoundError as missing:
        if missing.name != "aiosmtpd":
            raise
        raise _stop(["The demo needs one package more: pip install 'steward[demo]'"]) from missing
    _in_loop(
        lambda: serve_demo(
            Demo(host=host, port=port, data=data, empty=empty, socket=socket, smtp=not no_smtp)
        )
    )


@app.command()
def doctor(
    retry: Annotated[
        list[str] | None, typer.Option(help="Try a parked delivery again: its number, or all.")
    ] = None,
    discard: Annotated[
        list[str] | None, typer.Option(help="Give a parked delivery up for good: its number.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False,
) -> None:
    """Look at everything Steward needs; exit 0 when all is well, 1 when something is to be done."""
    if retry or discard:
        _tend(retry or [], discard or [])
        return
    from bot.config import read_settings
    from bot.doctor import examination, printing
    from bot.logs import Redactor, set_up_logs

    secrets = read_settings().settings.secrets
    set_up_logs(secrets=secrets, level=logging.CRITICAL)
    findings = _in_loop(examination.examine)
    text = printing.as_json(findings) if as_json else printing.as_text(findings)
    printing.show(Redactor(secrets).hidden(text), plain=as_json)
    if examination.needs_somebody(findings):
        raise typer.Exit(NOT_AS_IT_SHOULD_BE)


def _tend(retry: list[str], discard: list[str]) -> None:
    from bot.doctor import acts

    settings = _checked(lambda: load_part(KeySettings))
    chosen = [(acts.retry, retry)] * bool(retry) + [(acts.discard, discard)] * bool(discard)
    done = [_in_loop(partial(act, settings, ids, tell=typer.echo)) for act, ids in chosen]
    if not all(done):
        raise typer.Exit(NOT_AS_IT_SHOULD_BE)


@database.command()
def upgrade() -> None:
    """Bring the database to this version of Steward (`steward run` does it too)."""
    from bot.app import upgrade_database

    url = _checked(lambda: load_part(DatabaseSettings)).database_url.get_secret_value()
    _in_loop(lambda: upgrade_database(url))
    typer.echo("The database is up to date.")


@app.command()
def manifest(
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode: no public address.")] = False,
    url: Annotated[str | None, typer.Option(help="Address at which Slack reaches Steward.")] = None,
    several: Annotated[
        bool, typer.Option("--several", help="For several workspaces: people install it from Steward's page.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for the Slack command line.")] = False,
) -> None:
    """Print the manifest of the Slack app, ready to paste."""
    from bot import manifest as manifests

    try:
        content = manifests.manifest(socket=socket, url=url, several=several)
    except ValueError as error:
        words = f"{error} Use --socket, or --url https://steward.example.com, or both with --several."
        raise _stop([words]) from error
    typer.echo(manifests.as_json(content) if as_json else manifests.as_yaml(content), nl=False)


@audit.command()
def verify(
    head: Annotated[
        str | None, typer.Option(help="A head noted elsewhere, which must be in the chain.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="Slack id of one workspace; all of them without it.")
    ] = None,
) -> None:
    """Prove that no entry was edited, removed, added or moved; exit 1 at the first that was."""
    from bot.auditing import verify_chains

    settings = _checked(lambda: load_part(KeySettings))
    if not _in_loop(lambda: verify_chains(settings, head=head, team=team, tell=typer.echo)):
        raise typer.Exit(NOT_AS_IT_SHOULD_BE)


@audit.command()
def export(
    format: Annotated[str, typer.Option(help="jsonl (exact) or csv (for spreadsheets).")] = "jsonl",  # noqa: A002
    team: Annotated[
        str | None, typer.Option(help="Slack id of the workspace, where there are several.")
    ] = None,
) -> None:
    """Write every audit entry to standard output."""
    from bot.auditing import FORMATS, export_chain

    if format not in FORMATS:
        raise _stop([f"--format is one of: {', '.join(FORMATS)}."])
    settings = _checked(lambda: load_part(KeySettings))
    _in_loop(lambda: export_chain(settings, form=format, team=team, out=sys.stdout))


def main() -> None:
    """Run the command line; the entry point of `steward`."""
    app()


def _checked(load: Callable[[], T]) -> T:
    try:
        return load()
    except CannotStart as problems:
        raise _stop(problems.problems) from None


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Let what is imported meanwhile not find a package that it can do without."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]


def _in_loop(work: Callable[[], Coroutine[Any, Any, T] | Awaitable[T]]) -> T:
    """Run to the end on the quickest loop there is; what is in the way is printed, without a traceback."""

    async def whole() -> T:
        return await work()

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(whole())
    except CannotStart as problems:
        raise _stop(problems.problems) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this system
        return None
    return uvloop.new_event_loop


def _stop(problems: tuple[str, ...] | list[str]) -> typer.Exit:
    for problem in problems:
        typer.echo(problem, err=True)
    return typer.Exit(CANNOT_START)
