"""The mirror of Slack's people: who each is, all of them, kept by events, asked for when unknown."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.sandbox import Kind, PersonSpec
from bot.slack.directory import Directory, NotTold, person_from_slack, team_of
from bot.slack.edge import web_client
from bot.slack.lines import OneLine
from domain.model import Person
from tests.worker.bench import Bench

PROFILE = {"email": "Ann@Example.com", "real_name": "Ann Archer", "display_name": "annie"}
ANN: dict[str, Any] = {
    "id": "U0ANN",
    "team_id": "T1",
    "name": "ann",
    "tz": "Europe/Vienna",
    "is_email_confirmed": True,
    "profile": PROFILE,
}


def directory_of(made: Bench) -> Directory:
    client = web_client(token=made.slack.bot_token, session=made.session, base_url=made.slack.api_url)
    return Directory(lines=OneLine(client=client, caller=made.caller), store=made.store)


async def mirrored(made: Bench, user_id: str) -> Person | None:
    async with made.store.reading(made.team_id) as tx:
        return await tx.people.get(user_id)


def test_a_full_user_of_the_workspace_belongs() -> None:
    person = person_from_slack("T1", ANN)
    assert person.belongs
    assert (person.name, person.email, person.time_zone) == ("Ann Archer", "Ann@Example.com", "Europe/Vienna")
    assert person.email_confirmed


@pytest.mark.parametrize(
    ("change", "is_what"),
    [
        ({"is_bot": True}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"id": "USLACKBOT"}, "bot"),
        ({"is_restricted": True}, "guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "guest"),
        ({"is_stranger": True}, "stranger"),
        ({"team_id": "T2"}, "stranger"),
        ({"deleted": True}, "deleted"),
    ],
)
def test_bots_guests_strangers_and_the_deactivated_do_not_belong(
    change: dict[str, object], is_what: str
) -> None:
    person = person_from_slack("T1", ANN | change)
    assert getattr(person, is_what)
    assert not person.belongs


@pytest.mark.parametrize(
    "enterprise", [{"enterprise_id": "E1"}, {"enterprise_id": "E2", "teams": ["T7", "E1"]}]
)
def test_who_is_in_the_enterprise_org_belongs_to_it(enterprise: dict[str, object]) -> None:
    assert person_from_slack("E1", ANN | {"enterprise_user": enterprise}).belongs


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ({"real_name": "", "display_name": "annie"}, "annie"),
        ({}, "ann"),
    ],
)
def test_a_person_without_a_full_name_is_called_by_what_there_is(
    profile: dict[str, object], name: str
) -> None:
    assert person_from_slack("T1", ANN | {"profile": profile}).name == name


def test_a_deactivated_user_with_few_fields_is_understood() -> None:
    person = person_from_slack("T1", {"id": "U1", "team_id": "T1", "deleted": True, "profile": {}})
    assert (person.time_zone, person.email, person.name) == ("UTC", "", "")


@pytest.mark.parametrize(
    ("org_wide", "enterprise_id", "key"),
    [(True, "E1", "E1"), (False, "E1", "T1"), (None, None, "T1"), (True, None, "T1")],
)
def test_an_organization_is_kept_under_the_enterprise_only_where_installed_org_wide(
    org_wide: bool | None, enterprise_id: str | None, key: str
) -> None:
    assert team_of(team_id="T1", enterprise_id=enterprise_id, org_wide=org_wide) == key


async def test_what_is_no_id_of_slacks_is_neither_asked_for_nor_logged(idle: Bench) -> None:
    with capture_logs() as logs:
        for claimed in ("", "ann@example.com", "U0ANN\n", "u0ann", "U" + "0" * 40):
            assert await directory_of(idle).meet(idle.team_id, claimed) is None
    assert idle.slack.calls.count("users.info") == 0
    assert logs == []


async def test_everybody_is_read_page_by_page(idle: Bench) -> None:
    for number in range(450):
        handle = f"p{number}"
        idle.slack.workspace.join(
            PersonSpec(handle=handle, name=f"P {number}", email=f"{handle}@northwind.example")
        )
    gina = PersonSpec(handle="gina", name="Gina", email="gina@visitor.example", kind=Kind.GUEST)
    guest = idle.slack.workspace.join(gina)
    count = await directory_of(idle).mirror(idle.team_id)
    assert idle.slack.calls.count("users.list") == 3
    assert count >= 457
    person = await mirrored(idle, idle.slack.person("p449").id)
    assert person is not None
    assert person.belongs
    known = await mirrored(idle, guest.id)
    assert known is not None
    assert known.guest


async def test_a_limit_while_reading_is_waited_for(idle: Bench) -> None:
    idle.slack.faults.update({"api_429": 2, "retry_after": 1, "api_method": "users.list"})
    assert await directory_of(idle).mirror(idle.team_id) > 5


async def test_reading_again_writes_nothing_that_is_known(idle: Bench) -> None:
    directory = directory_of(idle)
    await directory.mirror(idle.team_id)
    async with idle.store.transaction(idle.team_id):
        # With the organization locked a write would be refused as busy.
        async with asyncio.timeout(1):
            assert await directory.mirror(idle.team_id) > 5


async def test_an_unknown_person_is_asked_for_once(idle: Bench) -> None:
    spec = PersonSpec(handle="new", name="New Person", email="new@northwind.example")
    account = idle.slack.workspace.join(spec)
    directory = directory_of(idle)
    first = await directory.ensure(idle.team_id, account.id)
    assert first == await directory.ensure(idle.team_id, account.id)
    assert first is not None
    assert first.email == "new@northwind.example"
    assert idle.slack.calls.count("users.info") == 1


async def test_a_person_slack_does_not_tell_of_stays_unknown(idle: Bench) -> None:
    directory = directory_of(idle)
    assert await directory.ensure(idle.team_id, "U0NOBODY00") is None
    idle.slack.faults.slack_down = True
    assert await directory.ensure(idle.team_id, "U0SOMEBODY") is None


async def test_it_is_told_apart_whether_slack_knows_nobody_or_does_not_answer(idle: Bench) -> None:
    directory = directory_of(idle)
    assert await directory.meet(idle.team_id, "U0NOBODY00") is None
    idle.slack.faults.slack_down = True
    with pytest.raises(NotTold):
        await directory.meet(idle.team_id, "U0SOMEBODY")


@pytest.mark.parametrize("user", ["U0ANN", {}, None, {"id": "U0ANN", "profile": "x"}])
async def test_an_event_about_no_user_is_passed_over(idle: Bench, user: Any) -> None:
    with capture_logs() as logs:
        await directory_of(idle).learn(idle.team_id, user)
    assert [entry["event"] for entry in logs] == ["directory.misshapen"]
    assert await mirrored(idle, "U0ANN") is None


async def test_an_event_changes_what_is_known_and_keeps_that_home_was_opened(idle: Bench) -> None:
    account = idle.slack.person("adam").account
    directory = directory_of(idle)
    async with idle.store.transaction(idle.team_id) as tx:
        known = await tx.people.get(account.id)
        assert known is not None
        await tx.people.save(Person(team_id=idle.team_id, user_id=account.id, home_opened=True))
    account.name = "Adam A."
    await directory.learn(idle.team_id, account.to_json(with_email=True))
    person = await mirrored(idle, account.id)
    assert person is not None
    assert (person.name, person.home_opened) == ("Adam A.", True)


@pytest.mark.parametrize(
    ("said", "kept"),
    [(1700000000, 1700000000), (None, 0), ("1700000000", 0), (-1, 0), (1700000000000, 0), (2**70, 0)],
)
def test_when_slack_changed_a_person_is_kept_where_it_can_be_understood(said: object, kept: int) -> None:
    assert person_from_slack("T1", ANN | {"updated": said}).updated == kept


async def test_an_event_that_was_overtaken_or_comes_again_changes_nothing(idle: Bench) -> None:
    directory, adam = directory_of(idle), idle.slack.person("adam")
    await directory.mirror(idle.team_id)
    adam.change(name="Adam A.")
    earlier = adam.account.to_json(with_email=True)
    adam.change(deleted=True)
    for event in (adam.account.to_json(with_email=True), earlier, earlier):
        await directory.learn(idle.team_id, event)
    person = await mirrored(idle, adam.account.id)
    assert person is not None
    assert person.deleted


async def test_a_change_that_steward_does_not_keep_still_makes_older_events_old(idle: Bench) -> None:
    directory = directory_of(idle)
    for name, updated in (("Ann", 100), ("Ann", 300), ("Annie", 200)):
        await directory.learn("T1", ANN | {"profile": {"real_name": name}, "updated": updated})
    async with idle.store.reading("T1") as tx:
        person = await tx.people.get("U0ANN")
    assert person is not None
    assert person.name == "Ann"


async def test_while_slack_does_not_accept_the_app_the_mirror_waits_and_says_so(idle: Bench) -> None:
    idle.slack.uninstall()
    directory = directory_of(idle)
    directory.start(idle.team_id)
    await idle.until(lambda: idle.caller.problem)
    assert not directory.complete
    await directory.stop()
