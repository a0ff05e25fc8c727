"""Clicks that come twice, late or from whoever lost the right: the first decision stands, the rest hear."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from functools import partial

import pytest

from bot.sandbox.conversations import Message
from bot.sandbox.person import Person
from tests.support.attack import Watched, card, hears, shown, watched_steward
from tests.support.whole import has_button, has_no_button

SAM = "sam@elsewhere.example"


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.team()
        yield started


async def asked(whole: Watched, typed: str = f"invite {SAM} because we need Sam") -> Message:
    """Dana asks; return a copy of Adam's card as it stands then."""
    dana, adam = whole.person("dana"), whole.person("adam")
    await dana.command("/team", typed)
    await adam.until(lambda: has_button(adam, "Approve"))
    return deepcopy(card(adam, "asks to"))


async def mine(dana: Person) -> Message:
    """A copy of the requester's own card."""
    await dana.until(lambda: has_button(dana, "Withdraw"))
    return deepcopy(card(dana, "You asked to"))


async def test_after_the_decision_every_button_of_an_old_card_says_who_decided(whole: Watched) -> None:
    old = await asked(whole)
    adam, olivia, dana = whole.person("adam"), whole.person("olivia"), whole.person("dana")
    own = await mine(dana)
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.click("Approve")
    await adam.until(lambda: has_no_button(adam, "Approve"))
    before = await whole.tags()
    for words in ("Approve", "Decline"):
        reply = await adam.click(words, old)
        assert "not open any more" in reply.text, (words, reply.text)
        assert f"Approved by <@{olivia.id}>" in reply.text
        assert adam.view is None
    await adam.click("Details", old)
    assert f"Approved by <@{olivia.id}>" in shown(adam)
    assert "Approve\n" not in shown(adam)
    late = await dana.click("Withdraw", own)
    assert "applied" in late.text or "Approved" in late.text, late.text
    assert await whole.tags() == before


async def test_after_the_withdrawal_an_old_card_says_so_and_nobody_is_invited(whole: Watched) -> None:
    old = await asked(whole)
    dana, adam = whole.person("dana"), whole.person("adam")
    own = await mine(dana)
    await dana.click("Withdraw", own)
    await adam.until(lambda: has_no_button(adam, "Approve"))
    before = await whole.tags()
    assert before[-1] == "request.withdrawn"
    assert "Withdrawn" in (await adam.click("Approve", old)).text
    assert "Withdrawn" in (await adam.click("Decline", old)).text
    assert "Withdrawn" in (await dana.click("Withdraw", own)).text
    assert await whole.tags() == before
    assert await whole.invitation(SAM) is None


async def test_after_expiry_an_old_card_says_so_before_any_timer_has_fired(whole: Watched) -> None:
    old = await asked(whole)
    adam = whole.person("adam")
    await whole.clock.advance(timedelta(days=7, seconds=1))
    reply = await adam.click("Approve", old)
    assert "Expired without a decision" in reply.text
    assert await whole.invitation(SAM) is None
    await adam.until(lambda: has_no_button(adam, "Approve"))


async def test_a_decline_form_left_open_meets_a_decision_that_was_made_meanwhile(whole: Watched) -> None:
    await asked(whole)
    adam, olivia = whole.person("adam"), whole.person("olivia")
    await adam.click("Decline", card(adam, "asks to"))
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.click("Approve")
    await adam.fill("Reason", "No, thanks")
    assert await adam.submit() == {}
    assert f"Approved by <@{olivia.id}>" in shown(adam)
    assert "request.declined" not in await whole.tags()


async def test_two_approvers_at_once_are_one_decision_and_both_hear_the_same(whole: Watched) -> None:
    await asked(whole)
    adam, olivia = whole.person("adam"), whole.person("olivia")
    await olivia.until(lambda: has_button(olivia, "Approve"))
    cards = {adam: card(adam, "asks to"), olivia: card(olivia, "asks to")}
    await asyncio.gather(*(who.click("Approve", old) for who, old in cards.items()))
    for who in cards:
        await who.until(partial(has_no_button, who, "Approve"))
    told = {card(who, "asks to").words.partition("Approved by ")[2].partition(",")[0] for who in cards}
    assert len(told) == 1, told
    tags = await whole.tags()
    assert tags.count("request.applied") == 1
    assert tags.count("invitation.sent") == 4  # three of the team, and Sam


async def test_a_double_click_decides_once(whole: Watched) -> None:
    old = await asked(whole)
    adam = whole.person("adam")
    replies = await asyncio.gather(adam.click("Approve", old), adam.click("Approve", deepcopy(old)))
    assert [reply.error for reply in replies] == [None, None]
    await adam.until(lambda: has_no_button(adam, "Approve"))
    tags = await whole.tags()
    assert tags.count("request.applied") == 1
    assert tags.count("invitation.sent") == 4


TWICE = {
    "invite": ("olivia", "invite pat@elsewhere.example", "invitation.sent"),
    "ask": ("dana", "invite pat@elsewhere.example", "request.filed"),
    "role": ("dana", "role @dana admin", "request.filed"),
    "deactivate": ("olivia", "deactivate @devi", "member.deactivated"),
    "join": ("nora", "join because I am new", "request.filed"),
}


@pytest.mark.parametrize(("handle", "typed", "tag"), TWICE.values(), ids=TWICE)
async def test_a_command_delivered_twice_is_done_once(
    whole: Watched, handle: str, typed: str, tag: str
) -> None:
    before = (await whole.tags()).count(tag)
    whole.slack.faults.deliver_twice = 1
    reply = await whole.person(handle).command("/team", typed)
    assert reply.error is None
    assert reply.text
    assert (await whole.tags()).count(tag) == before + 1


async def test_clicks_and_forms_delivered_twice_are_done_once(whole: Watched) -> None:
    adam, nora, olivia, dana = (whole.person(name) for name in ("adam", "nora", "olivia", "dana"))
    await dana.command("/team-invite")
    await dana.fill("E-mail addresses", nora.email)
    whole.slack.faults.deliver_twice = True
    assert await dana.submit() == {}
    await adam.until(lambda: has_button(adam, "Approve"))
    await adam.click("Approve")
    await nora.until(lambda: has_button(nora, "Accept"))
    await nora.click("Accept")
    await nora.until(lambda: has_no_button(nora, "Accept"))
    whole.slack.faults.deliver_twice = False
    await hears(nora, "Welcome to")
    tags = await whole.tags()
    assert tags.count("request.filed") == 1
    assert tags.count("request.applied") == 1
    assert tags.count("member.joined") == 5
    assert await olivia.open_home()
    assert sum("Welcome to" in message.words for message in nora.messages()) == 1


async def test_a_form_sent_twice_by_hand_names_what_happened_the_second_time(whole: Watched) -> None:
    olivia = whole.person("olivia")
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", SAM)
    assert await olivia.submit() == {}
    assert "Invitation sent" in shown(olivia)
    values = {"email": {"email": {"type": "plain_text_input", "value": SAM}}}
    body = await whole.hand_in(olivia, "invite", "", values)
    assert "invited already" in str(body), body
    assert (await whole.tags()).count("invitation.sent") == 4


async def test_accepting_after_the_invitation_was_taken_back_answers_so(whole: Watched) -> None:
    olivia, nora = whole.person("olivia"), whole.person("nora")
    old = await invited(whole)
    await olivia.command("/team", "members nora")
    await olivia.click("Revoke")
    await olivia.submit()
    assert (await whole.tags())[-1] == "invitation.revoked"
    for words in ("Accept", "Decline"):
        assert "It was taken back" in (await nora.click(words, old)).text
    async with whole.reading() as tx:
        assert await tx.members.by_email(nora.email) is None


async def test_accepting_a_second_after_the_seven_days_answers_that_they_are_over(whole: Watched) -> None:
    nora = whole.person("nora")
    old = await invited(whole)
    await whole.clock.advance(timedelta(days=7, seconds=1))
    for words in ("Accept", "Decline"):
        assert "It has expired" in (await nora.click(words, old)).text
    async with whole.reading() as tx:
        assert await tx.members.by_email(nora.email) is None


async def invited(whole: Watched) -> Message:
    """Olivia invites Nora; return a copy of Nora's card."""
    olivia, nora = whole.person("olivia"), whole.person("nora")
    await olivia.command("/team", f"invite {nora.email}")
    await nora.until(lambda: has_button(nora, "Accept"))
    return deepcopy(card(nora, "invites you"))


async def test_a_second_acceptance_is_told_that_it_was_the_first_that_counted(whole: Watched) -> None:
    nora = whole.person("nora")
    old = await invited(whole)
    await nora.click("Accept")
    await hears(nora, "Welcome to")
    for words in ("Accept", "Decline"):
        assert "member already" in (await nora.click(words, old)).text, words
    assert (await whole.tags()).count("member.joined") == 5


async def test_a_deactivated_approver_is_told_so_and_the_request_goes_on(whole: Watched) -> None:
    old = await asked(whole)
    adam, olivia = whole.person("adam"), whole.person("olivia")
    await olivia.command("/team", "deactivate @adam")
    await adam.until(lambda: has_no_button(adam, "Approve"))
    before = await whole.tags()
    for words in ("Approve", "Decline", "Details"):
        reply = await adam.click(words, old)
        assert "deactivated" in reply.text or "can decide it" in reply.text, (words, reply.text, shown(adam))
        assert has_no_button(adam, "Approve")
    assert await whole.tags() == before
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.click("Approve")
    assert await whole.invitation(SAM)


async def test_an_approver_demoted_between_card_and_click_decides_nothing(whole: Watched) -> None:
    old = await asked(whole)
    adam, olivia = whole.person("adam"), whole.person("olivia")
    await olivia.command("/team", "role @adam developer")
    reply = await adam.click("Approve", old)
    assert "could not do themselves" in reply.text
    assert f"<@{olivia.id}>" in reply.text
    assert f"<@{adam.id}>" not in reply.text
    assert await whole.invitation(SAM) is None
    assert len(await whole.requests()) == 1


async def test_a_decline_form_of_an_approver_demoted_meanwhile_declines_nothing(whole: Watched) -> None:
    await asked(whole)
    adam, olivia = whole.person("adam"), whole.person("olivia")
    await adam.click("Decline", card(adam, "asks to"))
    await olivia.command("/team", "role @adam developer")
    await adam.fill("Reason", "Because I still could a minute ago")
    await adam.submit()
    assert "could not do themselves" in shown(adam)
    assert len(await whole.requests()) == 1


async def test_somebody_invited_by_an_admin_who_was_demoted_since_waits_for_the_owner(whole: Watched) -> None:
    adam, olivia, nora = whole.person("adam"), whole.person("olivia"), whole.person("nora")
    await adam.command("/team", f"invite {nora.email}")
    await nora.until(lambda: has_button(nora, "Accept"))
    await olivia.command("/team", "role @adam developer")
    await nora.click("Accept")
    await nora.until(lambda: "Somebody still has to approve" in card(nora, "invites you").words)
    async with whole.reading() as tx:
        assert await tx.members.by_email(nora.email) is None
    await hears(adam, "you may no longer give the role")
    await olivia.until(lambda: has_button(olivia, "Approve"), timeout=10)
    await olivia.click("Approve")
    await hears(nora, "Welcome to")
    assert (await whole.member("nora")).active


async def test_an_invitee_whose_inviter_was_deactivated_may_also_be_turned_away(whole: Watched) -> None:
    adam, olivia, nora = whole.person("adam"), whole.person("olivia"), whole.person("nora")
    await adam.command("/team", f"invite {nora.email}")
    await nora.until(lambda: has_button(nora, "Accept"))
    await olivia.command("/team", "deactivate @adam")
    await nora.click("Accept")
    await olivia.until(lambda: has_button(olivia, "Decline"), timeout=10)
    await olivia.click("Decline", card(olivia, "asks to"))
    await olivia.fill("Reason", "We have enough people")
    assert await olivia.submit() == {}
    await nora.until(lambda: "taken back" in card(nora, "invites you").words)
    async with whole.reading() as tx:
        assert await tx.members.by_email(nora.email) is None
        assert (await tx.roster.counts()).get("waiting", 0) == 0
