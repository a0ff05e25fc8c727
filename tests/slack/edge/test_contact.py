"""Getting to know Slack when something else answers in its place."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import contact as module
from bot.slack.calls import Caller
from bot.slack.contact import Account, OneContact
from bot.slack.directory import Directory
from bot.slack.edge import StewardApp
from bot.slack.lines import OneLine
from bot.slack.pacing import Pacing
from bot.slack.scopes import Granted
from bot.slack.socket import SocketMode
from tests.slack.edge.slack import NONSENSE, TEAM, WebApi
from tests.support.office import open_office


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_slack_is_asked_again_until_it_answers_itself(
    app: StewardApp,
    client: AsyncWebClient,
    api: WebApi,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    nonsense: tuple[int, str, str],
) -> None:
    async def met(_account: Account) -> None:
        """Nobody waits for it here."""

    monkeypatch.setattr(module, "wait_before", lambda _attempt: 0.001)
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.2)
    api.nonsense = dict.fromkeys(("auth.test", "apps.connections.open"), nonsense)
    store, caller = open_office(sqlite_url).store, Caller(Pacing())
    directory = Directory(lines=OneLine(client=client, caller=caller), store=store)
    socket = SocketMode(app, app_token="xapp-1-the-app", web_client=client)
    contact = OneContact(
        client=client, caller=caller, directory=directory, socket=socket, met=met, scopes=Granted()
    )
    assert not await contact.start()
    assert await contact.problem() == "Slack has not answered yet."
    asked = {method: len(api.named(method)) for method in api.nonsense}
    api.nonsense = {}
    assert (await contact.account()).team_id == TEAM
    await contact.stop(0)
    await store.close()
    assert min(asked.values()) > 1
