"""Slack that is down, limits, errs, loses answers or is slow: every card comes once, and in order."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.sandbox.person import Person
from tests.support.attack import (
    Watched,
    accept_on_the_page,
    card,
    form,
    hears,
    said_to,
    shown,
    watched_steward,
)
from tests.support.whole import has_button, has_no_button

SAM = "sam@elsewhere.example"
IN_TIME = 3.0


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.crew()
        yield started


def count(person: Person, words: str) -> int:
    """How many messages of Steward to somebody have these words."""
    return sum(words in said for said in said_to(person))


OUTAGES = {
    "429": {"api_429": 3, "retry_after": 1, "api_method": "chat.postMessage"},
    "500": {"api_500": 2, "api_method": "chat.postMessage"},
    "lost answer": {"api_lost_answer": 1, "api_method": "chat.postMessage"},
    "500 for every method": {"api_500": 4},
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
async def test_cards_come_once_each_whatever_slack_answers(whole: Watched, fault: dict[str, object]) -> None:
    dana, adam, olivia = (whole.person(name) for name in ("dana", "adam", "olivia"))
    whole.slack.faults.update(fault)
    reply = await dana.command("/team", f"invite {SAM}")
    assert "Asked" in reply.text, reply
    for who in (adam, olivia):
        await who.until(partial(has_button, who, "Approve"), timeout=20)
    await dana.until(lambda: has_button(dana, "Withdraw"), timeout=20)
    whole.slack.faults.clear()
    await adam.click("Approve")
    for who in (adam, olivia):
        await who.until(partial(has_no_button, who, "Approve"), timeout=20)
    assert [count(who, "asks to") for who in (adam, olivia)] == [1, 1]
    assert count(dana, "You asked to") == 1


async def test_while_slack_is_down_the_web_page_works_and_the_news_follows_in_order(whole: Watched) -> None:
    olivia, strangers = whole.person("olivia"), [f"p{number}@elsewhere.example" for number in range(3)]
    for address in strangers:
        await olivia.command("/team", f"invite {address}")
        await whole.slack.until(partial(whole.slack.inbox, address))
    whole.slack.faults.slack_down = True
    for address in strangers:
        await accept_on_the_page(whole, address, f"Stranger {address[:2]}")
    await asyncio.sleep(1.2)
    assert count(olivia, "Stranger") == 0
    assert (await whole.tags()).count("member.joined") == 7
    whole.slack.faults.slack_down = False
    await olivia.until(lambda: count(olivia, "Stranger") == 3, timeout=20)
    told = [said for said in said_to(olivia) if "Stranger" in said]
    assert [name in said for name, said in zip(("p0", "p1", "p2"), told, strict=True)] == [True] * 3


async def test_a_slow_slack_is_answered_in_time_and_the_cards_still_come(whole: Watched) -> None:
    dana, adam = whole.person("dana"), whole.person("adam")
    whole.slack.faults.api_slow = 4
    for typed in ("", "invite", f"invite {SAM}", "members", "role", "why", "can invite"):
        begun = time.monotonic()
        reply = await dana.command("/team", typed)
        assert reply.error is None, (typed, reply)
        assert time.monotonic() - begun < IN_TIME, typed
        assert reply.text or reply.view, typed
    whole.slack.faults.clear()
    await adam.until(lambda: has_button(adam, "Approve"), timeout=20)
    assert count(adam, "asks to") == 1


async def test_somebody_new_is_answered_in_time_although_slack_is_slow_to_say_who_they_are(
    whole: Watched,
) -> None:
    from bot.sandbox.team import PersonSpec

    unheard_of = PersonSpec(handle="new", name="New Body", email="new@northwind.example")
    whole.slack.workspace.join(unheard_of)
    newcomer = whole.slack.person("new")
    whole.slack.faults.api_slow = 2.5
    begun = time.monotonic()
    reply = await newcomer.command("/team", "join because I am new")
    assert reply.error is None
    assert time.monotonic() - begun < IN_TIME
    assert reply.text
    whole.slack.faults.clear()
    assert "Asked" in (await newcomer.command("/team", "join because I am new")).text


async def test_an_expired_trigger_is_said_in_words_and_the_next_click_works(whole: Watched) -> None:
    dana = whole.person("dana")
    for typed in ("invite", "members", "role", "approvals", "can", "preview", "settings"):
        whole.slack.faults.expired_trigger = 1
        reply = await dana.command("/team", typed)
        assert reply.view is None
        assert "time to open a form ran out, and nothing was done" in reply.text, (typed, reply.text)
        assert (await dana.command("/team", typed)).view, typed
    whole.slack.faults.expired_trigger = 1
    shortcut = await dana.shortcut("invite_people")
    assert shortcut.error is None
    await dana.close(everything=True)
    assert (await dana.shortcut("invite_people")).view


async def test_an_expired_trigger_behind_a_button_is_said_beside_it(whole: Watched) -> None:
    dana, adam = whole.person("dana"), whole.person("adam")
    await dana.command("/team", f"invite {SAM}")
    await adam.until(lambda: has_button(adam, "Approve"))
    for words in ("Decline", "Details"):
        whole.slack.faults.expired_trigger = 1
        reply = await adam.click(words)
        assert "ran out, and nothing was done" in reply.text, words
        await adam.click(words)
        assert form(adam).view["title"]
        await adam.close(everything=True)


async def test_what_cannot_be_posted_back_is_done_all_the_same_and_seen_on_the_card(whole: Watched) -> None:
    dana, adam = whole.person("dana"), whole.person("adam")
    await dana.command("/team", f"invite {SAM}")
    await adam.until(lambda: has_button(adam, "Approve"))
    whole.slack.faults.slack_down = True
    place = card(adam, "asks to")
    whole.slack.faults.slack_down = False
    whole.slack.core.responses._by_id.clear()
    await adam.click("Approve", place)
    await adam.until(lambda: has_no_button(adam, "Approve"), timeout=10)
    assert await whole.invitation(SAM)


async def test_home_and_lists_come_late_but_come(whole: Watched) -> None:
    olivia = whole.person("olivia")
    await olivia.open_home()
    whole.slack.faults.update({"api_500": 3, "api_method": "views.publish"})
    await whole.person("dana").command("/team", f"invite {SAM}")
    await olivia.until(lambda: olivia.home is not None and SAM in str(olivia.home.view), timeout=20)
    assert len(whole.slack.calls.of("views.publish")) > 3


async def test_somebody_deactivated_in_slack_is_not_asked_and_does_not_hold_up_the_others(
    whole: Watched,
) -> None:
    dana, adam, olivia = (whole.person(name) for name in ("dana", "adam", "olivia"))
    adam.change(deleted=True)
    await whole.slack.settle()
    whole.expected.add("worker.parked")
    await dana.command("/team", f"invite {SAM}")
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.click("Approve")
    await hears(dana, "Approved by")
    assert shown(adam) == ""


async def test_news_of_a_person_that_arrives_after_newer_news_is_not_believed(whole: Watched) -> None:
    nora, dispatcher = whole.person("nora"), whole.slack.dispatcher
    whole.slack.faults.update({"out_of_order": 1, "deliver_twice": 1})
    nora.change(name="Nora N.")
    nora.change(deleted=True)
    await dispatcher.settle()
    async with whole.reading() as tx:
        person = await tx.people.get(nora.id)
    assert person is not None
    assert person.deleted
