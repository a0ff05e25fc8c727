"""Asking to become a member."""

from bot.sandbox import PersonSpec
from tests.slack.local import Local
from tests.slack.screens.reading import form_words, hears, title


async def test_the_reason_typed_goes_to_the_admins_at_once(northwind: Local) -> None:
    nora = northwind.person("nora")
    reply = await nora.command("/team", "join because I work with support")
    assert "Asked: join as Developer: Nora Nolan" in reply.text.replace("*", "")
    assert f"<@{northwind.person('adam').id}>" in reply.text
    await hears(northwind.person("adam"), "join as Developer", "I work with support", "Approve")
    await northwind.person("adam").click("Approve")
    await hears(nora, "Welcome to Northwind", "You are Developer")


async def test_without_a_reason_a_form_asks_for_it(northwind: Local) -> None:
    nora = northwind.person("nora")
    await nora.command("/team", "join")
    assert title(nora) == "Ask to join"
    await nora.fill("Why", "Because")
    assert await nora.submit() == {}
    assert "can decide it" in form_words(nora)


async def test_asking_twice_is_refused_with_where_to_see_it(northwind: Local) -> None:
    nora = northwind.person("nora")
    await nora.command("/team", "join because I help")
    reply = await nora.command("/team", "join because I help a lot")
    assert "Your request is waiting for a decision already." in reply.text


async def test_who_is_refused_for_not_being_a_member_can_ask_to_join_on_the_spot(northwind: Local) -> None:
    nora = northwind.person("nora")
    reply = await nora.command("/team", "members")
    await nora.click("Ask to join", in_=reply.ephemeral[0])
    assert title(nora) == "Ask to join"
    reply = await nora.command("/team", "why")
    await nora.click("Ask to join", in_=reply.ephemeral[0])
    assert title(nora) == "Ask to join"


async def test_a_card_says_who_asks_to_join_as_what(northwind: Local) -> None:
    await northwind.person("nora").command("/team", "join because I help")
    card = await hears(northwind.person("adam"), "asks to join as Developer", "• Role: Developer")
    assert "nora@northwind.example" in card


async def test_who_is_invited_already_gets_the_invitation(northwind: Local) -> None:
    await northwind.person("olivia").command("/team", "invite nora@northwind.example as admin")
    nora = northwind.person("nora")
    reply = await nora.command("/team", "join")
    assert "invites you to Northwind as Admin" in reply.text
    await nora.click("Accept", in_=reply.ephemeral[0])
    await hears(nora, "Welcome to Northwind", "You are Admin")


async def test_members_and_guests_cannot_join(northwind: Local) -> None:
    reply = await northwind.person("dana").command("/team", "join")
    assert "You are a member already." in reply.text
    reply = await northwind.person("gina").command("/team", "join because I like it")
    assert "Guests, bots and people of other workspaces cannot become members this way." in reply.text


async def test_while_slack_does_not_say_who_asks_nothing_is_done_and_it_says_so(northwind: Local) -> None:
    northwind.slack.workspace.join(PersonSpec(handle="newt", name="Newt New", email="newt@northwind.example"))
    newt = northwind.person("newt")
    northwind.slack.faults.update({"api_429": 3, "retry_after": 1, "api_method": "users.info"})
    reply = await newt.command("/team", "join because I like it")
    assert "Slack did not answer in time." in reply.text
    assert "Try again in a minute." in reply.text


async def test_a_reason_beyond_what_is_kept_is_refused_not_cut(northwind: Local) -> None:
    reply = await northwind.person("nora").command("/team", "join because " + "x" * 1001)
    assert "A reason has at most 1000 characters." in reply.text
