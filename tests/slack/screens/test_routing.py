"""Where things go: unknown verbs, strangers, refusals, a database that is away."""

import aiohttp
import pytest

from bot.slack import commands
from bot.slack.listeners import SCREENS
from bot.slack.screens.asking import parse
from bot.slack.visit import Services, visit_of
from tests.slack.edge.slack import form, signed
from tests.slack.local import SECRET, Local, running
from tests.slack.screens.reading import form_words, hears, title
from tests.support.postgres import PostgresServer


def test_every_verb_has_one_screen() -> None:
    served = [name for screen in SCREENS for name in screen.verbs]
    assert sorted(served) == sorted(verb.name for verb in commands.reachable())


async def test_an_unknown_verb_gets_the_nearest_and_the_help(northwind: Local) -> None:
    reply = await northwind.person("dana").command("/team", "invit bob@example.org")
    assert "I don't know “invit”. Did you mean `/team invite`?" in reply.text
    assert "What you can type" in reply.text


async def test_nothing_typed_gets_the_help(northwind: Local) -> None:
    assert "What you can type" in (await northwind.person("dana").command("/team")).text


async def test_help_is_for_everybody(northwind: Local) -> None:
    for handle in ("nora", "gina", "dana"):
        assert "What you can type" in (await northwind.person(handle).command("/team", "help")).text


async def test_the_button_of_the_welcome_shows_the_help(northwind: Local) -> None:
    dana = northwind.person("dana")
    await hears(dana, "Welcome")
    await dana.click("What you can type")
    assert "What you can type" in dana.ephemerals[-1].words


async def test_what_may_not_be_granted_can_be_asked_for_with_a_button(northwind: Local) -> None:
    adam = northwind.person("adam")
    await northwind.person("olivia").command("/team", "members")
    reply = await adam.command("/team", "invite eve@example.org as admin because we need two")
    assert "Asked, not sent yet" in reply.text
    await hears(northwind.person("olivia"), "invite eve@example.org as Admin", "we need two")


async def test_the_answer_says_everything_in_its_text(northwind: Local) -> None:
    reply = await northwind.person("adam").command("/team", "invite bob@example.org as wizard")
    (message,) = reply.ephemeral
    assert "The role wizard cannot be given here." in message.text
    assert "Choose one of: Admin, Developer." in message.text


async def test_a_form_that_slack_did_not_open_is_explained(northwind: Local) -> None:
    northwind.slack.faults.expired_trigger = 1
    reply = await northwind.person("adam").command("/team", "invite")
    assert reply.error is None
    assert "Slack's time to open a form ran out, and nothing was done." in reply.text


@pytest.mark.parametrize("fault", ["slack_down", "api_500", "api_429"])
async def test_a_form_that_slack_would_not_take_is_explained(northwind: Local, fault: str) -> None:
    setattr(northwind.slack.faults, fault, True)
    url = northwind.slack.dispatcher.request_url
    assert url is not None
    answer = await _signed_command(url, northwind.team_id, northwind.person("adam").id, "invite")
    assert "Slack did not let Steward open the form, and nothing was done." in answer["text"]
    northwind.slack.faults.clear()


async def test_what_was_done_is_never_denied_when_slack_does_not_take_the_answer(northwind: Local) -> None:
    nora = northwind.person("nora")
    await northwind.person("olivia").command("/team", "invite @nora")
    await hears(nora, "Accept")
    northwind.slack.faults.api_500 = True
    await nora.click("Accept")
    northwind.slack.faults.clear()
    assert (await northwind.member_of("nora")).active
    await hears(nora, "Welcome to Northwind")
    assert not any("nothing was done" in message.words for message in nora.ephemerals)


async def _signed_command(url: str, team_id: str, user_id: str, text: str) -> dict[str, str]:
    fields = {"team_id": team_id, "user_id": user_id, "command": "/team", "text": text, "trigger_id": "1.2.3"}
    body = form(fields)
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=signed(body, secret=SECRET)) as response,
    ):
        assert response.status == 200
        answer: dict[str, str] = await response.json()
        return answer


async def test_a_database_that_is_away_is_said_in_words_and_nothing_typed_is_lost(
    postgresql_url: str, postgres: PostgresServer
) -> None:
    async with running(postgresql_url) as local:
        olivia = await local.set_up()
        await olivia.command("/team", "invite")
        await olivia.fill("E-mail addresses", "bob@example.org")
        postgres.stop()
        reply = await olivia.command("/team", "invite eve@example.org", channel="general")
        assert reply.error is None
        assert "Steward could not reach its database. Nothing was done; try again in a minute." in reply.text
        errors = await olivia.submit()
        assert "Steward could not reach its database." in errors["E-mail addresses"]
        postgres.start()
        assert await olivia.submit() == {}
        assert "Invitation sent" in form_words(olivia)


async def test_a_busy_team_is_said_in_words(northwind: Local) -> None:
    async with northwind.store.transaction(northwind.team_id):
        reply = await northwind.person("dana").command("/team", "invite eve@example.org")
    assert reply.error is None
    assert "Steward is busy with other changes of your team. Nothing was done" in reply.text


def _click(**more: object) -> dict[str, object]:
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "trigger_id": "1.2",
        "actions": [{"action_id": "a", "value": "v", "action_ts": "1"}],
        **more,
    }


@pytest.fixture
def services(northwind: Local) -> Services:
    return Services(front_desk=northwind.front_desk, directory=northwind.directory, mail=False)


async def test_people_of_other_workspaces_are_strangers(services: Services) -> None:
    assert not visit_of(services, _click()).stranger
    assert visit_of(services, _click(user={"id": "U1", "team_id": "T2"})).stranger


async def test_an_enterprise_install_is_one_organization(services: Services) -> None:
    body = _click(is_enterprise_install=True, enterprise={"id": "E1"}, user={"id": "U1", "team_id": "T7"})
    visit = visit_of(services, body)
    assert visit.who.team_id == "E1"
    assert not visit.stranger


async def test_the_same_delivery_has_the_same_id_and_another_click_another(services: Services) -> None:
    first = visit_of(services, _click()).delivery
    assert visit_of(services, _click()).delivery == first
    assert visit_of(services, _click(trigger_id="1.3")).delivery != first
    assert visit_of(services, _click(user={"id": "U2", "team_id": "T1"})).delivery != first


async def test_a_form_sent_again_after_a_correction_is_another_delivery(services: Services) -> None:
    def submission(typed: str, trigger: str) -> dict[str, object]:
        values = {"email": {"email": {"type": "plain_text_input", "value": typed}}}
        view = {"id": "V1", "hash": "h", "type": "modal", "blocks": [], "state": {"values": values}}
        return {**_click(trigger_id=trigger), "type": "view_submission", "actions": None, "view": view}

    first = visit_of(services, submission("a", "1")).delivery
    assert visit_of(services, submission("a", "2")).delivery == first
    assert visit_of(services, submission("b", "1")).delivery != first


@pytest.fixture
async def numbers(local: Local) -> Local:
    """An analytics team: Adam is an Organization Administrator, who may not make another one."""
    await local.set_up(**{"Kind of team": "Analytics"})
    await local.member("adam", "Organization Administrator")
    return local


async def test_what_a_role_may_not_grant_can_be_asked_for_with_a_button(numbers: Local) -> None:
    adam, olivia = numbers.person("adam"), numbers.person("olivia")
    reply = await adam.command("/team", "invite eve@example.org as organization administrator")
    assert "may not give, change or take away the role Organization Administrator" in reply.text
    assert f"Who could: <@{olivia.id}>." in reply.text
    await adam.click("Ask them", in_=reply.ephemeral[0])
    assert "You ask to invite eve@example.org as Organization Administrator." in form_words(adam)
    assert f"*Will be asked:* <@{olivia.id}>." in form_words(adam)
    await adam.fill("Why", "She leads <support>")
    assert await adam.submit() == {}
    assert "*Asked:* invite eve@example.org as Organization Administrator" in form_words(adam)
    await hears(olivia, "invite eve@example.org as Organization Administrator", "Approve", "“She leads &lt;")
    await adam.close()
    await adam.click("Ask them", in_=reply.ephemeral[0])
    assert "Your request is waiting for a decision already." in form_words(adam)
    assert adam.view is not None
    assert not adam.view.view.get("submit")


async def test_the_reason_typed_with_what_was_refused_is_kept_for_asking(numbers: Local) -> None:
    adam, olivia = numbers.person("adam"), numbers.person("olivia")
    typed = "invite eve@example.org as organization administrator because she leads <support>"
    reply = await adam.command("/team", typed)
    await adam.click("Ask them", in_=reply.ephemeral[0])
    assert adam.view is not None
    assert parse(adam.view.view).reason == "she leads <support>"
    assert await adam.submit() == {}
    await hears(olivia, "invite eve@example.org", "“she leads &lt;support&gt;”")


async def test_nobody_is_asked_until_the_form_is_sent(numbers: Local) -> None:
    adam = numbers.person("adam")
    reply = await adam.command("/team", "invite eve@example.org as organization administrator")
    await adam.click("Ask them", in_=reply.ephemeral[0])
    async with numbers.store.reading(numbers.team_id) as tx:
        assert await tx.requests.open(limit=1) == ()


async def test_a_form_keeps_what_was_typed_below_a_refusal_that_can_be_asked_about(numbers: Local) -> None:
    adam = numbers.person("adam")
    await adam.command("/team", "invite")
    await adam.fill("E-mail addresses", "eve@example.org")
    await adam.fill("Role", "Organization Administrator")
    assert await adam.submit() == {}
    assert title(adam) == "That was not done"
    await adam.click("Ask them")
    await adam.submit()
    assert "can decide it" in form_words(adam)
    await adam.close()
    assert adam.views == []


async def test_a_refusal_met_while_reading_is_explained_by_why(northwind: Local) -> None:
    nora = northwind.person("nora")
    await nora.command("/team", "members")
    reply = await nora.command("/team", "why")
    assert "Only members of Northwind can do this." in reply.text
