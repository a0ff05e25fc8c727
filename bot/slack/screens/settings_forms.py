"""The forms of the settings: the team, the subscription, whether pending invitations hold seats."""

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
    section,
    static_select,
    text_input,
)
from bot.slack.forms import Form, metadata, metadata_of
from bot.slack.limits import INPUT_TEXT
from bot.slack.text import Mrkdwn
from domain.changes import ChangeSeatHolding, ChangeSettings, ChangeSubscription
from domain.model import Plan
from domain.settings import MOST_SEATS, Part
from domain.texts import LONGEST_NAME

TEAM = "settings_team"
SUBSCRIPTION = "settings_subscription"
HOLDING = "settings_holding"

PLANS = {Plan.FREE: "Free", Plan.STANDARD: "Standard", Plan.PREMIUM: "Premium"}
_INVITE_APP = "Invite Steward into the channel first, or it cannot post there. Leave empty for none."


LABELS = {
    "name": "Team name",
    "allowed_domains": "Domains invitations may go to",
    "approvals_channel": "Approvals channel",
    "audit_channel": "Audit channel",
    "seat_limit": "Seats",
    "plan": "Plan",
    "invoice_email": "Invoice address",
    "pending_holds_seat": "A pending invitation holds a seat",
}
"""What each field is called, by its block_id: the name the change has for it."""


def _action(field: str, now: Part) -> str:
    """The action_id of a field: another one for other values, or Slack would keep what stood there."""
    return f"{field}:{now.built_from}"


def build_team(now: ChangeSettings, *, said: Mrkdwn | None = None) -> View:
    """The team's name, the domains invitations may go to, its channels; `said` stands above them."""
    blocks = [
        *_above(said),
        input_block(
            LABELS["name"],
            text_input(_action("name", now), initial=now.name, max_length=LONGEST_NAME),
            block_id="name",
        ),
        input_block(
            LABELS["allowed_domains"],
            text_input(
                _action("allowed_domains", now),
                initial="\n".join(now.allowed_domains) or None,
                multiline=True,
                max_length=INPUT_TEXT,
                placeholder="example.com",
            ),
            block_id="allowed_domains",
            optional=True,
            hint="One a line. Leave it empty to allow every domain.",
        ),
        _channel("approvals_channel", now, now.approvals_channel),
        _channel("audit_channel", now, now.audit_channel),
        context("Being in a channel gives nobody the right to decide."),
    ]
    return _form("Team", blocks, TEAM, now)


def _above(said: Mrkdwn | None) -> list[Block]:
    return [section(said)] if said else []


def _form(title: str, blocks: list[Block], callback_id: str, now: Part) -> View:
    ids = metadata(built_from=now.built_from)
    return modal(title, blocks, callback_id=callback_id, submit="Save", private_metadata=ids)


def _channel(field: str, now: ChangeSettings, chosen: str | None) -> Block:
    menu = channel_select(_action(field, now), initial=chosen, placeholder="No channel")
    return input_block(LABELS[field], menu, block_id=field, optional=True, hint=_INVITE_APP)


def _built_from(view: Mapping[str, Any]) -> str:
    return str(metadata_of(view).get("built_from", ""))


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
        built_from=_built_from(view),
    )


def build_subscription(
    now: ChangeSubscription, *, used: str, plans: bool, said: Mrkdwn | None = None
) -> View:
    """Seats, plan and where invoices go.

    Args:
        used: how many seats are used, in words.
        plans: whether roles depend on the plan here; else it is not asked for.
        said: what stands above the fields.
    """
    blocks = [
        input_block(
            LABELS["seat_limit"],
            number_input(
                _action("seat_limit", now),
                initial=now.seat_limit,
                minimum=1,
                maximum=MOST_SEATS,
                placeholder="No limit",
            ),
            block_id="seat_limit",
            optional=True,
            hint=f"How many active members the licence allows; empty for no limit. Now: {used}.",
        ),
        input_block(
            LABELS["invoice_email"],
            email_input(
                _action("invoice_email", now),
                initial=now.invoice_email or None,
                placeholder="billing@example.com",
            ),
            block_id="invoice_email",
            optional=True,
        ),
    ]
    if plans:
        blocks.insert(1, _plan(now))
    return _form("Subscription", [*_above(said), *blocks], SUBSCRIPTION, now)


def _plan(now: ChangeSubscription) -> Block:
    choices = [option(words, plan) for plan, words in PLANS.items()]
    menu = static_select(_action("plan", now), choices, initial=now.plan)
    hint = "On a plan without a role, its holders act with the default role until the plan includes it."
    return input_block(LABELS["plan"], menu, block_id="plan", hint=hint)


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
        built_from=_built_from(view),
    )


class Switch(StrEnum):
    """How a switch stands."""

    YES = "yes"
    NO = "no"

    @classmethod
    def of(cls, on: bool) -> "Switch":
        """The switch as it is stored."""
        return cls.YES if on else cls.NO


HOLDS = {
    Switch.YES: "Yes, so that nobody who accepts is turned away",
    Switch.NO: "No: who accepts when none is free waits",
}


def build_holding(now: ChangeSeatHolding, *, said: Mrkdwn | None = None) -> View:
    """Whether a pending invitation holds a seat; `said` stands above."""
    choices = [option(words, value) for value, words in HOLDS.items()]
    field = "pending_holds_seat"
    buttons = radio_buttons(_action(field, now), choices, initial=Switch.of(now.pending_holds_seat))
    return _form(
        "Pending invitations",
        [*_above(said), input_block(LABELS[field], buttons, block_id=field)],
        HOLDING,
        now,
    )


def parse_holding(view: Mapping[str, Any]) -> ChangeSeatHolding:
    """What the form says.

    Raises:
        BadValue: nothing is chosen.
    """
    return ChangeSeatHolding(
        pending_holds_seat=Form(view).chosen("pending_holds_seat", Switch) is Switch.YES,
        built_from=_built_from(view),
    )
