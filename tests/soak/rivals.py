"""Two workspaces with an organization each in one database, and people who have no business in either."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.sandbox.people import People
from bot.sandbox.team import Kind, PersonSpec, Team, demo_team
from storage.tables import metadata, organizations
from tests.support.whole import Whole

OUTSIDERS = {
    "gina": Kind.GUEST,
    "uma": Kind.SINGLE_CHANNEL_GUEST,
    "xena": Kind.EXTERNAL,
    "robbie": Kind.BOT,
    "della": Kind.MEMBER,
}
"""Guests, somebody from another workspace, a bot, and somebody deactivated in Slack."""

# A refusal is recorded whoever is refused; it is the record of a change that did not happen.
_NO_CHANGE = {"refusals"}
_WITH_IDS = ("members", "invitations", "requests", "departments", "refusals")

Ids = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Rival:
    """What is known of one workspace and its organization after a journey."""

    team_id: str
    people: People
    links: tuple[str, ...]
    ids: Ids

    @property
    def tokens(self) -> list[str]:
        """What links to invitations end with."""
        return [link.rpartition("/")[2] for link in self.links]


def rival_team(team_id: str, name: str, domain: str) -> Team:
    """A workspace with the demo's people under another domain, and outsiders."""
    demo = demo_team()
    insiders = [
        replace(spec, email=spec.email.replace(demo.email_domain, domain), name=f"{spec.name} of {name}")
        for spec in demo.people
    ]
    outsiders = [
        PersonSpec(
            handle=handle,
            name=f"{handle.title()} Outside",
            email=f"{handle}@outside.example",
            kind=kind,
            deleted=handle == "della",
        )
        for handle, kind in OUTSIDERS.items()
    ]
    return replace(
        demo,
        id=team_id,
        name=name,
        domain=domain.partition(".")[0],
        email_domain=domain,
        people=(*insiders, *outsiders),
    )


@dataclass(frozen=True, kw_only=True)
class Records:
    """Reads the database past Steward."""

    engine: AsyncEngine

    async def heads(self) -> dict[str, tuple[Any, ...]]:
        """What every change of an organization moves, by workspace."""
        async with self.engine.connect() as connection:
            return {row.team_id: tuple(row) for row in await connection.execute(select(organizations))}

    async def contents(self, team_id: str) -> dict[str, frozenset[str]]:
        """Every row that belongs to a workspace's organization, by table."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(_contents, team_id)

    async def ids(self, team_id: str) -> Ids:
        """The ids of everything of a workspace's organization, by what they are ids of."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(_ids, team_id)

    async def rival(self, whole: Whole) -> Rival:
        """What is known of a workspace now."""
        links = [
            link
            for mail in whole.slack.inbox("sam@elsewhere.example")
            for link in mail.links
            if "/invitations/" in link
        ]
        assert links, "no link was mailed"
        return Rival(
            team_id=whole.team_id,
            people=whole.workspace.people,
            links=tuple(links),
            ids=await self.ids(whole.team_id),
        )


def _contents(connection: Connection, team_id: str) -> dict[str, frozenset[str]]:
    found = connection.execute(select(organizations).where(organizations.c.team_id == team_id)).one()
    tables = [
        table
        for name, table in metadata.tables.items()
        if "organization_id" in table.c and name not in _NO_CHANGE
    ]
    return {"organizations": frozenset([repr(found)])} | {
        table.name: frozenset(repr(row) for row in _rows(connection, table, found.id)) for table in tables
    }


def _ids(connection: Connection, team_id: str) -> Ids:
    query = select(organizations.c.id).where(organizations.c.team_id == team_id)
    organization_id = connection.execute(query).scalar_one()
    return {
        name: [str(row.id) for row in _rows(connection, metadata.tables[name], organization_id)]
        for name in _WITH_IDS
    }


def _rows(connection: Connection, table: Table, organization_id: str) -> list[Row[Any]]:
    return list(connection.execute(select(table).where(table.c.organization_id == organization_id)).all())
