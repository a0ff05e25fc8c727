"""The real app on a loopback server, with a small Web API beside it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge import SlackEdge, StewardApp, build_bolt, web_client
from tests.slack.edge.slack import SECRET, TOKEN, WebApi, Wire, wire


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The process's one session."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def api() -> AsyncIterator[WebApi]:
    """A Web API."""
    api = WebApi()
    async with TestServer(api.application()) as server:
        api.url = str(server.make_url("/"))
        yield api


@pytest.fixture
async def client(api: WebApi, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Steward's client of it."""
    return web_client(token=TOKEN, session=session, base_url=f"{api.url}api")


@pytest.fixture
async def app(client: AsyncWebClient) -> StewardApp:
    """The app, still without listeners."""
    return build_bolt(signing_secret=SECRET, bot_token=TOKEN, web_client=client)


@pytest.fixture
async def edge(app: StewardApp) -> SlackEdge:
    """The edge in front of it."""
    return SlackEdge(app, SECRET)


@pytest.fixture
async def slack(edge: SlackEdge) -> AsyncIterator[Wire]:
    """Slack's end."""
    application = web.Application()
    edge.add_to(application)
    end = await wire(application)
    yield end
    await end.client.close()
