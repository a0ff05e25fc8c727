"""What the team is set to, with a button to each form for who may change it."""

from dataclasses import dataclass

from bot.slack.blocks import Block, View, button, context, divider, modal, section
from bot.slack.deciding import rules_said
from bot.slack.foretelling import seats_words
from bot.slack.refusals import people
from bot.slack.screens.settings_forms import (
    HOLDING,
    HOLDS,
    LABELS,
    PLANS,
    SUBSCRIPTION,
    TEAM,
    Switch,
)
from bot.slack.text import Mrkdwn, channel, email, escape, lines, md, name
from domain.authority import those_who_may
from domain.model import Member, Organization, Preset
from domain.operations import Access, Operation
from domain.permissions import Outcome, access, role_for
from domain.policies import rules_in_force
from domain.ports import Transaction
from domain.seats import seats_now

OVERVIEW = "settings"
OPEN = "settings_open"
"""Buttons to the forms: ":" and the name of the part follow."""
DEPARTMENTS = "departments"
RULES = "policy_rules"
SHOWN_RULES = 8
SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the settings: the operations that change and show it."""

    title: str
    changes: Operation
    shows: Operation


PARTS = {
    TEAM: Part(title="Team", changes=Operation.SETTINGS, shows=Operation.SETTINGS),
    SUBSCRIPTION: Part(
        title="Subscription", changes=Operation.MANAGE_SUBSCRIPTION, shows=Operation.VIEW_SUBSCRIPTION
    ),
    HOLDING: Part(
        title="Pending invitations", changes=Operation.MANAGE_SUBSCRIPTION, shows=Operation.SETTINGS
    ),
    RULES: Part(title="Approvals", changes=Operation.APPROVAL_POLICY, shows=Operation.SETTINGS),
    DEPARTMENTS: Part(title="Departments", changes=Operation.DEPARTMENTS, shows=Operation.DEPARTMENTS),
}


def holds(tx: Transaction, member: Member, operation: Operation) -> bool:
    """Whether a member's role includes an operation without limits."""
    return access(tx.organization, role_for(tx.organization, member.role), operation) is Access.FULL


def parts_of(tx: Transaction, member: Member) -> dict[str, Part]:
    """The parts a member may change or see."""
    return {
        key: part
        for key, part in PARTS.items()
        if holds(tx, member, part.changes) or holds(tx, member, part.shows)
    }


async def build_overview(tx: Transaction, member: Member, *, said: Mrkdwn | None = None) -> View:
    """The settings as they are; `said` is what became of a change."""
    blocks: list[Block] = [section(said), divider()] if said else []
    for key, part in parts_of(tx, member).items():
        words = lines(md("*{title}*", title=part.title), await _words(tx, key))
        if holds(tx, member, part.changes):
            change = button("Change", f"{OPEN}:{key}", value=key, label=f"Change {part.title}")
            blocks.append(section(words, accessory=change))
        else:
            could = await those_who_may(tx, part.changes, Outcome())
            who = md("Who can change this: {who}.", who=people(could)) if could else "Nobody can change this."
            blocks += [section(words), context(who)]
    return modal("Settings", blocks, callback_id=OVERVIEW, close="Close")


async def _words(tx: Transaction, key: str) -> Mrkdwn:
    organization = tx.organization
    if key == TEAM:
        return _team(organization)
    if key == SUBSCRIPTION:
        return await _subscription(tx)
    if key == HOLDING:
        return _holding(organization)
    if key == RULES:
        return await _rules(tx)
    return await _departments(tx)


def _team(organization: Organization) -> Mrkdwn:
    return lines(
        md("Name: {name}", name=name(organization.name)),
        md("Invitations may go to: {domains}", domains=_some(organization.allowed_domains) or "every domain"),
        md("Approvals channel: {channel}", channel=_channel(organization.approvals_channel)),
        md("Audit channel: {channel}", channel=_channel(organization.audit_channel)),
    )


def _channel(channel_id: str | None) -> Mrkdwn:
    return channel(channel_id) if channel_id else escape("none")


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:SHOWN_NAMES])
    return f"{shown} and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else shown


async def _subscription(tx: Transaction) -> Mrkdwn:
    organization = tx.organization
    address = organization.invoice_email
    return lines(
        md("Seats: {seats}", seats=seats_words(await seats_now(tx))),
        md("Plan: {plan}", plan=PLANS[organization.plan]) if asks_plan(organization) else None,
        md("Invoices go to: {address}", address=email(address) if address else "nobody yet"),
    )


def asks_plan(organization: Organization) -> bool:
    """Whether roles depend on the plan."""
    return organization.preset is Preset.ANALYTICS


def _holding(organization: Organization) -> Mrkdwn:
    held = HOLDS[Switch.of(organization.pending_holds_seat)]
    return md("{what}: {how}", what=LABELS["pending_holds_seat"], how=held[:1].lower() + held[1:])


async def _rules(tx: Transaction) -> Mrkdwn:
    rules = rules_in_force(tx.organization)
    more = len(rules) - SHOWN_RULES
    return lines(
        *(md("• {rule}", rule=rule) for rule in await rules_said(tx, rules[:SHOWN_RULES])),
        md("and {more} more", more=more) if more > 0 else None,
    )


async def _departments(tx: Transaction) -> Mrkdwn:
    names = tuple(name(department.name, 60) for department in await tx.departments.all())
    return escape(_some(names) or "None yet. An invitation can give access to departments.")
