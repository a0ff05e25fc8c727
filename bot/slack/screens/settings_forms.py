"""The forms of the settings: the team, the subscription, the approvals policy."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot.slack.blocks import (
    Block,
    View,
    channel_select,
    context,
    email_input,
    input_block,
    modal,
    number_input,
    option,
    radio_buttons,
    static_select,
    text_input,
)
from bot.slack.forms import Form
from bot.slack.limits import INPUT_TEXT
from domain.changes import ChangePolicy, ChangeSettings, ChangeSubscription
from domain.model import Plan
from domain.settings import MOST_SEATS
from domain.texts import LONGEST_NAME

TEAM = "settings_team"
SUBSCRIPTION = "settings_subscription"
POLICY = "settings_policy"

PLANS = {Plan.FREE: "Free", Plan.STANDARD: "Standard", Plan.PREMIUM: "Premium"}
_INVITE_APP = "Invite Steward into the channel first, or it cannot post there. Leave empty for none."


def build_team(now: ChangeSettings) -> View:
    """The team's name, the domains invitations may go to, its channels."""
    blocks = [
        input_block(
            "Team name", text_input("name", initial=now.name, max_length=LONGEST_NAME), block_id="name"
        ),
        input_block(
            "Domains invitations may go to",
            text_input(
                "domains",
                initial="\n".join(now.allowed_domains) or None,
                multiline=True,
                max_length=INPUT_TEXT,
                placeholder="example.com",
            ),
            block_id="allowed_domains",
            optional=True,
            hint="One a line. Leave it empty to allow every domain.",
        ),
        _channel("Approvals channel", "approvals_channel", now.approvals_channel),
        _channel("Audit channel", "audit_channel", now.audit_channel),
        context("Being in a channel gives nobody the right to decide."),
    ]
    return modal("Team", blocks, callback_id=TEAM, submit="Save")


def _channel(label: str, block_id: str, chosen: str | None) -> Block:
    menu = channel_select(block_id, initial=chosen, placeholder="No channel")
    return input_block(label, menu, block_id=block_id, optional=True, hint=_INVITE_APP)


def parse_team(view: Mapping[str, Any]) -> ChangeSettings:
    """What the form says.

    Raises:
        BadValue: a field is missing.
    """
    form = Form(view)
    form.require("name", "allowed_domains", "approvals_channel", "audit_channel")
    return ChangeSettings(
        name=form.text("name"),
        allowed_domains=tuple(form.text("allowed_domains").replace(",", " ").replace(";", " ").split()),
        approvals_channel=form.channel("approvals_channel"),
        audit_channel=form.channel("audit_channel"),
    )


def build_subscription(now: ChangeSubscription, *, used: str, plans: bool) -> View:
    """Seats, plan and where invoices go.

    Args:
        used: how many seats are used, in words.
        plans: whether roles depend on the plan here; else it is not asked for.
    """
    blocks = [
        input_block(
            "Seats",
            number_input(
                "seats", initial=now.seat_limit, minimum=1, maximum=MOST_SEATS, placeholder="No limit"
            ),
            block_id="seat_limit",
            optional=True,
            hint=f"How many active members the licence allows; empty for no limit. Now: {used}.",
        ),
        input_block(
            "Invoice address",
            email_input("invoice", initial=now.invoice_email or None, placeholder="billing@example.com"),
            block_id="invoice_email",
            optional=True,
        ),
    ]
    if plans:
        menu = static_select("plan", [option(words, plan) for plan, words in PLANS.items()], initial=now.plan)
        hint = "On a plan without a role, its holders act with the default role until the plan includes it."
        blocks.insert(1, input_block("Plan", menu, block_id="plan", hint=hint))
    return modal("Subscription", blocks, callback_id=SUBSCRIPTION, submit="Save")


def parse_subscription(view: Mapping[str, Any], *, plan: Plan) -> ChangeSubscription:
    """What the form says; `plan` is the one kept where the form does not ask for it.

    Raises:
        BadValue: the seats are not a number, no plan is chosen, or a field is missing.
    """
    form = Form(view)
    form.require("seat_limit", "invoice_email")
    return ChangeSubscription(
        seat_limit=form.number("seat_limit", label="The seat limit"),
        plan=form.chosen("plan", Plan) if "plan" in form else plan,
        invoice_email=form.text("invoice_email"),
    )


ADMIN_ROLES = "Giving, taking or suspending an admin role"
HOLDS_SEAT = "A pending invitation holds a seat"


class Switch(StrEnum):
    """How one switch of the policy stands."""

    YES = "yes"
    NO = "no"

    @classmethod
    def of(cls, on: bool) -> "Switch":
        """The switch as it is stored."""
        return cls.YES if on else cls.NO


DIRECT = {Switch.NO: "Needs the owner's approval", Switch.YES: "At once, by any admin who may"}
HOLDS = {
    Switch.YES: "Yes, so that nobody who accepts is turned away",
    Switch.NO: "No: who accepts when none is free waits",
}


def build_policy(now: ChangePolicy) -> View:
    """What needs an approval, and whether a pending invitation holds a seat."""
    blocks = [
        _switch(ADMIN_ROLES, "admin_roles_direct", DIRECT, now.admin_roles_direct),
        _switch(HOLDS_SEAT, "pending_holds_seat", HOLDS, now.pending_holds_seat),
        context("Requests that wait already keep the policy they were asked under."),
    ]
    return modal("Approvals policy", blocks, callback_id=POLICY, submit="Save")


def _switch(label: str, block_id: str, choices: Mapping[Switch, str], now: bool) -> Block:
    options = [option(words, value) for value, words in choices.items()]
    return input_block(
        label, radio_buttons(block_id, options, initial=Switch.of(now)), block_id=block_id
    )


def parse_policy(view: Mapping[str, Any]) -> ChangePolicy:
    """What the form says.

    Raises:
        BadValue: a field is without a choice.
    """
    form = Form(view)
    return ChangePolicy(
        admin_roles_direct=form.chosen("admin_roles_direct", Switch) is Switch.YES,
        pending_holds_seat=form.chosen("pending_holds_seat", Switch) is Switch.YES,
    )
