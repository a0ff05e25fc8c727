"""One deployment for several workspaces: installed by OAuth, apart from each other, held while removed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.app import Steward
from bot.sandbox import LocalSlack, Person, Workspace, second_team, third_team
from bot.sandbox.ids import Json
from bot.slack.accounts import Accounts
from bot.slack.keeping import Keeping
from bot.slack.lines import NotInstalled
from domain.installations import Ended
from domain.notices import MemberWelcomed, to_member
from tests.support.office import run_sql
from tests.support.several import PUBLIC, Deployment, deployment, set_up
from tests.support.whole import has_button


async def told(person: Person, words: str) -> None:
    await person.until(lambda: any(words in message.words for message in person.messages()))


async def joins(owner: Person, newcomer: Person, role: str) -> None:
    await owner.command("/team", f"invite {newcomer.email} as {role}")
    await newcomer.until(lambda: has_button(newcomer, "Accept"))
    await newcomer.click("Accept")
    await told(newcomer, "Welcome to")


async def ended(made: Deployment, team_id: str) -> Ended | None:
    """Why an installation ended, as soon as what was begun about it is noted."""
    await accounts(made.steward).stop()
    found = await made.installations.get(team_id)
    assert found is not None
    return found.ended


async def welcome_again(made: Deployment, person: Person) -> None:
    """Queue something for a member, and let the worker look at it."""
    async with made.steward.store.transaction(made.slack.workspace.team.id) as tx:
        member = await tx.members.by_user(person.id)
        assert member is not None
        await tx.outbox.add(MemberWelcomed(member_id=member.id, to=to_member(member.id)))
    async with asyncio.timeout(20):
        # Until nothing of an installed workspace waits.
        while await made.steward.store.queue.next_due() is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def expires(made: Deployment, url: str, moment: datetime) -> None:
    """Let the tokens in the database end at a moment, and every replica read them anew."""
    text = moment.isoformat(timespec="microseconds")
    await run_sql(url, f"UPDATE installations SET expires_at = '{text}'")
    for each in made.replicas:
        accounts(each).drop(made.slack.workspace.team.id)


def accounts(steward: Steward) -> Accounts:
    assert steward.workspaces is not None
    return steward.workspaces.slack.accounts


def keeping(steward: Steward) -> Keeping:
    assert steward.workspaces is not None
    assert steward.workspaces.keeping is not None
    return steward.workspaces.keeping


@contextmanager
def recorded(slack: LocalSlack) -> Iterator[list[Json]]:
    """Keep the events sent meanwhile."""
    tell, kept = slack.dispatcher.tell, list[Json]()

    def told(payload: Json) -> None:
        kept.append(deepcopy(payload))
        tell(payload)

    slack.dispatcher.tell = told  # type: ignore[method-assign]
    try:
        yield kept
    finally:
        slack.dispatcher.tell = tell  # type: ignore[method-assign]


async def mirrored(made: Deployment, team_id: str, workspace: Workspace) -> bool:
    """Whether everybody of a workspace of the org is known."""
    people = [one.id for one in workspace.people if one.is_person]
    async with made.reading(team_id) as tx:
        return len(await tx.people.many(people)) == len(people)


async def roster(made: Deployment, team_id: str) -> list[str]:
    async with made.reading(team_id) as tx:
        return sorted(row.email for row in (await tx.roster.page(limit=50)).rows)


async def test_steward_starts_where_nobody_has_installed_it_and_says_where_to(database_url: str) -> None:
    async with deployment(database_url) as made:
        assert f"Install Steward in a workspace: {PUBLIC}/slack/install" in made.said
        async with aiohttp.ClientSession() as session, session.get(f"{made.steward.url}/readyz") as response:
            assert response.status == 200, await response.text()


async def test_who_installs_it_sets_it_up_without_a_code_and_nobody_else_does(database_url: str) -> None:
    async with deployment(database_url) as made:
        olivia, adam = made.slack.person("olivia"), made.slack.person("adam")
        page = await made.install(olivia)
        assert "Steward is in" in page
        assert "/team" in page
        refused = await adam.command("/team")
        assert "Whoever installed Steward" in str(refused)
        assert f"{PUBLIC}/slack/install" in str(refused)
        await set_up(olivia, "Northwind")
        await joins(olivia, adam, "admin")


async def test_whoever_installs_it_again_is_the_one_to_set_it_up(sqlite_url: str) -> None:
    async with deployment(sqlite_url) as made:
        await made.install(made.slack.person("olivia"))
        await made.install(made.slack.person("adam"))
        assert await made.installations.count() == 1
        await set_up(made.slack.person("adam"), "Northwind")


async def test_two_workspaces_live_beside_each_other_and_are_told_apart(database_url: str) -> None:
    async with deployment(database_url) as made:
        slack = made.slack
        other = slack.add_workspace(second_team())
        owners = [slack.person("olivia"), slack.person("olga", other)]
        for owner, name in zip(owners, ("Northwind", "Southwind"), strict=True):
            await made.install(owner)
            await set_up(owner, name)
        await joins(owners[0], slack.person("adam"), "admin")
        newcomer = slack.person("ivan", other)
        await joins(owners[1], newcomer, "admin")
        first, second = await roster(made, slack.workspace.team.id), await roster(made, other.team.id)
        assert first == sorted(each.email for each in (owners[0], slack.person("adam")))
        assert second == sorted(each.email for each in (owners[1], newcomer))
        assert len({call.token for call in slack.calls.of("chat.postMessage")}) == 2


async def test_what_waits_for_a_workspace_is_held_while_the_app_is_removed(database_url: str) -> None:
    async with deployment(database_url) as made:
        slack, team = made.slack, made.slack.workspace.team.id
        olivia = slack.person("olivia")
        await made.install(olivia)
        await set_up(olivia, "Northwind")
        await told(olivia, "Welcome to")
        slack.uninstall()
        await slack.settle()
        kept = await ended(made, team)
        assert kept in (Ended.UNINSTALLED, Ended.REFUSED)
        posts = slack.calls.count("chat.postMessage")
        await welcome_again(made, olivia)
        assert await made.steward.store.queue.claim(limit=10) == ()
        assert (await made.steward.store.queue.depth())["due"] == 1
        assert slack.calls.count("chat.postMessage") == posts
        await made.install(olivia)
        await olivia.until(lambda: slack.calls.count("chat.postMessage") > posts)


async def test_a_token_that_slack_takes_no_more_ends_the_installation_without_an_event(
    database_url: str,
) -> None:
    async with deployment(database_url) as made:
        slack, team = made.slack, made.slack.workspace.team.id
        olivia = slack.person("olivia")
        await made.install(olivia)
        await set_up(olivia, "Northwind")
        await told(olivia, "Welcome to")
        slack.connect(request_url="http://127.0.0.1:9/slack/events")
        slack.uninstall()
        await welcome_again(made, olivia)
        assert await ended(made, team) is Ended.REFUSED
        assert await made.steward.store.queue.claim(limit=10) == ()


async def test_news_of_a_removal_that_comes_after_installing_again_ends_nothing(database_url: str) -> None:
    async with deployment(database_url) as made:
        slack, team = made.slack, made.slack.workspace.team.id
        olivia = slack.person("olivia")
        await made.install(olivia)
        with recorded(slack) as sent:
            slack.uninstall()
            await slack.settle()
        assert await ended(made, team) is not None
        await made.install(olivia)
        for each in sent:
            slack.dispatcher.tell(each)
        await slack.settle()
        assert await ended(made, team) is None
        await set_up(olivia, "Northwind")


async def test_of_two_replicas_one_renews_a_token_and_both_go_on_with_it(database_url: str) -> None:
    async with deployment(database_url, replicas=2) as made:
        team = made.slack.workspace.team.id
        await made.install(made.slack.person("olivia"))
        first = await made.installations.get(team)
        assert first is not None
        made.slack.pass_time(12 * 3600)
        await expires(made, database_url, datetime.now(UTC) - timedelta(minutes=1))
        made.slack.calls.clear()
        found = await asyncio.gather(*(accounts(one).of(team) for one in made.replicas for _ in range(5)))
        assert made.slack.calls.count("oauth.v2.access") == 1
        assert {one.serial for one in found} == {2}
        assert {one.token for one in found} != {first.token}
        await set_up(made.slack.person("olivia"), "Northwind")


async def test_a_token_is_renewed_before_it_ends(database_url: str) -> None:
    async with deployment(database_url) as made:
        await made.install(made.slack.person("olivia"))
        await expires(made, database_url, datetime.now(UTC) + timedelta(hours=1))
        await keeping(made.steward).renew()
        kept = await made.installations.get(made.slack.workspace.team.id)
        assert kept is not None
        assert kept.serial == 2
        assert kept.expires_at is not None
        assert kept.expires_at > datetime.now(UTC) + timedelta(hours=11)


@pytest.mark.parametrize("fault", ["api_500", "api_429", "api_nonsense"])
async def test_a_token_is_renewed_later_when_slack_fails_meanwhile(sqlite_url: str, fault: str) -> None:
    async with deployment(sqlite_url) as made:
        team = made.slack.workspace.team.id
        await made.install(made.slack.person("olivia"))
        made.slack.faults.api_method = "oauth.v2.access"
        setattr(made.slack.faults, fault, 1)
        await expires(made, sqlite_url, datetime.now(UTC) + timedelta(hours=1))
        await keeping(made.steward).renew()
        assert (await accounts(made.steward).of(team)).serial == 1  # it works to its end


async def test_a_refresh_whose_answer_was_lost_ends_with_the_token_and_is_mended_by_installing_again(
    database_url: str,
) -> None:
    async with deployment(database_url) as made:
        slack, team = made.slack, made.slack.workspace.team.id
        olivia = slack.person("olivia")
        await made.install(olivia)
        slack.faults.api_method, slack.faults.api_lost_answer = "oauth.v2.access", 1
        await expires(made, database_url, datetime.now(UTC) + timedelta(hours=1))
        await keeping(made.steward).renew()
        await keeping(made.steward).renew()
        kept = await made.installations.get(team)
        assert kept is not None
        assert (kept.refresh_token, kept.ended) == (None, None)
        await expires(made, database_url, datetime.now(UTC) - timedelta(minutes=1))
        accounts(made.steward).drop(team)
        with pytest.raises(NotInstalled):
            await accounts(made.steward).of(team)
        assert await ended(made, team) is Ended.EXPIRED
        await made.install(olivia)
        await set_up(olivia, "Northwind")


async def test_an_org_wide_installation_serves_its_workspaces_as_one_organization(database_url: str) -> None:
    async with deployment(database_url, rotation=False) as made:
        slack = made.slack
        org = slack.add_enterprise("Northwind Group")
        one = slack.add_workspace(second_team(), enterprise=org)
        two = slack.add_workspace(third_team(), enterprise=org)
        olga, remy = slack.person("olga", one), slack.person("remy", two)
        page = await made.install(olga, org_wide=True)
        assert "whole Enterprise org" in page
        await set_up(olga, "Northwind Group")
        await joins(olga, remy, "admin")
        assert await roster(made, org.id) == sorted((olga.email, remy.email))
        async with made.reading(one.team.id) as tx:
            assert not tx.is_set_up
        async with asyncio.timeout(20):
            while not await mirrored(made, org.id, two):
                await slack.core.changes.until(lambda: True, 1)
                await asyncio.sleep(0.05)


async def test_an_org_that_removes_the_app_is_served_no_more(sqlite_url: str) -> None:
    async with deployment(sqlite_url, rotation=False) as made:
        slack = made.slack
        org = slack.add_enterprise("Northwind Group")
        one = slack.add_workspace(second_team(), enterprise=org)
        await made.install(slack.person("olga", one), org_wide=True)
        slack.uninstall(org)
        await slack.settle()
        await accounts(made.steward).stop()
        kept = await made.installations.get(org.id)
        assert kept is not None
        assert kept.ended in (Ended.UNINSTALLED, Ended.REFUSED)
        assert await made.installations.count() == 0


async def test_socket_mode_serves_several_workspaces(sqlite_url: str) -> None:
    async with deployment(sqlite_url, socket=True) as made:
        other = made.slack.add_workspace(second_team())
        for owner in (made.slack.person("olivia"), made.slack.person("olga", other)):
            await made.install(owner)
            await set_up(owner, "Team")
            await told(owner, "Welcome to")
        assert {call.token for call in made.slack.calls.of("chat.postMessage")} == {
            workspace.installation.bot_token
            for workspace in made.slack.workspaces.values()
            if workspace.installation is not None
        }
