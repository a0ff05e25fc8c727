"""What the guard lets in and what it turns away."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.slack.edge import Guard, Refused, SlackEdge, StewardApp
from bot.slack.edge import http as edge_http
from bot.slack.edge.guard import Replays
from tests.slack.edge.slack import SECRET, Wire, command, form, signature, signed, wire

DOCUMENTED = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
NOW = 1_531_420_618
BODY = form(command("help"))


def guard(at: float = NOW) -> Guard:
    return Guard(SECRET, clock=lambda: at)


def headers(body: bytes = BODY, at: float = NOW) -> CIMultiDict[str]:
    return CIMultiDict(signed(body, at=at))


def test_the_request_in_slacks_documentation_is_let_in() -> None:
    documented = CIMultiDict(
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        }
    )
    payload = guard().admit(documented, DOCUMENTED)
    assert payload["command"] == "/webhook-collect"
    assert payload["text"] == ""


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"X-Slack-Request-Timestamp": "soon"}, 400),
        ({"X-Slack-Request-Timestamp": "١٥٣١٤٢٠٦١٨"}, 400),
        ({"X-Slack-Request-Timestamp": "-1"}, 400),
        ({"X-Slack-Request-Timestamp": "1" * 40}, 400),
        ({"X-Slack-Signature": "v0=" + "ä" * 64}, 400),
        ({"X-Slack-Signature": "v1=" + "a" * 64}, 400),
        ({"X-Slack-Signature": "v0=" + "a" * 63}, 400),
        ({"X-Slack-Signature": ""}, 400),
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": None}, 401),
        ({"X-Slack-Request-Timestamp": None}, 401),
    ],
)
def test_a_header_that_slack_would_not_send_is_turned_away(
    changed: dict[str, str | None], status: int
) -> None:
    sent = headers()
    for name, value in changed.items():
        sent.popall(name)
        if value is not None:
            sent[name] = value
    with pytest.raises(Refused) as refused:
        guard().admit(sent, BODY)
    assert refused.value.status == status


def test_a_header_sent_twice_is_turned_away() -> None:
    sent = headers()
    sent.add("X-Slack-Signature", "v0=" + "0" * 64)
    with pytest.raises(Refused) as refused:
        guard().admit(sent, BODY)
    assert refused.value.status == 400


@pytest.mark.parametrize(("seconds", "fresh"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_timestamp_may_be_five_minutes_off(seconds: int, fresh: bool) -> None:
    sent = headers(at=NOW + seconds)
    if fresh:
        assert guard().admit(sent, BODY)["text"] == "help"
    else:
        with pytest.raises(Refused, match="stale"):
            guard().admit(sent, BODY)


def test_a_changed_body_no_longer_fits_its_signature() -> None:
    with pytest.raises(Refused, match="wrong signature"):
        guard().admit(headers(), BODY + b"&text=transfer")


def test_the_same_request_is_let_in_once() -> None:
    door = guard()
    door.admit(headers(), BODY)
    with pytest.raises(Refused, match="seen before") as refused:
        door.admit(headers(), BODY)
    assert refused.value.status == 401


def test_slacks_redelivery_is_let_in_because_it_is_signed_anew() -> None:
    door = guard()
    door.admit(headers(), BODY)
    assert door.admit(headers(at=NOW + 1), BODY)["text"] == "help"


def test_a_refused_signature_is_not_remembered() -> None:
    replays = Replays()
    door = Guard(SECRET, clock=lambda: NOW, replays=replays)
    with pytest.raises(Refused):
        door.admit(headers(), BODY + b"0")
    assert len(replays) == 0


def test_remembered_signatures_are_few_and_forgotten_in_time() -> None:
    replays = Replays(most=3)
    assert all(replays.first_time(str(number), now=0) for number in range(5))
    assert len(replays) == 3
    assert not replays.first_time("4", now=599)
    assert replays.first_time("4", now=600)
    assert len(replays) == 1


@pytest.mark.parametrize("secret", ["", "  "])
def test_an_empty_signing_secret_stops_the_start(secret: str) -> None:
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET"):
        Guard(secret, clock=time.time)


@pytest.mark.parametrize(
    "body",
    [
        b"{not json",
        b'{"type": "event_callback"',
        b"text=\xff\xfe",
        b"text=%ff%fe",
        b"payload=%7Bnot+json",
        b"payload=%5B1%2C2%5D",
        b"payload=null",
        b'{"a":' * 100_000,
        b"&".join(b"f%d=1" % number for number in range(500)),
    ],
)
def test_a_signed_body_that_cannot_be_read_is_turned_away(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        guard().admit(headers(body), body)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"x","text":"a\\u0000b\\ud800c \\ud83d\\ude00"}',
        b"payload=%7B%22type%22%3A%22x%22%2C%22text%22%3A%22a%5Cu0000b%5Cud800c+%5Cud83d%5Cude00%22%7D",
    ],
)
def test_what_no_database_can_hold_is_replaced_and_emoji_stay(body: bytes) -> None:
    payload = guard().admit(headers(body), body)
    assert payload["text"] == "a\ufffdb\ufffdc 😀"


def test_a_form_with_a_nul_arrives_without_it() -> None:
    body = b"command=%2Fteam&text=a%00b"
    assert guard().admit(headers(body), body)["text"] == "a\ufffdb"


# Over HTTP


@pytest.fixture
async def small(app: StewardApp) -> AsyncIterator[Wire]:
    application = web.Application(client_max_size=10)
    SlackEdge(app, SECRET, body_limit=2000).add_to(application)
    end = await wire(application)
    yield end
    await end.client.close()


async def test_a_body_that_is_too_large_is_turned_away_before_it_is_read(small: Wire) -> None:
    answer = await small.send(form(command("x" * 3000)))
    assert (answer.status, await answer.json()) == (413, {"error": "too large"})


async def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(small: Wire) -> None:
    body = form(command("x" * 3000))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 500):
            yield body[start : start + 500]

    answer = await small.client.post("/slack/events", data=pieces(), headers=signed(body))
    assert answer.status == 413


async def test_a_compressed_body_is_turned_away(small: Wire) -> None:
    answer = await small.send(BODY, headers={"Content-Encoding": "zstd"})
    assert answer.status == 400


async def test_a_body_that_never_ends_is_turned_away(small: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_http, "READING", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield BODY[:10]
        await asyncio.sleep(0.3)
        yield BODY[10:]

    answer = await small.client.post("/slack/events", data=slowly(), headers=signed(BODY))
    assert (answer.status, await answer.json()) == (400, {"error": "body came too slowly"})


async def test_slacks_look_at_the_certificate_needs_no_signature(slack: Wire) -> None:
    posted = await slack.client.post("/slack/events", data=b"ssl_check=1&token=old")
    fetched = await slack.client.get("/slack/events?ssl_check=1")
    assert (posted.status, fetched.status) == (200, 200)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"ssl_check=\xff", b"ssl_check=%ff", b"a=1&" * 200, b"payload=\x00"]
)
async def test_unsigned_bytes_of_any_kind_are_turned_away(slack: Wire, body: bytes) -> None:
    assert (await slack.client.post("/slack/events", data=body)).status == 401


async def test_a_signed_look_at_the_certificate_is_answered_too(slack: Wire) -> None:
    assert (await slack.send(b"ssl_check=1&token=old")).status == 200


async def test_an_address_is_verified_only_with_a_signature(slack: Wire) -> None:
    body = json.dumps({"type": "url_verification", "token": "old", "challenge": "3eZbrw1a"}).encode()
    answer = await slack.send(body)
    assert (answer.status, await answer.json()) == (200, {"challenge": "3eZbrw1a"})
    unsigned = await slack.client.post("/slack/events", data=body)
    assert unsigned.status == 401


async def test_only_posts_are_answered(slack: Wire) -> None:
    assert (await slack.client.get("/slack/events")).status == 405


async def test_nothing_of_a_refused_request_is_logged(slack: Wire, caplog: pytest.LogCaptureFixture) -> None:
    body = form(command("the secret plan"))
    forged = {"X-Slack-Signature": signature(body, str(int(time.time())), "another secret")}
    with capture_logs() as logs, caplog.at_level(0):
        answer = await slack.send(body, headers=forged)
    assert answer.status == 401
    assert [entry["event"] for entry in logs] == ["slack.turned_away"]
    written: list[Any] = [*logs, *(record.getMessage() for record in caplog.records)]
    assert "secret plan" not in repr(written).replace("+", " ")
