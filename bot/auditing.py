"""Proves and exports audit chains from the command line, beside a running Steward or without one."""

import csv
import json
from collections.abc import Callable, Sequence
from typing import TextIO

from bot.app import opened_store
from bot.config import CannotStart, KeySettings
from domain.audit import AuditLine, lines, verify

FORMATS = ("jsonl", "csv")
_COLUMNS = ("seq", "at", "actor", "authority", "tag", "subject", "facts", "personal", "hash")
# A spreadsheet would take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def verify_chains(
    settings: KeySettings, *, head: str | None, team: str | None, tell: Callable[[str], None]
) -> bool:
    """Check the chain of one workspace, or of all; say what was found, and return whether all hold.

    Args:
        head: noted elsewhere; a chain must pass through it.
        team: Slack's id of the workspace.

    Raises:
        CannotStart: there is no such organization, or `head` is given and there are several.
    """
    async with opened_store(settings) as store:
        teams = _chosen(await store.teams(), team)
        if head is not None and len(teams) > 1:
            raise CannotStart(
                [f"There are several organizations: say which with --team ({', '.join(teams)})."]
            )
        sound = True
        for each in teams:
            async with store.reading(each) as tx:
                found = await verify(tx, head=head)
            if found.fault is None:
                tell(f"{each}: {found.checked} entries hold. Head: {found.head or 'none yet'}")
            else:
                sound = False
                tell(f"{each}: entry {found.fault.seq} does not hold: {found.fault.reason}.")
    return sound


async def export_chain(settings: KeySettings, *, form: str, team: str | None, out: TextIO) -> None:
    """Write every entry of one workspace's chain.

    Args:
        form: one of `FORMATS`.
        team: needed where there are several organizations.

    Raises:
        CannotStart: it is not clear which chain is meant.
    """
    async with opened_store(settings) as store:
        teams = _chosen(await store.teams(), team)
        if len(teams) > 1:
            raise CannotStart(
                [f"There are several organizations: say which with --team ({', '.join(teams)})."]
            )
        write = _jsonl(out) if form == "jsonl" else _csv(out)
        async with store.reading(teams[0]) as tx:
            async for line in lines(tx):
                write(line)


def _chosen(teams: Sequence[str], team: str | None) -> Sequence[str]:
    if team is None and not teams:
        raise CannotStart(["No organization has been set up in this database."])
    if team is None:
        return teams
    if team not in teams:
        raise CannotStart([f"No organization of the Slack workspace {team} is in this database."])
    return (team,)


def _values(line: AuditLine) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(line, name) for name in _COLUMNS}
    return values | {"at": line.at.isoformat()}


def _jsonl(out: TextIO) -> Callable[[AuditLine], None]:
    def write(line: AuditLine) -> None:
        out.write(json.dumps(_values(line), ensure_ascii=False) + "\n")

    return write


def _csv(out: TextIO) -> Callable[[AuditLine], None]:
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)

    def write(line: AuditLine) -> None:
        values = _values(line)
        writer.writerow([cell(values[name]) for name in _COLUMNS])

    return write


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
