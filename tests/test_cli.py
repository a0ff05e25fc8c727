"""The command line, as processes of their own."""

import csv
import io
import json
import signal
import socket
from pathlib import Path

import aiohttp
import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.auditing import cell
from bot.config import settings_table
from bot.manifest import manifest
from bot.sandbox import LocalSlack
from tests.worker.bench import CODE
from tests.worker.processes import Process, steward

KEY = {"STEWARD_SECRET_KEY": "a-secret-of-the-tests-long-enough"}


async def outcome(
    *arguments: str, env: dict[str, str] | None = None, fresh: bool = True
) -> tuple[int, str, str]:
    """Exit code, output and errors of a command that ends; it loads all it needs by itself, if `fresh`."""
    async with steward(*arguments, env=env or {}, fresh=fresh) as process:
        code = await process.ends()
    return code, "\n".join(process.output), "\n".join(process.errors)


def settings(slack: LocalSlack, url: str) -> dict[str, str]:
    return KEY | {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "STEWARD_DATABASE_URL": url,
        "STEWARD_PORT": "0",
        "STEWARD_SETUP_CODE": CODE,
        "STEWARD_SLACK_API_URL": slack.api_url,
    }


async def test_run_without_settings_lists_every_problem_and_stops() -> None:
    code, output, errors = await outcome("run", env={"STEWARD_PORT": "http"})
    assert code == 2
    assert output == ""
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "STEWARD_SECRET_KEY", "STEWARD_PORT"):
        assert name in errors
    assert "Traceback" not in errors
    assert len(errors.splitlines()) == 4


async def test_run_with_a_token_slack_does_not_accept_stops_with_words(sqlite_url: str) -> None:
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack:
        env = settings(slack, sqlite_url) | {"SLACK_BOT_TOKEN": "xoxb-wrong"}
        code, output, errors = await outcome("run", env=env)
    assert code == 2, errors
    assert "SLACK_BOT_TOKEN: Slack does not accept the bot token." in errors
    assert "Traceback" not in errors + output
    assert "xoxb-wrong" not in errors + output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_run_starts_within_two_seconds_of_work_and_stops_when_told(
    empty_database_url: str, number: signal.Signals
) -> None:
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack:
        async with steward("run", env=settings(slack, empty_database_url), fresh=True) as process:
            address = (await process.says("Steward listens on")).split()[-1]
            assert f"Set-up code for Northwind Labs: {CODE}" in await process.says("Set-up code")
            async with aiohttp.ClientSession() as session, session.get(f"{address}/healthz") as response:
                assert response.status == 200
            process.process.send_signal(number)
            assert await process.ends() == 0
        assert "Stopping" in process.output[-1]


async def test_the_log_is_json_and_holds_no_secret(sqlite_url: str) -> None:
    async with LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack:
        env = settings(slack, sqlite_url)
        async with steward("run", env=env) as process:
            await set_up(slack, process)
            process.process.send_signal(signal.SIGTERM)
            assert await process.ends() == 0
    entries = [json.loads(line) for line in process.errors]
    assert {"slack.met", "steward.stopped"} <= {entry["event"] for entry in entries}
    logged = "\n".join(process.errors)
    secrets = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "STEWARD_SECRET_KEY", "STEWARD_SETUP_CODE")
    assert not [name for name in secrets if env[name] in logged]
    assert "olivia@northwind.example" not in logged


async def set_up(slack: LocalSlack, process: Process) -> None:
    """Olivia sets up in the local Slack."""
    address = (await process.says("Steward listens on")).split()[-1]
    slack.connect(request_url=f"{address}/slack/events")
    olivia = slack.person("olivia")
    await olivia.command("/team", "setup")
    await olivia.fill("Team name", "=Northwind")
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}


async def test_the_database_is_brought_up_to_date(empty_database_url: str) -> None:
    env = {"STEWARD_DATABASE_URL": empty_database_url}
    for _ in range(2):
        assert await outcome("db", "upgrade", env=env) == (0, "The database is up to date.", "")


async def test_the_audit_is_proven_and_exported_and_an_edit_is_named(database_url: str) -> None:
    env = KEY | {"STEWARD_DATABASE_URL": database_url}
    code, _, errors = await outcome("audit", "verify", env=env)
    assert (code, errors) == (2, "No organization has been set up in this database.")
    async with (
        LocalSlack(manifest=manifest(socket=False, url="https://steward.example")) as slack,
        steward("run", env=settings(slack, database_url)) as process,
    ):
        await set_up(slack, process)
    code, output, _ = await outcome("audit", "verify", env=env)
    assert code == 0
    assert output.startswith("T0NORTHWND: 2 entries hold. Head: ")
    head = output.split()[-1]
    assert (await outcome("audit", "verify", "--head", head, env=env, fresh=False))[0] == 0
    assert (await outcome("audit", "verify", "--head", "0" * 64, env=env, fresh=False))[0] == 1
    await exported(env)
    await edit(database_url)
    code, output, _ = await outcome("audit", "verify", env=env, fresh=False)
    assert code == 1
    assert output.startswith("T0NORTHWND: entry 1 does not hold: its contents do not match its seal")


async def exported(env: dict[str, str]) -> None:
    """Both forms hold the same entries."""
    _, as_json, _ = await outcome("audit", "export", "--format", "jsonl", env=env)
    _, as_csv, _ = await outcome("audit", "export", "--format", "csv", env=env, fresh=False)
    entries = [json.loads(line) for line in as_json.splitlines()]
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [entry["tag"] for entry in entries] == ["organization.founded", "member.joined"]
    assert entries[0]["facts"]["name"] == "=Northwind"
    assert [row["hash"] for row in rows] == [entry["hash"] for entry in entries]
    assert json.loads(rows[1]["personal"])["email"] == "olivia@northwind.example"


async def edit(url: str) -> None:
    """Somebody rewrites history."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE audit_entries SET tag = 'nothing.happened' WHERE seq = 1"))
    await engine.dispose()


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("plain", "plain")],
)
def test_a_cell_that_looks_like_a_formula_is_disarmed(value: str, shown: str) -> None:
    assert cell(value) == shown


async def test_an_unknown_form_of_export_is_refused_in_words() -> None:
    code, _, errors = await outcome("audit", "export", "--format", "xml", env=KEY)
    assert (code, errors) == (2, "--format is one of: jsonl, csv.")


async def test_a_database_of_another_version_says_what_to_run(empty_database_url: str) -> None:
    env = KEY | {"STEWARD_DATABASE_URL": empty_database_url}
    code, _, errors = await outcome("audit", "verify", env=env)
    assert code == 2
    assert "steward db upgrade" in errors


async def test_the_manifest_is_ready_to_paste() -> None:
    code, output, _ = await outcome("manifest", "--url", "https://steward.example.org")
    assert code == 0
    assert yaml.safe_load(output) == manifest(socket=False, url="https://steward.example.org")
    _, output, _ = await outcome("manifest", "--socket", "--json")
    assert json.loads(output) == manifest(socket=True)
    code, _, errors = await outcome("manifest")
    assert code == 2
    assert "--socket" in errors


async def test_help_lists_every_setting() -> None:
    _, output, _ = await outcome("run", "--help", env={"COLUMNS": "200"})
    assert not [line.name for line in settings_table() if line.name not in output]


async def test_the_demo_serves_a_page_says_what_to_try_and_stops_when_told() -> None:
    async with steward("demo", "--port", "0", env={}, fresh=True) as process:
        page = (await process.says("The local Slack")).split()[-1]
        await process.says("3. ")
        async with aiohttp.ClientSession() as session, session.get(page) as response:
            assert response.status == 200
            assert "text/html" in response.headers["Content-Type"]
        process.process.send_signal(signal.SIGINT)
        assert await process.ends() == 0
    assert process.errors == []


async def test_without_its_package_the_demo_says_how_to_get_it(tmp_path: Path) -> None:
    missing = 'raise ModuleNotFoundError("No module", name="aiosmtpd")'
    (tmp_path / "aiosmtpd.py").write_text(missing, encoding="utf-8")
    code, _, errors = await outcome("demo", env={"PYTHONPATH": str(tmp_path)})
    assert (code, errors) == (2, "The demo needs one package more: pip install 'steward[demo]'")


async def test_a_taken_port_of_the_demo_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, errors = await outcome("demo", "--port", str(taken.getsockname()[1]))
    assert code == 2
    assert errors.startswith("--port: ")


async def test_a_port_that_is_none_is_refused() -> None:
    code, _, errors = await outcome("demo", "--port", "99999")
    assert code == 2
    assert "65535" in errors
