"""The settings are read, mapped and refused in words."""

from pathlib import Path

import pytest

from bot.config import KeySettings, Settings, SettingsProblems, load_part, load_settings, settings_table

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-2",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "STEWARD_SECRET_KEY": "a-secret-of-this-server",
}

WRONG = [
    ("SLACK_BOT_TOKEN", "xapp-1-A", "this is an app-level token"),
    ("SLACK_BOT_TOKEN", "xoxp-1-A", "this is a user token"),
    ("SLACK_BOT_TOKEN", "xoxb-", "begins with xoxb-"),
    ("SLACK_BOT_TOKEN", "xoxb-1 2", "neither spaces"),
    ("SLACK_APP_TOKEN", "xoxb-1-2", "this is a bot token"),
    ("SLACK_SIGNING_SECRET", "xoxb-1-2", "this is a token"),
    ("SLACK_SIGNING_SECRET", "päss", "special characters"),
    ("STEWARD_DATABASE_URL", "mysql://host/name", "begins with sqlite:/// or postgresql://"),
    ("STEWARD_DATABASE_URL", "steward.db", "begins with sqlite:/// or postgresql://"),
    ("STEWARD_DATABASE_URL", "sqlite://steward.db", "Three slashes"),
    ("STEWARD_DATABASE_URL", "sqlite:///:memory:", "lost at every stop"),
    ("STEWARD_DATABASE_URL", "sqlite:////nowhere/at/all.db", "the folder /nowhere/at does not exist"),
    ("STEWARD_DATABASE_URL", "postgresql://host", "names no database"),
    ("STEWARD_DATABASE_URL", "postgresql://host:port/name", "cannot be read"),
    ("STEWARD_DATABASE_URL", "postgresql://host,/name", "one of its servers cannot be read"),
    ("STEWARD_DATABASE_URL", "postgresql://one,two", "names no database"),
    ("STEWARD_HOST", "not a host", "not an address of this machine"),
    ("STEWARD_PORT", "http", "not a whole number"),
    ("STEWARD_PORT", "70000", "from 0 to 65535"),
    ("STEWARD_PUBLIC_URL", "steward.example.com", "not a web address"),
    ("STEWARD_PUBLIC_URL", "https://steward.example.com/?a=b", "nothing but name"),
    ("STEWARD_SMTP_URL", "http://mail.example.com", "smtp+starttls://"),
    ("STEWARD_SMTP_URL", "smtp://mail.example.com:mail", "cannot be read"),
    ("STEWARD_SMTP_URL", "smtp://mail.example.com?from=nobody", "?from="),
    ("STEWARD_SECRET_KEY", "short", "16 characters"),
    ("STEWARD_SECRET_KEY", "a-secret-of-this-server,short", "16 characters"),
    ("STEWARD_SECRET_KEY", "a-secret-of-this-server,a-secret-of-this-server", "twice"),
    ("STEWARD_SETUP_CODE", "1234", "6 characters"),
    ("STEWARD_SLACK_API_URL", "slack.com", "not a web address"),
]


def problems(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsProblems) as raised:
        load_settings(env)
    return raised.value.problems


def settings(**values: str) -> Settings:
    return load_settings(GOOD | values)


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_wrong_setting_is_named_with_what_is_wrong(name: str, value: str, words: str) -> None:
    (problem,) = problems(GOOD | {name: value})
    assert problem.startswith(f"{name}: ")
    assert words in problem


def test_every_missing_setting_is_listed_at_once() -> None:
    found = problems({})
    assert [problem.split()[0] for problem in found] == [
        "STEWARD_SECRET_KEY",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ]


def test_wrong_and_missing_settings_are_listed_together() -> None:
    found = problems({"STEWARD_PORT": "x", "STEWARD_HOST": "/", "SLACK_SIGNING_SECRET": "s"})
    assert {problem.split()[0].rstrip(":") for problem in found} == {
        *("SLACK_BOT_TOKEN", "STEWARD_SECRET_KEY", "STEWARD_PORT", "STEWARD_HOST"),
    }


SEVERAL = {name: value for name, value in GOOD.items() if name != "SLACK_BOT_TOKEN"} | {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "0123abcd",
    "STEWARD_PUBLIC_URL": "https://steward.example.com",
}


def test_several_workspaces_need_the_apps_credentials_and_an_address_instead_of_a_token() -> None:
    assert load_settings(SEVERAL).several
    assert not settings().several
    assert "0123abcd" in load_settings(SEVERAL).secrets


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("SLACK_CLIENT_SECRET", "SLACK_CLIENT_SECRET is missing beside SLACK_CLIENT_ID."),
        ("SLACK_CLIENT_ID", "SLACK_CLIENT_ID is missing beside SLACK_CLIENT_SECRET."),
        ("STEWARD_PUBLIC_URL", "STEWARD_PUBLIC_URL is missing: with SLACK_CLIENT_ID people install"),
    ],
)
def test_half_of_what_several_workspaces_need_is_named(without: str, words: str) -> None:
    (problem,) = problems({name: value for name, value in SEVERAL.items() if name != without})
    assert problem.startswith(words)


def test_one_workspace_and_several_at_once_are_refused() -> None:
    (problem,) = problems(SEVERAL | GOOD)
    assert problem.startswith("SLACK_BOT_TOKEN and SLACK_CLIENT_ID are both set")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_CLIENT_ID", "A0123", "two numbers with a dot"),
        ("SLACK_CLIENT_SECRET", "xoxb-1-2", "this is a token"),
    ],
)
def test_credentials_of_another_kind_are_named(name: str, value: str, words: str) -> None:
    (problem,) = problems(SEVERAL | {name: value})
    assert problem.startswith(f"{name}: ")
    assert words in problem


def test_blank_values_count_as_not_set() -> None:
    found = settings(STEWARD_SMTP_URL="  ", STEWARD_PORT="", STEWARD_SETUP_CODE="")
    assert (found.mail, found.port, found.setup_code) == (None, 3000, None)
    assert problems(GOOD | {"SLACK_BOT_TOKEN": " "})[0].startswith("SLACK_BOT_TOKEN is missing")


def test_socket_mode_needs_no_signing_secret() -> None:
    env = {name: value for name, value in GOOD.items() if name != "SLACK_SIGNING_SECRET"}
    assert load_settings(env | {"SLACK_APP_TOKEN": "xapp-1-A2"}).socket_mode


def test_commands_without_slack_ask_for_no_token() -> None:
    env = {"STEWARD_SECRET_KEY": "a-secret-of-this-server"}
    assert load_part(KeySettings, env).secret_keys == (b"a-secret-of-this-server",)
    with pytest.raises(SettingsProblems, match=r"\ASTEWARD_SECRET_KEY is missing.*\Z"):
        load_part(KeySettings, {})


def test_the_other_settings_of_the_machine_are_no_concern(tmp_path: Path) -> None:
    found = settings(PATH="/bin", SLACK_TEAM="T1", HOME=str(tmp_path))
    assert not found.socket_mode


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgresql://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
        ("postgres://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        (
            "postgresql://u:p,q@h1:5433,h2/d?sslmode=require",
            (
                "postgresql+asyncpg://u:p,q@/d"
                "?host=h1:5433&host=h2:5432&ssl=require&target_session_attrs=read-write"
            ),
        ),
        (
            "postgresql://h1,h2/d?target_session_attrs=any",
            "postgresql+asyncpg:///d?host=h1:5432&host=h2:5432&target_session_attrs=any",
        ),
    ],
)
def test_a_plain_database_address_gets_its_driver(given: str, used: str) -> None:
    assert settings(STEWARD_DATABASE_URL=given).database_url.get_secret_value() == used


def test_without_a_database_address_there_is_a_file_beside_the_process() -> None:
    assert settings().database_url.get_secret_value() == "sqlite+aiosqlite:///steward.db"


def test_keys_are_parted_at_commas_and_the_first_writes() -> None:
    found = settings(STEWARD_SECRET_KEY="the-newer-secret-key, the-older-secret-key,")
    assert found.secret_keys == (b"the-newer-secret-key", b"the-older-secret-key")


def test_the_sender_of_mail_stands_in_the_address_of_the_server() -> None:
    url = "smtp+starttls://user:p%40ss@mail.example.com:2525?from=Steward%20%3Cteam@example.com%3E"
    mail = settings(STEWARD_SMTP_URL=url).mail
    assert mail is not None
    assert mail.url == url
    assert mail.sender == "Steward <team@example.com>"


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://mail.example.com", "steward@mail.example.com"),
        ("smtps://team%40example.org:pass@mail.example.com", "team@example.org"),
        ("smtp://127.0.0.1:1025", "steward@localhost"),
    ],
)
def test_a_sender_is_found_where_none_is_given(url: str, sender: str) -> None:
    mail = settings(STEWARD_SMTP_URL=url).mail
    assert mail is not None
    assert mail.sender == sender


def test_addresses_are_kept_in_one_form() -> None:
    found = settings(
        STEWARD_PUBLIC_URL="https://steward.example.com/",
        STEWARD_SLACK_API_URL="http://127.0.0.1:8000/api",
        STEWARD_HOST="[::1]",
    )
    assert found.public_url == "https://steward.example.com"
    assert found.slack_api_url == "http://127.0.0.1:8000/api/"
    assert found.host == "::1"


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    found = settings(
        STEWARD_DATABASE_URL="postgresql://user:the-pass@host/name",
        STEWARD_SMTP_URL="smtps://user:mail-pass@host",
        SLACK_APP_TOKEN="xapp-secret",
        STEWARD_SETUP_CODE="code-word",
    )
    shown = repr(found) + str(found)
    for secret in (*GOOD.values(), "the-pass", "mail-pass", "xapp-secret", "code-word"):
        assert secret in found.secrets
        assert secret not in shown


def test_a_refusal_does_not_repeat_the_secret() -> None:
    words = " ".join(problems(GOOD | {"SLACK_BOT_TOKEN": "hunter2", "STEWARD_SECRET_KEY": "hunter3"}))
    assert "hunter" not in words


def test_the_table_names_every_setting_once() -> None:
    names = [line.name for line in settings_table()]
    assert len(names) == len(set(names)) == 13
    assert {line.name for line in settings_table() if line.default == "required"} == {
        "STEWARD_SECRET_KEY",
    }
    assert all(line.meaning and line.default for line in settings_table())
