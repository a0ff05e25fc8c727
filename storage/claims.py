"""The statements of the outbox's worker: who may be claimed next, and what becomes of a claimed row."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Delete,
    Integer,
    Interval,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    false,
    func,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.column_types import Utc
from storage.outbox import LEASED, PARKED, QUEUED
from storage.session import fixed, limit
from storage.tables import installations, outbox, postings


@dataclass(frozen=True, slots=True)
class Statements:
    """What differs between the engines."""

    claim: Update
    claim_of: Update
    """As `claim`, of one workspace: parameter `team`."""
    remember: postgresql.Insert | sqlite.Insert
    next_due: Select[Any]
    next_due_of: Select[Any]
    next_due_installed: Select[Any]
    """Of all workspaces where the app is installed."""
    depth: Select[Any]


@cache
def statements(dialect: str) -> Statements:
    """Return the statements for one engine."""
    return Statements(
        claim=_claim(dialect),
        claim_of=_claim(dialect, _of_team),
        remember=_remember(dialect),
        next_due=_next_due(dialect, _first_due(dialect)),
        next_due_of=_next_due(dialect, _first_due(dialect, _of_team), _of_team),
        next_due_installed=_next_due(dialect, _first_due_installed(dialect), _of_installed),
        depth=_depth(),
    )


# Leases are held by the real time, and where several machines share them by that of the server.


def _real(dialect: str) -> ColumnElement[Any]:
    return func.statement_timestamp() if dialect == "postgresql" else bindparam("real", type_=Utc)


def _until(dialect: str) -> ColumnElement[Any]:
    if dialect == "postgresql":
        return func.statement_timestamp() + bindparam("span", type_=Interval)
    return bindparam("until", type_=Utc)


_now = bindparam("now", type_=Utc)
_EITHER = (false(), true())
_MOST_BULK = bindparam("most_bulk", type_=Integer, literal_execute=True)
_row, _other = outbox.c, outbox.alias("other").c
_of_team = _row.team_id == bindparam("team")
_installed = installations.c.ended.is_(None)
_of_installed = _row.team_id.in_(select(installations.c.team_id).where(_installed))


def _blocked(real: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the lane is busy, or an earlier row of it is still to go."""
    begun = or_(_other.attempts > 0, _other.run_at <= _now)
    still_to_go = or_(_other.state == fixed(LEASED), and_(_other.state == fixed(QUEUED), begun))
    busy = and_(_other.state == fixed(LEASED), _other.lease_until > real, _other.id != _row.id)
    return (
        select(_other.id)
        .where(
            _other.team_id == _row.team_id,
            _other.lane == _row.lane,
            _other.state != fixed(PARKED),
            or_(busy, and_(_other.id < _row.id, still_to_go)),
        )
        .correlate(outbox)
        .exists()
    )


def _free(
    name: str,
    *conditions: ColumnElement[bool],
    order: tuple[Any, ...],
    real: ColumnElement[Any],
    most: BindParameter[int] | None = None,
) -> CTE:
    return (
        select(_row.id)
        .where(*conditions, ~_blocked(real))
        .order_by(*order)
        .limit(limit() if most is None else most)
        .with_for_update(skip_locked=True, of=outbox)
        .cte(name)
    )


def _claim(dialect: str, *of: ColumnElement[bool]) -> Update:
    real = _real(dialect)
    queued = (_row.state == fixed(QUEUED), _row.run_at <= _now, *of)
    leased = (_row.state == fixed(LEASED), _row.lease_until <= real, *of)
    order = (_row.run_at, _row.id)
    each = (
        _free("due", *queued, _row.bulk == false(), order=order, real=real),
        _free("lost", *leased, order=(_row.lease_until,), real=real),
        _free("bulk", *queued, _row.bulk == true(), order=order, real=real, most=_MOST_BULK),
    )
    chosen = union_all(*(select(found.c.id) for found in each)).subquery()
    return (
        update(outbox)
        .where(_row.id.in_(select(chosen.c.id).limit(limit())))
        .values(
            state=LEASED,
            lease=bindparam("lease"),
            lease_until=_until(dialect),
            attempts=_row.attempts + 1,
        )
        .returning(_row.id, _row.team_id, _row.tag, _row.body, _row.attempts, _row.created_at, _row.bulk)
    )


def _remember(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert(postings) if dialect == "postgresql" else sqlite.insert(postings)
    given, old = insert.excluded, postings.c
    same_place = and_(given.ts == "", given.channel == old.channel)
    return insert.values(
        {column.name: bindparam(column.name) for column in postings.columns}
    ).on_conflict_do_update(
        index_elements=["team_id", "key"],
        set_={
            "channel": given.channel,
            "ts": case((same_place, old.ts), else_=given.ts),
            "settles_at": given.settles_at,
            "written_at": given.written_at,
        },
    )


def _ready(*of: ColumnElement[bool]) -> Select[Any]:
    """Workspaces where the app is installed and something is due or was left behind, by id."""
    mine = _row.team_id == installations.c.team_id
    queued = (mine, _row.state == fixed(QUEUED), _row.run_at <= _now)
    due = [select(_row.id).where(*queued, _row.bulk == bulk).correlate(installations) for bulk in _EITHER]
    left = select(_row.team_id).where(
        _row.state == fixed(LEASED), _row.lease_until <= bindparam("real", type_=Utc)
    )
    waits = or_(*(each.exists() for each in due), installations.c.team_id.in_(left))
    return (
        select(installations.c.team_id)
        .where(_installed, waits, *of)
        .order_by(installations.c.team_id)
        .limit(limit())
    )


READY_AFTER = _ready(installations.c.team_id > bindparam("after"))
READY_UP_TO = _ready(installations.c.team_id <= bindparam("after"))


def _firsts(dialect: str, *of: ColumnElement[bool]) -> list[Select[Any]]:
    """When the first row falls due that is not bulk, and the first that is."""
    return [
        select(_row.run_at)
        .where(_row.state == fixed(QUEUED), _row.bulk == bulk, ~_blocked(_real(dialect)), *of)
        .order_by(_row.run_at, _row.id)
        .limit(1)
        for bulk in _EITHER
    ]


def _first_due(dialect: str, *of: ColumnElement[bool]) -> Select[Any]:
    return _earliest(select(each.scalar_subquery().label("run_at")) for each in _firsts(dialect, *of))


def _first_due_installed(dialect: str) -> Select[Any]:
    firsts = _firsts(dialect, _row.team_id == installations.c.team_id)
    return _earliest(
        select(each.correlate(installations).scalar_subquery().label("run_at")).where(_installed)
        for each in firsts
    )


def _earliest(moments: Iterable[Select[Any]]) -> Select[Any]:
    found = union_all(*moments).subquery()
    return select(func.min(found.c.run_at))


def _next_due(dialect: str, first: Select[Any], *of: ColumnElement[bool]) -> Select[Any]:
    leased = select(func.min(_row.lease_until)).where(_row.state == fixed(LEASED), *of).scalar_subquery()
    waiting = first.scalar_subquery()
    return select(waiting.label("run_at"), leased.label("lease_until"), _real(dialect).label("real"))


def _depth() -> Select[Any]:
    def count(*conditions: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(outbox).where(*conditions).scalar_subquery()

    queued = _row.state == fixed(QUEUED)
    return select(
        count(queued, _row.run_at <= _now).label("due"),
        count(queued, _row.run_at > _now).label("scheduled"),
        count(_row.state == fixed(LEASED)).label("leased"),
        count(_row.state == fixed(PARKED)).label("parked"),
    )


_held = and_(_row.id == bindparam("_id"), _row.lease == bindparam("_lease"), _row.state == fixed(LEASED))
_unsent = and_(_row.team_id == bindparam("_team"), _row.key == bindparam("_key"), _row.state != fixed(LEASED))
_GIVEN_BACK: dict[str, Any] = {"lease": None, "lease_until": None, "error": bindparam("error")}

FINISH: Delete = delete(outbox).where(_held)
FINISH_ALL = (
    delete(outbox)
    .where(
        _row.id.in_(bindparam("ids", expanding=True)),  # an index finds these, but no pairs
        (cast(_row.id, String) + " " + _row.lease).in_(bindparam("held", expanding=True)),
        _row.state == fixed(LEASED),
    )
    .returning(_row.id)
)
RETRY: Update = update(outbox).where(_held).values(state=QUEUED, run_at=bindparam("run_at"), **_GIVEN_BACK)
PARK: Update = update(outbox).where(_held).values(state=PARKED, **_GIVEN_BACK)
TAKE_FOLLOWER = delete(outbox).where(_unsent).returning(_row.run_at)
BEGIN_FOLLOWER: Update = (
    update(outbox).where(_unsent).values(attempts=case((_row.attempts > 0, _row.attempts), else_=1))
)
