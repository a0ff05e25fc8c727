"""Settings: who sees and changes which part; nothing that is not shown gets lost."""

from dataclasses import replace

import pytest

from bot.sandbox import Person
from bot.sandbox.conversations import Message
from domain.changes import ChangeSeatHolding, ChangeSettings, ChangeSubscription
from domain.model import Organization, Plan
from tests.slack.local import Local
from tests.slack.screens.filling import departments
from tests.slack.screens.reading import form_words, title

TEAM, SUBSCRIPTION, HOLDING = (
    f"settings_open:settings_{part}" for part in ("team", "subscription", "holding")
)
DEPARTMENTS = "settings_open:departments"
RULES = "settings_open:policy_rules"


async def stored(local: Local) -> Organization:
    """The organization as it is stored."""
    async with local.store.reading(local.team_id) as tx:
        return tx.organization


def buttons(person: Person) -> list[str]:
    """The buttons of the overview, by their ids."""
    assert person.view is not None
    blocks = person.view.view["blocks"]
    return [block["accessory"]["action_id"] for block in blocks if "accessory" in block]


async def test_each_sees_the_parts_they_may_change_and_who_may_change_the_others(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    for person, expected in (
        (olivia, [TEAM, SUBSCRIPTION, HOLDING, RULES, DEPARTMENTS]),
        (adam, [TEAM, SUBSCRIPTION, HOLDING, DEPARTMENTS]),
        (dana, []),
    ):
        await person.command("/team", "settings")
        assert title(person) == "Settings"
        assert buttons(person) == expected
    assert f"Who can change this: <@{olivia.id}>." in form_words(adam)
    assert "Seats: 3 of 5 used" in form_words(dana)
    assert "Audit channel" not in form_words(dana)


async def test_who_may_see_nothing_hears_who_may(local: Local) -> None:
    await local.set_up(**{"Kind of team": "suite"})
    await local.member("dana", "Member")
    reply = await local.person("dana").command("/team", "settings")
    assert "The role Member does not include: change settings and preferences." in reply.text
    assert f"Who could: <@{local.person('olivia').id}>." in reply.text


async def test_the_team_is_changed_in_its_form(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(TEAM)
    await olivia.fill("Team name", "Söhne & <!channel>")
    await olivia.fill("Domains invitations may go to", "Example.com\n@example.org, b.example")
    await olivia.fill("Audit channel", "team-admins")
    assert await olivia.submit() == {}
    assert title(olivia) == "Settings"
    assert "*Saved.*" in form_words(olivia)
    assert "Name: Söhne &amp; &lt;!channel&gt;" in form_words(olivia)
    now = await stored(northwind)
    assert now.name == "Söhne & <!channel>"
    assert now.allowed_domains == ("example.com", "example.org", "b.example")
    assert now.audit_channel is not None


@pytest.mark.parametrize(
    ("form", "label", "value", "words"),
    [
        (TEAM, "Domains invitations may go to", "nonsense", "'nonsense' is not a domain."),
        (TEAM, "Team name", "   ", "The name has 1 to 80 characters."),
        (SUBSCRIPTION, "Seats", "2", "3 active members need 3 seats."),
        (SUBSCRIPTION, "Invoice address", "billing@-northwind.example", "This is not an e-mail address."),
    ],
)
async def test_what_is_wrong_is_said_on_the_field(
    northwind: Local, form: str, label: str, value: str, words: str
) -> None:
    olivia = northwind.person("olivia")
    before = await stored(northwind)
    await olivia.command("/team", "settings")
    await olivia.click(form)
    await olivia.fill(label, value)
    assert words in (await olivia.submit())[label]
    assert await stored(northwind) == before


async def test_seats_can_be_without_limit(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(SUBSCRIPTION)
    await olivia.fill("Seats", "")
    await olivia.fill("Invoice address", "billing@northwind.example")
    assert await olivia.submit() == {}
    assert "Seats: 3 used (no limit)" in form_words(olivia)
    now = await stored(northwind)
    assert (now.seat_limit, now.invoice_email) == (None, "billing@northwind.example")


async def test_what_a_form_does_not_show_stays_as_it_is(northwind: Local) -> None:
    """The plan is not asked for in a portal; a change of seats keeps it."""
    before = await stored(northwind)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(SUBSCRIPTION)
    assert "Plan" not in form_words(olivia).splitlines()
    await olivia.fill("Seats", "9")
    await olivia.submit()
    after = await stored(northwind)
    assert (after.plan, after.invoice_email) == (before.plan, before.invoice_email)


async def test_changing_the_name_keeps_channels_and_domains(northwind: Local) -> None:
    channel = northwind.slack.channel("team-admins").id
    full = ChangeSettings(
        name="Northwind", allowed_domains=("a.example",), approvals_channel=channel, audit_channel=channel
    )
    await northwind.front_desk.submit(northwind.who("olivia"), full)
    before = await stored(northwind)
    adam = northwind.person("adam")
    await adam.command("/team", "settings")
    await adam.click(TEAM)
    await adam.fill("Team name", "Southwind")
    assert await adam.submit() == {}
    after = await stored(northwind)
    same = replace(
        after,
        name=before.name,
        version=before.version,
        audit_count=before.audit_count,
        audit_head=before.audit_head,
    )
    assert same == before


async def test_whether_a_pending_invitation_holds_a_seat_is_changed_in_its_form(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(HOLDING)
    await olivia.fill("A pending invitation holds a seat", "No: who accepts when none is free waits")
    assert await olivia.submit() == {}
    assert "A pending invitation holds a seat: no: who accepts when none is free waits" in form_words(olivia)
    assert not (await stored(northwind)).pending_holds_seat


async def test_invitations_cannot_begin_to_hold_seats_that_are_not_there(northwind: Local) -> None:
    owner = northwind.who("olivia")
    await northwind.front_desk.submit(owner, ChangeSeatHolding(pending_holds_seat=False))
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite a@b.example c@d.example e@f.example")
    await olivia.submit()
    await olivia.close()
    await olivia.command("/team", "settings")
    await olivia.click(HOLDING)
    await olivia.fill("A pending invitation holds a seat", "Yes, so that nobody who accepts is turned away")
    faults = await olivia.submit()
    assert "3 active members and 3 held" in faults["A pending invitation holds a seat"]


async def test_saving_what_is_so_already_changes_nothing(northwind: Local) -> None:
    before = await stored(northwind)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(TEAM)
    assert await olivia.submit() == {}
    assert title(olivia) == "Settings"
    assert await stored(northwind) == before


async def test_a_right_that_was_lost_meanwhile_is_missed_when_saving(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "settings")
    await adam.click(TEAM)
    await adam.fill("Team name", "Mine")
    await northwind.person("olivia").command("/team", "role @adam developer")
    await adam.submit()
    assert title(adam) == "That was not done"
    assert (await stored(northwind)).name == "Northwind"


async def test_a_department_is_created_renamed_and_retired(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(DEPARTMENTS)
    assert "There are no departments yet." in form_words(olivia)
    await olivia.click("New department")
    await olivia.fill("Name", "Sales")
    assert await olivia.submit() == {}
    assert title(olivia) == "Departments"
    assert "*Sales is a department now.*" in form_words(olivia)
    await olivia.click("New department")
    await olivia.fill("Name", "  sales ")
    assert "There is a department sales already." in (await olivia.submit())["Name"]
    await olivia.close()
    await olivia.click("Rename")
    await olivia.fill("Name", "Field sales")
    assert await olivia.submit() == {}
    assert "*The department is called Field sales now.*" in form_words(olivia)
    await olivia.click("Retire")
    assert "A retired department cannot be opened again." in form_words(olivia)
    await olivia.submit()
    assert "*Field sales is retired.*" in form_words(olivia)
    await olivia.close()
    assert "None yet." in form_words(olivia)


async def test_the_overview_below_follows_the_departments(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(DEPARTMENTS)
    await olivia.click("New department")
    await olivia.fill("Name", "Sales")
    await olivia.submit()
    await olivia.close()
    assert title(olivia) == "Settings"
    assert "*Departments*\nSales" in form_words(olivia)


async def test_more_departments_than_a_form_holds_have_pages(northwind: Local) -> None:
    await departments(northwind, 130)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    assert "and 120 more" in form_words(olivia)
    await olivia.click(DEPARTMENTS)
    assert "Departments 1–20 of 130" in form_words(olivia)
    for _ in range(6):
        await olivia.click("Next ›")
    assert "Departments 121–130 of 130" in form_words(olivia)
    await olivia.click("Retire")
    await olivia.submit()
    assert "Departments 121–129 of 129" in form_words(olivia)


async def test_a_form_below_that_was_renewed_meanwhile_is_left_as_it_is(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(TEAM)
    overview = olivia.views[0]
    newer = {**overview.view, "title": {"type": "plain_text", "text": "Newer"}}
    northwind.slack.workspace.views.update(overview, newer)
    await olivia.fill("Team name", "Southwind")
    assert await olivia.submit() == {}
    assert title(olivia) == "Newer"
    assert (await stored(northwind)).name == "Southwind"


async def test_every_form_below_is_renewed_each_time_by_the_hash_it_has_then(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(DEPARTMENTS)
    for name in ("Sales", "Support", "Design"):
        await olivia.click("New department")
        await olivia.fill("Name", name)
        assert await olivia.submit() == {}
        assert f"*{name} is a department now.*" in form_words(olivia)
    await olivia.close()
    assert "Design, Sales, Support" in form_words(olivia)
    updates = northwind.slack.calls.of("views.update")
    assert len(updates) == 6
    assert all(call.args.get("hash") for call in updates)


async def test_the_second_of_two_who_save_at_once_is_shown_what_the_first_one_saved(
    northwind: Local,
) -> None:
    olivia, adam = northwind.person("olivia"), northwind.person("adam")
    for person in (olivia, adam):
        await person.command("/team", "settings")
        await person.click(TEAM)
    await adam.fill("Team name", "Southwind")
    await adam.fill("Audit channel", "team-admins")
    assert await adam.submit() == {}
    await olivia.fill("Team name", "Eastwind")
    await olivia.fill("Domains invitations may go to", "example.org")
    assert await olivia.submit() == {}
    assert title(olivia) == "Team"
    words = form_words(olivia)
    assert "Somebody changed these settings while your form was open. Nothing was saved yet." in words
    assert "• Team name: you had chosen Eastwind." in words
    now = await stored(northwind)
    assert (now.name, now.allowed_domains) == ("Southwind", ())
    assert await olivia.submit() == {}
    assert "*Saved.*" in form_words(olivia)
    after = await stored(northwind)
    assert (after.name, after.allowed_domains) == ("Southwind", ("example.org",))
    assert after.audit_channel == now.audit_channel is not None


async def test_two_who_save_the_same_at_once_are_both_done(northwind: Local) -> None:
    people = [northwind.person("olivia"), northwind.person("adam")]
    for person in people:
        await person.command("/team", "settings")
        await person.click(TEAM)
        await person.fill("Team name", "Southwind")
    for person in people:
        assert await person.submit() == {}
        assert title(person) == "Settings"


async def test_seats_saved_meanwhile_are_not_overwritten(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(SUBSCRIPTION)
    await olivia.fill("Seats", "9")
    bill = ChangeSubscription(seat_limit=7, plan=Plan.STANDARD, invoice_email="bill@a.example")
    await northwind.front_desk.submit(northwind.who("olivia"), bill)
    assert await olivia.submit() == {}
    assert "• Seats: you had chosen 9." in form_words(olivia)
    assert (await stored(northwind)).seat_limit == 7
    await olivia.fill("Seats", "9")
    assert await olivia.submit() == {}
    now = await stored(northwind)
    assert (now.seat_limit, now.invoice_email) == (9, "bill@a.example")


async def test_a_chosen_channel_is_told_what_for(northwind: Local) -> None:
    olivia, channel = northwind.person("olivia"), northwind.slack.channel("team-admins").id
    change = ChangeSettings(name="Northwind", approvals_channel=channel, audit_channel=None)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    said = "Requests for Northwind are shown here"
    assert await olivia.until(lambda: _says(olivia.messages("team-admins"), said))


async def test_whoever_chooses_a_channel_steward_is_not_in_hears_how_to_let_it_in(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    channel = northwind.slack.add_channel("quiet", is_private=True, members=("olivia",), app_in=False).id
    change = ChangeSettings(name="Northwind", approvals_channel=None, audit_channel=channel)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    await olivia.until(lambda: _says(olivia.messages(), "Steward cannot post in"))
    assert _says(olivia.messages(), "/invite @Steward")


def _says(messages: list[Message], words: str) -> bool:
    return any(words in message.words for message in messages)
