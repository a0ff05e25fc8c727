"""What the doctor says where one Steward serves several workspaces."""

from bot.sandbox import second_team
from domain.installations import Ended
from tests.doctor.conftest import Answer, doctor
from tests.support.several import KEY, PUBLIC, Deployment, deployment


def settings(made: Deployment, url: str, **values: str) -> dict[str, str]:
    return {
        "SLACK_CLIENT_ID": made.slack.client_id,
        "SLACK_CLIENT_SECRET": made.slack.client_secret,
        "SLACK_SIGNING_SECRET": made.slack.signing_secret,
        "STEWARD_DATABASE_URL": url,
        "STEWARD_PUBLIC_URL": PUBLIC,
        "STEWARD_SECRET_KEY": KEY,
        "STEWARD_SLACK_API_URL": made.slack.api_url,
    } | values


async def examined(made: Deployment, url: str, **values: str) -> Answer:
    return await doctor(settings(made, url, **values))


async def test_nobody_having_installed_it_yet_is_no_fault(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        found = await examined(made, sqlite_url)
        assert found.code == 0, found.text
        assert "Nobody has installed Steward yet" in found.text


async def test_each_installation_is_asked_about(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        other = made.slack.add_workspace(second_team())
        await made.install(made.slack.person("olivia"))
        await made.install(made.slack.person("olga", other))
        found = await examined(made, sqlite_url)
        assert found.code == 0, found.text
        assert "installed in 2 workspaces" in found.text
        await made.installations.end(other.team.id, Ended.EXPIRED)
        found = await examined(made, sqlite_url)
        assert found.code == 1
        assert "Eastwind Works (T0EASTWIND) has lost its tokens: install it again" in found.text
        assert "xoxb" not in found.text


async def test_credentials_slack_does_not_take_are_named(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        found = await examined(made, sqlite_url, SLACK_CLIENT_SECRET="another-secret")
        assert found.code == 1
        assert "SLACK_CLIENT_SECRET: Slack does not take it" in found.text
        assert "another-secret" not in found.text


async def test_a_removed_app_is_told_and_no_fault(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        await made.install(made.slack.person("olivia"))
        await made.installations.end(made.slack.workspace.team.id, Ended.UNINSTALLED)
        found = await examined(made, sqlite_url)
        assert found.code == 0, found.text
        assert "was removed in Slack" in found.text


async def test_a_key_that_is_gone_is_named(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        await made.install(made.slack.person("olivia"))
        found = await examined(made, sqlite_url, STEWARD_SECRET_KEY="another-key-of-this-server")
        assert found.code == 1
        assert "put it back behind the others" in found.text
