"""Which broken constraint means which refusal; one that is not named here is a bug."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from domain.errors import AlreadyInvited, AlreadyMember, AlreadySetUp, AlreadyVoted, NameTaken, Refusal
from storage.tables import metadata

REFUSALS: dict[str, Callable[[], Refusal]] = {
    "uq_organizations_team_id": lambda: AlreadySetUp(
        "This Slack workspace is set up already.", remedy="Ask to become a member with /team join."
    ),
    "uq_members_organization_id_email_key": lambda: AlreadyMember(
        "A member is known by their e-mail address.",
        fact="Somebody with this address is a member already.",
        field="email",
    ),
    "uq_members_slack_user": lambda: AlreadyMember(
        "A Slack user is one member.", fact="This Slack user is linked to another member."
    ),
    "uq_invitations_open_email": lambda: AlreadyInvited(
        "An address is invited once at a time.",
        fact="It has an open invitation.",
        remedy="Resend or revoke that one in /team members.",
        field="email",
    ),
    "uq_departments_open_name": lambda: NameTaken(
        "There is a department of this name already.", remedy="Choose another name.", field="name"
    ),
    "pk_votes": lambda: AlreadyVoted(
        "One person has one vote.", fact="You have voted on this request already."
    ),
}


def refusal_of(error: BaseException | None) -> Refusal | None:
    """Return the refusal that a driver's error about a constraint stands for, if it stands for one."""
    make = REFUSALS.get(_name_of(error))
    return make() if make else None


def _name_of(error: BaseException | None) -> str:
    for raised in (error, error.__cause__ if error else None):
        named = getattr(raised, "constraint_name", None)  # asyncpg's
        if named:
            return str(named)
        if isinstance(raised, sqlite3.IntegrityError):
            # It names the columns: "UNIQUE constraint failed: members.organization_id, members.email_key".
            failed = str(raised).partition("UNIQUE constraint failed: ")[2]
            return _BY_COLUMNS.get(failed, "")
    return ""


def _by_columns() -> dict[str, str]:
    """Names of what keeps columns unique, by the columns as SQLite lists them."""
    found: dict[str, str] = {}
    for table in metadata.tables.values():
        keys: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [table.primary_key]
        keys += [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        for one in [*keys, *(index for index in table.indexes if index.unique)]:
            columns = ", ".join(f"{table.name}.{column.name}" for column in one.columns)
            found[columns] = str(one.name)
    return found


_BY_COLUMNS = _by_columns()
