"""The form of one rule of the approval policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.blocks import (
    Block,
    Option,
    View,
    context,
    divider,
    external_select,
    input_block,
    modal,
    number_input,
    option,
    static_select,
    users_select,
)
from bot.slack.forms import Form, metadata, metadata_of, number_in, one_of
from domain.errors import BadValue
from domain.model import Deadlines, Kind
from domain.permissions import Role
from domain.policies import LONGEST_OPEN, MOST_NEEDED, MOST_PEOPLE, MOST_PINGED, MOST_STEPS, SUBJECTS

FORM = "policy_rule"
DEPARTMENT = "policy_department"
NONE, OWNER, ANYONE, PEOPLE, ROLE = "none", "owner", "anyone_who_may", "people", "role:"
ALL = "all"
MOST_INVITED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """One step as the form says it: `who` is one of the words above, or `ROLE` and a slug."""

    who: str
    users: tuple[str, ...] = ()
    needed: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the form of a rule says; people are Slack users.

    Args:
        basis: the version of the policy the form was made from.
        original: kind, role, people and department of the rule that is changed; empty: a new one.
    """

    kind: Kind = Kind.INVITE
    role: str = ""
    people: int = 1
    department: str = ""
    steps: tuple[StepDraft, ...] = ()
    deadlines: Deadlines = field(default_factory=Deadlines)
    pinged: tuple[str, ...] = ()
    basis: int = 1
    original: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the form offers: roles, and the department chosen already."""

    roles: Sequence[Role]
    department: Option | None = None


def build(draft: Draft, around: Around) -> View:
    """The form with what the draft says."""
    blocks = [*_conditions(draft, around), divider()]
    for number in range(1, MOST_STEPS + 1):
        steps = draft.steps
        step = steps[number - 1] if number <= len(steps) else StepDraft(who=NONE)
        blocks += _step(step, number, around.roles)
    blocks += [divider(), *_clock(draft)]
    return modal(
        "Approval rule",
        blocks,
        callback_id=FORM,
        submit="Save",
        private_metadata=metadata(basis=draft.basis, original=list(draft.original)),
    )


def _conditions(draft: Draft, around: Around) -> list[Block]:
    kinds = [option(words, kind) for kind, words in SUBJECTS.items()]
    roles = [option("Any role", NONE), *(option(role.name, role.slug) for role in around.roles)]
    people = number_input("people", initial=draft.people, minimum=1, maximum=MOST_INVITED)
    department = external_select(DEPARTMENT, initial=around.department, placeholder="Any department")
    return [
        input_block("What", static_select("kind", kinds, initial=draft.kind), block_id="kind"),
        input_block("Role", static_select("role", roles, initial=draft.role or NONE), block_id="role"),
        input_block(
            "From how many people on",
            people,
            block_id="people",
            optional=True,
            hint="Counted over the whole list or file that is invited; 1 means always.",
        ),
        input_block("Department", department, block_id="department", optional=True),
    ]


def _step(step: StepDraft, number: int, roles: Sequence[Role]) -> list[Block]:
    nobody = "Nobody: at once, by whoever may" if number == 1 else "No further step"
    who = [
        option(nobody, NONE),
        option("The owner", OWNER),
        option("Anyone who may do it", ANYONE),
        *(option(f"Holders of {role.name}", ROLE + role.slug) for role in roles),
        option("Named people", PEOPLE),
    ]
    counts = [option(str(count), str(count)) for count in range(1, MOST_NEEDED + 1)]
    needed = ALL if step.needed is None else str(step.needed)
    users = users_select("users", initial=step.users, most=MOST_PEOPLE)
    label = "Who approves" if number == 1 else f"Then who (step {number})"
    return [
        input_block(label, static_select("who", who, initial=step.who), block_id=f"who_{number}"),
        input_block("Named people", users, block_id=f"people_{number}", optional=True),
        input_block(
            "How many yeses",
            static_select("needed", [*counts, option("All of them", ALL)], initial=needed),
            block_id=f"needed_{number}",
        ),
    ]


def _clock(draft: Draft) -> list[Block]:
    hours = draft.deadlines

    def span(label: str, block_id: str, now: int, hint: str) -> Block:
        least = 1 if block_id == "expire" else 0
        typed = number_input(block_id, initial=now, minimum=least, maximum=LONGEST_OPEN)
        return input_block(label, typed, block_id=block_id, hint=hint)

    pinged = users_select("pinged", initial=draft.pinged, most=MOST_PINGED)
    return [
        span("Remind after, in hours", "remind", hours.remind, "Those who have not voted. 0 is never."),
        span("Ask the owner too after, in hours", "escalate", hours.escalate, "0 is never."),
        span("Expires after, in hours", "expire", hours.expire, "168 hours are seven days."),
        input_block(
            "Who gets a message",
            pinged,
            block_id="pinged",
            optional=True,
            hint="Empty: those who may decide. Others who may still find it in /team approvals.",
        ),
        context("Requests that wait already keep the rule they were asked under."),
    ]


def parse(view: Mapping[str, Any]) -> Draft:
    """What the form says.

    Raises:
        BadValue: a field is missing, or holds no number.
    """
    form, ids = Form(view), metadata_of(view)
    steps = [_parse_step(form, number) for number in range(1, MOST_STEPS + 1)]
    original = ids.get("original")
    role = _chosen(form, "role")
    return Draft(
        kind=one_of(Kind, _chosen(form, "kind")),
        role="" if role == NONE else role,
        people=_hours(form, "people", "The number of people", 1),
        department=form.choice("department") or "",
        steps=tuple(step for step in steps if step.who != NONE),
        deadlines=Deadlines(
            remind=_hours(form, "remind", "The reminder"),
            escalate=_hours(form, "escalate", "The time until the owner is asked"),
            expire=_hours(form, "expire", "The time until it expires"),
        ),
        pinged=form.users("pinged"),
        basis=number_in(ids, "basis", 0),
        original=tuple(str(one) for one in original) if isinstance(original, list) else (),
    )


def _parse_step(form: Form, number: int) -> StepDraft:
    who, needed = _chosen(form, f"who_{number}"), _chosen(form, f"needed_{number}")
    return StepDraft(
        who=who,
        users=form.users(f"people_{number}") if who == PEOPLE else (),
        needed=None if needed == ALL else _count(needed, f"needed_{number}"),
    )


def _count(text: str, block_id: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise BadValue("Choose how many.", field=block_id)
    return int(text)


def _chosen(form: Form, block_id: str) -> str:
    """What was chosen; nothing chosen is refused, as it never means anything here."""
    chosen = form.choice(block_id)
    if chosen is None:
        raise BadValue("Choose one.", field=block_id)
    return chosen


def _hours(form: Form, block_id: str, label: str, empty: int | None = None) -> int:
    number = form.number(block_id, label=label)
    if number is None:
        if empty is None:
            raise BadValue(f"{label} is a whole number of hours.", field=block_id)
        return empty
    return number
