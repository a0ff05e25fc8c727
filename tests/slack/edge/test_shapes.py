"""Deliveries with a good signature that have not the shape Slack documents: passed over, never a failure."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.slack.edge import StewardApp
from tests.slack.edge.slack import Wire, click, event, submission, suggestion

USER = {"id": "U0ANN", "team_id": "T0001"}
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
