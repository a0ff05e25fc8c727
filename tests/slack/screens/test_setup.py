"""First run: who may set Steward up, and what the form does."""

import asyncio

import pytest

from bot.slack.forms import Form
from bot.slack.screens.setup import Filled, build, parse
from domain.changes import DeactivateMember
from domain.model import Plan, Preset
from tests.slack.local import CODE, Local, running
from tests.slack.screens.reading import form_words, hears, title


@pytest.mark.parametrize(
    "filled",
    [
        Filled(),
        Filled(name="Northwind", preset=Preset.PORTAL, seats=5, code="abc"),
        Filled(name="Müller & <Söhne>", preset=Preset.ANALYTICS, plan=Plan.PREMIUM, code="x"),
        Filled(name="מוזיקה 🎺", preset=Preset.SUITE, seats=100_000),
    ],
)
def test_the_form_reads_back_what_it_was_built_from(filled: Filled) -> None:
    assert parse(Form(build(filled))) == filled


@pytest.mark.parametrize("text", ["", "invite bob@example.org", "members", "approvals", "nonsense"])
async def test_any_command_opens_the_form_before_there_is_an_organization(local: Local, text: str) -> None:
    olivia = local.person("olivia")
    reply = await olivia.command("/team", text)
    assert reply.error is None
    assert title(olivia) == "Set up Steward"
    assert olivia.view is not None
    filled = parse(Form(olivia.view.view))
    assert (filled.name, filled.code) == ("Northwind Labs", "")


async def test_help_is_given_before_there_is_an_organization(local: Local) -> None:
    olivia = local.person("olivia")
    reply = await olivia.command("/team", "help")
    assert olivia.view is None
    first, second, *_ = reply.text.splitlines()
    assert first == "Steward is not set up yet: `/team setup`"
    assert second == "*What you can type*"
    await local.set_up()
    assert (await olivia.command("/team", "help")).text.splitlines()[0] == "*What you can type*"


async def test_shortcuts_open_the_form_too(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.shortcut("invite_people")
    assert title(olivia) == "Set up Steward"


async def test_the_sender_owns_the_organization_and_is_welcomed(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team", "setup")
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}
    assert "you are its Super Admin" in form_words(olivia)
    assert "5 seats" in form_words(olivia)
    await hears(olivia, "Welcome to Northwind Labs", "First steps")
    async with local.front_desk.reading(local.who("olivia")) as (tx, _):
        assert tx.organization.name == "Northwind Labs"
        assert tx.organization.seat_limit == 5


async def test_a_wrong_code_is_a_fault_on_its_field_and_nothing_typed_is_lost(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team")
    await olivia.fill("Team name", "Ours")
    await olivia.fill("Set-up code", "guessed")
    errors = await olivia.submit()
    assert "The set-up code is wrong." in errors["Set-up code"]
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}
    assert "Ours is set up" in form_words(olivia)


async def test_the_plan_is_asked_for_only_where_roles_depend_on_it(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team")
    await olivia.fill("Team name", "Numbers")
    await olivia.fill("Seats", "7")
    await olivia.select("Kind of team", "Analytics")
    assert "Plan" in form_words(olivia).splitlines()
    await olivia.fill("Plan", "Premium: custom roles too")
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}
    async with local.front_desk.reading(local.who("olivia")) as (tx, _):
        organization = tx.organization
    assert (organization.name, organization.preset) == ("Numbers", Preset.ANALYTICS)
    assert (organization.plan, organization.seat_limit) == (Plan.PREMIUM, 7)


async def test_the_plan_goes_away_again_with_the_preset(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team")
    await olivia.select("Kind of team", "Analytics")
    await olivia.select("Kind of team", "Suite")
    assert "Plan" not in form_words(olivia).splitlines()


async def test_seats_left_empty_mean_the_presets_own_number(local: Local) -> None:
    await local.set_up(**{"Kind of team": "Suite"})
    async with local.front_desk.reading(local.who("olivia")) as (tx, _):
        assert tx.organization.seat_limit is None


async def test_guests_never_set_steward_up(local: Local) -> None:
    gina = local.person("gina")
    reply = await gina.command("/team")
    assert gina.view is None
    assert "Guests, bots and people of other workspaces cannot set Steward up." in reply.text


async def test_of_two_set_ups_at_once_one_wins_and_the_other_hears_who_owns_it(local: Local) -> None:
    people = [local.person("olivia"), local.person("adam")]
    for person in people:
        await person.command("/team")
        await person.fill("Set-up code", CODE)
    assert await asyncio.gather(*(person.submit() for person in people)) == [{}, {}]
    won = [person for person in people if "you are its Super Admin" in form_words(person)]
    (lost,) = [person for person in people if person not in won]
    assert len(won) == 1
    assert "is set up already" in form_words(lost)
    assert f"<@{won[0].id}>" in form_words(lost)


async def test_set_up_again_says_who_owns_it(northwind: Local) -> None:
    nora = northwind.person("nora")
    reply = await nora.command("/team", "setup")
    assert "Northwind is set up already. Olivia Owens owns it." in reply.text
    assert nora.view is None


async def test_members_who_set_up_again_hear_what_they_are_and_what_to_type(northwind: Local) -> None:
    olivia, adam = northwind.person("olivia"), northwind.person("adam")
    reply = await olivia.command("/team", "setup")
    assert "You own it, as its Super Admin." in reply.text
    assert "/team settings" in reply.text
    reply = await adam.command("/team", "setup")
    assert "Olivia Owens owns it; you are in it as Admin. See what you can do with /team help." in reply.text
    assert f"<@{olivia.id}>" in reply.text
    change = DeactivateMember(member_id=(await northwind.member_of("adam")).id)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    reply = await adam.command("/team", "setup")
    assert "your membership is deactivated. Ask them, or another admin" in reply.text
    assert "/team join" not in reply.text


async def test_who_is_invited_and_sets_up_hears_of_the_invitation(northwind: Local) -> None:
    await northwind.person("olivia").command("/team", "invite @nora")
    reply = await northwind.person("nora").command("/team", "setup")
    assert "You are invited: accept in your messages" in reply.text


async def test_the_demo_fills_the_code_in(sqlite_url: str) -> None:
    async with running(sqlite_url, prefill=True) as local:
        olivia = local.person("olivia")
        await olivia.command("/team")
        assert await olivia.submit() == {}
        assert "you are its Super Admin" in form_words(olivia)


async def test_the_code_may_be_typed_after_the_verb(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team", f"setup {CODE}")
    assert await olivia.submit() == {}
    assert "you are its Super Admin" in form_words(olivia)


@pytest.mark.parametrize("typed", [CODE.upper(), "Letme in", CODE.replace("-", " - ")])
async def test_the_code_may_be_typed_in_any_case_with_or_without_hyphens(local: Local, typed: str) -> None:
    olivia = local.person("olivia")
    await olivia.command("/team")
    await olivia.fill("Set-up code", typed)
    assert await olivia.submit() == {}
    assert "you are its Super Admin" in form_words(olivia)


async def test_home_leads_to_the_form_before_there_is_an_organization(local: Local) -> None:
    olivia = local.person("olivia")
    await olivia.open_home()
    await olivia.click("Set up Steward")
    await olivia.fill("Set-up code", CODE)
    assert await olivia.submit() == {}
    assert "you are its Super Admin" in form_words(olivia)
