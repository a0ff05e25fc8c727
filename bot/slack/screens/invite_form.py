"""The form that invites people, and the same form with the review above it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.blocks import (
    Block,
    Element,
    Option,
    View,
    file_input,
    input_block,
    modal,
    multi_external_select,
    multi_static_select,
    option,
    static_select,
    text_input,
    users_select,
)
from bot.slack.forms import LONGEST_REASON, Form, metadata
from bot.slack.limits import INPUT_TEXT, SELECT_OPTIONS
from bot.slack.screens.invite_lines import Choices, Draft
from domain.permissions import Role

FORM = "invite"
DEPARTMENTS = "invite_departments"
MOST_USERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the form offers this person.

    Args:
        roles: those that can be given today.
        needs_yes: slugs of those somebody else has to approve, when this person gives them.
        files: whether a file can be attached.
    """

    choices: Choices
    roles: Sequence[Role]
    needs_yes: frozenset[str]
    files: bool = False


def build(draft: Draft, offered: Offered) -> View:
    """The empty form, or one filled in already."""
    return modal("Invite people", inputs(draft, offered), callback_id=FORM, submit="Invite")


def build_review(
    draft: Draft, offered: Offered, above: Sequence[Block], *, page: int, sendable: bool
) -> View:
    """The form with what was found in it, still open to correction."""
    return modal(
        "Review invitations",
        [*above, *inputs(draft, offered)],
        callback_id=FORM,
        submit="Send" if sendable else "Check again",
        private_metadata=metadata(page=page, reviewed=fingerprint(draft) if sendable else ""),
    )


def fingerprint(draft: Draft) -> str:
    """What tells whether the list is still the one that was reviewed; the reason may change."""
    parts = (draft.addresses, *draft.users, draft.role, *draft.departments)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def inputs(draft: Draft, offered: Offered) -> list[Block]:
    """The fields."""
    found = [_addresses(draft), _users(draft), *_file(offered), _role(draft, offered)]
    return [*found, *_departments(draft, offered.choices), *_reason(draft, offered)]


def _addresses(draft: Draft) -> Block:
    typed = text_input(
        "email",
        initial=draft.addresses or None,
        multiline=True,
        max_length=INPUT_TEXT,
        placeholder="ann@example.com",
    )
    hint = "One a line. A line can have its own role after a comma: ann@example.com, Admin"
    return input_block("E-mail addresses", typed, block_id="email", optional=True, hint=hint)


def _users(draft: Draft) -> Block:
    picked = users_select("users", initial=draft.users, most=MOST_USERS, placeholder="Pick people")
    return input_block("Slack users", picked, block_id="users", optional=True)


def _file(offered: Offered) -> list[Block]:
    if not offered.files:
        return []
    hint = "Up to 10,000 lines: email, role, departments, name. The fields below fill what a line leaves out."
    attached = file_input("file", filetypes=("csv", "tsv", "txt"))
    return [input_block("CSV file", attached, block_id="file", optional=True, hint=hint)]


def _role(draft: Draft, offered: Offered) -> Block:
    known = any(each.slug == draft.role for each in offered.roles)
    roles = [option(each.name, each.slug, _says(each, offered)) for each in offered.roles]
    initial = draft.role if known else offered.choices.default_role
    return input_block("Role", static_select("role", roles, initial=initial), block_id="role")


def _says(role: Role, offered: Offered) -> str | None:
    return "Somebody else has to approve it" if role.slug in offered.needs_yes else None


def _departments(draft: Draft, choices: Choices) -> list[Block]:
    if not choices.departments:
        return []
    options = department_options(choices)
    chosen = [each for each in options if each["value"] in draft.departments]
    return [
        input_block("Departments", _select(options, chosen), block_id="departments", optional=True),
    ]


def _select(options: Sequence[Option], chosen: Sequence[Option]) -> Element:
    if len(options) > SELECT_OPTIONS:
        return multi_external_select(DEPARTMENTS, initial=chosen, placeholder="Type a department's name")
    return multi_static_select(DEPARTMENTS, options, initial=[each["value"] for each in chosen])


def department_options(choices: Choices, typed: str = "") -> list[Option]:
    """The open departments with a word that begins with what was typed."""
    wanted = typed.casefold()
    return [
        option(each.name, each.id)
        for each in choices.departments
        if any(word.startswith(wanted) for word in (each.name.casefold(), *each.name.casefold().split()))
    ]


def _reason(draft: Draft, offered: Offered) -> list[Block]:
    if not offered.needs_yes:
        return []
    typed = text_input("reason", initial=draft.reason or None, multiline=True, max_length=LONGEST_REASON)
    return [
        input_block(
            "Why", typed, block_id="reason", optional=True, hint="The people who have to approve it see this."
        )
    ]


def parse(form: Form) -> Draft:
    """What the form says."""
    return Draft(
        addresses=form.text("email"),
        users=form.users("users"),
        role=form.choice("role") or "",
        departments=form.choices("departments"),
        reason=form.text("reason"),
    )
