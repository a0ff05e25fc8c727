"""The mirrored directory of a Slack workspace."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, case, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.model import Person, email_key
from storage import mapping
from storage.repositories.addresses import Addresses
from storage.repositories.common import columns_of
from storage.session import Session, chunks
from storage.tables import people

_ALL = select(*columns_of(people, Person)).where(people.c.team_id == bindparam("team"))
_MANY = _ALL.where(people.c.user_id.in_(bindparam("user_ids", expanding=True)))


def _saving(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert(people) if dialect == "postgresql" else sqlite.insert(people)
    given = insert.excluded
    changing = [column.name for column in people.columns if column.name not in ("team_id", "user_id")]
    # One statement decides, so that replicas that hear of changes in different orders agree in the end.
    newer = or_(given.updated == 0, given.updated >= people.c.updated)
    values: dict[str, Any] = {name: case((newer, given[name]), else_=people.c[name]) for name in changing}
    values["updated"] = case((given.updated > people.c.updated, given.updated), else_=people.c.updated)
    values["home_opened"] = or_(people.c.home_opened, given.home_opened)
    return insert.on_conflict_do_update(index_elements=["team_id", "user_id"], set_=values)


_SAVE = {dialect: _saving(dialect) for dialect in ("sqlite", "postgresql")}


class SqlPeople:
    """`domain.ports.People`; whoever was read in this transaction is not read again."""

    def __init__(self, session: Session, addresses: Addresses) -> None:
        self._session = session
        self._addresses = addresses
        self._known: dict[str, Person | None] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()

    async def get(self, user_id: str) -> Person | None:
        return (await self.many([user_id])).get(user_id)

    async def many(self, user_ids: Collection[str]) -> dict[str, Person]:
        wanted = dict.fromkeys(user_ids)
        for chunk in chunks(user_id for user_id in wanted if user_id not in self._known):
            rows = await self._session.bare(_MANY, {"team": self._session.team_id, "user_ids": chunk})
            self._known |= dict.fromkeys(chunk) | {row.user_id: mapping.person_of(row) for row in rows}
        return {user_id: person for user_id in wanted if (person := self._known[user_id])}

    async def by_emails(self, emails: Collection[str]) -> dict[str, tuple[Person, ...]]:
        known = await self._addresses.look(email_key(email) for email in emails)
        found: dict[str, tuple[Person, ...]] = {}
        people = await self.many([user_id for one in known.values() for user_id in one.user_ids])
        for _, person in sorted(people.items()):
            key = email_key(person.email)
            found[key] = (*found.get(key, ()), person)
        return found

    async def save(self, person: Person) -> None:
        await self.save_all([person])

    async def save_all(self, people: Sequence[Person]) -> None:
        if people:
            values = [mapping.person_values(person) for person in people]
            await self._session.write_all(_SAVE[self._session.dialect], values)
            self.forget()
            self._addresses.forget()
