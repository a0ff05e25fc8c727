"""Invitations: open ones by address and Slack user, any by its link, whichever generation it was made for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, insert, or_, select, union_all, update

from domain.model import Invitation, InvitationStatus, email_key
from storage import mapping
from storage.driving import Row
from storage.repositories import search
from storage.repositories.addresses import Addresses
from storage.repositories.common import columns_of, save_parameters, saving, within
from storage.repositories.search import Listed
from storage.session import Session, Stale, chunks, fixed, limit
from storage.tables import invitation_tokens, invitations

OPEN = (InvitationStatus.PENDING, InvitationStatus.WAITING)

_pending = invitations.c.status == fixed(InvitationStatus.PENDING)
_waiting = invitations.c.status == fixed(InvitationStatus.WAITING)
_unexpired = invitations.c.expires_at > bindparam("now")

_ALL = within(invitations, *columns_of(invitations, Invitation))
_GET = _ALL.where(invitations.c.id == bindparam("id"))
_MANY = _ALL.where(invitations.c.id.in_(bindparam("ids", expanding=True)))
_OPEN_FOR_USER = _ALL.where(
    _pending, _unexpired, invitations.c.slack_user_id == bindparam("user_id")
).order_by(invitations.c.sent_at, invitations.c.id)
_OPEN_FOR_USERS = _ALL.where(
    invitations.c.slack_user_id.in_(bindparam("user_ids", expanding=True)),
    or_(_pending, _waiting),
)
_count = within(invitations, func.count())
_HELD = select(
    (
        _count.where(_pending, _unexpired).scalar_subquery()
        + _count.where(_waiting, invitations.c.waits_for == fixed("approval")).scalar_subquery()
    ).label("number")
)
_WAITING = (
    _ALL.where(_waiting, invitations.c.waits_for == fixed("seat"))
    .order_by(invitations.c.answered_at, invitations.c.id)
    .limit(limit())
)
_BY_TOKEN = _ALL.where(
    invitations.c.id.in_(
        union_all(
            within(invitations, invitations.c.id).where(invitations.c.token_hash == bindparam("token_hash")),
            within(invitation_tokens, invitation_tokens.c.invitation_id).where(
                invitation_tokens.c.token_hash == bindparam("token_hash")
            ),
        )
    )
)
_ADD = insert(invitations)
_SAVE = saving(invitations)
_REPLACE_LINK = insert(invitation_tokens).from_select(
    ["organization_id", "token_hash", "invitation_id"],
    select(invitations.c.organization_id, invitations.c.token_hash, invitations.c.id).where(
        invitations.c.organization_id == bindparam("_org"),
        invitations.c.id == bindparam("_id"),
        invitations.c.token_hash != bindparam("_token_hash"),
    ),
)
_CLOSE = (
    update(invitations)
    .where(
        invitations.c.organization_id == bindparam("_org"),
        invitations.c.id == bindparam("_id"),
        invitations.c.version == bindparam("_version"),
    )
    .values(status=InvitationStatus.EXPIRED.value, version=invitations.c.version + 1)
)


class SqlInvitations:
    """`domain.ports.Invitations`; what was read in this transaction is not read again."""

    def __init__(self, session: Session, addresses: Addresses) -> None:
        self._session = session
        self._addresses = addresses
        self._known: dict[str, Invitation] = {}
        self._users: dict[str, Invitation | None] = {}
        self._held: int | None = None

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._users.clear()
        self._held = None

    def _keep(self, rows: Iterable[Row]) -> tuple[Invitation, ...]:
        found = tuple(mapping.invitation_of(row) for row in rows)
        self._known.update((invitation.id, invitation) for invitation in found)
        return found

    async def get(self, invitation_id: str) -> Invitation | None:
        if invitation_id not in self._known:
            self._keep(await self._session.rows(_GET, id=invitation_id))
        return self._known.get(invitation_id)

    async def many(self, invitation_ids: Collection[str]) -> dict[str, Invitation]:
        for chunk in chunks(one for one in dict.fromkeys(invitation_ids) if one not in self._known):
            self._keep(await self._session.rows(_MANY, ids=chunk))
        return {one: self._known[one] for one in invitation_ids if one in self._known}

    async def by_token(self, token_hash: str) -> Invitation | None:
        found = self._keep(await self._session.rows(_BY_TOKEN, token_hash=token_hash))
        return found[0] if found else None

    async def open_for(self, emails: Collection[str]) -> dict[str, Invitation]:
        found = await self._unanswered(email_key(email) for email in emails)
        return {key: invitation for key, invitation in found.items() if self._is_open(invitation)}

    async def _unanswered(self, keys: Iterable[str]) -> dict[str, Invitation]:
        """Pending invitations, past their date or not, and waiting ones, by address."""
        known = await self._addresses.look(keys)
        ids = {key: one.invitation_id for key, one in known.items() if one.invitation_id}
        found = await self.many(ids.values())
        return {key: found[invitation_id] for key, invitation_id in ids.items()}

    def _is_open(self, invitation: Invitation) -> bool:
        return invitation.status_at(self._session.now) in OPEN

    async def open_for_users(self, user_ids: Collection[str]) -> dict[str, Invitation]:
        wanted = dict.fromkeys(user_ids)
        for chunk in chunks(user_id for user_id in wanted if user_id not in self._users):
            read = self._keep(await self._session.rows(_OPEN_FOR_USERS, user_ids=chunk))
            found = {str(one.slack_user_id): one for one in read if self._is_open(one)}
            self._users |= dict.fromkeys(chunk) | found
        return {user_id: one for user_id in wanted if (one := self._users[user_id])}

    async def open_for_user(self, user_id: str) -> tuple[Invitation, ...]:
        rows = await self._session.rows(_OPEN_FOR_USER, user_id=user_id, now=self._session.now)
        return self._keep(rows)

    async def held(self) -> int:
        if self._held is None:
            row = await self._session.row(_HELD, now=self._session.now)
            assert row is not None
            self._held = int(row.number)
        return self._held

    async def waiting(self, *, limit: int) -> tuple[Invitation, ...]:
        return self._keep(await self._session.rows(_WAITING, limit=limit))

    async def add_all(self, invitations: Sequence[Invitation]) -> None:
        if not invitations:
            return
        await self._make_room(invitations)
        await self._session.write_all(_ADD, [mapping.invitation_values(one) for one in invitations])
        await search.add(self._session, [listed for one in invitations if (listed := _listed(one))])
        for one in invitations:
            self._remember(one)

    async def _make_room(self, invitations: Sequence[Invitation]) -> None:
        """Close invitations to the same addresses whose time is over, though no timer has said so yet."""
        found = await self._unanswered(email_key(one.email) for one in invitations)
        over = [one for one in found.values() if not self._is_open(one)]
        if not over:
            return
        org = self._session.organization_id
        values = [{"_org": org, "_id": one.id, "_version": one.version} for one in over]
        await self._session.write_all(_CLOSE, values)
        self._users.clear()
        self._held = None
        for one in over:
            await search.change(self._session, _listed(one), None, subject_id=one.id)
            self._known.pop(one.id)

    async def save(self, invitation: Invitation) -> None:
        before = self._known.get(invitation.id)
        if before is None or before.token_hash != invitation.token_hash:
            keys = {"_org": self._session.organization_id, "_id": invitation.id}
            await self._session.write(_REPLACE_LINK, keys | {"_token_hash": invitation.token_hash})
        values = save_parameters(self._session, mapping.invitation_values(invitation))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"invitation {invitation.id} was not read at version {invitation.version}")
        was = _listed(before) if before else None
        if before is None or was != _listed(invitation):
            await search.change(self._session, was, _listed(invitation), subject_id=invitation.id)
        self._remember(replace(invitation, version=invitation.version + 1))

    def _remember(self, invitation: Invitation) -> None:
        self._known[invitation.id] = invitation
        self._users.clear()
        self._held = None
        self._addresses.forget(email_key(invitation.email))


def _listed(invitation: Invitation) -> Listed | None:
    if invitation.status not in OPEN:
        return None
    return Listed(invitation.id, invitation.name, invitation.email, str(invitation.status), invitation.role)
