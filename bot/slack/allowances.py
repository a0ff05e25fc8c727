"""What a role allows, in a few short lines by theme."""

from collections.abc import Iterable

from bot.slack.text import Mrkdwn, md
from domain.operations import OPERATION_NAMES, Access, Operation

THEMES: dict[str, tuple[Operation, ...]] = {
    "People": (
        Operation.SEE_TEAM,
        Operation.SEE_DETAILS,
        Operation.INVITE,
        Operation.MANAGE_MEMBERS,
        Operation.DEPARTMENTS,
        Operation.CUSTOM_ROLES,
    ),
    "Team and settings": (
        Operation.SETTINGS,
        Operation.APPROVAL_POLICY,
        Operation.WHITE_LABEL,
        Operation.EMAIL_TEMPLATES,
        Operation.INTEGRATIONS,
        Operation.VIEW_USAGE,
        Operation.AUDIT,
    ),
    "Subscription and keys": (
        Operation.VIEW_SUBSCRIPTION,
        Operation.MANAGE_SUBSCRIPTION,
        Operation.VIEW_API_KEYS,
        Operation.GENERATE_API_KEYS,
    ),
    "Applications and mail": (
        Operation.DEFINE_APPLICATIONS,
        Operation.ASSIGN_APPLICATIONS,
        Operation.MAILBOXES,
        Operation.FILE_MANAGER,
        Operation.SESSION_RECORDING,
    ),
    "Ownership": (
        Operation.RECOVERY,
        Operation.TRANSFER_OWNERSHIP,
        Operation.DELETE_ORGANIZATION,
    ),
}
"""Every operation under one heading."""

_HOW_FAR = {
    Access.FULL: "",
    Access.SCOPE: " (within your scope)",
    Access.OWN: " (as far as it concerns yourself)",
    Access.LIMITED: " (your own only)",
    Access.ASKS: " (by asking)",
    Access.ASKS_FOR_SELF: " (for yourself, by asking)",
}


def allowance_lines(allows: Iterable[tuple[Operation, Access]]) -> list[Mrkdwn]:
    """A line for each theme in which the role holds something, with how far where it is not in full."""
    cells = dict(allows)
    told = []
    for theme, operations in THEMES.items():
        held = [f"{OPERATION_NAMES[one]}{_HOW_FAR[cells[one]]}" for one in operations if one in cells]
        if held:
            told.append(md("*{theme}:* {held}.", theme=theme, held="; ".join(held)))
    return told
