"""What Slack is asked to deliver again, and what an external select is offered when there is nothing."""

import json
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge import StewardApp, build_bolt
from bot.slack.refusals import explain
from domain.errors import Busy, OutsidersNever
from domain.ports import StoreUnavailable
from tests.slack.edge.slack import SECRET, TOKEN, Wire, event, signed, suggestion


@pytest.fixture
async def app(client: AsyncWebClient) -> StewardApp:
    """The app with the words of the domain's refusals."""
    return build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client, explain=explain)


@pytest.mark.parametrize("error", [Busy("Others are at it."), StoreUnavailable("gone")])
async def test_an_event_that_could_not_be_kept_comes_again_and_is_let_in(
    app: StewardApp, slack: Wire, error: Exception
) -> None:
    kept: list[Any] = []

    @app.event("team_join")
    async def keep(request: Any) -> None:
        kept.append(request.headers.get("x-slack-retry-num"))
        if len(kept) == 1:
            raise error

    body = json.dumps(event()).encode()
    sent = signed(body)
    first = await slack.client.post("/slack/events", data=body, headers=sent)
    again = await slack.client.post("/slack/events", data=body, headers={**sent, "X-Slack-Retry-Num": "1"})
    assert (first.status, again.status) == (500, 200)
    assert kept == [None, ["1"]]


async def test_a_search_while_the_database_is_gone_does_not_claim_that_nothing_was_found(
    app: StewardApp, slack: Wire
) -> None:
    @app.options("member")
    async def search() -> None:
        raise StoreUnavailable

    answer = await slack.interact(suggestion())
    assert answer.status == 500


async def test_who_may_not_search_is_offered_nothing(app: StewardApp, slack: Wire) -> None:
    @app.options("member")
    async def refuse() -> None:
        raise OutsidersNever("Guests take no part.")

    answer = await slack.interact(suggestion())
    elsewhere = await slack.interact({**suggestion(), "team": {"id": "T0OTHER"}})
    nobody = await slack.interact(suggestion("gone"))
    said = [await each.json() for each in (answer, elsewhere, nobody)]
    assert said == [{"options": []}] * 3
