"""Where the app is installed: tokens are sealed, one refresh at a time, states count once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sealing import AesSealer
from domain.installations import Ended, Installation, StateRefusal, Unreadable
from domain.keys import KeyRing
from storage.installations import SqlInstallations
from storage.store import SqlStore, open_store
from tests.storage.examples import FACILITIES, Clock
from tests.support.office import run_sql

OLD, NEW = b"an old secret key of this server", b"a new secret key of this server"
SOON = datetime.now(UTC) + timedelta(hours=12)


def installation(team_id: str = "T1", **values: object) -> Installation:
    made = Installation(
        team_id=team_id,
        name="Northwind Labs",
        app_id="A1",
        bot_id="B1",
        bot_user_id="UBOT",
        scopes=("commands", "chat:write"),
        token=f"xoxe.xoxb-1-{team_id}",
        refresh_token=f"xoxe-1-{team_id}",
        expires_at=SOON,
        installed_by="UOLIVIA",
        installed_at=datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
    )
    return replace(made, **values)  # type: ignore[arg-type]


def opened(url: str, *keys: bytes) -> SqlStore:
    sealer = AesSealer(KeyRing(keys or (OLD,)))
    return open_store(url, facilities=FACILITIES, clock=Clock(), durable=False, sealer=sealer)


def of(store: SqlStore) -> SqlInstallations:
    assert store.installations is not None
    return store.installations


async def test_an_installation_comes_back_as_it_was_kept(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation())
    assert await of(store).get("T1") == installation()
    assert await of(store).get("T2") is None
    assert [one.team_id for one in await of(store).page(limit=5)] == ["T1"]
    await store.close()


async def test_no_token_stands_in_the_database(database_url: str) -> None:
    store, kept = opened(database_url), installation()
    await of(store).install(kept)
    await store.close()
    (row,) = await run_sql(database_url, "SELECT token, refresh_token FROM installations")
    for secret in (kept.token, kept.refresh_token):
        assert all(str(secret) not in str(value) for value in row)
    assert "xox" not in repr(installation())


async def test_a_sealed_token_is_of_no_use_in_another_row(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation("T1"))
    await of(store).install(installation("T2"))
    await run_sql(
        database_url,
        "UPDATE installations SET token = (SELECT o.token FROM installations o WHERE o.team_id = 'T1')",
    )
    swapped = await of(store).get("T2")
    assert swapped is not None
    assert (swapped.token, swapped.ended) == ("", Ended.UNREADABLE)
    await store.close()


async def test_installing_again_takes_the_place_of_the_earlier_one(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation())
    assert await of(store).end("T1", Ended.UNINSTALLED)
    assert not await of(store).end("T1", Ended.REFUSED)
    ended = await of(store).get("T1")
    assert ended is not None
    assert ended.ended is Ended.UNINSTALLED
    assert await of(store).count() == 0
    await of(store).install(installation(token="xoxb-another", installed_by="UADAM"))
    again = await of(store).get("T1")
    assert again == installation(token="xoxb-another", installed_by="UADAM", serial=2)
    assert await of(store).count() == 1
    await store.close()


async def test_what_concerns_an_older_token_leaves_a_newer_one_alone(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation())
    await of(store).install(installation())
    assert not await of(store).end("T1", Ended.REFUSED, serial=1)
    assert await of(store).end("T1", Ended.REFUSED, serial=2)
    await store.close()


async def test_a_new_key_seals_what_an_older_one_has_sealed(database_url: str) -> None:
    store = opened(database_url, OLD)
    await of(store).install(installation())
    await store.close()
    both = opened(database_url, NEW, OLD)
    assert await of(both).renew_seals() == 1
    assert await of(both).renew_seals() == 0
    await both.close()
    alone = opened(database_url, NEW)
    assert await of(alone).get("T1") == installation()
    await alone.close()


async def test_a_token_whose_key_is_gone_counts_again_once_the_key_is_back(database_url: str) -> None:
    store = opened(database_url, OLD)
    await of(store).install(installation())
    await store.close()
    without = opened(database_url, NEW)
    found = await of(without).get("T1")
    assert found is not None
    assert found.ended is Ended.UNREADABLE
    assert await of(without).end("T1", Ended.UNREADABLE)
    assert await of(without).renew_seals() == 0
    await without.close()
    back = opened(database_url, NEW, OLD)
    assert await of(back).renew_seals() == 1
    again = await of(back).get("T1")
    assert again is not None
    assert (again.token, again.ended) == (installation().token, None)
    await back.close()


async def test_one_of_many_replicas_refreshes_a_token(database_url: str) -> None:
    stores = [opened(database_url) for _ in range(4)]
    await of(stores[0]).install(installation())
    leases = await asyncio.gather(*(of(store).begin_refresh("T1", serial=1, seconds=60) for store in stores))
    (lease,) = [each for each in leases if each is not None]
    new = installation(token="xoxe.xoxb-2", refresh_token="xoxe-2")
    kept = await of(stores[1]).finish_refresh(new, lease=lease)
    assert kept == replace(new, serial=2) == await of(stores[2]).get("T1")
    assert await of(stores[3]).begin_refresh("T1", serial=1, seconds=60) is None
    assert await of(stores[3]).begin_refresh("T1", serial=2, seconds=60) is not None
    for store in stores:
        await store.close()


async def test_a_refresh_whose_lease_was_lost_keeps_nothing(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation())
    lost = await of(store).begin_refresh("T1", serial=1, seconds=-1)
    held = await of(store).begin_refresh("T1", serial=1, seconds=60)
    assert lost is not None
    assert held is not None
    assert await of(store).finish_refresh(installation(token="late"), lease=lost) is None
    await of(store).release("T1", lease=held)
    assert await of(store).begin_refresh("T1", serial=1, seconds=60) is not None
    await store.close()


async def test_a_refused_refresh_token_is_not_tried_again(database_url: str) -> None:
    store = opened(database_url)
    await of(store).install(installation())
    assert await of(store).expiring(before=SOON + timedelta(hours=1), limit=5) == ("T1",)
    lease = await of(store).begin_refresh("T1", serial=1, seconds=60)
    assert lease is not None
    await of(store).finish_refresh(installation(), lease=lease, problem=True)
    kept = await of(store).get("T1")
    assert kept == installation(refresh_token=None)
    assert await of(store).expiring(before=SOON + timedelta(hours=1), limit=5) == ()
    assert await of(store).begin_refresh("T1", serial=1, seconds=60) is None
    await store.close()


async def test_people_are_read_by_one_replica_and_again_when_it_is_time(database_url: str) -> None:
    one, other = opened(database_url), opened(database_url)
    for team in ("T1", "T2", "T3"):
        await of(one).install(installation(team))
    await of(one).end("T3", Ended.UNINSTALLED)
    found = await asyncio.gather(*(of(store).unread(limit=2, seconds=60) for store in (one, other)))
    assert sorted(each.team_id for taken in found for each in taken) == ["T1", "T2"]
    await of(one).read("T1", again_in=-1)
    assert [each.team_id for each in await of(other).unread(limit=5, seconds=60)] == ["T1"]
    await one.close()
    await other.close()


async def test_a_state_is_good_once_in_the_browser_it_was_given_to(database_url: str) -> None:
    store = opened(database_url)
    await of(store).begin_state("state", "browser", seconds=600)
    assert await of(store).take_state("another", "browser") is StateRefusal.UNKNOWN
    assert await of(store).take_state("state", "elsewhere") is StateRefusal.OTHER_BROWSER
    takes = await asyncio.gather(*(of(store).take_state("state", "browser") for _ in range(4)))
    assert sorted(map(str, takes)) == ["None", "used", "used", "used"]
    await store.close()


async def test_a_state_that_is_over_says_so_and_is_forgotten_later(database_url: str) -> None:
    store = opened(database_url)
    await of(store).begin_state("old", "browser", seconds=-7200)
    await of(store).begin_state("over", "browser", seconds=-1)
    assert await of(store).take_state("over", "browser") is StateRefusal.EXPIRED
    assert await of(store).take_state("old", "browser") is StateRefusal.UNKNOWN
    await store.close()


@pytest.mark.parametrize("broken", ["", "no-key", "{0}", "{0}.", "{0}.AAAA", "{0}.ä", "{0}.{1}x"])
def test_what_nobody_sealed_is_unreadable(broken: str) -> None:
    sealer = AesSealer(KeyRing((OLD,)))
    key, _, rest = sealer.seal("secret", about="a").partition(".")
    with pytest.raises(Unreadable):
        sealer.unseal(broken.format(key, rest), about="a")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    sealer = AesSealer(KeyRing((NEW, OLD)))
    first, second = (sealer.seal("secret", about="a") for _ in range(2))
    assert first != second
    assert sealer.unseal(first, about="a") == sealer.unseal(second, about="a") == "secret"
    assert sealer.newest(first)
    assert not sealer.newest(AesSealer(KeyRing((OLD,))).seal("secret", about="a"))
