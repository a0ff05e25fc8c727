"""The demo: the team joins by the real way, the clock moves, and a kept team is still there afterwards."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo import Demo, RunningDemo, running


async def set_up(demo: RunningDemo, owner: str = "olivia", preset: str = "Portal") -> None:
    person = demo.slack.person(owner)
    await person.command("/team")
    await person.fill("Kind of team", preset)
    assert await person.submit() == {}


async def roles(demo: RunningDemo) -> dict[str, str]:
    account = await demo.steward.contact.account()
    async with demo.steward.store.reading(account.team_id) as tx:
        page = await tx.roster.page(limit=20)
        return {row.email.partition("@")[0]: row.role for row in page.rows}


async def joined(demo: RunningDemo) -> None:
    assert demo.team is not None
    async with asyncio.timeout(20):
        await demo.team


@pytest.mark.parametrize(("socket", "smtp"), [(False, True), (True, False)])
async def test_the_team_joins_once_somebody_has_set_up(socket: bool, smtp: bool) -> None:
    said: list[str] = []
    async with running(Demo(socket=socket, smtp=smtp), said.append) as demo:
        await set_up(demo)
        await joined(demo)
        assert await roles(demo) == {
            "olivia": "super_admin",
            "adam": "admin",
            "dana": "developer",
            "devi": "developer",
        }
        words = (
            "Olivia Owens invited the team, and they accepted: "
            "Adam Adler (Admin), Dana Diaz (Developer), Devi Das (Developer)."
        )
        assert said == [words]
        assert demo.slack.person("nora").messages("general")[-1].text == words


@pytest.mark.parametrize(
    ("preset", "admin"),
    [("Support", "admin"), ("Analytics", "organization_administrator"), ("Suite", "organization_admin")],
)
async def test_every_preset_has_roles_for_the_team(preset: str, admin: str) -> None:
    async with running(Demo(), lambda _words: None) as demo:
        await set_up(demo, preset=preset)
        await joined(demo)
        assert (await roles(demo))["adam"] == admin


async def test_whoever_sets_up_owns_the_team_and_the_others_join() -> None:
    async with running(Demo(), lambda _words: None) as demo:
        await set_up(demo, owner="dana")
        await joined(demo)
        assert set(await roles(demo)) == {"dana", "olivia", "adam", "devi"}
        assert (await roles(demo))["olivia"] == "admin"


async def test_an_empty_demo_stays_empty() -> None:
    async with running(Demo(empty=True), lambda _words: None) as demo:
        await set_up(demo)
        assert demo.team is None
        assert set(await roles(demo)) == {"olivia"}


async def test_when_the_clock_is_moved_what_falls_due_happens_at_once() -> None:
    async with running(Demo(empty=True), lambda _words: None) as demo:
        await set_up(demo)
        nora = demo.slack.person("nora")
        await demo.slack.person("olivia").command("/team", f"invite {nora.email}")
        await nora.until(nora.messages)
        await demo.clock.advance(timedelta(days=8))
        await nora.until(lambda: "expired" in nora.messages()[-1].text)
        assert len(nora.messages()) == 1


async def test_the_clock_does_not_go_back() -> None:
    async with running(Demo(empty=True), lambda _words: None) as demo:
        with pytest.raises(ValueError, match="forward"):
            await demo.clock.advance(timedelta(seconds=-1))


async def test_a_kept_team_is_there_after_a_restart(tmp_path: Path) -> None:
    kept = Demo(data=tmp_path / "kept")
    async with running(kept, lambda _words: None) as demo:
        await set_up(demo)
        await joined(demo)
    said: list[str] = []
    async with running(kept, said.append) as demo:
        await joined(demo)
        assert len(await roles(demo)) == 4
    assert said == []
