"""Every view and message at its fullest and at its emptiest is one that Slack takes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.checks import check_blocks, check_view
from bot.slack import home
from bot.slack.blocks import Surface, checked
from bot.slack.foretelling import foretold
from bot.slack.messages.approvals import approver_card, channel_card, requester_card
from bot.slack.screens import approvals, departments, members, policy, policy_form, preview, request_details
from bot.slack.screens.answering import SHOWN, can_words, known_operations, unknown_words, who_words
from bot.slack.screens.decisions import Declining, build_reason
from bot.slack.screens.member_forms import Around, Draft
from bot.slack.screens.member_forms import build as build_act
from bot.slack.screens.member_query import LONGEST_SEARCH, MOST_TURNS, Query
from bot.slack.screens.picking import member_option
from bot.slack.screens.questions import Question
from bot.slack.screens.questions import build as build_question
from bot.slack.screens.settings_forms import build_holding, build_subscription, build_team
from bot.slack.screens.settings_overview import build_overview
from bot.slack.text import escape
from domain.changes import ChangeSettings, InvitationLine, InvitePeople
from domain.model import Actor, Approvers, Kind, Member, Preset, Request, Rule, Step
from domain.offers import Act, roles_to_give
from domain.operations import OPERATION_NAMES, Operation
from domain.overview import can, who_can
from domain.policies import MOST_RULES
from domain.ports import Transaction
from domain.settings import holding_of, subscription_of, team_of
from storage.migrations import upgrade
from storage.store import SqlStore
from tests.slack.screens import filling
from tests.support.office import TEAM, Office, open_office, user_id, who

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "<!channel> & *why* " * 60
Payload = dict[str, Any]


@dataclass
class Crowd:
    """A team with its people of note."""

    office: Office
    owner: Member
    asker: Member
    requests: tuple[Request, ...]

    @property
    def store(self) -> SqlStore:
        return self.office.store

    @property
    def team_id(self) -> str:
        return TEAM


async def _opened(folder: Any, preset: Preset) -> Office:
    url = f"sqlite+aiosqlite:///{folder / 'team.db'}"
    await upgrade(url)
    office = open_office(url)
    await office.set_up(preset, seats=None)
    return office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def full(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crowd]:
    """Ten thousand members, a hundred open requests, a hundred departments; every name is difficult."""
    office = await _opened(tmp_path_factory.mktemp("full"), Preset.PORTAL)
    crowd = Crowd(
        office, owner=await office.member("olivia"), asker=await office.member("olivia"), requests=()
    )
    await filling.fill(crowd, 10_000)
    await filling.fill(crowd, 30, role="admin")
    await filling.departments(crowd, 130)
    for number in range(10):
        await office.joins(f"dev{number}", "developer")
        for nth in range(10):
            email = f"{number}.{nth}.{'x' * 40}@{'y' * 50}.example"
            await office.asks(f"dev{number}", email, reason=LONG[:1000])
    settings = ChangeSettings(
        name=filling.DIFFICULT[0].ljust(80, "ß")[:80],
        allowed_domains=tuple(f"{number:03}{'d' * 40}.example" for number in range(57)),
        approvals_channel="C0APPROVALS",
        audit_channel="C0AUDIT",
    )
    await office.desk.submit(who("olivia"), settings)
    steps = tuple(Step(approvers=Approvers.ROLE, role="x" * 60, needed=10) for _ in range(3))
    rules = tuple(Rule(kind=Kind.ROLE, role=f"{nth}{'y' * 60}", steps=steps) for nth in range(MOST_RULES))
    async with office.store.transaction(TEAM) as tx:
        tx.update(replace(tx.organization, rules=rules))
    crowd.asker = await office.member("dev0")
    async with office.reading() as tx:
        crowd.requests = await tx.requests.open(limit=100)
    assert len(crowd.requests) == 100
    yield crowd
    await office.store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crowd]:
    """Nobody but the owner, nothing set, nothing asked."""
    office = await _opened(tmp_path_factory.mktemp("empty"), Preset.ANALYTICS)
    owner = await office.member("olivia")
    yield Crowd(office, owner=owner, asker=owner, requests=())
    await office.store.close()


View = Callable[[Transaction, Crowd, Actor], Awaitable[Payload]]
VIEWS: dict[str, View] = {
    "members": lambda tx, crowd, actor: members.build(tx, actor, Query()),
    "members, far back": lambda tx, crowd, actor: members.build(
        tx,
        actor,
        Query(
            text="ß" * LONGEST_SEARCH,
            status="active",
            role="admin",
            page=500,
            trail=(crowd.owner.id,) * MOST_TURNS,
        ),
        said=escape(LONG),
        again=crowd.owner.id,
    ),
    "members, pending": lambda tx, crowd, actor: members.build(tx, actor, Query(status="pending")),
    "approvals": lambda tx, crowd, actor: approvals.build(tx, actor, said=escape(LONG)),
    "settings": lambda tx, crowd, actor: build_overview(tx, crowd.owner, said=escape(LONG)),
    "departments": lambda tx, crowd, actor: departments.build_list(tx, page=4, said=escape(LONG)),
    "home": lambda tx, crowd, actor: home.render(tx, user_id("olivia")),
    "home of who asks": lambda tx, crowd, actor: home.render(tx, crowd.asker.slack_user_id or ""),
    "home of somebody else": lambda tx, crowd, actor: home.render(tx, user_id("nora")),
}


async def _team(tx: Transaction, _crowd: Crowd, _actor: Actor) -> Payload:
    return build_team(team_of(tx.organization))


async def _subscription(tx: Transaction, _crowd: Crowd, _actor: Actor) -> Payload:
    return build_subscription(subscription_of(tx.organization), used="0 of 0", plans=True)


async def _holding(tx: Transaction, _crowd: Crowd, _actor: Actor) -> Payload:
    return build_holding(holding_of(tx.organization))


async def _question(tx: Transaction, crowd: Crowd, actor: Actor) -> Payload:
    operation = Operation.INVITE
    said = await who_words(tx, operation, await who_can(tx, operation, limit=SHOWN + 1))
    chosen = member_option(tx, actor, crowd.asker)
    return build_question(
        Question(operation=operation), known_operations(tx), chosen=chosen, said=said + said + said
    )


async def _act(tx: Transaction, crowd: Crowd, actor: Actor) -> Payload:
    assert isinstance(actor, Member)
    around = Around(
        words=escape(LONG * 3),
        pick=True,
        chosen=member_option(tx, actor, crowd.asker),
        roles=roles_to_give(tx, actor, crowd.asker.id, crowd.asker.role),
        members={"trail": [crowd.owner.id] * MOST_TURNS, "text": "ß" * LONGEST_SEARCH},
    )
    return build_act(Draft(act=Act.CHANGE_ROLE, reason=LONG[:1000]), around)


async def _preview(tx: Transaction, crowd: Crowd, actor: Actor) -> Payload:
    return preview.build("x" * preview.LONGEST_TYPED, [escape(LONG * 5)] * 10)


async def _rules(tx: Transaction, _crowd: Crowd, _actor: Actor) -> Payload:
    return await policy.build_list(tx, said=escape(LONG))


async def _rule(tx: Transaction, _crowd: Crowd, _actor: Actor) -> Payload:
    return await policy.form_of(tx, policy_form.Draft())


async def _second_page(tx: Transaction, _crowd: Crowd, actor: Actor) -> Payload:
    (first,) = await tx.requests.open(limit=1) or (None,)
    after = first.id if first else ""
    return await approvals.build(tx, actor, at=approvals.Place(part="waiting", page=2, after=after))


VIEWS |= {
    "rules": _rules,
    "rule": _rule,
    "approvals, further back": _second_page,
    "team": _team,
    "subscription": _subscription,
    "holding": _holding,
    "question": _question,
    "act": _act,
    "preview": _preview,
}


def surface(view: Payload) -> Surface:
    """Where a view is shown."""
    return Surface.HOME if view["type"] == "home" else Surface.MODAL


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_of_the_fullest_team_is_one_slack_takes(full: Crowd, name: str) -> None:
    for actor in (full.owner, full.asker):
        async with full.office.reading() as tx:
            view = await VIEWS[name](tx, full, actor)
        assert checked(view, surface(view)) == view
        check_view(view, kind=view["type"])


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_of_the_emptiest_team_is_one_slack_takes(empty: Crowd, name: str) -> None:
    async with empty.office.reading() as tx:
        view = await VIEWS[name](tx, empty, empty.owner)
    assert checked(view, surface(view)) == view
    check_view(view, kind=view["type"])


async def test_every_card_and_detail_of_a_hundred_requests_is_one_slack_takes(full: Crowd) -> None:
    async with full.office.reading() as tx:
        for request in full.requests:
            for message in (
                await approver_card(tx, request, full.owner),
                await requester_card(tx, request),
                await channel_card(tx, request),
            ):
                assert checked(message, Surface.MESSAGE) == message
                check_blocks(message["blocks"])
            view = await request_details.build(tx, request, full.owner)
            assert checked(view, Surface.MODAL) == view
            reason = build_reason(Declining(request_id=request.id, reason=LONG[:1000]), title=LONG)
            check_view(reason, kind="modal")


async def test_a_request_about_many_people_still_fits_its_card(full: Crowd) -> None:
    async with full.office.reading() as tx:
        ids = tuple(department.id for department in await tx.departments.all())
        lines = tuple(
            InvitationLine(email=f"{number}@{'y' * 60}.example", role="developer", departments=ids)
            for number in range(500)
        )
        (request, *_) = full.requests
        change: dict[str, object] = {"tag": "invite_people", "lines": [_json(line) for line in lines]}
        many = replace(request, change=change, reason=LONG[:1000])
        assert InvitePeople(lines=lines).tag == many.change["tag"]
        card = await approver_card(tx, many, full.owner)
        view = await request_details.build(tx, many, full.owner)
    assert "invite 500 people" in card["text"]
    assert checked(card, Surface.MESSAGE) == card
    assert checked(view, Surface.MODAL) == view


def _json(line: InvitationLine) -> dict[str, object]:
    return {
        "email": line.email,
        "role": line.role,
        "departments": list(line.departments),
        "name": line.name,
        "slack_user_id": line.slack_user_id,
    }


async def test_every_answer_about_every_operation_fits_a_message(full: Crowd) -> None:
    async with full.office.reading() as tx:
        for operation in OPERATION_NAMES:
            words = [
                await can_words(tx, await can(tx, full.asker, operation), full.owner),
                await who_words(tx, operation, await who_can(tx, operation, limit=SHOWN + 1)),
                unknown_words(tx, OPERATION_NAMES[operation] * 20),
            ]
            assert [each for each in words if len(each) > 2900] == []


async def test_a_preview_of_many_says_how_many_more(full: Crowd) -> None:
    lines = tuple(InvitationLine(email=f"p{number}@a.example", role="developer") for number in range(300))
    async with full.office.reading() as tx:
        domains = tx.organization.allowed_domains
    lines = tuple(replace(line, email=f"{line.email.split('@')[0]}@{domains[0]}") for line in lines)
    result = await full.office.desk.preview(who("olivia"), InvitePeople(lines=lines))
    async with full.office.reading() as tx:
        words = await foretold(tx, result)
    assert "and 290 more" in words
    assert "The inviter gets 300 links to pass on" in words
