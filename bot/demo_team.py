"""The demo team comes in by the real way: the owner invites in Slack, each clicks Accept."""

import asyncio
from collections.abc import Callable

from bot.sandbox.conversations import Message
from bot.sandbox.finding import find_button
from bot.sandbox.people import SLACKBOT
from bot.sandbox.person import Person
from bot.sandbox.server import LocalSlack
from domain.authority import owner
from domain.model import Organization
from domain.permissions import Rank, Role, choosable_roles
from domain.ports import Store

HANDLES = ("olivia", "adam", "dana", "devi")
"""Who belongs to the team from the start; the first of them who is not the owner becomes an admin."""
LOOK_SECONDS = 0.25
INVITATION_SECONDS = 30.0
ACCEPT = "Accept"


async def team_joins(slack: LocalSlack, store: Store, team_id: str, tell: Callable[[str], None]) -> None:
    """Wait until somebody has set Steward up, let the others join, and say so here and in #general.

    Raises:
        LookupError, TimeoutError: a person did not see what they should.
    """
    holder_id, organization = await _set_up(store, team_id)
    host = next(person for person in map(slack.person, _in_slack(slack)) if person.id == holder_id)
    roles = _roles(organization)
    joined: list[str] = []
    for person, role in zip(_others(slack, host), roles, strict=False):
        if await _is_member(store, team_id, person):
            continue
        await _join(host, person, role)
        joined.append(f"{person.name} ({role.name})")
    if joined:
        words = f"{host.name} invited the team, and they accepted: {', '.join(joined)}."
        tell(words)
        _say_in_general(slack, words)


async def _set_up(store: Store, team_id: str) -> tuple[str, Organization]:
    while True:
        async with store.reading(team_id) as tx:
            if tx.is_set_up:
                holder = await owner(tx)
                return holder.slack_user_id or "", tx.organization
        await asyncio.sleep(LOOK_SECONDS)


async def _is_member(store: Store, team_id: str, person: Person) -> bool:
    async with store.reading(team_id) as tx:
        return await tx.members.by_email(person.email) is not None


def _in_slack(slack: LocalSlack) -> list[str]:
    return [account.handle for account in slack.workspace.people if account.is_person]


def _others(slack: LocalSlack, host: Person) -> list[Person]:
    return [slack.person(handle) for handle in HANDLES if handle != host.handle]


def _roles(organization: Organization) -> list[Role]:
    """Return an admin role where the preset and its plan have one, then the default role for the rest."""
    choosable = choosable_roles(organization)
    default = next(role for role in choosable if role.default)
    admin = next((role for role in choosable if role.rank is Rank.ADMIN), default)
    return [admin, default, default]


async def _join(host: Person, person: Person, role: Role) -> None:
    reply = await host.command("/team", f"invite {person.email} as {role.name}")
    if reply.error:
        raise LookupError(reply.error)
    message = await person.until(lambda: _invitation(person), timeout=INVITATION_SECONDS)
    await person.click(ACCEPT, message)


def _invitation(person: Person) -> Message | None:
    """Return the newest message with something to accept."""
    return next((each for each in reversed(person.messages()) if find_button(each.blocks, ACCEPT)), None)


def _say_in_general(slack: LocalSlack, words: str) -> None:
    workspace, channel = slack.workspace, slack.channel("general")
    workspace.conversations.say(
        Message(ts=workspace.stamps.next(), channel=channel.id, user=SLACKBOT, text=words)
    )
    workspace.changes.mark()
