"""Every trap of Bolt and Slack's SDK that Steward goes round, and proof that each is still there.

A test named `test_bolt_still_…` fails when the library mends the matter: then the way round may go.
"""

import asyncio
import json
import logging
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from bot.manifest import manifest
from bot.slack.edge import LazyListener, SlackEdge, StewardApp, build_bolt, web_client
from tests.slack.edge.slack import SECRET, TEAM, TOKEN, WebApi, Wire, command, event, form, signed, wire

pytestmark = pytest.mark.usefixtures("without_slack_environment")


@pytest.fixture
def without_slack_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)


def stock(client: AsyncWebClient, **options: Any) -> AsyncApp:
    """Bolt as its own documentation starts it."""
    return AsyncApp(client=client, signing_secret=options.pop("signing_secret", SECRET), **options)


async def dispatch(app: AsyncApp, body: bytes, **headers: str) -> Any:
    request = AsyncBoltRequest(body=body.decode(), headers={**signed(body), **headers})
    return await app.async_dispatch(request)


@pytest.fixture
async def lonely(api: WebApi) -> AsyncWebClient:
    """A client without a session; Bolt copies it for lazy functions and cannot copy a session."""
    return AsyncWebClient(token=TOKEN, base_url=f"{api.url}api/")


async def acknowledge(ack: Any) -> None:
    await ack("done")


# The runner


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long anything slept, in seconds."""
    taken: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float, *rest: Any) -> Any:
        taken.append(delay)
        return await sleep(delay, *rest)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return taken


async def test_bolt_still_waits_for_its_listener_by_looking_every_ten_milliseconds(
    client: AsyncWebClient, naps: list[float]
) -> None:
    app = stock(client)
    app.command("/team")(acknowledge)
    await dispatch(app, form(command()))
    assert 0.01 in naps


async def test_an_answer_waits_for_nothing_but_its_listener(
    app: StewardApp, slack: Wire, naps: list[float]
) -> None:
    app.command("/team")(acknowledge)
    answer = await slack.command()
    assert (answer.status, await answer.text()) == (200, "done")
    assert 0.01 not in naps


async def test_bolt_still_answers_before_its_listener_has_run(client: AsyncWebClient) -> None:
    finished = asyncio.Event()

    async def slowly() -> None:
        await asyncio.sleep(0.05)
        finished.set()

    app = stock(client)
    app.event("team_join")(slowly)
    answer = await dispatch(app, json.dumps(event()).encode())
    assert (answer.status, finished.is_set()) == (200, False)
    await finished.wait()


async def test_no_listener_outlives_its_request(app: StewardApp, slack: Wire) -> None:
    finished = asyncio.Event()

    @app.event("team_join")
    async def slowly() -> None:
        await asyncio.sleep(0.05)
        finished.set()

    assert (await slack.event(event())).status == 200
    assert finished.is_set()


async def test_bolt_still_loses_the_errors_of_lazy_functions(lonely: AsyncWebClient) -> None:
    heard: list[Exception] = []
    ran = asyncio.Event()

    async def lazily() -> None:
        ran.set()
        raise RuntimeError

    async def hear(error: Exception) -> None:
        heard.append(error)

    app = stock(lonely, process_before_response=True)
    app.command("/team")(ack=acknowledge, lazy=[lazily])
    app.error(hear)
    assert (await dispatch(app, form(command()))).status == 200
    await ran.wait()
    await asyncio.sleep(0.01)
    assert heard == []


async def test_a_lazy_listener_is_refused_when_it_is_registered(app: StewardApp) -> None:
    async def lazily() -> None: ...

    with pytest.raises(LazyListener):
        app.command("/team")(ack=acknowledge, lazy=[lazily])


async def test_bolt_still_takes_a_listener_without_acknowledgement_for_none(client: AsyncWebClient) -> None:
    async def forgetful() -> None: ...

    app = stock(client, process_before_response=True)
    app.command("/team")(forgetful)
    assert (await dispatch(app, form(command()))).status == 404


async def test_a_forgotten_acknowledgement_is_given(app: StewardApp, slack: Wire) -> None:
    @app.command("/team")
    async def forgetful() -> None: ...

    with capture_logs() as logs:
        answer = await slack.command()
    assert (answer.status, await answer.text()) == (200, "")
    assert [entry["event"] for entry in logs] == ["slack.not_acknowledged"]


# Reading requests

PAYLOAD_IN_TEXT = form(command("invite payload@example.org"))
PAYLOAD_IN_CHANNEL = form(command("help", channel_name="payload-design"))


@pytest.mark.parametrize("body", [PAYLOAD_IN_TEXT, PAYLOAD_IN_CHANNEL])
async def test_bolt_still_loses_commands_with_the_word_payload(client: AsyncWebClient, body: bytes) -> None:
    app = stock(client)
    app.command("/team")(acknowledge)
    assert (await dispatch(app, body)).status == 404


@pytest.mark.parametrize("body", [PAYLOAD_IN_TEXT, PAYLOAD_IN_CHANNEL])
async def test_a_command_with_the_word_payload_arrives(app: StewardApp, slack: Wire, body: bytes) -> None:
    @app.command("/team")
    async def repeat(ack: Any, command: dict[str, str], context: dict[str, str]) -> None:
        await ack(f"{command['text']} {context['team_id']} {context['user_id']} {context['channel_id']}")

    answer = await slack.send(body)
    expected = "invite payload@example.org" if body is PAYLOAD_IN_TEXT else "help"
    assert await answer.text() == f"{expected} {TEAM} U0ANN C0001"


BAD = {
    "timestamp": (form(command()), {"X-Slack-Request-Timestamp": "soon"}),
    "signature": (form(command()), {"X-Slack-Signature": "v0=" + "ä" * 64}),
    "json": (b"{not json", {}),
    "utf-8": (b"text=\xff", {}),
}


@pytest.mark.parametrize("case", BAD)
async def test_bolt_still_fails_at_bad_input(client: AsyncWebClient, case: str) -> None:
    body, headers = BAD[case]
    end = await wire(stock(client).web_app())
    try:
        assert (await end.send(body, headers=headers)).status == 500
    finally:
        await end.client.close()


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_is_refused_and_nothing_fails(slack: Wire, case: str) -> None:
    body, headers = BAD[case]
    assert (await slack.send(body, headers=headers)).status == 400


async def test_bolt_still_accepts_a_replay(client: AsyncWebClient) -> None:
    app = stock(client)
    app.command("/team")(acknowledge)
    body = form(command())
    sent = {**signed(body)}
    answers = [await dispatch(app, body, **sent) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]


async def test_a_replay_is_refused(app: StewardApp, slack: Wire) -> None:
    app.command("/team")(acknowledge)
    body = form(command())
    sent = signed(body)
    statuses = [(await slack.client.post("/slack/events", data=body, headers=sent)).status for _ in range(2)]
    assert statuses == [200, 401]


async def test_bolt_still_logs_the_body_of_a_wrong_signature(
    client: AsyncWebClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        app = stock(client)
        await dispatch(app, form(command("secret")), **{"X-Slack-Signature": "v0=0"})
    assert "text=secret" in caplog.text


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
async def test_bodies_are_never_logged_whatever_the_level(
    app: StewardApp, slack: Wire, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    @app.command("/team")
    async def tell(ack: Any, client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel="D1", text="confidential answer")
        await ack("confidential answer")

    @app.command("/team-invite")
    async def fail(command: dict[str, str]) -> None:
        raise RuntimeError(command["text"])

    with caplog.at_level(level), capture_logs() as logs:
        await slack.command("confidential question")
        await slack.command("confidential question", command="/team-invite")
        await slack.command("confidential question", command="/nobody")
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == [
        "slack.incident",
        "slack.nobody_listens",
    ]
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio"))
    ]
    assert "confidential" not in repr([*logs, *ours])
    assert TOKEN not in repr([*logs, *ours])


async def test_bolt_still_trusts_headers_that_skip_the_listener(lonely: AsyncWebClient) -> None:
    ran: list[str] = []
    lazy_ran = asyncio.Event()

    async def first(ack: Any) -> None:
        ran.append("first")
        await ack()

    async def lazily() -> None:
        ran.append("lazily")
        lazy_ran.set()

    app = stock(lonely, process_before_response=True)
    app.command("/team")(ack=first, lazy=[lazily])
    await dispatch(app, form(command()), **{"x-slack-bolt-lazy-only": "1"})
    await lazy_ran.wait()
    assert ran == ["lazily"]


async def test_headers_that_skip_the_listener_change_nothing(app: StewardApp, slack: Wire) -> None:
    seen: list[dict[str, Any]] = []

    @app.command("/team")
    async def note(ack: Any, request: AsyncBoltRequest) -> None:
        seen.append(dict(request.headers))
        await ack("ran")

    answer = await slack.send(
        form(command()),
        headers={
            "x-slack-bolt-lazy-only": "1",
            "X-Slack-Bolt-Lazy-Function-Name": "note",
            "X-Slack-Retry-Num": "2",
        },
    )
    assert await answer.text() == "ran"
    assert seen == [{"x-slack-retry-num": ["2"]}]


# Configuration


async def test_bolt_still_notices_an_empty_signing_secret_only_at_the_first_request(
    client: AsyncWebClient,
) -> None:
    app = stock(client, signing_secret="")
    assert (await dispatch(app, form(command()))).status == 500


@pytest.mark.parametrize("missing", ["signing_secret", "bot_token"])
async def test_an_empty_secret_stops_the_start(client: AsyncWebClient, missing: str) -> None:
    given = {"signing_secret": SECRET, "bot_token": TOKEN, missing: " "}
    with pytest.raises(ValueError, match=f"SLACK_{missing.upper()}"):
        build_bolt(signing_secret=given["signing_secret"], bot_token=given["bot_token"], web_client=client)


@pytest.fixture
def oauth_in_environment(
    without_slack_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    monkeypatch.setenv("SLACK_VERIFICATION_TOKEN", "old")
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.mark.usefixtures("oauth_in_environment")
async def test_bolt_still_drops_the_token_when_the_environment_names_an_oauth_client(
    client: AsyncWebClient,
) -> None:
    app = stock(client)
    assert app.installation_store is not None
    assert app._token is None


@pytest.mark.usefixtures("oauth_in_environment")
async def test_the_environment_changes_nothing(
    client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-another")
    app = build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client)
    assert (app.oauth_flow, app.installation_store) == (None, None)

    @app.command("/team")
    async def show(ack: Any, client: AsyncWebClient) -> None:
        await ack(str(client.token))

    application = web.Application()
    SlackEdge(app, SECRET).add_to(application)
    end = await wire(application)
    assert await (await end.command()).text() == TOKEN
    await end.client.close()


# Serving


async def test_bolt_still_answers_404_as_a_part_of_another_application(client: AsyncWebClient) -> None:
    app = stock(client)
    app.command("/team")(acknowledge)
    whole = web.Application()
    whole.add_subapp("/steward", app.web_app())
    end = await wire(whole)
    assert (await end.send(form(command()), path="/steward/slack/events")).status == 404
    await end.client.close()


async def test_the_edge_serves_as_a_part_of_another_application(app: StewardApp, edge: SlackEdge) -> None:
    app.command("/team")(acknowledge)
    part, whole = web.Application(), web.Application()
    edge.add_to(part)
    whole.add_subapp("/steward", part)
    end = await wire(whole)
    assert (await end.send(form(command()), path="/steward/slack/events")).status == 200
    await end.client.close()


LARGE = form(
    {
        "payload": json.dumps(
            {
                "type": "shortcut",
                "callback_id": "large",
                "team": {"id": TEAM},
                "user": {"id": "U0ANN"},
                "fill": "ä" * 150_000,
            }
        )
    }
)


async def test_bolt_still_turns_away_a_mebibyte(client: AsyncWebClient) -> None:
    app = stock(client)
    app.shortcut("large")(acknowledge)
    end = await wire(app.web_app())
    assert (await end.send(LARGE)).status == 413
    await end.client.close()


async def test_a_large_form_is_taken(app: StewardApp, slack: Wire) -> None:
    app.shortcut("large")(acknowledge)
    assert len(LARGE) > 1024**2
    assert (await slack.send(LARGE)).status == 200


# Authorisation


class Store:
    """An installation store that counts its reads."""

    reads = 0

    async def async_find_installation(self, **_query: Any) -> Installation:
        self.reads += 1
        return Installation(
            user_id="U0BOSS", team_id=TEAM, bot_token=TOKEN, bot_id="B0001", bot_user_id="U0BOT"
        )

    async def async_find_bot(self, **_query: Any) -> Bot | None:
        return None


async def test_bolt_still_asks_slack_and_reads_twice_at_every_request(
    client: AsyncWebClient, api: WebApi
) -> None:
    store = Store()
    store_authorize = AsyncInstallationStoreAuthorize(
        logger=logging.getLogger("test"),
        installation_store=store,  # type: ignore[arg-type]
    )
    app = AsyncApp(
        signing_secret=SECRET,
        client=web_client(token="", session=_shared(client), base_url=client.base_url),
        authorize=store_authorize,  # type: ignore[arg-type]
        process_before_response=True,
    )
    app.command("/team")(acknowledge)
    for number in range(3):
        assert (await dispatch(app, form(command(str(number))))).status == 200
    assert len(api.named("auth.test")) == 3
    assert store.reads == 6


def _shared(client: AsyncWebClient) -> aiohttp.ClientSession:
    assert client.session is not None
    return client.session


async def test_slack_is_asked_once_who_the_token_is(app: StewardApp, slack: Wire, api: WebApi) -> None:
    app.command("/team")(acknowledge)
    for number in range(3):
        assert (await slack.command(str(number))).status == 200
    assert len(api.named("auth.test")) == 1


async def test_bolt_still_keeps_tokens_in_clear_text() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    store = AsyncSQLAlchemyInstallationStore("1.2", engine)
    async with engine.begin() as connection:
        await connection.run_sync(store.metadata.create_all)
    await store.async_save(Installation(app_id="A0001", user_id="U0BOSS", team_id=TEAM, bot_token=TOKEN))
    async with engine.connect() as connection:
        kept = (await connection.execute(text("select bot_token from slack_installations"))).scalar_one()
    await engine.dispose()
    assert kept == TOKEN


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolt_still_uses_a_refresh_token_twice_when_two_requests_race(
    client: AsyncWebClient, api: WebApi
) -> None:
    api.answers["oauth.v2.access"] = {
        "ok": True,
        "access_token": "new",
        "refresh_token": "newer",
        "expires_in": 43200,
    }
    rotator = AsyncTokenRotator(client_id="1.2", client_secret="s", client=client)
    due = Installation(
        user_id="U0BOSS",
        team_id=TEAM,
        bot_token="old",
        bot_refresh_token="once",
        bot_token_expires_at=int(time.time()),
    )
    await asyncio.gather(*(rotator.perform_token_rotation(installation=due) for _ in range(2)))
    assert [call["refresh_token"] for call in api.named("oauth.v2.access")] == ["once", "once"]


def test_tokens_do_not_rotate_so_nothing_races() -> None:
    assert manifest(socket=True)["settings"]["token_rotation_enabled"] is False


# Calling Slack


async def test_bolt_still_opens_a_connection_for_every_call(api: WebApi) -> None:
    alone = AsyncWebClient(token=TOKEN, base_url=f"{api.url}api/")
    for _ in range(3):
        await alone.auth_test()
    assert len(api.connections) == 3


async def test_calls_share_their_connection(app: StewardApp, slack: Wire, api: WebApi) -> None:
    @app.command("/team")
    async def call(ack: Any, client: AsyncWebClient) -> None:
        await client.api_test()
        await ack()

    for number in range(3):
        await slack.command(str(number))
    assert len(api.connections) == 1


async def test_a_client_without_a_session_is_refused(api: WebApi) -> None:
    with pytest.raises(ValueError, match="session"):
        build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=AsyncWebClient(retry_handlers=[]))


async def test_bolt_still_repeats_a_message_whose_answer_was_lost(
    api: WebApi, session: aiohttp.ClientSession
) -> None:
    repeating = AsyncWebClient(token=TOKEN, base_url=f"{api.url}api/", session=session)
    api.drop_next = 1
    await repeating.chat_postMessage(channel="D1", text="once")
    assert len(api.named("chat.postMessage")) == 2


async def test_a_message_whose_answer_was_lost_is_not_repeated(client: AsyncWebClient, api: WebApi) -> None:
    api.drop_next = 1
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="D1", text="once")
    assert len(api.named("chat.postMessage")) == 1


async def test_a_client_that_repeats_or_sleeps_is_refused(
    api: WebApi, session: aiohttp.ClientSession
) -> None:
    sleeping = AsyncWebClient(
        token=TOKEN, session=session, retry_handlers=[AsyncRateLimitErrorRetryHandler()]
    )
    for repeating in (AsyncWebClient(token=TOKEN, session=session), sleeping):
        with pytest.raises(ValueError, match="retry"):
            build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=repeating)


async def test_an_error_of_slacks_is_not_retried(client: AsyncWebClient, api: WebApi) -> None:
    api.answers["chat.postMessage"] = {"ok": False, "error": "ratelimited"}
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="D1", text="once")
    assert len(api.named("chat.postMessage")) == 1
