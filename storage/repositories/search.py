"""Search by the beginning of any word of a name or address, at the same cost for ten and for a million."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, and_, bindparam, delete, insert, select, tuple_, update

from storage.session import Session, fixed, limit
from storage.tables import invitations, search_terms
from storage.words import terms


@dataclass(frozen=True, slots=True)
class Listed:
    """What the search knows of one member or open invitation."""

    subject_id: str
    name: str
    email: str
    status: str
    role: str


_ADD = insert(search_terms)
_DROP = delete(search_terms).where(
    search_terms.c.organization_id == bindparam("_org"), search_terms.c.subject_id == bindparam("_subject")
)
_MOVE = (
    update(search_terms)
    .where(
        search_terms.c.organization_id == bindparam("_org"),
        search_terms.c.subject_id == bindparam("_subject"),
    )
    .values(status=bindparam("status"), role=bindparam("role"))
)


async def add(session: Session, listed: Iterable[Listed]) -> None:
    """Make them findable."""
    rows = [
        {
            "organization_id": session.organization_id,
            "subject_id": one.subject_id,
            "term": term,
            "status": str(one.status),
            "role": one.role,
        }
        for one in listed
        for term in terms(one.name, one.email)
    ]
    if rows:
        await session.write_all(_ADD, rows)


async def change(session: Session, before: Listed | None, after: Listed | None, *, subject_id: str) -> None:
    """Follow a change; `before` None means that what was findable is not known.

    Args:
        after: None when the subject is not listed any more.
    """
    if before == after and before is not None:
        return
    key = {"_org": session.organization_id, "_subject": subject_id}
    if before and after and terms(before.name, before.email) == terms(after.name, after.email):
        await session.write(_MOVE, key | {"status": str(after.status), "role": after.role})
        return
    await session.write(_DROP, key)
    if after is not None:
        await add(session, [after])


def matching(status: str, *, with_role: bool, after: bool) -> Select[tuple[str, str, str]]:
    """Return the query of the first matches of one status: `term`, `subject_id`, `status`, by term.

    A subject stands at its first matching term alone. Parameters: `org`, `prefix`, `end`, `limit`;
    `role` when `with_role`; `after_key` and `after_id` when `after`.
    """
    found, earlier = search_terms.c, search_terms.alias("earlier").c
    first = ~(
        select(earlier.term)
        .where(
            earlier.organization_id == found.organization_id,
            earlier.subject_id == found.subject_id,
            earlier.term >= bindparam("prefix"),
            earlier.term < found.term,
        )
        .correlate(search_terms)
        .exists()
    )
    conditions = [
        found.organization_id == bindparam("org"),
        found.status == fixed(status),
        found.term < bindparam("end"),
        first,
    ]
    if with_role:
        conditions.append(found.role == bindparam("role"))
    if after:
        # The mark lies within the prefix. One lower bound alone: of two, SQLite scans from the first it sees.
        mark = tuple_(bindparam("after_key", type_=found.term.type), bindparam("after_id"))
        conditions.append(tuple_(found.term, found.subject_id) > mark)
    else:
        conditions.append(found.term >= bindparam("prefix"))
    return (
        select(found.term, found.subject_id, found.status)
        .where(and_(*conditions))
        .order_by(found.term, found.subject_id)
        .limit(limit())
    )


def only_unexpired(found: Select[tuple[str, str, str]]) -> Select[tuple[str, str, str]]:
    """Narrow `matching` to invitations whose time is not over; parameter `now`."""
    valid = (
        select(invitations.c.id)
        .where(
            invitations.c.organization_id == search_terms.c.organization_id,
            invitations.c.id == search_terms.c.subject_id,
            invitations.c.expires_at > bindparam("now"),
        )
        .correlate(search_terms)
        .exists()
    )
    return found.where(valid)
