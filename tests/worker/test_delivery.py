"""Messages reach Slack exactly once, cards are edited in place, and what cannot be delivered is put aside."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.conversations import Message
from domain.front_desk import FrontDesk, SlackUser
from domain.notices import AuditPosted, HomeStale, to_member, to_user
from tests.worker.bench import Bench, bench


async def test_a_card_is_posted_once_and_edited_afterwards(northwind: Bench) -> None:
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(lambda: northwind.said() == ["Ann asks"])
    await northwind.queue(northwind.card("Ann asked; approved"))
    await northwind.until(lambda: northwind.said() == ["Ann asked; approved"])
    assert northwind.slack.calls.count("chat.postMessage") == 1
    assert northwind.slack.calls.count("conversations.history") == 0


async def test_an_edit_takes_the_buttons_away(northwind: Bench) -> None:
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(northwind.said)
    northwind.words.clickable = False
    await northwind.queue(northwind.card("Approved"))
    await northwind.until(lambda: northwind.said() == ["Approved"])
    assert [block["type"] for block in northwind.olivia.messages()[0].blocks] == ["section"]


async def test_any_other_notice_is_a_new_message_each_time(northwind: Bench) -> None:
    for words in ("Ann waits for a seat", "Ann joined"):
        await northwind.queue(northwind.note(words))
        await northwind.drained()
    assert northwind.said() == ["Ann waits for a seat", "Ann joined"]


@pytest.mark.parametrize("kind", ["card", "note"])
async def test_a_lost_answer_is_looked_for_before_posting_again(northwind: Bench, kind: str) -> None:
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(getattr(northwind, kind)("Once"))
    await northwind.drained()
    assert northwind.said() == ["Once"]
    assert northwind.slack.calls.count("chat.postMessage") == 1
    assert northwind.slack.calls.count("conversations.history") == 1


async def test_a_lost_answer_hides_no_earlier_message_of_the_same_notice(northwind: Bench) -> None:
    await northwind.queue(northwind.note("First"))
    await northwind.drained()
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(northwind.note("Second"))
    await northwind.drained()
    assert northwind.said() == ["First", "Second"]
    assert northwind.slack.calls.count("chat.postMessage") == 2


async def test_a_message_slack_takes_after_we_gave_up_and_looked_is_not_posted_again(idle: Bench) -> None:
    conversations, held = idle.slack.workspace.conversations, []
    say = conversations.say

    def take_later(message: Message) -> Message:
        held.append(message)
        conversations.say = say  # type: ignore[method-assign]
        raise LookupError("the gateway in front of Slack gave up waiting")

    conversations.say = take_later  # type: ignore[method-assign]
    await idle.queue(idle.card("Ann asks"))
    idle.worker.start()
    await idle.until(lambda: idle.slack.calls.count("conversations.history") == 1)
    await idle.tried()
    say(held[0])
    await idle.clock.advance(_minutes(2))
    await idle.drained()
    assert idle.said() == ["Ann asks"]
    assert idle.slack.calls.count("chat.postMessage") == 1


async def test_a_message_slack_never_took_is_posted_once_it_no_longer_can(idle: Bench) -> None:
    conversations = idle.slack.workspace.conversations
    say = conversations.say

    def lose(message: Message) -> Message:
        conversations.say = say  # type: ignore[method-assign]
        raise LookupError("the gateway in front of Slack gave up waiting")

    conversations.say = lose  # type: ignore[method-assign]
    await idle.queue(idle.card("Ann asks"))
    idle.worker.start()
    await idle.until(lambda: idle.slack.calls.count("conversations.history") == 1)
    await idle.tried()
    assert idle.said() == []
    await idle.clock.advance(_minutes(2))
    await idle.drained()
    assert idle.said() == ["Ann asks"]


async def test_a_card_found_by_looking_back_says_what_is_true_now(northwind: Bench) -> None:
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(northwind.said)
    await northwind.queue(northwind.card("Approved"))
    await northwind.until(lambda: northwind.said() == ["Approved"])
    await northwind.drained()
    assert northwind.slack.calls.count("chat.postMessage") == 1


async def test_a_lost_answer_is_found_where_the_clock_runs_ahead_of_slacks(northwind: Bench) -> None:
    await northwind.clock.advance(timedelta(days=8))
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(northwind.card("Once"))
    await northwind.drained()
    assert northwind.said() == ["Once"]


async def test_a_message_behind_many_others_is_found(idle: Bench) -> None:
    idle.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await idle.queue(idle.card("Ann asks"))
    idle.worker.start()
    await idle.until(idle.said)
    workspace = idle.slack.workspace
    for number in range(450):
        stamp, channel = workspace.stamps.next(), idle.olivia.dm.id
        workspace.conversations.say(
            Message(ts=stamp, channel=channel, user=workspace.bot.user, text=str(number))
        )
    await idle.drained()
    assert idle.slack.calls.count("chat.postMessage") == 1
    assert idle.slack.calls.count("conversations.history") == 3


@pytest.mark.parametrize("clickable", [True, False])
async def test_a_deleted_card_comes_back_only_while_it_asks(northwind: Bench, clickable: bool) -> None:
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(northwind.said)
    northwind.olivia.dm.remove(northwind.olivia.messages()[0])
    northwind.words.clickable = clickable
    await northwind.queue(northwind.card("Still there"))
    await northwind.drained()
    assert northwind.said() == (["Still there"] if clickable else [])


async def test_a_lost_answer_after_a_deletion_posts_once(northwind: Bench) -> None:
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(northwind.said)
    northwind.olivia.dm.remove(northwind.olivia.messages()[0])
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(northwind.card("Still there"))
    await northwind.drained()
    assert northwind.said() == ["Still there"]


async def test_a_limited_post_waits_as_long_as_slack_says_and_is_not_looked_for(northwind: Bench) -> None:
    northwind.slack.faults.update({"api_429": 1, "retry_after": 1, "api_method": "chat.postMessage"})
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await northwind.queue(northwind.card("Patience"))
    await northwind.until(northwind.said)
    assert loop.time() - begun >= 1.0
    assert northwind.slack.calls.count("chat.postMessage") == 2
    assert northwind.slack.calls.count("conversations.history") == 0


async def test_a_limit_holds_the_method_for_everybody(northwind: Bench) -> None:
    northwind.slack.faults.update({"api_429": 1, "retry_after": 2, "api_method": "chat.postMessage"})
    await northwind.queue(northwind.card("To Olivia"))
    await northwind.until(lambda: northwind.pacing.held("chat.postMessage"))
    adam = northwind.slack.person("adam")
    await northwind.queue(northwind.note("To Adam", to=to_user(adam.id)))
    await asyncio.sleep(0.5)
    assert northwind.slack.calls.count("chat.postMessage") == 1
    await northwind.until(lambda: northwind.said(adam) and northwind.said())


async def test_slack_down_delays_and_doubles_nothing(northwind: Bench) -> None:
    northwind.slack.faults.slack_down = True
    await northwind.queue(northwind.card("Later"), northwind.note("Later too"))
    await asyncio.sleep(0.6)
    northwind.slack.faults.slack_down = False
    await northwind.until(lambda: sorted(northwind.said()) == ["Later", "Later too"])
    assert (await northwind.store.queue.depth())["parked"] == 0


async def test_a_token_that_is_not_accepted_parks_nothing_and_is_said(northwind: Bench) -> None:
    northwind.slack.uninstall()
    await northwind.queue(northwind.card("Ann asks"))
    await northwind.until(lambda: northwind.caller.problem)
    assert northwind.caller.problem == "The app was removed from the workspace. Install it again."
    await northwind.tried()
    depth = await northwind.store.queue.depth()
    assert (depth["parked"], depth["scheduled"]) == (0, 1)


async def test_an_app_that_came_back_is_used_again(idle: Bench) -> None:
    idle.slack.uninstall()
    await idle.queue(idle.card("Ann asks"))
    idle.worker.start()
    await idle.until(lambda: idle.caller.problem)
    await idle.tried()
    idle.slack.reinstall()
    idle.pacing.release()
    await idle.clock.advance(_minutes(2))
    await idle.until(lambda: idle.said() == ["Ann asks"])
    assert idle.caller.problem is None


async def test_somebody_slack_does_not_know_is_put_aside(northwind: Bench) -> None:
    await northwind.queue(northwind.note("To nobody", to=to_user("U0NOBODY00")))
    await northwind.drained()
    assert (await northwind.store.queue.depth())["parked"] == 1


async def test_a_member_whom_slack_no_longer_reaches_gets_mail(with_mail: Bench) -> None:
    async with with_mail.store.transaction(with_mail.team_id) as tx:
        owner = await tx.members.get(with_mail.owner_id)
        assert owner is not None
        await tx.members.save(replace(owner, slack_user_id="U0GONE0000"))
    card = with_mail.card("Ann asks")
    await with_mail.queue(card)
    await with_mail.drained()
    assert with_mail.letters.sent == [card.key]


async def test_without_permission_to_look_back_a_message_is_posted_at_most_once(sqlite_url: str) -> None:
    without = lambda scopes: [scope for scope in scopes if scope != "im:history"]  # noqa: E731
    async with bench(sqlite_url, scopes=without) as made:
        made.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
        await made.queue(made.note("Once"))
        made.worker.start()
        await made.drained()
        assert made.said() == ["Once"]
        assert made.slack.calls.count("chat.postMessage") == 1
        assert (await made.store.queue.depth())["parked"] == 0


async def test_a_channel_gets_the_audit_once_even_where_it_cannot_be_read(northwind: Bench) -> None:
    channel = northwind.slack.channel("team-admins")
    notice = AuditPosted(first=1, last=2, channel=channel.id)
    northwind.words.of[notice.key] = "2 entries"
    northwind.slack.faults.update({"api_lost_answer": 1, "api_method": "chat.postMessage"})
    await northwind.queue(notice)
    await northwind.drained()
    assert [each.text for each in northwind.olivia.messages("team-admins")] == ["2 entries"]


async def test_a_channel_steward_is_not_in_is_put_aside(northwind: Bench) -> None:
    channel = northwind.slack.channel("general")
    notice = AuditPosted(first=1, last=1, channel=channel.id)
    northwind.words.of[notice.key] = "1 entry"
    await northwind.queue(notice)
    await northwind.drained()
    assert (await northwind.store.queue.depth())["parked"] == 1


async def test_home_is_published_to_who_has_opened_it(northwind: Bench) -> None:
    adam = northwind.slack.person("adam")
    await FrontDesk(northwind.store).saw_home(SlackUser(northwind.team_id, northwind.olivia.id))
    await northwind.queue(HomeStale(user_id=northwind.olivia.id), HomeStale(user_id=adam.id))
    await northwind.drained()
    assert northwind.olivia.home is not None
    assert adam.home is None


async def test_a_notice_with_nothing_left_to_say_ends_in_silence(northwind: Bench) -> None:
    card = northwind.card("Ann asks")
    northwind.words.of.clear()
    await northwind.queue(card)
    await northwind.drained()
    assert northwind.said() == []
    assert sum((await northwind.store.queue.depth()).values()) == 0


async def test_links_are_not_unfolded(northwind: Bench) -> None:
    await northwind.queue(northwind.card("See https://example.com"))
    await northwind.until(northwind.said)
    (call,) = northwind.slack.calls.of("chat.postMessage")
    assert (call.args["unfurl_links"], call.args["unfurl_media"]) == (False, False)


async def test_an_unlinked_member_without_mail_is_passed_over(northwind: Bench) -> None:
    await northwind.queue(northwind.note("Hello", to=to_member("nobody")))
    await northwind.drained()
    assert sum((await northwind.store.queue.depth()).values()) == 0


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
