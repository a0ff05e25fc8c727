"""Deliveries with a good signature that have not the shape Slack documents: passed over, never a failure."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.slack.edge import StewardApp
from tests.slack.edge.slack import Wire, click, event, submission, suggestion

USER = {"id": "U0ANN", "team_id": "T0001"}
VIEW = {"id": "V1", "type": "modal", "callback_id": "x", "blocks": [], "private_metadata": ""}
MISSHAPEN: dict[str, dict[str, Any]] = {
    "no actions": click(actions=[]),
    "null for actions": click(actions=None),
    "an action that is none": click(actions=["approve"]),
    "an action without an id": click(actions=[{"type": "button"}]),
    "a step of a workflow": {"type": "workflow_step_edit", "callback_id": "x", "user": USER},
    "a button of an attachment": {"type": "interactive_message", "callback_id": "x", "user": USER},
    "a form without a view": {**submission(), "view": None},
    "a form that is a step": {**submission(), "view": {"type": "workflow_step", "callback_id": "x"}},
    "a form without a type": {**submission(), "view": {"callback_id": "x"}},
    "a form of words": {**submission(), "view": {"type": "modal", "callback_id": "x", "blocks": ["x"]}},
    "null for an event": {**event(), "event": None},
    "a list for an event": {**event(), "event": ["type"]},
    "an event without a type": {**event(), "event": {}},
    "a shortcut without an id": {"type": "shortcut", "user": USER},
    "a user of words": {"type": "shortcut", "callback_id": "x", "user": 5},
    "a list for somebody's team": click(user=USER | {"team_id": ["T0001"]}),
    "a list for the team": click(team=[{"id": "T0001"}]),
    "words for the enterprise": click(enterprise="E0001"),
    "a number for a person's id": click(user={"id": 5}),
    "an option of words": click(actions=[{"action_id": "approve", "selected_option": "x"}]),
    "an option without a text for its value": click(
        actions=[{"action_id": "approve", "selected_option": {"value": {}}}]
    ),
    "a form that is nowhere": click(view=VIEW | {"id": None}),
    "a form whose id is empty": click(view=VIEW | {"id": ""}),
    "an object for a form's ids": click(view=VIEW | {"private_metadata": {}}),
    "an object for a form's blocks": click(view=VIEW | {"blocks": {"": ""}}),
    "a field without an element": click(view=VIEW | {"blocks": [{"type": "input", "block_id": "x"}]}),
    "words for a form's state": click(view=VIEW | {"state": "x"}),
    "words for a form's values": click(view=VIEW | {"state": {"values": "x"}}),
    "words for a field's values": click(view=VIEW | {"state": {"values": {"role": {"x": "y"}}}}),
    "people of words": click(view=VIEW | {"state": {"values": {"users": {"x": {"selected_users": "U1"}}}}}),
    "options without a value": click(
        view=VIEW | {"state": {"values": {"roles": {"x": {"selected_options": [{}]}}}}}
    ),
    "a list for an event's user": {**event(), "event": {"type": "app_home_opened", "user": ["U1"]}},
    "grants of words": {**event(), "authorizations": "x"},
    "a list for the view of something unknown": {"type": "x", "view": ["x"]},
    "a list for the event of nothing": {"event": ["x"]},
    "words for the event of something unknown": {"type": "x", "event": "x"},
    "a list for the team of nothing": {"team": ["x"], "actions": []},
    "words for the actions of nothing": {"actions": "x"},
    "a list for a type": {"type": ["event_callback"]},
}


@pytest.mark.parametrize("payload", MISSHAPEN.values(), ids=MISSHAPEN)
async def test_what_slack_would_not_send_is_acknowledged_and_noted(
    app: StewardApp, slack: Wire, payload: dict[str, Any]
) -> None:
    ran = False

    @app.action("approve")
    async def never() -> None:
        nonlocal ran
        ran = True

    with capture_logs() as logs:
        answer = await (slack.event(payload) if "event" in payload else slack.interact(payload))
    assert (answer.status, await answer.text()) == (200, "")
    assert [entry["event"] for entry in logs] == ["slack.misshapen"]
    assert not ran


async def test_a_search_without_a_select_is_offered_nothing(slack: Wire) -> None:
    answer = await slack.interact({**suggestion(), "action_id": None})
    assert (answer.status, await answer.json()) == (200, {"options": []})


async def test_what_is_not_of_slacks_or_our_own_kinds_is_no_word_of_the_log(slack: Wire) -> None:
    with capture_logs() as logs:
        await slack.command(command="/ann@example.com")
        await slack.interact({"type": "ann@example.com", "user": USER, "callback_id": "x"})
        await slack.event({**event(), "event": {"type": "ann@example.com"}})
    assert [entry["kind"] for entry in logs] == ["command", "unknown", "event unknown"]
    assert "ann@example.com" not in repr(logs)
