"""An unmodified Bolt app lives on the local Slack as on Slack, over HTTP and over Socket Mode."""

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from bot.sandbox import LocalSlack
from tests.sandbox.bots import BoltBot


async def test_a_command_is_answered_and_posts_a_card(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    reply = await dana.command("/help-me", "coffee")
    assert reply.status == 200
    assert reply.error is None
    assert reply.text == "Asked for coffee"
    assert [message.words for message in dana.messages()] == ["*coffee* waits\nApprove"]


async def test_a_click_edits_the_card_in_place_and_whispers(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me", "coffee")
    posted = dana.messages()[0].ts
    reply = await dana.click("Approve")
    assert reply.text == "Done"
    [card] = dana.messages()
    assert (card.ts, card.words) == (posted, "Approved")
    assert card.edited is not None


async def test_a_form_opens_shows_faults_and_closes(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    reply = await dana.command("/help-me", "form")
    assert reply.view is dana.view
    assert await dana.submit() == {
        "Topic": "Please complete this required field.",
        "Who": "Please complete this required field.",
    }
    await dana.fill("Topic", "nothing")
    await dana.fill("Who", "Devi")
    assert await dana.submit() == {"Topic": "That is not a topic."}
    await dana.fill("Topic", "tea")
    assert await dana.submit() == {}
    assert dana.view is None
    assert bolt.heard == ["tea from devi"]


async def test_a_shortcut_opens_a_form_with_type_ahead(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    assert (await dana.shortcut("ask")).view is not None
    assert await dana.options("Who", "d") == ["Dana", "Devi"]
    assert await dana.options("Who", "x") == []


async def test_opening_home_publishes_it(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    blocks = await dana.open_home()
    assert blocks[0]["text"]["text"] == f"Welcome <@{dana.id}>"


async def test_the_bot_hears_who_joins_and_what_is_said(slack: LocalSlack, bolt: BoltBot) -> None:
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await slack.until(lambda: bolt.heard == ["ann@northwind.example joined"])
    dana = slack.person("dana")
    await dana.say(None, "hello")
    answer = await dana.until(lambda: [each for each in dana.messages() if each.from_app])
    assert answer[0].text == "You said hello"


async def test_the_look_back_finds_the_key_of_a_posted_message(slack: LocalSlack, bolt: BoltBot) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me", "coffee")
    opened = await bolt.client.conversations_open(users=dana.id)
    history = await bolt.client.conversations_history(
        channel=opened["channel"]["id"], include_all_metadata=True
    )
    assert history["messages"][0]["metadata"]["event_payload"] == {"key": "coffee"}


async def test_the_sdk_comes_back_after_a_refresh(slack: LocalSlack) -> None:
    async with BoltBot(slack).running(over="socket"):
        await slack.until(lambda: slack.socket.connections == 1)
        await slack.socket.refresh()
        await slack.until(lambda: slack.socket.connections == 1)
        assert (await slack.person("dana").command("/help-me", "tea")).text == "Asked for tea"
        assert slack.calls.count("apps.connections.open") == 2


async def test_an_edit_that_is_limited_comes_through_the_sdks_own_retry(slack: LocalSlack) -> None:
    helper = BoltBot(slack)
    helper.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    async with helper.running(over="http"):
        slack.faults.api_429, slack.faults.api_method = 1, "chat.update"
        dana = slack.person("dana")
        await dana.command("/help-me", "tea")
        await dana.click("Approve")
        assert [message.words for message in dana.messages()] == ["Approved"]
        assert slack.calls.count("chat.update") == 2


async def test_bolt_answers_the_challenge_of_its_address(slack: LocalSlack) -> None:
    async with BoltBot(slack).running(over="http"):
        assert await slack.verify_request_url()
