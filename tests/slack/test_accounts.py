"""What is known of installations: for some minutes, of so many, and no longer than it is true."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.sealing import AesSealer
from bot.slack.accounts import LIFETIME, Accounts, InstalledLines
from bot.slack.calls import Caller, CallFailed
from bot.slack.clients import web_client
from bot.slack.lines import NotInstalled, NotRenewed
from bot.slack.pacing import Pacing
from bot.slack.rotation import AppCredentials, Rotation
from bot.slack.scopes import Granted
from domain.installations import Ended, Installation
from domain.keys import KeyRing
from storage.store import open_store
from tests.storage.examples import FACILITIES, Clock
from tests.storage.test_installations import installation


@dataclass
class Desk:
    """Accounts on a real database, with clocks moved by hand."""

    accounts: Accounts
    installations: object
    lines: InstalledLines
    scopes: Granted
    seconds: float = 0.0
    time: datetime = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """Nobody has installed the app yet; Slack is nowhere."""
    sealer = AesSealer(KeyRing((b"a secret of the tests, long enough",)))
    store = open_store(sqlite_url, facilities=FACILITIES, clock=Clock(), durable=False, sealer=sealer)
    assert store.installations is not None
    async with aiohttp.ClientSession() as session:
        client = web_client(token=None, session=session, base_url="http://127.0.0.1:9/api/")
        app = AppCredentials(client_id="1.2", client_secret="secret")
        made: Desk
        rotation = Rotation(
            store.installations, app=app, client=client, caller=Caller(Pacing()), now=lambda: made.time
        )
        scopes = Granted()
        accounts = Accounts(
            store.installations,
            rotation,
            scopes=scopes,
            clock=lambda: made.seconds,
            now=lambda: made.time,
            remembered=2,
        )
        made = Desk(accounts, store.installations, InstalledLines(accounts, client=client), scopes)
        yield made
        await accounts.stop()
    await store.close()


async def put(desk: Desk, team_id: str = "T1", **values: object) -> Installation:
    made = installation(team_id, **{"expires_at": None, "refresh_token": None} | values)
    await desk.installations.install(made)  # type: ignore[attr-defined]
    return made


async def test_where_nobody_installed_it_there_is_no_token(desk: Desk) -> None:
    with pytest.raises(NotInstalled):
        await desk.accounts.of("T1")
    with pytest.raises(NotInstalled):
        await desk.lines.of("")


async def test_an_installation_is_believed_for_some_minutes_and_then_read_again(desk: Desk) -> None:
    await put(desk)
    assert (await desk.accounts.of("T1")).token == "xoxe.xoxb-1-T1"
    assert desk.scopes.has("T1", "chat:write")
    await put(desk, token="xoxb-another")
    assert (await desk.accounts.of("T1")).token == "xoxe.xoxb-1-T1"
    desk.seconds += LIFETIME
    assert (await desk.accounts.of("T1")).token == "xoxb-another"


async def test_what_is_dropped_is_read_again_at_once(desk: Desk) -> None:
    known = await put(desk)
    await desk.accounts.of("T1")
    await desk.accounts.end(known, Ended.UNINSTALLED)
    with pytest.raises(NotInstalled):
        await desk.accounts.of("T1")


async def test_no_more_than_so_many_are_remembered(desk: Desk) -> None:
    for team in ("T1", "T2", "T3"):
        await put(desk, team)
        await desk.accounts.of(team)
    assert len(desk.accounts._known) == 2


async def test_a_token_that_has_ended_is_not_used_however_fresh_it_is_known(desk: Desk) -> None:
    await put(desk, expires_at=desk.time + timedelta(hours=1))
    await desk.accounts.of("T1")
    desk.time += timedelta(minutes=59, seconds=45)
    with pytest.raises(NotInstalled):
        await desk.accounts.of("T1")
    kept = await desk.installations.get("T1")  # type: ignore[attr-defined]
    assert kept.ended is Ended.EXPIRED


async def test_a_token_waits_for_slack_to_renew_it(desk: Desk) -> None:
    await put(desk, expires_at=desk.time, refresh_token="xoxe-1")
    with pytest.raises(NotRenewed):
        await desk.accounts.of("T1")
    kept = await desk.installations.get("T1")  # type: ignore[attr-defined]
    assert (kept.ended, kept.refresh_token) == (None, "xoxe-1")


async def test_each_workspace_has_a_line_of_its_own_whose_limits_hold_no_other(desk: Desk) -> None:
    for team in ("T1", "T2"):
        await put(desk, team)
    one, other = await desk.lines.of("T1"), await desk.lines.of("T2")
    assert one is await desk.lines.of("T1")
    assert (one.client.token, other.client.token) == ("xoxe.xoxb-1-T1", "xoxe.xoxb-1-T2")
    one.caller.pacing.hold("users.list", 30)
    with pytest.raises(CallFailed, match="held"):
        await one.caller.call("users.list", one.client.users_list)
    with pytest.raises(CallFailed, match="ConnectorError"):
        await other.caller.call("users.list", other.client.users_list)


async def test_a_line_has_the_newest_token(desk: Desk) -> None:
    await put(desk)
    before = await desk.lines.of("T1")
    await put(desk, token="xoxb-another")
    desk.accounts.drop("T1")
    after = await desk.lines.of("T1")
    assert (before.client.token, after.client.token) == ("xoxe.xoxb-1-T1", "xoxb-another")


async def test_slacks_refusal_of_an_older_token_ends_no_newer_one(desk: Desk) -> None:
    old = await put(desk)
    await put(desk, token="xoxb-another")
    desk.accounts.refused(old, "token_revoked")
    await desk.accounts.stop()
    assert (await desk.accounts.of("T1")).token == "xoxb-another"
    desk.accounts.refused(replace(old, serial=2), "token_revoked")
    await desk.accounts.stop()
    with pytest.raises(NotInstalled):
        await desk.accounts.of("T1")


async def test_the_cancelled_caller_of_a_renewal_does_not_take_it_along(desk: Desk) -> None:
    known = await put(desk, expires_at=desk.time, refresh_token="xoxe-1")
    rotation = desk.accounts._rotation
    asked = asyncio.create_task(rotation.renew(known))
    while not rotation._running:  # noqa: ASYNC110
        await asyncio.sleep(0)
    (renewing,) = rotation._running.values()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert await renewing is None
    assert not rotation._running
