"""The cards of a request: the rule with its people, the votes, who is awaited, what the clock does."""

from datetime import timedelta

import pytest

from domain.changes import ChangeApprovalRules, ChangeRole, ChangeSettings, RevokeInvitation
from domain.model import Approvers, Kind, RequestStatus, Rule, Step
from domain.policies import OWNER
from tests.slack.local import Local
from tests.slack.screens.reading import form_words, hears
from tests.slack.screens.test_decisions import ASKED, card, request

ADMINS = Step(approvers=Approvers.ROLE, role="admin")
TWO = Step(approvers=Approvers.ANYONE_WHO_MAY, needed=2)


async def sets(local: Local, *steps: Step) -> None:
    """Let every invitation need these steps."""
    change = ChangeApprovalRules(rules=(Rule(kind=Kind.INVITE, steps=steps),), basis=1)
    await local.front_desk.submit(local.who("olivia"), change)


async def asks(local: Local) -> None:
    """Dana asks to invite Sam."""
    await local.person("dana").command("/team", "invite sam@elsewhere.example")


async def test_a_card_names_who_decides_each_step_and_says_what_the_clock_does(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    named = Step(approvers=Approvers.PEOPLE, people=((await northwind.member_of("adam")).id,))
    await sets(northwind, named, OWNER)
    await asks(northwind)
    rule = f"Inviting people needs a yes from <@{adam.id}>, then from the owner (<@{olivia.id}>)."
    words = await hears(adam, ASKED, rule)
    assert "Step 1 of 2." in words
    assert f"Still needed: a yes from <@{adam.id}>." in words
    assert "Who has not answered is reminded <!date^" in words
    assert "If nobody decides, the owner is asked too, <!date^" in words
    assert "undecided by then, it ends and nothing is changed." in words
    await hears(dana, "You asked to invite", rule, "Step 1 of 2.", f"Still needed: a yes from <@{adam.id}>.")
    await adam.click("Approve", card(adam))
    for person in (olivia, adam):
        await hears(person, ASKED, "Step 2 of 2.", f"Said yes: <@{adam.id}>.", f"a yes from <@{olivia.id}>.")
    assert "You cannot decide this any more." not in card(adam).words
    assert "Approve" not in card(adam).words
    await hears(dana, "You asked to invite", "Step 2 of 2.", f"Said yes: <@{adam.id}>.")
    await olivia.click("Approve", card(olivia))
    for person, words in ((adam, ASKED), (dana, "You asked to invite")):
        await hears(
            person, words, f"Approved by <@{olivia.id}>", f"Said yes: <@{adam.id}> and <@{olivia.id}>."
        )


async def test_who_could_do_it_but_is_not_asked_by_the_rule_is_told_so(northwind: Local) -> None:
    adam, olivia = northwind.person("adam"), northwind.person("olivia")
    channel = northwind.slack.channel("team-admins")
    settings = ChangeSettings(name="Northwind", approvals_channel=channel.id)
    await northwind.front_desk.submit(northwind.who("olivia"), settings)
    await sets(northwind, OWNER)
    await asks(northwind)
    await adam.until(lambda: any(ASKED in each.words for each in adam.messages("team-admins")))
    await adam.click("Approve", adam.messages("team-admins")[-1])
    said = adam.ephemerals[-1].words
    assert "The rule asks others for this yes." in said
    assert "Nobody approves what they could not do themselves" not in said
    assert f"Who could: <@{olivia.id}>" in said


async def test_a_card_says_whose_vote_does_not_count_any_more(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    await northwind.member("devi", "Admin")
    await sets(northwind, TWO)
    await asks(northwind)
    await hears(adam, ASKED)
    await adam.click("Approve", card(adam))
    await hears(dana, "You asked to invite", "1 of 2 yeses so far.", f"Said yes: <@{adam.id}>.")
    member = await northwind.member_of("adam")
    change = ChangeRole(member_id=member.id, role="developer")
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    words = await hears(dana, "You asked to invite", "0 of 2 yeses so far.")
    assert f"Not counted any more, as they may no longer decide it: <@{adam.id}>." in words
    await hears(olivia, ASKED, "Still needed: 2 yeses from", f"<@{northwind.person('devi').id}>")
    await hears(adam, ASKED, "You cannot decide this any more.")


async def test_every_card_says_that_it_waits_for_a_seat_until_there_is_one(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    await asks(northwind)
    for person in (olivia, adam):
        await hears(person, ASKED)
    await adam.command("/team", "invite a@b.example c@d.example")
    await adam.submit()
    await adam.close()
    await adam.click("Approve", card(adam))
    lacking = "It needs a seat, and no seat is free now: it waits until there is room."
    for person in (olivia, adam):
        await hears(person, ASKED, lacking)
    await hears(dana, "You asked to invite", lacking)
    async with northwind.store.reading(northwind.team_id) as tx:
        (held,) = (await tx.invitations.open_for(["a@b.example"])).values()
    await northwind.front_desk.submit(northwind.who("adam"), RevokeInvitation(invitation_id=held.id))
    await dana.until(lambda: "no seat is free" not in card(dana, "You asked to invite").words)
    await adam.until(lambda: "no seat is free" not in card(adam).words)
    assert not (await request(northwind)).lacks_seat


async def test_the_review_says_what_goes_at_once_and_what_on_which_card(northwind: Local) -> None:
    olivia, adam = northwind.person("olivia"), northwind.person("adam")
    await adam.command("/team", "invite")
    await adam.fill("E-mail addresses", "a@b.example\nc@d.example, Admin")
    assert await adam.submit() == {}
    words = form_words(adam)
    assert "• 1 person is invited at once." in words
    rule = "Giving, taking or suspending an admin role needs a yes from the owner"
    assert f"• 1 person is asked for, on one card. {rule} (<@{olivia.id}>)." in words
    assert await adam.submit() == {}
    await hears(olivia, "asks to invite c@d.example as Admin", rule)


CARDS = (("adam", ASKED), ("olivia", ASKED), ("dana", "You asked to invite"))


async def posted_too(local: Local) -> None:
    """Cards are posted to #team-admins as well."""
    channel = local.slack.channel("team-admins").id
    await local.front_desk.submit(
        local.who("olivia"), ChangeSettings(name="Northwind", approvals_channel=channel)
    )


async def all_cards_say(local: Local, words: str) -> None:
    """Every copy says so and has no button left: the approvers', the requester's, the channel's."""
    for handle, part in CARDS:
        assert not {"Approve", "Withdraw"} & set(
            (await hears(local.person(handle), part, words)).splitlines()
        )
    adam = local.person("adam")
    await adam.until(lambda: words in adam.messages("team-admins")[-1].words)
    assert "Approve" not in adam.messages("team-admins")[-1].words


@pytest.fixture
async def shown(northwind: Local) -> Local:
    """Dana asked to invite Sam; everybody has the card, and the channel."""
    await posted_too(northwind)
    await asks(northwind)
    for handle, part in CARDS:
        await hears(northwind.person(handle), part)
    return northwind


async def test_what_cannot_be_done_any_more_ends_on_every_card_with_the_reason(shown: Local) -> None:
    adam, olivia = shown.person("adam"), shown.person("olivia")
    await olivia.command("/team", "invite sam@elsewhere.example")
    await adam.click("Approve", card(adam))
    await all_cards_say(shown, "It could not be done any more")
    assert "is invited already" in card(adam).words


async def test_what_nobody_decided_ends_on_every_card(shown: Local) -> None:
    await shown.clock.advance(timedelta(days=8))
    await all_cards_say(shown, "Expired without a decision")
    assert (await request(shown)).status is RequestStatus.EXPIRED


async def test_what_was_withdrawn_ends_on_every_card(shown: Local) -> None:
    dana = shown.person("dana")
    await dana.click("Withdraw", card(dana, "You asked to invite"))
    await all_cards_say(shown, "Withdrawn")
    assert (await request(shown)).status is RequestStatus.WITHDRAWN


async def test_what_too_few_are_left_to_decide_ends_on_every_card(northwind: Local) -> None:
    await posted_too(northwind)
    await sets(northwind, TWO)
    await asks(northwind)
    await hears(northwind.person("adam"), ASKED)
    member = await northwind.member_of("adam")
    change = ChangeRole(member_id=member.id, role="developer")
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    await all_cards_say(northwind, "Too few are left who may decide it.")
    assert (await request(northwind)).status is RequestStatus.VOID
