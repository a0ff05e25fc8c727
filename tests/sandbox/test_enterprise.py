"""An Enterprise org with several workspaces, and the app installed in all of it at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Enterprise, LocalSlack, Unauthorizable, Workspace, second_team, third_team
from tests.sandbox.bots import RecordingBot, button, modal, section
from tests.sandbox.installing import (
    answers,
    ask,
    auth_test,
    client,
    exchange,
    installed,
    manifest,
    refresh,
)
from tests.sandbox.test_people import refused


@dataclass(frozen=True)
class Grid:
    """An org with two workspaces, and a workspace outside of it."""

    slack: LocalSlack
    org: Enterprise
    east: Workspace
    south: Workspace


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack with an app for whole orgs that nobody has installed."""
    async with LocalSlack(manifest=manifest(org_deploy_enabled=True), installed=False) as local:
        local.retry_delays = (0.0, 0.02, 0.02)
        yield local


@pytest.fixture
def grid(slack: LocalSlack) -> Grid:
    """Wind Group, with Eastwind Works and Southwind Studio in it."""
    org = slack.add_enterprise("Wind Group")
    east = slack.add_workspace(second_team(), enterprise=org)
    south = slack.add_workspace(third_team(), enterprise=org)
    return Grid(slack, org, east, south)


@pytest.fixture
async def api(grid: Grid) -> AsyncWebClient:
    """The client with the token of the org."""
    answer = await installed(grid.slack, grid.slack.person("olga", grid.east), org_wide=True)
    return client(grid.slack, answer["access_token"])


async def test_an_org_gets_one_token_and_no_team(grid: Grid) -> None:
    slack, olga = grid.slack, grid.slack.person("olga", grid.east)
    answer = await installed(slack, olga, org_wide=True)
    assert answer["team"] is None
    assert answer["enterprise"] == {"id": grid.org.id, "name": "Wind Group"}
    assert answer["is_enterprise_install"] is True
    assert answer["bot_user_id"] == grid.org.bot.user
    assert answer["authed_user"] == {"id": olga.id}
    assert (grid.org.id[0], olga.id[0], grid.org.bot.user[0]) == ("E", "W", "W")
    who = await auth_test(slack, answer["access_token"])
    assert (who["team_id"], who["enterprise_id"], who["team"]) == (grid.org.id, grid.org.id, "Wind Group")
    assert who["is_enterprise_install"] is True


async def test_a_workspace_of_an_org_can_install_for_itself(grid: Grid) -> None:
    answer = await installed(grid.slack, grid.slack.person("olga", grid.east))
    assert answer["team"] == {"id": grid.east.team.id, "name": grid.east.team.name}
    assert answer["enterprise"] == {"id": grid.org.id, "name": "Wind Group"}
    assert answer["is_enterprise_install"] is False
    who = await auth_test(grid.slack, answer["access_token"])
    assert (who["team_id"], who["enterprise_id"]) == (grid.east.team.id, grid.org.id)
    assert not grid.south.installed


async def test_only_admins_of_an_org_install_for_all_of_it(grid: Grid) -> None:
    slack = grid.slack
    with pytest.raises(Unauthorizable, match="only admins"):
        slack.allow(ask(slack), slack.person("dana", grid.east), org_wide=True)
    with pytest.raises(Unauthorizable, match="belongs to no Enterprise org"):
        slack.allow(ask(slack), slack.person("olivia"), org_wide=True)


async def test_an_app_that_is_not_made_for_orgs_is_not_installed_in_one() -> None:
    async with LocalSlack(manifest=manifest(), installed=False) as slack:
        east = slack.add_workspace(second_team(), enterprise=slack.add_enterprise("Wind Group"))
        with pytest.raises(Unauthorizable, match="not made for whole orgs"):
            slack.allow(ask(slack), slack.person("olga", east), org_wide=True)


async def test_the_app_of_an_org_cannot_be_installed_in_its_workspaces_too(
    grid: Grid, api: AsyncWebClient
) -> None:
    code = answers(grid.slack.allow(ask(grid.slack), grid.slack.person("olga", grid.east)))["code"]
    assert await refused(exchange(grid.slack, code)) == "cannot_install_an_org_installed_app"


async def test_lists_need_the_workspace(grid: Grid, api: AsyncWebClient) -> None:
    for call in (api.users_list(), api.conversations_list(), api.bots_info(bot=grid.org.bot.id)):
        assert await refused(call) == "missing_argument"
    members = (await api.users_list(team_id=grid.south.team.id))["members"]
    assert {"petra", "remy"} <= {each["name"] for each in members}
    assert "olga" not in {each["name"] for each in members}
    channels = (await api.conversations_list(team_id=grid.east.team.id))["channels"]
    assert [each["id"] for each in channels] == [grid.slack.channel("general", grid.east).id]
    assert await refused(api.users_list(team_id="T0NORTHWND")) == "team_access_not_granted"


async def test_a_token_of_a_workspace_ignores_the_team_named(grid: Grid) -> None:
    answer = await installed(grid.slack, grid.slack.person("olga", grid.east))
    members = await client(grid.slack, answer["access_token"]).users_list(team_id=grid.south.team.id)
    assert "olga" in {each["name"] for each in members["members"]}


async def test_other_calls_find_the_workspace_by_what_they_name(grid: Grid, api: AsyncWebClient) -> None:
    petra, general = grid.slack.person("petra", grid.south), grid.slack.channel("general", grid.south)
    assert (await api.users_info(user=petra.id))["user"]["team_id"] == grid.south.team.id
    assert (await api.users_lookupByEmail(email=petra.email))["user"]["id"] == petra.id
    assert (await api.conversations_info(channel=general.id))["channel"]["id"] == general.id
    assert (await api.team_info(team=grid.south.team.id))["team"]["enterprise_id"] == grid.org.id
    said = await api.chat_postMessage(channel=petra.id, text="hello")
    assert [message.text for message in petra.messages()] == ["hello"]
    await api.chat_update(channel=said["channel"], ts=said["ts"], text="hello again")
    await api.views_publish(user_id=petra.id, view={"type": "home", "blocks": [section("home")]})
    assert petra.home is not None
    assert await refused(api.users_info(user=grid.slack.person("olivia").id)) == "user_not_found"


async def test_people_of_an_org_say_so(grid: Grid, api: AsyncWebClient) -> None:
    petra = grid.slack.person("petra", grid.south)
    assert (await api.users_info(user=petra.id))["user"]["enterprise_user"] == {
        "id": petra.id,
        "enterprise_id": grid.org.id,
        "enterprise_name": "Wind Group",
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "teams": [grid.south.team.id],
    }


async def test_who_is_in_two_workspaces_has_one_id_one_conversation_and_one_home(
    grid: Grid, api: AsyncWebClient, bot: RecordingBot
) -> None:
    there = grid.slack.person("olga", grid.east)
    here = grid.slack.share(there, grid.south)
    assert (here.id, here.dm) == (there.id, there.dm)
    await api.chat_postMessage(channel=there.id, text="once")
    await api.views_publish(user_id=there.id, view={"type": "home", "blocks": []})
    assert [message.text for message in here.messages()] == ["once"]
    assert here.home is there.home
    user = (await api.users_info(user=here.id))["user"]
    assert user["enterprise_user"]["teams"] == [grid.east.team.id, grid.south.team.id]
    await here.command("/help-me")
    assert (bot.forms[-1]["team_id"], bot.forms[-1]["user_id"]) == (grid.south.team.id, there.id)
    await here.shortcut("ask")
    assert bot.payloads[-1]["user"]["team_id"] == grid.east.team.id


async def test_workspaces_of_an_org_that_install_by_themselves_keep_their_own(
    grid: Grid, bot: RecordingBot
) -> None:
    slack, petra = grid.slack, grid.slack.person("petra", grid.south)
    east = client(slack, (await installed(slack, slack.person("olga", grid.east)))["access_token"])
    south = client(slack, (await installed(slack, petra))["access_token"])
    said = await south.chat_postMessage(channel=petra.id, text="secret")
    assert await refused(east.chat_postMessage(channel=petra.id, text="x")) == "channel_not_found"
    assert await refused(east.conversations_history(channel=said["channel"])) == "channel_not_found"
    await petra.command("/help-me")
    form = modal(section("form"))
    view = (await south.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form))["view"]
    assert view["app_installed_team_id"] == grid.south.team.id
    assert await refused(east.views_update(view_id=view["id"], view=form)) == "not_found"


async def test_a_home_tab_seen_in_another_workspace_names_the_installation_it_came_from(
    grid: Grid, bot: RecordingBot
) -> None:
    slack, there = grid.slack, grid.slack.person("olga", grid.east)
    here = slack.share(there, grid.south)
    east = client(slack, (await installed(slack, there))["access_token"])
    await installed(slack, slack.person("petra", grid.south))
    blocks = [{"type": "actions", "elements": [button("Go", "go")]}]
    await east.views_publish(user_id=there.id, view={"type": "home", "blocks": blocks})
    await here.click("Go", here.home)
    payload = bot.payloads[-1]
    assert payload["team"]["id"] == grid.south.team.id
    assert payload["view"]["app_installed_team_id"] == grid.east.team.id


async def test_a_token_of_a_workspace_stays_its_own_when_the_org_installs_too(grid: Grid) -> None:
    olga = grid.slack.person("olga", grid.east)
    own = (await installed(grid.slack, olga))["access_token"]
    await installed(grid.slack, olga, org_wide=True)
    who = await auth_test(grid.slack, own)
    assert (who["team_id"], who["is_enterprise_install"]) == (grid.east.team.id, False)


async def test_an_app_of_an_org_may_be_in_no_workspace_yet(grid: Grid, bot: RecordingBot) -> None:
    slack, olga = grid.slack, grid.slack.person("olga", grid.east)
    back = slack.allow(ask(slack), olga, org_wide=True, add_to=[])
    api = client(slack, (await exchange(slack, answers(back)["code"]))["access_token"])
    assert (await api.auth_teams_list())["teams"] == []
    assert (await api.auth_test())["team_id"] == grid.org.id
    assert await refused(api.users_list(team_id=grid.east.team.id)) == "team_access_not_granted"
    assert (await olga.command("/help-me")).error is not None
    slack.grant(grid.org, grid.east)
    assert (await olga.command("/help-me")).error is None


async def test_people_of_different_orgs_are_not_shared(grid: Grid) -> None:
    with pytest.raises(ValueError, match="no workspace of this org"):
        grid.slack.share(grid.slack.person("olivia"), grid.south)


async def test_commands_of_an_org_name_it(grid: Grid, api: AsyncWebClient, bot: RecordingBot) -> None:
    await grid.slack.person("petra", grid.south).command("/help-me")
    form = bot.forms[-1]
    assert (form["team_id"], form["enterprise_id"]) == (grid.south.team.id, grid.org.id)
    assert (form["enterprise_name"], form["is_enterprise_install"]) == ("Wind Group", "true")


async def test_interactions_of_an_org_name_it_and_no_team(
    grid: Grid, api: AsyncWebClient, bot: RecordingBot
) -> None:
    petra = grid.slack.person("petra", grid.south)
    await petra.command("/help-me")
    opened = await api.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=modal(section("form")))
    view = opened["view"]
    assert (view["team_id"], view["app_installed_team_id"]) == (grid.south.team.id, grid.org.id)
    await petra.submit()
    buttons = [{"type": "actions", "elements": [button("Go", "go")]}]
    await api.chat_postMessage(channel=petra.id, text="card", blocks=buttons)
    await petra.click("Go")
    await petra.shortcut("ask")
    assert [each["type"] for each in bot.payloads] == ["view_submission", "block_actions", "shortcut"]
    for payload in bot.payloads:
        assert payload["team"] is None
        assert payload["enterprise"] == {"id": grid.org.id, "name": "Wind Group"}
        assert payload["is_enterprise_install"] is True
        assert payload["user"]["team_id"] == grid.south.team.id


async def test_events_of_an_org_name_where_they_happened_and_whose_they_are(
    grid: Grid, api: AsyncWebClient, bot: RecordingBot
) -> None:
    grid.slack.add_person(name="Ann Archer", email="ann@southwind.example", workspace=grid.south)
    await grid.slack.settle()
    [told] = bot.payloads
    assert (told["team_id"], told["enterprise_id"]) == (grid.south.team.id, grid.org.id)
    assert (told["context_team_id"], told["context_enterprise_id"]) == (grid.south.team.id, grid.org.id)
    assert told["event"]["user"]["enterprise_user"]["enterprise_id"] == grid.org.id
    assert told["authorizations"] == [
        {
            "enterprise_id": grid.org.id,
            "team_id": None,
            "user_id": grid.org.bot.user,
            "is_bot": True,
            "is_enterprise_install": True,
        }
    ]


async def test_payloads_of_a_workspace_that_installed_for_itself_name_both(
    grid: Grid, bot: RecordingBot
) -> None:
    await installed(grid.slack, grid.slack.person("olga", grid.east))
    olga = grid.slack.person("olga", grid.east)
    await olga.command("/help-me")
    assert (bot.forms[-1]["enterprise_id"], bot.forms[-1]["is_enterprise_install"]) == (grid.org.id, "false")
    await olga.shortcut("ask")
    payload = bot.payloads[-1]
    assert payload["team"] == {
        "id": grid.east.team.id,
        "domain": "eastwind-works",
        "enterprise_id": grid.org.id,
        "enterprise_name": "Wind Group",
    }
    assert payload["is_enterprise_install"] is False


async def test_the_workspaces_of_an_org_are_listed_page_by_page(grid: Grid, api: AsyncWebClient) -> None:
    first = await api.auth_teams_list(limit=1)
    assert first["teams"] == [{"id": grid.east.team.id, "name": "Eastwind Works"}]
    cursor = first["response_metadata"]["next_cursor"]
    second = await api.auth_teams_list(limit=1, cursor=cursor, include_icon=True)
    assert [each["id"] for each in second["teams"]] == [grid.south.team.id]
    assert "icon" in second["teams"][0]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_a_workspace_is_taken_from_an_org_and_given_back(
    grid: Grid, api: AsyncWebClient, bot: RecordingBot
) -> None:
    slack, petra = grid.slack, grid.slack.person("petra", grid.south)
    slack.withdraw(grid.org, grid.south)
    assert [each["id"] for each in (await api.auth_teams_list())["teams"]] == [grid.east.team.id]
    assert await refused(api.users_list(team_id=grid.south.team.id)) == "team_access_not_granted"
    assert str((await petra.command("/help-me")).error).startswith("/help-me is not a valid command.")
    slack.grant(grid.org, grid.south)
    assert (await petra.command("/help-me")).error is None
    await slack.settle()
    told = [(each["event"]["type"], each["event"]["team_ids"]) for each in bot.payloads]
    assert sorted(told) == [
        ("team_access_granted", [grid.south.team.id]),
        ("team_access_revoked", [grid.south.team.id]),
    ]
    assert all(each["enterprise_id"] == grid.org.id for each in bot.payloads)
    assert all("team_id" not in each for each in bot.payloads)


async def test_an_org_removes_the_app_from_all_its_workspaces(
    grid: Grid, api: AsyncWebClient, bot: RecordingBot
) -> None:
    grid.slack.uninstall(grid.org)
    await grid.slack.settle()
    assert {each["event"]["type"] for each in bot.payloads} == {"tokens_revoked", "app_uninstalled"}
    assert {each.get("enterprise_id") for each in bot.payloads} == {grid.org.id}
    assert await refused(api.auth_test()) == "account_inactive"
    assert not grid.east.installed
    assert not grid.south.installed


async def test_the_token_of_an_org_rotates_as_any_other() -> None:
    settings = {"org_deploy_enabled": True, "token_rotation_enabled": True}
    async with LocalSlack(manifest=manifest(**settings), installed=False) as slack:
        east = slack.add_workspace(second_team(), enterprise=slack.add_enterprise("Wind Group"))
        first = await installed(slack, slack.person("olga", east), org_wide=True)
        second = await refresh(slack, first["refresh_token"])
        assert (second["team"], second["is_enterprise_install"]) == (None, True)
        assert (await auth_test(slack, second["access_token"]))["is_enterprise_install"] is True
