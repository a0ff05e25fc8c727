"""Several workspaces in one local Slack: each knows its own alone."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox import LocalSlack, Workspace, second_team
from tests.sandbox.bots import RecordingBot, button, field, modal, section
from tests.sandbox.installing import auth_test, client
from tests.sandbox.test_people import refused


@pytest.fixture
def other(slack: LocalSlack) -> Workspace:
    """A second workspace with the app in it."""
    return slack.add_workspace(second_team(), installed=True)


@pytest.fixture
def theirs(slack: LocalSlack, other: Workspace) -> AsyncWebClient:
    """The client with the token of the second workspace."""
    assert other.installation is not None
    return client(slack, other.installation.bot_token)


async def test_a_token_speaks_for_its_workspace(slack: LocalSlack, other: Workspace) -> None:
    assert other.installation is not None
    first = await auth_test(slack, slack.bot_token)
    second = await auth_test(slack, other.installation.bot_token)
    assert (first["team_id"], first["team"]) == ("T0NORTHWND", "Northwind Labs")
    assert (second["team_id"], second["team"]) == ("T0EASTWIND", "Eastwind Works")
    assert first["user_id"] != second["user_id"]
    assert first["bot_id"] != second["bot_id"]


async def test_people_of_one_workspace_are_unknown_in_another(
    slack: LocalSlack, api: AsyncWebClient, other: Workspace, theirs: AsyncWebClient
) -> None:
    here, there = slack.person("dana"), slack.person("dana", other)
    assert here.id != there.id
    assert (await theirs.users_info(user=there.id))["user"]["team_id"] == other.team.id
    assert await refused(theirs.users_info(user=here.id)) == "user_not_found"
    assert await refused(api.users_info(user=there.id)) == "user_not_found"
    assert await refused(theirs.users_lookupByEmail(email=here.email)) == "users_not_found"
    assert await refused(theirs.conversations_open(users=here.id)) == "user_not_found"
    assert await refused(theirs.chat_postMessage(channel=here.id, text="x")) == "channel_not_found"
    listed = (await theirs.users_list())["members"]
    assert here.id not in [each["id"] for each in listed]
    assert here.email not in [each["profile"].get("email") for each in listed]


async def test_conversations_of_one_workspace_are_unknown_in_another(
    slack: LocalSlack, api: AsyncWebClient, other: Workspace, theirs: AsyncWebClient
) -> None:
    said = await api.chat_postMessage(channel=slack.person("dana").id, text="secret")
    for call in (
        theirs.chat_postMessage(channel=said["channel"], text="x"),
        theirs.chat_update(channel=said["channel"], ts=said["ts"], text="x"),
        theirs.conversations_history(channel=said["channel"]),
        theirs.conversations_info(channel=slack.channel("general").id),
        theirs.conversations_join(channel=slack.channel("general").id),
    ):
        assert await refused(call) in ("channel_not_found", "missing_scope")
    names = {each["id"] for each in (await theirs.conversations_list())["channels"]}
    assert names == {slack.channel("general", other).id}


async def test_forms_homes_and_triggers_stay_in_their_workspace(
    slack: LocalSlack, other: Workspace, theirs: AsyncWebClient, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me")
    trigger, form = bot.forms[-1]["trigger_id"], modal(section("hello"))
    assert await refused(theirs.views_open(trigger_id=trigger, view=form)) == "invalid_trigger_id"
    opened = await api.views_open(trigger_id=trigger, view=form)
    assert await refused(theirs.views_update(view_id=opened["view"]["id"], view=form)) == "not_found"
    home = {"type": "home", "blocks": []}
    assert await refused(theirs.views_publish(user_id=dana.id, view=home)) == "invalid_arguments"
    assert dana.view is not None
    assert slack.person("dana", other).view is None


async def test_files_are_read_with_the_token_of_their_workspace_alone(
    slack: LocalSlack, other: Workspace, theirs: AsyncWebClient, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me")
    form = modal(field("File", "f", {"type": "file_input"}))
    await api.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form)
    await dana.upload("File", "a.csv", b"a,b\n")
    await dana.submit()
    [file] = bot.payloads[-1]["view"]["state"]["values"]["f"]["typed"]["files"]
    assert await refused(theirs.files_info(file=file["id"])) == "file_not_found"
    async with aiohttp.ClientSession() as http:
        for token, seen in ((slack.bot_token, b"a,b\n"), (str(theirs.token), b"<!DOCTYPE")):
            headers = {"Authorization": f"Bearer {token}"}
            async with http.get(file["url_private_download"], headers=headers) as answer:
                assert (await answer.read()).startswith(seen)


async def test_what_is_delivered_names_its_workspace(
    slack: LocalSlack, other: Workspace, theirs: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana", other)
    await dana.command("/help-me", "please")
    assert bot.forms[-1]["team_id"] == other.team.id
    assert bot.forms[-1]["team_domain"] == "eastwind-works"
    assert bot.forms[-1]["api_app_id"] == slack.core.app.id
    await theirs.chat_postMessage(
        channel=dana.id, text="card", blocks=[{"type": "actions", "elements": [button("Go", "go")]}]
    )
    await dana.click("Go")
    click = bot.payloads[-1]
    assert (click["team"]["id"], click["user"]["team_id"]) == (other.team.id, other.team.id)
    assert (click["enterprise"], click["is_enterprise_install"]) == (None, False)
    await dana.shortcut("ask")
    assert bot.payloads[-1]["team"]["id"] == other.team.id
    ann = slack.add_person(name="Ann Archer", email="ann@eastwind.example", workspace=other)
    await slack.settle()
    joined = bot.payloads[-1]
    assert (joined["team_id"], joined["event"]["user"]["id"]) == (other.team.id, ann.id)
    assert joined["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": other.team.id,
            "user_id": other.bot.user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]


async def test_a_response_address_answers_in_its_workspace(
    slack: LocalSlack, other: Workspace, bot: RecordingBot
) -> None:
    dana = slack.person("dana", other)
    await dana.command("/help-me")
    await AsyncWebhookClient(bot.forms[-1]["response_url"]).send(text="later")
    assert [message.text for message in dana.ephemerals] == ["later"]
    assert slack.person("dana").ephemerals == []


async def test_one_workspace_removes_the_app_and_the_other_keeps_it(
    slack: LocalSlack, other: Workspace, theirs: AsyncWebClient, api: AsyncWebClient, bot: RecordingBot
) -> None:
    slack.uninstall(other)
    await slack.settle()
    assert [payload["team_id"] for payload in bot.payloads] == [other.team.id] * 2
    assert await refused(theirs.auth_test()) == "account_inactive"
    assert (await api.auth_test())["ok"]
    reply = await slack.person("dana", other).command("/help-me")
    assert str(reply.error).startswith("/help-me is not a valid command.")
    before = len(bot.requests)
    shortcut = await slack.person("dana", other).shortcut("ask")
    assert shortcut.error == "This app is not configured to handle interactive responses."
    slack.add_person(name="Ann Archer", email="ann@eastwind.example", workspace=other)
    await slack.settle()
    assert len(bot.requests) == before


async def test_the_page_shows_one_workspace_and_names_the_others(slack: LocalSlack, other: Workspace) -> None:
    async with aiohttp.ClientSession(slack.core.base_url) as http:
        async with http.get("/page/state", params={"team": other.team.id}) as answer:
            state = await answer.json()
        assert state["team"]["name"] == "Eastwind Works"
        assert state["me"]["handle"] == "olga"
        assert [each["name"] for each in state["workspaces"]] == ["Northwind Labs", "Eastwind Works"]
        general = slack.channel("general", other).id
        body = {"as": slack.person("olga", other).id, "channel": general, "text": "hello"}
        async with http.post("/page/message", json=body) as answer:
            assert (await answer.json())["ok"]
        async with http.post("/page/uninstall", json={"team": other.team.id}) as answer:
            assert (await answer.json())["ok"]
        async with http.post("/page/uninstall", json={"team": other.team.id}) as answer:
            assert (await answer.json())["error"] == "The app is not installed there."
    assert [message.text for message in slack.channel("general", other).messages.values()] == ["hello"]
    assert slack.workspace.installed
    assert not other.installed


async def test_limits_are_counted_for_each_workspace(
    slack: LocalSlack, theirs: AsyncWebClient, api: AsyncWebClient
) -> None:
    slack.limits = True
    for _ in range(20):
        await api.users_list()
    assert await refused(api.users_list()) == "ratelimited"
    assert (await theirs.users_list())["ok"]
