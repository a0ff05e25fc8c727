"""Who may do what, and why not: typed and in the form."""

import pytest

from domain.changes import DeactivateMember
from tests.slack.local import Local
from tests.slack.screens.filling import fill
from tests.slack.screens.reading import form_words, title


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("can @adam invite", "*Yes: {adam} may invite people.* The role Admin includes it."),
        ("can Adam Adler change roles?", "*Yes: {adam} may manage members and their roles.*"),
        ("can adam@northwind.example transfer", "*No: {adam} may not transfer ownership.*"),
        ("can invite", "*By asking: you may ask to invite people.*"),
        ("can I change settings", "*In part: you may change settings and preferences, but only your own.*"),
        ("can read the audit log", "*In part: you may read the audit, reports and exports"),
        ("can deactivate", "*For yourself, by asking: you may ask to manage members and their roles.*"),
        ("can record sessions", "*No: nobody here may manage session recording.*"),
        ("can @nora invite", "@nora is not a member here."),
        ("can Zoe invite", "Nobody here is called “Zoe”."),
        ("can invte", "Did you mean `invite` (invite people)"),
        ("can <b>", "I don't know what “&lt;b&gt;” is."),
        ("can fly", "I don't know what “fly” is.\nYou can ask about: see team, see details, invite"),
        ("who can transfer ownership", "*Who may transfer ownership:* {olivia}."),
        ("who invites", "*Who may invite people:* {olivia}, {adam}.\n• Super Admin: yes\n• Admin: yes"),
        ("who may recover", "*Who may start or confirm recovery:* {adam}."),
        ("who flies", "I don't know what “flies” is."),
    ],
)
async def test_typed_questions_are_answered_from_the_table(northwind: Local, typed: str, words: str) -> None:
    mentions = {handle: f"<@{northwind.person(handle).id}>" for handle in ("olivia", "adam", "dana")}
    reply = await northwind.person("dana").command("/team", typed)
    assert words.format(**mentions) in reply.text
    assert words.format(**mentions) in reply.ephemeral[0].text


async def test_an_answer_about_granting_names_the_roles_and_the_policy(northwind: Local) -> None:
    reply = await northwind.person("adam").command("/team", "can invite")
    policy = "Giving, taking or suspending an admin role needs a yes from the owner."
    assert f"*Roles this reaches:* Admin, Developer.\n{policy}" in reply.text
    reply = await northwind.person("olivia").command("/team", "can invite")
    assert "needs a yes" not in reply.text


async def test_an_answer_names_who_else_may(northwind: Local) -> None:
    olivia, adam = northwind.person("olivia"), northwind.person("adam")
    reply = await northwind.person("dana").command("/team", "can @adam invite")
    assert f"*Who else may:* <@{olivia.id}>." in reply.text
    assert f"<@{adam.id}>" not in reply.text.partition("Who else may")[2]


async def test_a_deactivated_member_may_nothing(northwind: Local) -> None:
    async with northwind.store.reading(northwind.team_id) as tx:
        member = await tx.members.by_user(northwind.person("adam").id)
    assert member is not None
    await northwind.front_desk.submit(northwind.who("olivia"), DeactivateMember(member_id=member.id))
    reply = await northwind.person("dana").command("/team", "can @adam invite")
    assert "is deactivated.* The role Admin is kept for a return." in reply.text


async def test_a_list_of_many_says_that_there_are_more(northwind: Local) -> None:
    await fill(northwind, 40, role="admin")
    reply = await northwind.person("dana").command("/team", "who can invite")
    assert "and more; `/team members` lists them by role." in reply.text


async def test_a_plan_without_the_role_is_named(local: Local) -> None:
    await local.set_up(**{"Kind of team": "analytics", "Seats": "9"})
    await local.member("adam", "Organization Administrator")
    olivia = local.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click("settings_open:settings_subscription")
    await olivia.fill("Plan", "Free")
    assert await olivia.submit() == {}
    reply = await olivia.command("/team", "can @adam invite")
    assert "*By asking:" in reply.text
    assert "The free plan does not include the role Organization Administrator" in reply.text


async def test_typed_alone_a_form_asks_and_stays_for_the_next_question(northwind: Local) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", "can")
    assert title(dana) == "Who may do what"
    await dana.fill("What", "invite people")
    assert await dana.submit() == {}
    assert "*By asking: you may ask to invite people.*" in form_words(dana)
    await dana.fill("Who", "Adam")
    await dana.submit()
    assert f"*Yes: <@{northwind.person('adam').id}> may invite people.*" in form_words(dana)


async def test_who_alone_asks_about_everybody(northwind: Local) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", "who")
    await dana.fill("What", "transfer ownership")
    await dana.submit()
    assert f"*Who may transfer ownership:* <@{northwind.person('olivia').id}>." in form_words(dana)


async def test_why_explains_the_last_refusal_of_this_person(northwind: Local) -> None:
    dana = northwind.person("dana")
    await northwind.person("adam").command("/team", "role @olivia admin")
    assert "refused you nothing" in (await dana.command("/team", "why")).text
    await dana.command("/team", "deactivate @adam")
    reply = await dana.command("/team", "why")
    assert "*You wanted to deactivate Adam Adler (Admin), <!date^" in reply.text
    assert "The role Developer does not include" in reply.text
    assert f"Who could: <@{northwind.person('olivia').id}>" in reply.text


async def test_why_offers_to_ask_where_asking_is_possible(local: Local) -> None:
    await local.set_up(**{"Kind of team": "analytics", "Seats": "9"})
    await local.member("adam", "Organization Administrator")
    await local.member("dana", "Organization Administrator")
    adam = local.person("adam")
    await adam.command("/team", "role @dana viewer")
    reply = await adam.command("/team", "why")
    assert "may not give, change or take away" in reply.text
    await adam.click("Ask them", reply.ephemeral[0])
    await adam.submit()
    assert "*Asked:* change the role of Dana Diaz" in form_words(adam)


async def test_why_is_for_people_outside_too(northwind: Local) -> None:
    nora = northwind.person("nora")
    assert "refused you nothing" in (await nora.command("/team", "why")).text
