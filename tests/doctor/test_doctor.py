"""What the doctor sees in a whole Steward, and in one where something is wrong."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.manifest import manifest
from bot.sandbox import LocalSlack
from tests.connectors.conftest import Post
from tests.doctor.conftest import KEY, command, doctor, set_up, settings
from tests.worker.processes import steward


async def change(url: str, statement: str) -> None:
    """Somebody changes the database by hand."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def test_all_is_well_beside_a_running_steward_and_without_it(
    slack: LocalSlack, database_url: str
) -> None:
    env = settings(slack, database_url, STEWARD_SMTP_URL=slack.smtp_url)
    async with steward("run", env=env) as running:
        await set_up(slack, running)
        beside = await command(env, fresh=True)
    alone = await doctor(env)
    for answer in (beside, alone):
        assert (answer.code, answer.errors) == (0, ""), answer.text
        assert answer.text.endswith("All is well.")
        assert answer.line("bot token") == "bot token: Slack takes it: workspace Northwind Labs (T0NORTHWND)."
        assert answer.line("audit").startswith("audit: The newest entries hold, head included")
        assert "No mail was sent" in answer.line("mail")
        assert {line.split()[0] for line in answer.text.splitlines() if line} <= {"ok", "All"}


async def test_one_part_that_fails_hides_no_other_and_no_secret_is_printed(
    slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(
        slack,
        sqlite_url,
        SLACK_BOT_TOKEN="xoxb-a-wrong-token",
        STEWARD_SMTP_URL="smtp://robot:the-password@127.0.0.1:9",
    )
    answer = await command(env)
    assert answer.code == 1
    assert answer.to_do() == {"bot token", "mail"}
    assert answer.line("mail").endswith(". Check server, port and sign-in.")
    assert answer.line("bot token") == (
        "bot token: SLACK_BOT_TOKEN: Slack does not accept the bot token. Check SLACK_BOT_TOKEN."
    )
    assert answer.line("database").startswith("database: It answers")
    assert answer.line("Socket Mode") == "Socket Mode: Slack takes the app-level token."
    for secret in ("a-wrong-token", "the-password", KEY, slack.app_token, slack.signing_secret):
        assert secret not in answer.text + answer.errors


async def test_wrong_settings_are_all_named_and_the_right_ones_are_used(
    slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(slack, sqlite_url, SLACK_BOT_TOKEN="xoxp-mine-alone", STEWARD_PORT="http")
    del env["STEWARD_SECRET_KEY"]
    answer = await doctor(env)
    assert answer.code == 1
    assert answer.to_do() == {"settings"}
    named = {line.split()[1].rstrip(":") for line in answer.lines("settings")}
    assert named == {"SLACK_BOT_TOKEN", "STEWARD_PORT", "STEWARD_SECRET_KEY"}
    assert answer.line("parked") == "parked: Nothing was put aside."
    assert answer.line("Socket Mode") == "Socket Mode: Slack takes the app-level token."
    assert "mine-alone" not in answer.text


async def test_without_any_settings_it_says_what_to_set() -> None:
    answer = await command({}, "--json")
    assert (answer.code, answer.errors) == (1, "")
    findings = json.loads(answer.text)["findings"]
    assert len([each for each in findings if (each["part"], each["state"]) == ("settings", "to do")]) == 3


async def test_a_parked_delivery_that_is_not_there_is_said_at_the_command_line(
    slack: LocalSlack, sqlite_url: str
) -> None:
    env = settings(slack, sqlite_url)
    answer = await command(env, "--retry", "7")
    assert (answer.code, answer.errors) == (1, "")
    assert answer.text.startswith("0 deliveries were given back.")
    answer = await command(env | {"STEWARD_DATABASE_URL": "sqlite:////nowhere/at.all"}, "--retry", "all")
    assert answer.code == 2
    assert answer.errors.startswith("STEWARD_DATABASE_URL: the folder")


async def test_missing_and_superfluous_scopes_are_named(sqlite_url: str) -> None:
    content = manifest(socket=True)
    content["oauth_config"]["scopes"]["bot"].remove("im:history")
    content["oauth_config"]["scopes"]["bot"].append("channels:history")
    async with LocalSlack(manifest=content) as slack:
        answer = await doctor(settings(slack, sqlite_url))
    assert answer.to_do() == {"scopes"}
    assert answer.line("scopes").startswith("scopes: Missing: im:history. ")
    assert answer.line("scopes").endswith("Not needed, remove when you can: channels:history.")


async def test_scopes_that_may_be_left_out_are_named_and_no_trouble(sqlite_url: str) -> None:
    content = manifest(socket=True)
    scopes = content["oauth_config"]["scopes"]
    for asked in (scopes["bot"], scopes["bot_optional"]):
        asked.remove("files:write")
    async with LocalSlack(manifest=content) as slack:
        answer = await doctor(settings(slack, sqlite_url))
    assert answer.code == 0
    assert "Left out, which is allowed: files:write." in answer.line("scopes")


async def test_superfluous_scopes_alone_are_no_trouble(sqlite_url: str) -> None:
    content = manifest(socket=True)
    content["oauth_config"]["scopes"]["bot"].append("channels:history")
    async with LocalSlack(manifest=content) as slack:
        answer = await doctor(settings(slack, sqlite_url))
    assert answer.code == 0
    assert "channels:history" in answer.line("scopes")


async def test_an_app_token_slack_does_not_take_is_named(slack: LocalSlack, sqlite_url: str) -> None:
    answer = await doctor(settings(slack, sqlite_url, SLACK_APP_TOKEN="xapp-wrong-one"))
    assert answer.to_do() == {"Socket Mode"}
    assert answer.line("Socket Mode").startswith("Socket Mode: SLACK_APP_TOKEN: Slack does not take it")


async def test_slack_away_is_said_and_the_rest_is_looked_at(slack: LocalSlack, sqlite_url: str) -> None:
    env = settings(slack, sqlite_url, STEWARD_SLACK_API_URL="http://127.0.0.1:9/api/")
    answer = await doctor(env)
    assert answer.to_do() == {"bot token", "Socket Mode"}
    assert answer.line("bot token").startswith(
        "bot token: Slack cannot be reached at http://127.0.0.1:9/api/"
    )
    assert answer.line("requests").startswith("requests: Every open request")


async def test_a_database_without_schema_and_one_of_another_version_say_what_to_run(
    slack: LocalSlack, databases_empty: str, database_url: str
) -> None:
    answer = await doctor(settings(slack, databases_empty))
    assert answer.to_do() == {"database"}
    assert "steward db upgrade" in answer.line("database")
    assert answer.line("audit") == "audit: not looked at, as the database cannot be used."
    await change(database_url, "UPDATE alembic_version SET version_num = 'from_the_future'")
    answer = await doctor(settings(slack, database_url))
    assert answer.to_do() == {"database"}
    assert "at revision from_the_future" in answer.line("database")


@pytest.fixture
def databases_empty(empty_database_url: str) -> str:
    """A database without a table."""
    return empty_database_url


async def test_looking_for_a_database_does_not_make_one(slack: LocalSlack, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    answer = await doctor(settings(slack, f"sqlite:///{file}"))
    assert answer.to_do() == {"database"}
    assert not file.exists()


async def test_a_database_server_that_is_away_is_said_without_its_password(slack: LocalSlack) -> None:
    answer = await doctor(settings(slack, "postgresql://steward:the-password@127.0.0.1:9/steward"))
    assert answer.to_do() == {"database"}
    assert answer.line("database").startswith("database: The database cannot be reached")
    assert "the-password" not in answer.text


async def test_an_edited_audit_and_a_lost_key_are_found(slack: LocalSlack, database_url: str) -> None:
    env = settings(slack, database_url)
    async with steward("run", env=env) as running:
        await set_up(slack, running)
    lost = await doctor(env | {"STEWARD_SECRET_KEY": "another-key-that-is-long-enough"})
    assert lost.to_do() == {"audit"}
    assert "which STEWARD_SECRET_KEY no longer holds" in lost.text
    await change(database_url, "UPDATE audit_entries SET tag = 'nothing.happened' WHERE seq = 2")
    edited = await doctor(env)
    assert edited.to_do() == {"audit"}
    assert "Northwind: entry 2: its contents do not match its seal" in edited.text


async def test_a_mail_server_that_refuses_the_password_is_named(slack: LocalSlack, sqlite_url: str) -> None:
    post = Post(password="right")
    await post.start()
    wrong = f"smtp://robot:the-wrong-one@127.0.0.1:{post.port}"
    answer = await doctor(settings(slack, sqlite_url, STEWARD_SMTP_URL=wrong))
    right = f"smtp://robot:right@127.0.0.1:{post.port}"
    well = await doctor(settings(slack, sqlite_url, STEWARD_SMTP_URL=right))
    await post.stop()
    assert answer.to_do() == {"mail"}
    assert f"127.0.0.1:{post.port}: The mail server answered 535" in answer.line("mail")
    assert "the-wrong-one" not in answer.text
    assert "signed in as robot" in well.line("mail")
    assert post.letters == []
