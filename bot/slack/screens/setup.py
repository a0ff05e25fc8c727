"""First run: the form whose sender becomes the owner (product §12)."""

from dataclasses import dataclass

from bot.slack import text
from bot.slack.answers import Answer, Say, Screen, Show, Update
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    input_block,
    message,
    modal,
    number_input,
    option,
    radio_buttons,
    section,
    static_select,
    text_input,
)
from bot.slack.commands import parse as parse_command
from bot.slack.forms import Form, one_of
from bot.slack.refusals import refusal_message
from bot.slack.screens.ids import HELP, INVITE_OPEN, SETUP_OPEN
from bot.slack.text import Mrkdwn, md
from bot.slack.visit import Visit
from domain.errors import AlreadySetUp, NotSetUp, OutsidersNever
from domain.founding import SEATS_BY_DEFAULT, SetUp, already_set_up, not_the_installer
from domain.model import Organization, Plan, Preset
from domain.permissions import owner_role

VERB = "setup"
FORM = "setup"
PRESET = "setup_preset"

PRESETS = {
    Preset.PORTAL: ("Portal", "Super Admin, Admin, Developer. 5 seats unless you say otherwise."),
    Preset.SUPPORT: ("Support", "Super Admin, Admin, Technician. 10 seats unless you say otherwise."),
    Preset.ANALYTICS: ("Analytics", "Administrators, Users and Viewers; roles depend on the plan."),
    Preset.SUITE: ("Suite", "Owner, Admin, Application Admin, Member. No seat limit."),
}
"""Name and one line for each preset."""

PLANS = {
    Plan.FREE: "Free: Users and Viewers",
    Plan.STANDARD: "Standard: administrators too",
    Plan.PREMIUM: "Premium: custom roles too",
}
SEATS_HINT = (
    "How many active members the licence allows. Empty: Portal 5, Support 10, Analytics 10, Suite any number."
)
WELCOME = (
    "Steward is not set up in this workspace yet. Whoever sends this form owns the team: "
    "give it a name and choose the roles it starts with."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What stands in the form; `seats` None means the preset's usual number."""

    name: str = ""
    preset: Preset = Preset.PORTAL
    plan: Plan = Plan.STANDARD
    seats: int | None = None
    code: str = ""


def build(filled: Filled, *, asks_code: bool = True) -> View:
    """The form; the plan is asked for only where roles depend on it, the code where one counts."""
    presets = [option(name, preset, says) for preset, (name, says) in PRESETS.items()]
    blocks: list[Block] = [
        section(WELCOME),
        input_block(
            "Team name",
            text_input("name", initial=filled.name or None, max_length=80, placeholder="Northwind Labs"),
            block_id="name",
        ),
        input_block(
            "Kind of team",
            radio_buttons(PRESET, presets, initial=filled.preset),
            block_id="preset",
            dispatch=True,
        ),
    ]
    if filled.preset is Preset.ANALYTICS:
        plans = [option(words, plan) for plan, words in PLANS.items()]
        blocks.append(input_block("Plan", static_select("plan", plans, initial=filled.plan), block_id="plan"))
    blocks.append(_seats(filled))
    if asks_code:
        blocks.append(_code_field(filled))
    return modal("Set up Steward", blocks, callback_id=FORM, submit="Set up")


def _seats(filled: Filled) -> Block:
    usual = SEATS_BY_DEFAULT[filled.preset]
    return input_block(
        "Seats",
        number_input(
            "seats",
            initial=filled.seats,
            minimum=1,
            placeholder=f"{usual} unless you say otherwise" if usual else "Any number",
        ),
        block_id="seat_limit",
        optional=True,
        hint=SEATS_HINT,
    )


def _code_field(filled: Filled) -> Block:
    return input_block(
        "Set-up code",
        text_input("code", initial=filled.code or None, max_length=200),
        block_id="code",
        hint="Printed where Steward was started. Ask whoever installed it.",
    )


def parse(form: Form) -> Filled:
    """What the form says.

    Raises:
        BadValue: the seats are not a number.
    """
    return Filled(
        name=form.text("name"),
        preset=one_of(Preset, form.choice("preset") or Preset.PORTAL),
        plan=one_of(Plan, form.choice("plan") or Plan.STANDARD),
        seats=form.number("seat_limit", label="The number of seats"),
        code=form.text("code"),
    )


async def form_for(visit: Visit) -> Answer:
    """Return the form for somebody who came before there was an organization.

    Raises:
        OutsidersNever: guests and bots never set Steward up.
        OnlyTheInstaller: no code counts here, and somebody else installed the app.
    """
    await visit.meet(visit.who.user_id)
    async with visit.services.front_desk.snapshot(visit.who.team_id) as tx:
        person = await tx.people.get(visit.who.user_id)
        not_theirs = await not_the_installer(tx, visit.who.user_id)
    if person is not None and not person.belongs:
        raise OutsidersNever(
            "Guests, bots and people of other workspaces cannot set Steward up.",
            remedy="Ask a full member of this workspace to do it.",
        )
    if not_theirs is not None:
        raise not_theirs
    domain = str(visit.body.get("team_domain") or (visit.body.get("team") or {}).get("domain") or "")
    name = " ".join(domain.replace("-", " ").split()).title()
    return Show(_built(visit, Filled(name=name[:80], code=_code(visit))))


def _built(visit: Visit, filled: Filled) -> View:
    return build(filled, asks_code=visit.services.asks_setup_code)


def _code(visit: Visit) -> str:
    """The code typed after the verb, or the one the demo fills in."""
    typed = parse_command(str(visit.body.get("text") or ""), str(visit.body.get("command") or ""))
    if typed.verb is not None and typed.verb.name == VERB and typed.rest:
        return typed.rest.split()[0][:200]
    return visit.services.setup_code_prefill or ""


async def verb(visit: Visit) -> Answer:
    """Answer `/team setup` where Steward is set up already."""
    async with visit.reading() as (tx, actor):
        raise await already_set_up(tx, actor)


async def opened(visit: Visit) -> Answer:
    """Open the form from a button."""
    try:
        return await verb(visit)
    except NotSetUp:
        return await form_for(visit)


async def preset_chosen(visit: Visit) -> Answer:
    """Ask for the plan, or no longer, as the preset needs."""
    return Update(_built(visit, parse(visit.form)))


async def submitted(visit: Visit) -> Answer:
    """Found the organization with the sender as its owner.

    Raises:
        BadValue: a field is missing, without a choice, or no number.
    """
    visit.form.require("name", "seat_limit", *(["code"] if visit.services.asks_setup_code else []))
    visit.form.chosen("preset", Preset)
    filled = parse(visit.form)
    await visit.meet(visit.who.user_id)
    seats = filled.seats if filled.seats is not None else SEATS_BY_DEFAULT[filled.preset]
    form = SetUp(name=filled.name, preset=filled.preset, plan=filled.plan, seat_limit=seats, code=filled.code)
    try:
        organization = await visit.services.front_desk.set_up(visit.who, form)
    except AlreadySetUp as refusal:
        async with visit.reading() as (tx, _):
            return Say(await refusal_message(tx, refusal), title="Set up already")
    return Say(message(*_done(organization)), title="Steward is set up")


def _done(organization: Organization) -> tuple[Mrkdwn, list[Block]]:
    limit = organization.seat_limit
    words = md(
        "*{name} is set up, and you are its {role}.* {seats}",
        name=text.name(organization.name),
        role=owner_role(organization).name,
        seats=f"It has {limit} seats; one is yours." if limit else "It has no seat limit.",
    )
    steps = Mrkdwn(
        "Next: invite people with `/team invite`, look at `/team settings`, and open the *Home* tab of "
        "Steward. `/team help` lists everything you can type."
    )
    row = actions(
        button("Invite people", INVITE_OPEN, style="primary"), button("What you can type", HELP, value="help")
    )
    return text.lines(words, steps), [section(words), section(steps), row]


SCREEN = Screen(
    verbs={VERB: verb},
    actions={SETUP_OPEN: opened, PRESET: preset_chosen},
    views={FORM: submitted},
    open_to_all=frozenset({VERB}),
)
