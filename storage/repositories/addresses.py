"""Who is known under an address: members, open invitations and Slack users are asked for in one query."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import BindParameter, Select, bindparam, literal, or_, select, union_all

from domain.model import InvitationStatus
from storage.session import Session, chunks, fixed
from storage.tables import invitations, members, people


@dataclass(slots=True)
class Known:
    """The ids behind one address."""

    member_id: str | None = None
    invitation_id: str | None = None
    """Of a pending invitation, past its date or not, or of a waiting one."""
    user_ids: list[str] = field(default_factory=list)


_keys: BindParameter[str] = bindparam("keys", expanding=True)
_MEMBERS: Select[tuple[str, str, str]] = select(
    literal("member").label("kind"), members.c.id, members.c.email_key
).where(members.c.organization_id == bindparam("org"), members.c.email_key.in_(_keys))
_INVITATIONS: Select[tuple[str, str, str]] = select(
    literal("invitation").label("kind"), invitations.c.id, invitations.c.email_key
).where(
    invitations.c.organization_id == bindparam("org"),
    invitations.c.email_key.in_(_keys),
    or_(
        invitations.c.status == fixed(InvitationStatus.PENDING),
        invitations.c.status == fixed(InvitationStatus.WAITING),
    ),
)
_PEOPLE: Select[tuple[str, str, str]] = select(
    literal("person").label("kind"), people.c.user_id, people.c.email_key
).where(people.c.team_id == bindparam("team"), people.c.email_key.in_(_keys), people.c.email_key != "")

_LOOK = union_all(_MEMBERS, _INVITATIONS, _PEOPLE)


class Addresses:
    """What was asked in this transaction is not asked again until somebody with that address changes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Known] = {}

    async def look(self, keys: Iterable[str]) -> dict[str, Known]:
        """Return who is known under each address, by `email_key`."""
        wanted = list(dict.fromkeys(keys))
        for chunk in chunks(key for key in wanted if key not in self._known):
            self._known.update((key, Known()) for key in chunk)
            rows = await self._session.rows(_LOOK, keys=chunk, team=self._session.team_id)
            for row in rows:
                self._keep(self._known[row.email_key], row.kind, row.id)
        return {key: self._known[key] for key in wanted}

    @staticmethod
    def _keep(known: Known, kind: str, found: str) -> None:
        match kind:
            case "member":
                known.member_id = found
            case "invitation":
                known.invitation_id = found
            case _:
                known.user_ids.append(found)

    def forget(self, key: str | None = None) -> None:
        """Ask again: for this address, or for all."""
        if key is None:
            self._known.clear()
        else:
            self._known.pop(key, None)
