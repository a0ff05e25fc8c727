"""Who the token is, asked seldom and forgotten when it is revoked."""

import asyncio
from typing import Any

import pytest
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.slack.edge import Authorize, NotInstalled, StewardApp
from bot.slack.edge import authorize as module
from bot.slack.edge.incidents import NOT_INSTALLED
from tests.slack.edge.slack import NONSENSE, TEAM, TOKEN, WHO_I_AM, WebApi, Wire, click, event


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def authorize(client: AsyncWebClient, clock: Clock) -> Authorize:
    return Authorize(bot_token=TOKEN, client=client, clock=clock)


async def ask(
    authorize: Authorize, team: str | None = TEAM, enterprise: str | None = None, *, org_wide: bool = False
) -> Any:
    context = AsyncBoltContext({"is_enterprise_install": org_wide})
    return await authorize(context=context, enterprise_id=enterprise, team_id=team, user_id="U0ANN")


async def test_a_delivery_gets_the_token_and_who_it_is(authorize: Authorize) -> None:
    result = await ask(authorize)
    assert (result.bot_token, result.bot_id, result.bot_user_id) == (TOKEN, "B0001", "U0BOT")


async def test_slack_is_asked_again_after_an_hour(authorize: Authorize, api: WebApi, clock: Clock) -> None:
    await ask(authorize)
    clock.now += 3599
    await ask(authorize)
    assert len(api.named("auth.test")) == 1
    clock.now += 1
    await ask(authorize)
    assert len(api.named("auth.test")) == 2


async def test_deliveries_at_once_ask_once(authorize: Authorize, api: WebApi) -> None:
    await asyncio.gather(*(ask(authorize) for _ in range(8)))
    assert len(api.named("auth.test")) == 1


async def test_another_workspace_gets_no_token(authorize: Authorize) -> None:
    with pytest.raises(NotInstalled):
        await ask(authorize, team="T0OTHER")


async def test_other_workspaces_of_the_same_enterprise_get_it(authorize: Authorize, api: WebApi) -> None:
    api.answers["auth.test"] = {**WHO_I_AM, "enterprise_id": "E1"}
    assert (await ask(authorize, team="T0OTHER", enterprise="E1")).bot_token == TOKEN
    with pytest.raises(NotInstalled):
        await ask(authorize, team="T0OTHER", enterprise="E2")


async def test_a_click_in_another_enterprise_org_is_refused_in_the_same_words_as_a_command(
    app: StewardApp, slack: Wire, api: WebApi
) -> None:
    @app.action("approve")
    async def never(ack: Any) -> None:
        await ack()

    org = {"id": "E1", "name": "Other"}
    elsewhere: dict[str, Any] = {"team": None, "enterprise": org, "is_enterprise_install": True}
    url = f"{api.url}response/1"
    assert (await slack.interact(click(response_url=url, **elsewhere))).status == 200
    assert api.named("response")[0]["text"] == NOT_INSTALLED


@pytest.mark.parametrize("shape", NONSENSE)
async def test_an_answer_that_is_none_of_slacks_is_no_answer(
    authorize: Authorize, api: WebApi, shape: tuple[int, str, str]
) -> None:
    api.nonsense["auth.test"] = shape
    assert (await ask(authorize)).bot_token == TOKEN
    assert authorize._identity is None


async def test_a_revoked_token_is_noticed(authorize: Authorize, api: WebApi) -> None:
    api.answers["auth.test"] = {"ok": False, "error": "token_revoked"}
    with pytest.raises(NotInstalled):
        await ask(authorize)


async def test_deliveries_are_served_while_slack_does_not_answer(
    authorize: Authorize, api: WebApi, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    api.drop_next = 1
    with capture_logs() as logs:
        assert (await ask(authorize)).bot_token == TOKEN
    assert [entry["event"] for entry in logs] == ["slack.identity_unknown"]
    await ask(authorize)
    assert len(api.named("auth.test")) == 1
    clock.now += 30
    assert (await ask(authorize)).bot_user_id == "U0BOT"


async def test_what_was_known_is_kept_while_slack_does_not_answer(
    authorize: Authorize, api: WebApi, clock: Clock
) -> None:
    await ask(authorize)
    clock.now += 3600
    api.answers["auth.test"] = {"ok": False, "error": "internal_error"}
    assert (await ask(authorize)).bot_user_id == "U0BOT"
    with pytest.raises(NotInstalled):
        await ask(authorize, team="T0OTHER")


@pytest.mark.parametrize("kind", ["tokens_revoked", "app_uninstalled"])
async def test_a_revocation_makes_steward_ask_again(
    app: StewardApp, slack: Wire, api: WebApi, kind: str
) -> None:
    @app.command("/team")
    async def answer(ack: Any) -> None:
        await ack("still here")

    assert await (await slack.command("1")).text() == "still here"
    api.answers["auth.test"] = {"ok": False, "error": "account_inactive"}
    assert await (await slack.command("2")).text() == "still here"
    assert (await slack.event(event(kind, tokens={"bot": ["U0BOT"]}))).status == 200
    assert "not connected" in await (await slack.command("3")).text()
