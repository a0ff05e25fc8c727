"""Requests for approval, who was asked to decide them, and the votes."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    union_all,
)

from domain.model import Request, RequestStatus, Vote
from storage import mapping
from storage.column_types import Utc
from storage.driving import Row
from storage.repositories.common import columns_of, save_parameters, saving, within
from storage.session import Session, Stale, chunks, fixed, limit
from storage.tables import request_asked, requests, votes

MOST_OPEN = 50

_ALL = within(requests, *columns_of(requests, Request))
_GET = _ALL.where(requests.c.id == bindparam("id"))
_is_open = and_(requests.c.status == fixed(RequestStatus.WAITING), requests.c.expires_at > bindparam("now"))
_oldest_first = (requests.c.created_at, requests.c.id)
_BY_MEMBER = requests.c.requester_id == bindparam("member_id")
_BY_USER = requests.c.requester_user_id == bindparam("user_id")


def _by_either(*conditions: ColumnElement[bool], newest_first: bool) -> Select[Any]:
    """Requests of a person under either name, each branch by its own index."""

    def in_order(query: Select[Any], columns: Any) -> Select[Any]:
        keys = (columns.created_at, columns.id)
        return query.order_by(*(key.desc() if newest_first else key for key in keys)).limit(limit())

    branches = [in_order(_ALL.where(by, *conditions), requests.c).subquery() for by in (_BY_MEMBER, _BY_USER)]
    both = union_all(*(select(branch) for branch in branches)).subquery()
    return in_order(select(both), both.c)


_OPEN_BY = _by_either(_is_open, newest_first=False)
_RECENT_BY = _by_either(newest_first=True)
_OPEN = _ALL.where(_is_open).order_by(*_oldest_first).limit(limit())
_LACKING_SEAT = _ALL.where(_is_open, requests.c.lacks_seat).order_by(*_oldest_first).limit(limit())
_OPEN_AFTER = (
    _ALL.where(
        _is_open, tuple_(*_oldest_first) > tuple_(bindparam("after_at", type_=Utc), bindparam("after_id"))
    )
    .order_by(*_oldest_first)
    .limit(limit())
)
_OPEN_ASKED = (
    _ALL.join(
        request_asked,
        and_(
            request_asked.c.organization_id == requests.c.organization_id,
            request_asked.c.request_id == requests.c.id,
        ),
    )
    .where(request_asked.c.member_id == bindparam("member_id"), _is_open)
    .order_by(*_oldest_first)
    .limit(limit())
)
_voted = (
    within(votes, votes.c.request_id, votes.c.at)
    .where(votes.c.voter_id == bindparam("member_id"))
    .order_by(votes.c.at.desc())
    .limit(limit())
    .subquery()
)
_DECIDED_BY = _ALL.join(_voted, requests.c.id == _voted.c.request_id).order_by(
    _voted.c.at.desc(), requests.c.id.desc()
)
_VOTES = (
    within(votes, *columns_of(votes, Vote))
    .where(votes.c.request_id.in_(bindparam("request_ids", expanding=True)))
    .order_by(votes.c.step, votes.c.at, votes.c.voter_id)
)
_ADD = insert(requests)
_SAVE = saving(requests)
_ADD_VOTE = insert(votes)
_ASK = insert(request_asked)
_ASK_NO_MORE = delete(request_asked).where(
    request_asked.c.organization_id == bindparam("_org"), request_asked.c.request_id == bindparam("_request")
)


class SqlRequests:
    """`domain.ports.Requests`; a request read in this transaction is not read again, nor are its votes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Request] = {}
        self._votes: dict[str, tuple[Vote, ...]] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._votes.clear()

    def _keep(self, rows: Iterable[Row]) -> tuple[Request, ...]:
        found = tuple(dict.fromkeys(row.id for row in rows))
        by_id = {row.id: mapping.request_of(row) for row in rows}
        self._known.update(by_id)
        return tuple(by_id[request_id] for request_id in found)

    async def get(self, request_id: str) -> Request | None:
        if request_id not in self._known:
            self._keep(await self._session.rows(_GET, id=request_id))
        return self._known.get(request_id)

    async def add(self, request: Request) -> None:
        await self._session.write(_ADD, mapping.request_values(request))
        if request.status is RequestStatus.WAITING:
            await self._ask(request, request.asked)
        self._known[request.id] = request

    async def save(self, request: Request) -> None:
        before = self._known.get(request.id)
        values = save_parameters(self._session, mapping.request_values(request))
        if await self._session.write(_SAVE, values) != 1:
            raise Stale(f"request {request.id} was not read at version {request.version}")
        await self._follow(before, request)
        self._known[request.id] = replace(request, version=request.version + 1)

    async def _follow(self, before: Request | None, after: Request) -> None:
        """Keep track of who is asked while the request waits."""
        is_open = after.status is RequestStatus.WAITING
        if before is not None and is_open and before.status is RequestStatus.WAITING:
            await self._ask(after, [one for one in after.asked if one not in before.asked])
            return
        await self._session.write(_ASK_NO_MORE, {"_org": self._session.organization_id, "_request": after.id})
        if is_open:
            await self._ask(after, after.asked)

    async def _ask(self, request: Request, member_ids: Iterable[str]) -> None:
        rows = [
            {
                "organization_id": self._session.organization_id,
                "member_id": member_id,
                "request_id": request.id,
            }
            for member_id in dict.fromkeys(member_ids)
        ]
        if rows:
            await self._session.write_all(_ASK, rows)

    async def votes(self, request_id: str) -> tuple[Vote, ...]:
        # Whoever shows one request of a list shows the others too.
        await self.read_votes({request_id, *self._known})
        return self._votes[request_id]

    async def read_votes(self, request_ids: Collection[str]) -> None:
        for chunk in chunks(one for one in sorted(set(request_ids)) if one not in self._votes):
            found: dict[str, list[Vote]] = {one: [] for one in chunk}
            for row in await self._session.rows(_VOTES, request_ids=chunk):
                found[row.request_id].append(mapping.vote_of(row))
            self._votes.update((one, tuple(given)) for one, given in found.items())

    async def add_vote(self, vote: Vote) -> None:
        values = mapping.plain(vote) | {"organization_id": self._session.organization_id}
        await self._session.write(_ADD_VOTE, values)
        self._votes.pop(vote.request_id, None)

    async def open_by(self, *, member_id: str | None, user_id: str | None) -> tuple[Request, ...]:
        rows = await self._session.rows(
            _OPEN_BY, member_id=member_id, user_id=user_id, now=self._session.now, limit=MOST_OPEN
        )
        return self._keep(rows)

    async def recent_by(
        self, *, member_id: str | None, user_id: str | None, limit: int
    ) -> tuple[Request, ...]:
        rows = await self._session.rows(_RECENT_BY, member_id=member_id, user_id=user_id, limit=limit)
        return self._keep(rows)

    async def open_asked(self, member_id: str, *, limit: int) -> tuple[Request, ...]:
        rows = await self._session.rows(_OPEN_ASKED, member_id=member_id, now=self._session.now, limit=limit)
        return self._keep(rows)

    async def open(self, *, limit: int, after: Request | None = None) -> tuple[Request, ...]:
        if after is None:
            return self._keep(await self._session.rows(_OPEN, now=self._session.now, limit=limit))
        rows = await self._session.rows(
            _OPEN_AFTER, now=self._session.now, limit=limit, after_at=after.created_at, after_id=after.id
        )
        return self._keep(rows)

    async def lacking_seat(self, *, limit: int) -> tuple[Request, ...]:
        return self._keep(await self._session.rows(_LACKING_SEAT, now=self._session.now, limit=limit))

    async def decided_by(self, member_id: str, *, limit: int) -> tuple[Request, ...]:
        # Somebody may have voted on several steps of one request.
        return self._keep(await self._session.rows(_DECIDED_BY, member_id=member_id, limit=limit))
