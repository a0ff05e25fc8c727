"""Socket Mode: who may connect, what goes over it, and what becomes of it when a connection goes."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.socket import MOST_CONNECTIONS

Json = dict[str, Any]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client."""
    async with aiohttp.ClientSession() as opened:
        yield opened


async def connect(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> aiohttp.ClientWebSocketResponse:
    answer = await api.apps_connections_open(app_token=slack.app_token)
    return await session.ws_connect(str(answer["url"]))


async def test_a_connection_is_greeted(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    socket = await connect(slack, api, session)
    hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": slack.core.app.id}
    await socket.close()


async def test_an_address_connects_once(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    url = str((await api.apps_connections_open(app_token=slack.app_token))["url"])
    first = await session.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(url)
    await first.close()


async def test_a_command_comes_as_an_envelope_and_its_answer_in_the_acknowledgement(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    socket = await connect(slack, api, session)
    await socket.receive_json()
    typed = asyncio.create_task(slack.person("dana").command("/help-me", "tea"))
    envelope = await socket.receive_json()
    assert set(envelope) == {"envelope_id", "type", "accepts_response_payload", "payload"}
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "tea"
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "here"}})
    assert (await typed).text == "here"
    await socket.close()


async def test_events_wait_for_a_connection(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    await asyncio.sleep(0.05)
    socket = await connect(slack, api, session)
    await socket.receive_json()
    envelope = await socket.receive_json()
    assert (envelope["type"], envelope["retry_attempt"]) == ("events_api", 0)
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await slack.settle()
    await socket.close()


async def test_an_event_that_is_not_acknowledged_comes_again(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    slack.dispatcher.answer_seconds = 0.1
    socket = await connect(slack, api, session)
    await socket.receive_json()
    slack.add_person(name="Ann Archer", email="ann@northwind.example")
    first, second = await socket.receive_json(), await socket.receive_json()
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
    await socket.send_json({"envelope_id": second["envelope_id"]})
    await slack.settle()
    await socket.close()


async def test_envelopes_take_turns_among_the_connections(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    sockets = [await connect(slack, api, session) for _ in range(2)]
    for number, socket in enumerate(sockets, start=1):
        assert (await socket.receive_json())["num_connections"] == number
    for number in range(2):
        slack.add_person(name=f"Ann{number} A", email=f"ann{number}@northwind.example")
    for socket in sockets:
        envelope = await socket.receive_json(timeout=1)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await slack.settle()
    for socket in sockets:
        await socket.close()


async def test_the_eleventh_connection_is_one_too_many(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    sockets = [await connect(slack, api, session) for _ in range(MOST_CONNECTIONS + 1)]
    first = [json.loads((await socket.receive()).data) for socket in sockets]
    assert [message["type"] for message in first] == ["hello"] * 10 + ["disconnect"]
    assert first[-1]["reason"] == "too_many_websockets"
    for socket in sockets:
        await socket.close()


async def test_a_connection_that_goes_fails_what_was_under_way(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    socket = await connect(slack, api, session)
    await socket.receive_json()
    typed = asyncio.create_task(slack.person("dana").command("/help-me"))
    await socket.receive_json()
    await socket.close()
    assert (await typed).error == '/help-me failed with the error "dispatch_failed"'
    assert slack.socket.connections == 0


async def test_without_a_connection_a_command_times_out(slack: LocalSlack) -> None:
    slack.dispatcher.answer_seconds = 0.05
    reply = await slack.person("dana").command("/help-me")
    assert reply.error == '/help-me failed with the error "operation_timeout"'


async def test_a_refresh_asks_the_connection_to_come_back(
    slack: LocalSlack, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    socket = await connect(slack, api, session)
    await socket.receive_json()
    refreshing = asyncio.create_task(slack.socket.refresh(grace=0.1))
    message = await socket.receive_json()
    assert (message["type"], message["reason"]) == ("disconnect", "refresh_requested")
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    await refreshing
    assert slack.socket.connections == 0
