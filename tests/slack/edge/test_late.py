"""Listeners that take longer than Slack waits: Slack is answered in time, and the person hears the rest."""

import asyncio
from typing import Any

import pytest

from bot.slack.edge import SlackEdge, StewardApp, dispatch
from bot.slack.edge.late import TAKES_LONGER
from tests.slack.edge.slack import WebApi, Wire, click, event, submission


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LATEST", 0.05)


class Slowly:
    """Waits until it is let go, then answers."""

    def __init__(self, **answer: Any) -> None:
        self.let_go = asyncio.Event()
        self._answer = answer

    async def __call__(self, ack: Any) -> None:
        await self.let_go.wait()
        await ack(**self._answer)


async def test_a_command_is_answered_in_time_and_its_own_answer_follows(
    app: StewardApp, edge: SlackEdge, slack: Wire, api: WebApi
) -> None:
    slowly = Slowly(text="Done.", unfurl_links=False)
    app.command("/team")(slowly)
    answer = await slack.command(response_url=f"{api.url}response/1")
    assert answer.status == 200
    assert (await answer.json())["text"] == TAKES_LONGER
    assert api.named("response") == []
    slowly.let_go.set()
    assert await edge.drain(3)
    assert api.named("response") == [{"text": "Done."}]


async def test_a_command_that_is_quick_enough_is_answered_once(
    app: StewardApp, edge: SlackEdge, slack: Wire, api: WebApi
) -> None:
    slowly = Slowly(text="Done.")
    slowly.let_go.set()
    app.command("/team")(slowly)
    answer = await slack.command(response_url=f"{api.url}response/1")
    assert await answer.text() == "Done."
    assert await edge.drain(3)
    assert api.named("response") == []


async def test_a_form_keeps_what_was_typed_and_says_to_look_first(
    app: StewardApp, slack: Wire, edge: SlackEdge
) -> None:
    slowly = Slowly()
    app.view("invite")(slowly)
    field = {
        "type": "input",
        "block_id": "who",
        "label": {"type": "plain_text", "text": "Who"},
        "element": {"type": "plain_text_input", "action_id": "who"},
    }
    answer = await slack.interact(submission("invite", [field]))
    assert await answer.json() == {"response_action": "errors", "errors": {"who": TAKES_LONGER}}
    slowly.let_go.set()
    assert await edge.drain(3)


async def test_a_click_is_acknowledged_and_the_listener_tells_the_rest_itself(
    app: StewardApp, slack: Wire, edge: SlackEdge
) -> None:
    slowly = Slowly()
    app.action("approve")(slowly)
    answer = await slack.interact(click())
    assert answer.status == 200
    assert not edge_is_idle(edge)
    slowly.let_go.set()
    assert await edge.drain(3)


async def test_an_event_is_waited_for_as_slack_delivers_a_failed_one_again(
    app: StewardApp, slack: Wire
) -> None:
    slowly = Slowly()
    app.event("team_join")(slowly)
    waiting = asyncio.create_task(slack.event(event()))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    slowly.let_go.set()
    assert (await waiting).status == 200


def edge_is_idle(edge: SlackEdge) -> bool:
    """Whether nothing is under way."""
    return edge._dispatcher.under_way == 0
