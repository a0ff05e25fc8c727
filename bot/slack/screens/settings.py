"""Settings: the overview, and the forms that change it for who may (product §12)."""

import re

from bot.slack.answers import Answer, Close, Push, Refresh, Say, Screen, Several, Show, Update
from bot.slack.blocks import View, message, section
from bot.slack.entering import require_active
from bot.slack.foretelling import seats_words
from bot.slack.forms import outdated
from bot.slack.results import result_words
from bot.slack.screens import departments, policy
from bot.slack.screens.settings_forms import (
    HOLDING,
    SUBSCRIPTION,
    TEAM,
    build_holding,
    build_subscription,
    build_team,
    parse_holding,
    parse_subscription,
    parse_team,
)
from bot.slack.screens.settings_merge import as_built, merged
from bot.slack.screens.settings_overview import OPEN, PARTS, RULES, asks_plan, build_overview, holds, parts_of
from bot.slack.text import Mrkdwn
from bot.slack.visit import Visit
from domain.authority import no_permission
from domain.changes import Change
from domain.errors import AlreadySo, ChangedMeanwhile
from domain.operations import Operation
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.seats import seats_now
from domain.settings import holding_of, subscription_of, team_of


async def verb(visit: Visit) -> Answer:
    """Open the overview.

    Raises:
        NoPermission: there is nothing in it that this person may change or see; says who may.
    """
    async with visit.reading() as (tx, actor):
        member = await require_active(tx, actor)
        if not parts_of(tx, member):
            raise await no_permission(tx, member, Operation.SETTINGS, Outcome())
        return Show(await build_overview(tx, member))


async def opened(visit: Visit) -> Answer:
    """Lay the form of one part above the overview."""
    key = visit.action_id.removeprefix(f"{OPEN}:")
    if key not in PARTS:
        raise outdated()
    async with visit.reading() as (tx, actor):
        member = await require_active(tx, actor)
        if not holds(tx, member, PARTS[key].changes):
            raise await no_permission(tx, member, PARTS[key].changes, Outcome())
        return Push(await _form(tx, key))


async def _form(tx: Transaction, key: str) -> View:
    now = tx.organization
    if key == TEAM:
        return build_team(team_of(now))
    if key == SUBSCRIPTION:
        used = seats_words(await seats_now(tx))
        return build_subscription(subscription_of(now), used=used, plans=asks_plan(now))
    if key == HOLDING:
        return build_holding(holding_of(now))
    if key == RULES:
        return await policy.build_list(tx)
    return await departments.build_list(tx)


async def team_saved(visit: Visit) -> Answer:
    """Change name, domains and channels."""
    typed = parse_team(visit.view)
    try:
        return await _saved(visit, typed)
    except ChangedMeanwhile:
        async with visit.reading() as (tx, _):
            anew = merged(parse_team(as_built(visit.view)), typed, team_of(tx.organization))
        return Update(build_team(anew.part, said=anew.said))


async def subscription_saved(visit: Visit) -> Answer:
    """Change seats, plan and invoice address."""
    async with visit.reading() as (tx, _):
        plan = tx.organization.plan
    typed = parse_subscription(visit.view, plan=plan)
    try:
        return await _saved(visit, typed)
    except ChangedMeanwhile:
        async with visit.reading() as (tx, _):
            now, used = subscription_of(tx.organization), seats_words(await seats_now(tx))
            anew = merged(parse_subscription(as_built(visit.view), plan=plan), typed, now)
            plans = asks_plan(tx.organization)
        return Update(build_subscription(anew.part, used=used, plans=plans, said=anew.said))


async def holding_saved(visit: Visit) -> Answer:
    """Change whether a pending invitation holds a seat."""
    typed = parse_holding(visit.view)
    try:
        return await _saved(visit, typed)
    except ChangedMeanwhile:
        async with visit.reading() as (tx, _):
            anew = merged(parse_holding(as_built(visit.view)), typed, holding_of(tx.organization))
        return Update(build_holding(anew.part, said=anew.said))


async def _saved(visit: Visit, change: Change) -> Answer:
    try:
        answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    except AlreadySo:
        return Close()  # saved as it was
    async with visit.reading() as (tx, actor):
        words = await result_words(tx, answer, done=Mrkdwn("*Saved.*"))
        below = str(visit.view.get("previous_view_id") or "")
        if not below:
            return Say(message(words, [section(words)]), title="Settings")
        overview = await build_overview(tx, await require_active(tx, actor), said=words)
    return Several((Close(), Refresh(overview, below)))


SCREEN = Screen(
    verbs={"settings": verb},
    actions={re.compile(rf"{OPEN}:\w+"): opened},
    views={TEAM: team_saved, SUBSCRIPTION: subscription_saved, HOLDING: holding_saved},
)
"""A part of the overview is named by the callback_id of its form."""
