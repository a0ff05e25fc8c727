"""The Home tab: my role and what it allows, what waits for me, my requests, the team at a glance."""

import re
from collections.abc import Sequence
from typing import Literal

from bot.slack.allowances import allowance_lines
from bot.slack.blocks import Block, Element, View, actions, button, context, divider, header, section
from bot.slack.blocks import home as home_view
from bot.slack.deciding import yeses_said
from bot.slack.foretelling import seats_words
from bot.slack.messages.invitation import invitation_blocks
from bot.slack.refusals import people, who_is
from bot.slack.screens.approvals import (
    ASKED,
    DECIDED,
    WAITING,
    all_of,
    asked_item,
    decided_item,
    waiting_item,
)
from bot.slack.text import Mrkdwn, lines, md, name
from domain.authority import those_who_may
from domain.front_desk import SlackUser, identify
from domain.model import Invitation, Member, Outsider, Person, RequestStatus
from domain.operations import Access, Operation
from domain.overview import (
    SHOWN_AT_HOME,
    Glance,
    HomeFacts,
    RequestFacts,
    desk_of,
    home_of,
    invitation_facts,
)
from domain.permissions import Outcome
from domain.ports import Transaction

OPEN = re.compile(r"home_open:\w+")
"""Buttons of Home: the value is the verb whose form they open."""

PING = "home_pinging"
"""Turns one's own approval messages on or off, by its value."""
PINGED = ("*Approval messages:* on", "Turn off", "off")
NOT_PINGED = (
    "*Approval messages:* off. You are told only when nobody else would be; Approvals shows what waits.",
    "Turn on",
    "on",
)


def opener(words: str, verb: str, *, style: Literal["primary"] | None = None) -> Element:
    """A button that opens the form of a verb."""
    return button(words, f"home_open:{verb}", value=verb, style=style)


async def render(tx: Transaction, user_id: str) -> View:
    """Return the Home tab of a Slack user, whoever they are."""
    if not tx.is_set_up:
        return _not_set_up()
    actor = await identify(tx, SlackUser(tx.team_id, user_id))
    if isinstance(actor, Member) and actor.active:
        return home_view(await _member_blocks(tx, await home_of(tx, actor)))
    if isinstance(actor, Member):
        return await _deactivated(tx)
    if isinstance(actor, Outsider) and actor.person.belongs:
        return await _newcomer(tx, actor)
    return home_view([section("Guests, bots and people of other workspaces take no part in Steward.")])


def _not_set_up() -> View:
    words = lines(
        md("*Steward runs your team's membership.*"),
        "People are invited, roles change, and each step that needs a yes is asked of the right admins.",
        "Nobody has set it up in this workspace yet.",
    )
    begin = opener("Set up Steward", "setup", style="primary")
    return home_view([section(words), actions(begin)])


async def _newcomer(tx: Transaction, actor: Outsider) -> View:
    """An invitation to answer, or a request that waits, or else how to ask for one."""
    admins = await those_who_may(tx, Operation.INVITE, Outcome())
    words = lines(
        md("*You are not a member of {team} yet.*", team=name(tx.organization.name)),
        md("These people can let you in: {who}.", who=people(admins)),
    )
    invitations = await _invitations(tx, actor.person)
    asked = (await desk_of(tx, actor, limit=SHOWN_AT_HOME)).asked_by_me
    waits = any(one.status is RequestStatus.WAITING for one in asked)
    blocks = [section(words)]
    for invitation in invitations:
        blocks += [divider(), *invitation_blocks(await invitation_facts(tx, invitation))]
    if not invitations and not waits:
        blocks.append(actions(opener("Ask to join", "join", style="primary")))
    if asked:
        blocks += [divider(), header("Asked by you"), *_mine(asked)]
    return home_view(blocks)


async def _invitations(tx: Transaction, person: Person) -> list[Invitation]:
    """Invitations to this Slack user or to their confirmed address, to answer or accepted and waiting."""
    found = list(await tx.invitations.open_for_user(person.user_id))
    found += (await tx.invitations.open_for_users([person.user_id])).values()
    if person.email and person.email_confirmed:
        found += (await tx.invitations.open_for([person.email])).values()
    return list({one.id: one for one in found}.values())


async def _deactivated(tx: Transaction) -> View:
    admins = await those_who_may(tx, Operation.MANAGE_MEMBERS, Outcome())
    words = lines(
        md("*Your membership of {team} is deactivated.*", team=name(tx.organization.name)),
        md("These people can activate it again: {who}.", who=people(admins)),
    )
    return home_view([section(words)])


async def _member_blocks(tx: Transaction, facts: HomeFacts) -> list[Block]:
    blocks = [
        header(f"{name(tx.organization.name, 100)}"),
        section(_role(tx, facts)),
        _commands(facts),
    ]
    if facts.first_steps:
        blocks.append(section(_first_steps()))
    blocks += [divider(), header(f"Waiting for you ({facts.waiting})"), *_waiting(facts)]
    if _decides(facts):
        blocks.append(_pinging(facts.member))
    blocks += [divider(), header(f"Asked by you ({facts.asked} open)"), *_mine(facts.desk.asked_by_me)]
    if facts.desk.asked_by_me:
        blocks.append(all_of(ASKED))
    if facts.desk.decided_by_me:
        decided = [block for item in facts.desk.decided_by_me for block in decided_item(item)]
        blocks += [divider(), header("Decided lately"), *decided, all_of(DECIDED)]
    if facts.glance is not None:
        blocks += [divider(), header("The team at a glance"), section(_glance(facts.glance))]
    blocks += [divider(), header("What your role allows"), section(lines(*allowance_lines(facts.allows)))]
    full = [operation for operation, cell in facts.allows if cell is Access.FULL]
    if yeses := await yeses_said(tx, facts.role, full):
        blocks.append(section(lines("*What needs a yes besides:*", *yeses)))
    return blocks


def _decides(facts: HomeFacts) -> bool:
    """Whether requests may come to this member at all."""
    held = dict(facts.allows)
    return Access.FULL in (held.get(Operation.INVITE), held.get(Operation.MANAGE_MEMBERS))


def _role(tx: Transaction, facts: HomeFacts) -> Mrkdwn:
    held = facts.held
    if facts.role == held:
        words = md("You are *{role}*.", role=held.name)
    else:
        words = md(
            "You hold *{held}*, which the {plan} plan does not include: you act as *{role}* until it does.",
            held=held.name,
            plan=tx.organization.plan,
            role=facts.role.name,
        )
    owner = None if facts.owner.id == facts.member.id else md("Owner: {who}", who=who_is(facts.owner))
    return lines(words, owner)


def _commands(facts: HomeFacts) -> Block:
    buttons = [
        opener("Invite people", "invite", style="primary"),
        opener("Members", "members"),
        opener("Approvals", "approvals"),
        opener("Who may do what", "can"),
    ]
    if dict(facts.allows).get(Operation.SETTINGS) is Access.FULL:
        buttons.append(opener("Settings", "settings"))
    return actions(*buttons, opener("What you can type", "help"), block_id="commands")


def _pinging(member: Member) -> Block:
    """Own approval messages, with the button that turns them the other way."""
    words, turn, value = PINGED if member.pinged else NOT_PINGED
    return section(Mrkdwn(words), accessory=button(turn, PING, value=value), block_id="pinging")


def _first_steps() -> Mrkdwn:
    return lines(
        md("*Next steps*"),
        "1. Invite an admin, so that somebody can decide when you are away.",
        "2. Invite the rest of the team: addresses, or people picked from Slack.",
        "3. Look at Settings: seats, departments, who approves what.",
    )


def _waiting(facts: HomeFacts) -> list[Block]:
    if not facts.desk.waiting_for_me and facts.waiting.more:
        return [context("The oldest open requests are for others to decide."), all_of(WAITING)]
    if not facts.desk.waiting_for_me:
        return [context("Nothing waits for you.")]
    blocks = [block for item in facts.desk.waiting_for_me for block in waiting_item(item)]
    return [*blocks, all_of(WAITING)]


def _mine(asked: Sequence[RequestFacts]) -> list[Block]:
    if not asked:
        return [context("You have asked for nothing yet.")]
    return [block for item in asked for block in asked_item(item)]


def _glance(team: Glance) -> Mrkdwn:
    free = team.seats.free
    return lines(
        md("*Members:* {active} active, {off} deactivated", active=team.active, off=team.deactivated),
        md("*Invitations:* {pending} pending", pending=team.pending),
        md("*Accepted and waiting:* {waiting}", waiting=team.waiting) if team.waiting else None,
        md("*Seats:* {seats}", seats=seats_words(team.seats)),
        md("*Free:* {free}", free=free) if free is not None else None,
    )
