"""Who is in the workspace: lists, look-ups, and what each kind of person shows of themself."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Kind, LocalSlack, PersonSpec, demo_team
from tests.sandbox.bots import RecordingBot, button
from tests.sandbox.conftest import MANIFEST, SCOPES


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_demo_team_is_the_one_described(slack: LocalSlack) -> None:
    team = demo_team()
    assert team.name == "Northwind Labs"
    assert [person.handle for person in team.people] == ["olivia", "adam", "dana", "devi", "nora", "sam"]
    assert slack.person("sam").email == "sam@elsewhere.example"
    assert not slack.person("sam").account.in_slack
    assert [channel.name for channel in team.channels] == ["general", "team-admins"]


async def test_ids_are_the_same_at_every_start() -> None:
    first, second = LocalSlack(manifest=MANIFEST), LocalSlack(manifest=MANIFEST)
    assert first.person("dana").id == second.person("dana").id
    assert first.channel("general").id == second.channel("general").id


async def test_the_list_comes_in_pages_and_holds_everybody_once(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    for number in range(5):
        slack.add_person(
            name=f"Extra {number}", handle=f"extra{number}", email=f"e{number}@northwind.example"
        )
    names: list[str] = []
    async for page in await api.users_list(limit=3):
        assert len(page["members"]) <= 3
        names += [member["name"] for member in page["members"]]
    assert len(names) == len(set(names))
    assert {"olivia", "extra4", "slackbot", "helper"} <= set(names)
    assert "sam" not in names


async def test_a_made_up_cursor_is_refused(slack: LocalSlack, api: AsyncWebClient) -> None:
    assert await refused(api.users_list(cursor="nonsense")) == "invalid_cursor"
    assert await refused(api.users_list(limit=1001)) == "invalid_limit"


async def test_an_address_finds_a_living_colleague_and_nobody_else(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    found = await api.users_lookupByEmail(email="DANA@northwind.example")
    assert found["user"]["id"] == slack.person("dana").id
    assert await refused(api.users_lookupByEmail(email="sam@elsewhere.example")) == "users_not_found"
    slack.person("dana").change(deleted=True)
    assert await refused(api.users_lookupByEmail(email="dana@northwind.example")) == "users_not_found"


async def test_nobody_has_that_id(slack: LocalSlack, api: AsyncWebClient) -> None:
    assert await refused(api.users_info(user="U0NOBODY")) == "user_not_found"
    assert await refused(api.users_info(user=slack.person("sam").id)) == "user_not_found"


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        (Kind.MEMBER, {"is_restricted": False, "is_ultra_restricted": False, "is_bot": False}),
        (Kind.GUEST, {"is_restricted": True, "is_ultra_restricted": False}),
        (Kind.SINGLE_CHANNEL_GUEST, {"is_restricted": True, "is_ultra_restricted": True}),
        (Kind.EXTERNAL, {"is_stranger": True, "team_id": "T0ELSEWHERE"}),
        (Kind.BOT, {"is_bot": True}),
        (Kind.OWNER, {"is_owner": True, "is_admin": True}),
    ],
)
async def test_each_kind_of_person_is_told_apart(
    slack: LocalSlack, api: AsyncWebClient, kind: Kind, flags: dict[str, object]
) -> None:
    ann = slack.add_person(name="Ann Archer", email="ann@northwind.example", kind=kind, confirmed=False)
    user = (await api.users_info(user=ann.id))["user"]
    assert {name: user.get(name) for name in flags} == flags
    assert user["is_email_confirmed"] is False
    shown = kind not in (Kind.EXTERNAL, Kind.BOT)
    assert ("email" in user["profile"]) is shown


async def test_a_deactivated_person_has_fewer_fields(slack: LocalSlack, api: AsyncWebClient) -> None:
    slack.person("dana").change(deleted=True)
    user = (await api.users_info(user=slack.person("dana").id))["user"]
    assert user["deleted"] is True
    assert "is_restricted" not in user
    assert await refused(api.conversations_open(users=user["id"])) == "user_disabled"


async def test_addresses_need_their_own_scope() -> None:
    scopes = [scope for scope in SCOPES if scope != "users:read.email"]
    async with LocalSlack(manifest={**MANIFEST, "oauth_config": {"scopes": {"bot": scopes}}}) as slack:
        api = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        user = (await api.users_info(user=slack.person("dana").id))["user"]
        assert "email" not in user["profile"]
        assert "email" not in (await api.users_profile_get(user=user["id"]))["profile"]


async def test_channels_are_listed_by_kind(slack: LocalSlack, api: AsyncWebClient) -> None:
    public = await api.conversations_list()
    assert [channel["name"] for channel in public["channels"]] == ["general"]
    private = await api.conversations_list(types="private_channel")
    assert [channel["name"] for channel in private["channels"]] == ["team-admins"]
    direct = await api.conversations_list(types="im", limit=2)
    assert len(direct["channels"]) == 2
    assert direct["response_metadata"]["next_cursor"]


async def test_members_of_a_channel_are_listed(slack: LocalSlack, api: AsyncWebClient) -> None:
    members = await api.conversations_members(channel=slack.channel("team-admins").id)
    expected = {slack.person("olivia").id, slack.person("adam").id, slack.workspace.bot.user}
    assert set(members["members"]) == expected
    info = await api.conversations_info(channel=slack.channel("general").id, include_num_members=True)
    assert info["channel"]["num_members"] == 5


async def test_a_bot_and_a_crowd_cannot_be_written_to(slack: LocalSlack, api: AsyncWebClient) -> None:
    assert await refused(api.conversations_open(users="")) == "users_list_not_supplied"
    assert await refused(api.conversations_open(users="USLACKBOT")) == "cannot_dm_bot"
    both = [slack.person("dana").id, slack.person("devi").id]
    assert await refused(api.conversations_open(users=both)) == "missing_scope"


@pytest.mark.parametrize("handle", ["sam", "dana"])
async def test_who_is_not_in_this_slack_cannot_act(slack: LocalSlack, bot: RecordingBot, handle: str) -> None:
    person = slack.person(handle)
    if handle == "dana":
        person.change(deleted=True)
        await slack.settle()
    before = len(bot.requests)
    expected = f"{person.name} cannot use this Slack."
    assert (await person.command("/help-me")).error == expected
    assert (await person.shortcut("ask")).error == expected
    with pytest.raises(PermissionError, match=expected):
        await person.say(None, "hello")
    assert len(bot.requests) == before


async def test_people_of_other_workspaces_click_but_have_no_commands(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    eve = slack.add_person(name="Eve Else", email="eve@else.example", kind=Kind.EXTERNAL)
    shared = slack.add_channel("shared", members=["dana", "eve"])
    await api.chat_postMessage(
        channel=shared.id, text="x", blocks=[{"type": "actions", "elements": [button("Go", "go")]}]
    )
    assert str((await eve.command("/help-me", channel="shared")).error).startswith(
        "/help-me is not a valid command."
    )
    await eve.click("Go")
    assert bot.payloads[-1]["user"]["team_id"] == "T0ELSEWHERE"
    assert bot.payloads[-1]["team"]["id"] == slack.workspace.team.id


async def test_ten_thousand_people_join_in_no_time_that_grows(slack: LocalSlack, api: AsyncWebClient) -> None:
    for number in range(10_000):
        slack.workspace.join(
            PersonSpec(handle=f"p{number}", name=f"P {number}", email=f"p{number}@northwind.example")
        )
    assert len(slack.channel("general").members) == 10_005
    found = await api.users_lookupByEmail(email="p9999@northwind.example")
    assert found["user"]["name"] == "p9999"


async def test_each_change_of_a_person_is_dated_later_than_the_one_before(
    slack: LocalSlack, api: AsyncWebClient
) -> None:
    dana = slack.person("dana")
    moments = []
    for name in ("One", "Two", "Three"):
        dana.change(name=name)
        moments.append((await api.users_info(user=dana.id))["user"]["updated"])
    assert moments == sorted(set(moments))
    dana.change(deleted=True)
    listed = {user["id"]: user["updated"] for user in (await api.users_list())["members"]}
    assert listed[dana.id] > moments[-1]
