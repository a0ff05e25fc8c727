"""Reads whom to invite: what was typed after the verb, a pasted list, picked Slack users."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.addresses import address_name, split_addresses
from bot.slack.commands import split_mentions, split_reason
from bot.slack.text import clean
from domain.changes import InvitationLine
from domain.errors import BadAddress
from domain.model import Department, Person
from domain.permissions import Role
from domain.reviews import Row

_HEADS = frozenset({"email", "e-mail", "mail", "address"})
_AS = re.compile(r"(?:^|(?<=[\s,;]))as(?=$|\s)", re.IGNORECASE)
_ROLE = re.compile(r"(?:\s+[^\s,;<\"@]+(?!\S*@))*")
_JOINING = frozenset({"and", "&", "+"})
_QUOTED = re.compile(r'"[^"\n]{0,200}"')
_DEPARTMENT_MARKS = re.compile(r"[;/|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Whom to invite as the form has it.

    Args:
        addresses: the list as typed, one person a line: `address[, role[, department/department[, name]]]`.
        users: picked Slack users.
        role: a slug, for lines without a role of their own.
        departments: ids, for lines without departments of their own.
    """

    addresses: str = ""
    users: tuple[str, ...] = ()
    role: str = ""
    departments: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be chosen for people to invite.

    Args:
        roles: every role of the preset by slug, the owner's included, so that it is refused in words.
        departments: the open ones.
    """

    roles: Mapping[str, Role]
    departments: Sequence[Department]
    default_role: str

    def role(self, typed: str) -> str:
        """The slug of a role typed by name or slug, in singular or plural; unknown words stay as typed."""
        wanted = _plain(typed)
        for slug, role in self.roles.items():
            if wanted in {form for name in (slug, role.name) for form in (_plain(name), _plain(name) + "s")}:
                return slug
        return typed.strip()

    def department(self, typed: str) -> str:
        """The id of a department typed by name; unknown words stay as typed."""
        for department in self.departments:
            if department.name.casefold() == " ".join(typed.split()).casefold():
                return department.id
        return typed.strip()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()


def typed_draft(text: str, choices: Choices) -> Draft:
    """What was typed after the verb: people, `as` a role, `because` of something."""
    before, because = split_reason(text)
    users, rest = split_mentions(before)
    listed, role = _split_role(rest, choices)
    entries = (_entry(written) for written in split_addresses(listed))
    return Draft(
        addresses="\n".join(entry for entry in entries if entry),
        users=users,
        role=role,
        reason=because or "",
    )


def _split_role(text: str, choices: Choices) -> tuple[str, str]:
    """The text without `as` and the role after it, and the role; what follows a known role is a name."""
    found = _AS.search(text)
    if found is None:
        return text, choices.default_role
    role = _ROLE.match(text, found.end())
    words = role[0].split() if role else []
    rest = text[role.end() if role else found.end() :]
    known = (at for at in range(len(words), 0, -1) if choices.role(" ".join(words[:at])) in choices.roles)
    at = next(known, len(words))
    listed = f"{text[: found.start()]}, {' '.join(words[at:])} {rest}"
    return listed, choices.role(" ".join(words[:at])) if words else choices.default_role


def _entry(written: str) -> str:
    """One entry of a typed list; empty for a word that only joins two."""
    if written.casefold() in _JOINING:
        return ""
    named = address_name(written)
    address = written[written.rfind("<") + 1 :].removesuffix(">")
    return written if named and named.casefold() not in _JOINING else address


def lines_of(
    draft: Draft, choices: Choices, people: Mapping[str, Person]
) -> tuple[list[InvitationLine], list[Row]]:
    """Return a line for every person named, and those Slack users of whom no address is known.

    Args:
        people: the picked Slack users that are known.
    """
    lines = [
        line for written in clean(draft.addresses).split("\n") for line in _written(written, draft, choices)
    ]
    unknown: list[Row] = []
    for user_id in draft.users:
        person = people.get(user_id)
        line = InvitationLine(
            email=person.email if person else "",
            role=draft.role or choices.default_role,
            departments=draft.departments,
            name=person.name if person else "",
            slack_user_id=user_id,
        )
        if line.email:
            lines.append(line)
        else:
            unknown.append(Row(line=line, problem=_no_address(person)))
    return lines, unknown


def _no_address(person: Person | None) -> BadAddress:
    if person is None:
        return BadAddress(
            "Slack has not said yet who this person is.",
            remedy="Try again in a minute, or invite them by address.",
            field="users",
        )
    return BadAddress(
        f"Slack shows no e-mail address of {person.name or 'this person'}.",
        remedy="Invite them by address instead.",
        field="users",
    )


def _written(written: str, draft: Draft, choices: Choices) -> list[InvitationLine]:
    """The people of one written line: one with a role of their own, or several with the form's."""
    cells = _cells(written)
    if cells[0].casefold() in _HEADS:
        return []
    if len(cells) > 1 and "@" in cells[0] and not any("@" in cell for cell in cells[1:]):
        return [_own(cells, draft, choices)]
    return [
        InvitationLine(
            email=entry,
            role=draft.role or choices.default_role,
            departments=draft.departments,
            name=address_name(entry),
        )
        for entry in split_addresses(written)
    ]


def _cells(written: str) -> list[str]:
    """The cells of a line, parted by the first of comma, tab and semicolon that stands outside quotes."""
    masked = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), written)
    separator = next((sign for sign in ",\t" if sign in masked), ";")
    ends = [at for at, sign in enumerate(masked) if sign == separator]
    return [written[start + 1 : end].strip() for start, end in pairwise([-1, *ends, len(written)])]


def _own(cells: Sequence[str], draft: Draft, choices: Choices) -> InvitationLine:
    email, role, departments, name = [*cells, "", "", ""][:4]
    own = [choices.department(one) for one in _DEPARTMENT_MARKS.split(departments) if one.strip()]
    return InvitationLine(
        email=email,
        role=choices.role(role) if role else draft.role or choices.default_role,
        departments=tuple(own) or draft.departments,
        name=name.strip('"') or address_name(email),
    )
