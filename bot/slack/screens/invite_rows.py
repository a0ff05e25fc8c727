"""Turns a row of a spreadsheet into a person to invite, with roles and departments found by name."""

import re
from collections.abc import Sequence

from bot.slack.screens.invite_lines import Choices
from domain.changes import InvitationLine

_MARKS = re.compile(r"[;,/|]")


def line_of_row(
    choices: Choices, *, email: str, role: str, departments: str, else_in: Sequence[str], name: str
) -> InvitationLine:
    """Return the person of a row; what is no role or department stays as written, to be named at the review.

    Args:
        departments: one by name, or several with `;`, `,`, `/` or `|` between.
        else_in: ids of departments for rows that name none.
    """
    return InvitationLine(
        email=email,
        role=choices.role(role),
        departments=_departments(choices, departments) or tuple(else_in),
        name=name,
    )


def _departments(choices: Choices, written: str) -> tuple[str, ...]:
    if not written:
        return ()
    whole = choices.department(written)
    if whole != written.strip():
        return (whole,)
    return tuple(dict.fromkeys(choices.department(one) for one in _MARKS.split(written) if one.strip()))
