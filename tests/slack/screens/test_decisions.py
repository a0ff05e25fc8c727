"""Deciding: cards, the list, details, late clicks, withdrawal, the approvals channel."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox import Person
from bot.sandbox.conversations import Message
from domain.changes import ChangeSettings
from domain.model import Request, RequestStatus
from tests.slack.local import Local
from tests.slack.screens.reading import form_words, hears, title

ASKED = "asks to invite sam@elsewhere.example as Developer"


@pytest.fixture
async def asked(northwind: Local) -> Local:
    """Dana has asked to invite Sam; Olivia and Adam have the card."""
    await northwind.person("dana").command("/team", "invite sam@elsewhere.example because we need him")
    for handle in ("olivia", "adam"):
        await hears(northwind.person(handle), ASKED)
    return northwind


def card(person: Person, part: str = ASKED) -> Message:
    """The newest message with these words."""
    return next(message for message in reversed(person.messages()) if part in message.words)


async def request(local: Local) -> Request:
    """The newest request of Dana."""
    async with local.store.reading(local.team_id) as tx:
        dana = await tx.members.by_user(local.person("dana").id)
        assert dana is not None
        (found,) = await tx.requests.recent_by(member_id=dana.id, user_id=None, limit=1)
    return found


async def test_the_card_says_who_what_why_and_the_seats_after(asked: Local) -> None:
    dana = asked.person("dana")
    words = card(asked.person("adam")).words
    assert f"*<@{dana.id}> asks to invite sam@elsewhere.example as Developer.*" in words
    assert "Why: “we need him”" in words
    assert "• Role: Developer" in words
    assert "Seats after: 4 of 5" in words
    assert words.splitlines()[-3:] == ["Approve", "Decline", "Details"]
    both = f"<@{asked.person('olivia').id}> and <@{asked.person('adam').id}>"
    assert f"This needs a yes from anyone who may do it ({both})." in card(asked.person("adam")).text


async def test_an_approval_edits_every_copy_of_the_card(asked: Local) -> None:
    olivia, adam, dana = (asked.person(handle) for handle in ("olivia", "adam", "dana"))
    await adam.click("Approve", card(adam))
    for person in (olivia, adam):
        assert "Decline" not in await hears(person, ASKED, f"Approved by <@{adam.id}>")
    await hears(dana, "You asked to invite sam@elsewhere.example", f"Approved by <@{adam.id}>")
    assert (await request(asked)).status is RequestStatus.APPLIED


async def test_a_decline_asks_for_the_reason_and_the_requester_reads_it(asked: Local) -> None:
    adam, dana = asked.person("adam"), asked.person("dana")
    await adam.click("Decline", card(adam))
    assert title(adam) == "Decline request"
    assert "You decline the request to invite sam@elsewhere.example as Developer." in form_words(adam)
    await adam.fill("Reason", "No seat to spare <!channel>")
    assert await adam.submit() == {}
    assert adam.view is None
    await hears(dana, f"Declined by <@{adam.id}>", "“No seat to spare &lt;!channel&gt;”")


async def test_the_requester_hears_the_decision_in_a_message_of_its_own(asked: Local) -> None:
    adam, dana = asked.person("adam"), asked.person("dana")
    await hears(dana, "You asked to invite")
    before = len(dana.messages())
    await adam.click("Approve", card(adam))
    what = "invite sam@elsewhere.example as Developer."
    words = await hears(dana, f"*Approved by <@{adam.id}>:* {what}")
    assert len(dana.messages()) == before + 1
    assert words.splitlines() == [f":white_check_mark: *Approved by <@{adam.id}>:* {what}"]


async def test_the_requester_hears_why_it_was_declined(asked: Local) -> None:
    adam, dana = asked.person("adam"), asked.person("dana")
    await adam.click("Decline", card(adam))
    await adam.fill("Reason", "Not now")
    await adam.submit()
    words = await hears(dana, f"*Declined by <@{adam.id}>:* invite sam@elsewhere.example")
    assert words.splitlines()[1:] == ["“Not now”"]


async def test_the_requester_hears_that_nobody_decided(asked: Local) -> None:
    await asked.clock.advance(timedelta(days=8))
    words = await hears(asked.person("dana"), "*Nobody decided in time:* invite sam@elsewhere.example")
    assert words.splitlines()[1:] == ["It can be asked for again."]


async def test_who_withdraws_is_not_told_so(asked: Local) -> None:
    dana = asked.person("dana")
    own = await _own_card(dana)
    before = len(dana.messages())
    await dana.click("Withdraw", own)
    await asked.person("adam").until(lambda: "Withdrawn" in card(asked.person("adam")).words)
    assert len(dana.messages()) == before


async def test_the_second_of_two_hears_what_the_first_decided(asked: Local) -> None:
    olivia, adam = asked.person("olivia"), asked.person("adam")
    old = card(olivia)
    before = [dict(block) for block in old.blocks]
    await adam.click("Approve", card(adam))
    await olivia.until(lambda: "Approved by" in card(olivia).words)
    old.blocks[:] = before  # Olivia has not looked yet
    await olivia.click("Approve", old)
    assert "*This request is not open any more:*" in olivia.ephemerals[-1].words
    assert f"Approved by <@{adam.id}>" in olivia.ephemerals[-1].words
    assert "Approve\n" not in card(olivia).words


async def test_declining_what_was_decided_meanwhile_says_so(asked: Local) -> None:
    olivia, adam = asked.person("olivia"), asked.person("adam")
    await olivia.click("Decline", card(olivia))
    await adam.click("Approve", card(adam))
    await olivia.submit()
    assert title(olivia) == "Already decided"
    assert f"Approved by <@{adam.id}>" in form_words(olivia)


async def test_a_click_delivered_twice_decides_once(asked: Local) -> None:
    adam = asked.person("adam")
    asked.slack.faults.deliver_twice = 1
    await adam.click("Approve", card(adam))
    assert (await request(asked)).status is RequestStatus.APPLIED
    async with asked.store.reading(asked.team_id) as tx:
        assert await tx.roster.counts() == {"active": 3, "deactivated": 0, "pending": 1, "waiting": 0}


async def test_details_tell_everything_and_decide_too(asked: Local) -> None:
    olivia, adam = asked.person("olivia"), asked.person("adam")
    await adam.click("Details", card(adam))
    words = form_words(adam)
    assert f"Told: <@{olivia.id}> and <@{adam.id}>" in words
    assert "Rule: This needs a yes from anyone who may do it" in words
    await adam.click("Approve")
    assert f"<@{adam.id}> approved" in form_words(adam)
    assert "Decline" not in form_words(adam)


async def test_the_list_shows_what_waits_what_was_asked_and_what_was_decided(asked: Local) -> None:
    adam, dana = asked.person("adam"), asked.person("dana")
    await adam.command("/team-approvals")
    assert title(adam) == "Approvals"
    assert f"<@{dana.id}>* asks to invite sam@elsewhere.example as Developer." in form_words(adam)
    await dana.command("/team", "approvals")
    assert "To invite sam@elsewhere.example as Developer." in form_words(dana)
    assert "Withdraw" in form_words(dana)
    assert "Approve\n" not in form_words(dana)
    await adam.click("Approve", adam.view)
    words = form_words(adam)
    assert "Waiting for you\nNothing.\n" in words
    assert "Decided by you\n" + f"<@{dana.id}>: to invite" in words.replace("*", "")


async def test_details_above_the_list_renew_both(asked: Local) -> None:
    adam = asked.person("adam")
    await adam.command("/team-approvals")
    await adam.click("Details", adam.view)
    await adam.click("Decline", adam.view)
    assert len(adam.views) == 3
    await adam.submit()
    assert title(adam) == "Request"
    assert f"Declined by <@{adam.id}>" in form_words(adam)
    await adam.close()
    assert "Waiting for you\nNothing.\n" in form_words(adam)


async def test_the_requester_withdraws_and_every_card_says_so(asked: Local) -> None:
    olivia, dana = asked.person("olivia"), asked.person("dana")
    await dana.click("Withdraw", await _own_card(dana))
    await olivia.until(lambda: "Withdrawn" in card(olivia).words)
    assert "Approve" not in card(olivia).words
    assert (await request(asked)).status is RequestStatus.WITHDRAWN


async def _own_card(dana: Person) -> Message:
    await hears(dana, "You asked to invite", "Withdraw")
    return card(dana, "You asked to invite")


async def test_withdrawing_what_was_decided_meanwhile_says_what_happened(asked: Local) -> None:
    adam, dana = asked.person("adam"), asked.person("dana")
    old = await _own_card(dana)
    before = [dict(block) for block in old.blocks]
    await adam.click("Approve", card(adam))
    await dana.until(lambda: "Approved by" in card(dana, "You asked to invite").words)
    old.blocks[:] = before
    await dana.click("Withdraw", old)
    assert "not open any more" in dana.ephemerals[-1].words


async def test_an_expired_request_cannot_be_approved(asked: Local) -> None:
    adam = asked.person("adam")
    old = card(adam)
    before = [dict(block) for block in old.blocks]
    await asked.clock.advance(timedelta(days=8))
    await adam.until(lambda: "Expired without a decision" in card(adam).words)
    old.blocks[:] = before
    await adam.click("Approve", old)
    assert "Expired without a decision" in adam.ephemerals[-1].words


async def test_an_approver_who_lost_the_right_hears_who_can_decide(asked: Local) -> None:
    olivia, adam = asked.person("olivia"), asked.person("adam")
    old = card(adam)
    before = [dict(block) for block in old.blocks]
    await olivia.command("/team", "role @adam developer")
    await adam.until(lambda: "You cannot decide this any more." in card(adam).words)
    old.blocks[:] = before
    for button in ("Approve", "Decline"):
        await adam.click(button, old)
        assert "Nobody approves what they could not do themselves" in adam.ephemerals[-1].words
        assert f"Who could: <@{olivia.id}>" in adam.ephemerals[-1].words
    assert (await request(asked)).status is RequestStatus.WAITING


async def test_without_a_seat_the_request_stays_and_says_so(asked: Local) -> None:
    adam = asked.person("adam")
    await adam.command("/team", "invite a@b.example c@d.example")
    await adam.submit()
    await adam.close()
    await adam.click("Approve", card(adam))
    assert "The request stays waiting." in adam.ephemerals[-1].words
    assert (await request(asked)).status is RequestStatus.WAITING
    assert "Approve" in card(adam).words


@pytest.fixture
async def channelled(northwind: Local) -> Local:
    """Cards are also posted to #team-admins, where Dana is too."""
    channel = northwind.slack.channel("team-admins")
    northwind.slack.workspace.conversations.join(channel, northwind.person("dana").id)
    await northwind.front_desk.submit(
        northwind.who("olivia"), ChangeSettings(name="Northwind", approvals_channel=channel.id)
    )
    return northwind


async def test_the_card_in_the_channel_is_decided_there_and_edited(channelled: Local) -> None:
    adam = channelled.person("adam")
    await channelled.person("nora").command("/team", "join because I work here")
    posted = await _in_channel(adam, "asks to join as Developer")
    assert "This needs a yes from anyone who may do it" in posted.words
    await adam.click("Approve", posted)
    await adam.until(lambda: any("Approved by" in each.words for each in adam.messages("team-admins")))
    assert "Decline" not in adam.messages("team-admins")[-1].words


async def test_a_card_in_a_former_approvals_channel_is_still_edited_there(channelled: Local) -> None:
    adam, olivia = channelled.person("adam"), channelled.who("olivia")
    await channelled.person("nora").command("/team", "join because I work here")
    await _in_channel(adam, "asks to join as Developer")
    await hears(adam, "asks to join as Developer")
    elsewhere = channelled.slack.channel("general")
    elsewhere.app_in = True
    change = ChangeSettings(name="Northwind", approvals_channel=elsewhere.id)
    await channelled.front_desk.submit(olivia, change)
    await adam.click("Approve", card(adam, "asks to join"))
    await adam.until(lambda: any("Approved by" in each.words for each in adam.messages("team-admins")))
    assert "Decline" not in adam.messages("team-admins")[-1].words
    await channelled.person("max").command("/team", "join because I do too")
    await adam.until(lambda: any("asks to join" in each.words for each in adam.messages("general")))
    assert sum("asks to join" in each.words for each in adam.messages("general")) == 1


async def test_being_in_the_channel_gives_no_authority_and_no_details(channelled: Local) -> None:
    dana = channelled.person("dana")
    await channelled.person("nora").command("/team", "join because I work here")
    posted = await _in_channel(dana, "asks to join as Developer")
    for button in ("Approve", "Decline", "Details"):
        await dana.click(button, posted)
        assert "Nobody approves what they could not do themselves" in dana.ephemerals[-1].words
    assert dana.view is None
    assert "Approve" in dana.messages("team-admins")[-1].words


async def test_a_guest_in_the_channel_hears_no_names(channelled: Local) -> None:
    gina, posted_in = channelled.person("gina"), channelled.slack.channel("team-admins")
    channelled.slack.workspace.conversations.join(posted_in, gina.id)
    await channelled.person("nora").command("/team", "join because I work here")
    posted = await _in_channel(gina, "asks to join as Developer")
    for button in ("Approve", "Decline", "Details"):
        await gina.click(button, posted)
        assert gina.ephemerals[-1].words == (
            "Guests, bots and people of other workspaces take no part in Steward."
        )
    assert gina.view is None


async def _in_channel(person: Person, part: str) -> Message:
    await person.until(lambda: any(part in each.words for each in person.messages("team-admins")))
    return person.messages("team-admins")[-1]


async def test_somebody_outside_follows_their_request_to_join(northwind: Local) -> None:
    nora, adam = northwind.person("nora"), northwind.person("adam")
    await nora.command("/team", "join because I work here")
    await hears(nora, "You asked to join as Developer", "Withdraw")
    await nora.command("/team", "approvals")
    assert "Asked by you" in form_words(nora)
    await nora.click("Withdraw", nora.view)
    assert "Withdrawn" in form_words(nora)
    await adam.until(lambda: "Withdrawn" in card(adam, "asks to join as Developer").words)


async def test_two_of_two_must_agree_and_the_card_counts(asked: Local) -> None:
    olivia, adam = asked.person("olivia"), asked.person("adam")
    await _needs_two(asked)
    old = [dict(block) for block in card(adam).blocks]
    await adam.click("Approve", card(adam))
    words = await hears(adam, ASKED, "1 of 2 yeses so far.")
    assert words.splitlines()[-1:] == ["Details"]
    assert "You cannot decide this any more." not in words
    for button in ("Approve", "Decline"):
        card(adam).blocks[:] = [dict(block) for block in old]
        await adam.click(button, card(adam))
        assert "You have voted on this request already." in adam.ephemerals[-1].words
    assert adam.view is None
    await hears(olivia, ASKED, "1 of 2 yeses so far.")
    await olivia.click("Details", card(olivia))
    assert f"<@{adam.id}> approved" in form_words(olivia)
    await olivia.click("Approve", olivia.view)
    assert (await request(asked)).status is RequestStatus.APPLIED
    await hears(adam, ASKED, f"Approved by <@{olivia.id}>")


async def _needs_two(local: Local) -> None:
    """Let the open request need two yeses, as a policy may ask."""
    async with local.store.transaction(local.team_id) as tx:
        (waiting,) = await tx.requests.open(limit=10)
        steps = tuple(replace(step, needed=2) for step in waiting.requirement.steps)
        await tx.requests.save(replace(waiting, requirement=replace(waiting.requirement, steps=steps)))
