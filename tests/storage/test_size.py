"""A query does the same work among a hundred thousand members as among a few."""

import json
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.ports import Transaction
from storage.store import SqlStore
from tests.storage.conftest import OpenStore
from tests.storage.examples import START, TEAM, founded, request
from tests.support.watching import TURNS

pytestmark = pytest.mark.long

MANY = 100_000
NUMBERS = (
    f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}),"
    " rows(i, six, role, status) AS (SELECT i, substr(CAST(1000000 + i AS TEXT), 2),"
    " CASE WHEN i % 5000 = 0 THEN 'admin' ELSE 'developer' END,"
    " CASE WHEN i % 20000 = 7 THEN 'deactivated' ELSE 'active' END FROM n)"
)
MEMBERS = (
    "INSERT INTO members (organization_id, id, email, email_key, name, sort_key, role, status,"
    " slack_user_id, joined_via, joined_at, status_at, version) {numbers}"
    " SELECT '{org}', 'm' || six, 'e' || six || '@example.com', 'e' || six || '@example.com',"
    " 'Name' || six || ' Family' || six, 'name' || six || ' family' || six, role, status, 'U' || six,"
    " 'slack', '{now}', '{now}', 1 FROM rows"
)
TERMS = (
    "INSERT INTO search_terms (organization_id, subject_id, term, status, role) {numbers}"
    " SELECT '{org}', 'm' || six, {term}, status, role FROM rows"
)
WORDS = (
    *("'name' || six || ' family' || six", "'family' || six"),
    *("'e' || six || '@example.com'", "'example.com'", "'com'"),
)

INVITATIONS = (
    "INSERT INTO invitations (organization_id, id, email, email_key, name, sort_key, role, departments,"
    " slack_user_id, inviter_id, authority_id, status, generation, token_hash, passed_on, sent_at,"
    " expires_at, answered_at, waits_for, version) {numbers}"
    " SELECT '{org}', 'i' || six, 'i' || six, 'i' || six, '', 'i' || six, role, '[]',"
    " 'V' || six, '{owner}', '{owner}',"
    " CASE WHEN i % 3 = 0 THEN 'waiting' WHEN i % 3 = 1 THEN 'pending' ELSE 'accepted' END,"
    " 1, 't' || six, false, '{now}', '{later}', '{now}', '', 1 FROM rows WHERE i % 25 = 0"
)
EXPIRED = (
    "INSERT INTO invitations (organization_id, id, email, email_key, name, sort_key, role, departments,"
    " inviter_id, authority_id, status, generation, token_hash, passed_on, sent_at,"
    " expires_at, waits_for, version) {numbers}"
    " SELECT '{org}', 'x' || six, 'x' || six, 'x' || six, '', 'x' || six, role, '[]', '{owner}', '{owner}',"
    " 'expired', 1, 'x' || six, false, '{long_ago}', {ended}, '', 1 FROM rows WHERE {which}"
)
LONG_EXPIRED = EXPIRED.replace("{ended}", "'{long_ago}'").replace("{which}", "i % 20 = 1")
JUST_EXPIRED = EXPIRED.replace("{ended}", "'{yesterday}'").replace("{which}", "i % 1000 = 0")
REQUESTS = (
    "INSERT INTO requests (organization_id, id, change, tag, requester_id, reason, requirement, step, asked,"
    " on_behalf, status, created_at, expires_at, decision_reason, version) {numbers}"
    " SELECT '{org}', 'r' || six, '{{}}', 't', '{owner}', '',"
    ' \'{{"steps":[],"policy_version":1,"rule":""}}\', 0, \'[]\','
    " false, CASE WHEN i % 2 = 0 THEN 'waiting' ELSE 'applied' END, '{now}', '{later}', '', 1"
    " FROM rows WHERE i % 15 = 0"
)
GROWING = {"counts": 20_000, "seats held": 13_000, "expired, searched": 10_000}
"""Counts read the index entries of what they count: the open invitations, never the members.

A search among the expired reads through those of the last 30 days.
"""

Question = Callable[[Transaction], Awaitable[object]]


def questions(owner_id: str) -> dict[str, Question]:
    """What the screens, the forms and the desk ask."""
    return {
        "first page": lambda tx: tx.roster.page(limit=20),
        "page in the middle": lambda tx: tx.roster.page(limit=20, after="m050000"),
        "active": lambda tx: tx.roster.page(limit=20, status="active"),
        "deactivated": lambda tx: tx.roster.page(limit=20, status="deactivated"),
        "pending": lambda tx: tx.roster.page(limit=20, status="pending"),
        "expired": lambda tx: tx.roster.page(limit=20, status="expired"),
        "expired, second page": lambda tx: tx.roster.page(limit=20, status="expired", after="x050000"),
        "expired, searched": lambda tx: tx.roster.page(limit=20, status="expired", text="zzz"),
        "rare role": lambda tx: tx.roster.page(limit=20, role="admin"),
        "rare role and status": lambda tx: tx.roster.page(limit=20, role="admin", status="deactivated"),
        "one finds all": lambda tx: tx.roster.page(limit=20, text="name"),
        "one finds all, middle": lambda tx: tx.roster.page(limit=20, text="family", after="m050000"),
        "one finds all by address": lambda tx: tx.roster.page(limit=20, text="e"),
        "one finds all, rare role": lambda tx: tx.roster.page(limit=20, text="example", role="admin"),
        "one finds all, rare status": lambda tx: tx.roster.page(limit=20, text="e", status="deactivated"),
        "one finds one": lambda tx: tx.roster.page(limit=20, text="family077777"),
        "one finds none": lambda tx: tx.roster.page(limit=20, text="zzz"),
        "type-ahead": lambda tx: tx.members.search("n", limit=20),
        "type-ahead of nothing": lambda tx: tx.members.search("", limit=20),
        "counts": lambda tx: tx.roster.counts(),
        "seats held": lambda tx: tx.invitations.held(),
        "by user": lambda tx: tx.members.by_user("U012345"),
        "by addresses": lambda tx: tx.members.by_emails(["e012345@example.com", "none@example.com"]),
        "many": lambda tx: tx.members.many(["m012345", "m099999"]),
        "holders of a rare role": lambda tx: tx.members.holding(["admin", "owner"], linked=True, limit=10),
        "holders of a common role": lambda tx: tx.members.holding(["developer"], limit=10),
        "open requests": lambda tx: tx.requests.open(limit=10),
        "open requests of one": lambda tx: tx.requests.open_by(member_id=owner_id, user_id="U1"),
        "requests of one": lambda tx: tx.requests.recent_by(member_id=owner_id, user_id=None, limit=10),
        "asked of one": lambda tx: tx.requests.open_asked(owner_id, limit=10),
        "decided by one": lambda tx: tx.requests.decided_by(owner_id, limit=10),
        "waiting invitations": lambda tx: tx.invitations.waiting(limit=10),
        "invitations of a user": lambda tx: tx.invitations.open_for_user("V000025"),
        "by link": lambda tx: tx.invitations.by_token("t000025"),
        "last refusal": lambda tx: tx.refusals.last(member_id=owner_id, user_id="U1"),
    }


async def crowd(store: SqlStore) -> str:
    """Fill the organization; return its owner's id."""
    made, owner = await founded(store)
    async with store.transaction(TEAM) as tx:
        await tx.requests.add(request(owner, owner))
    now = START.isoformat(timespec="microseconds")
    later = now.replace("2026", "2027")
    long_ago = now.replace("2026", "2025")
    yesterday = (START - timedelta(days=1)).isoformat(timespec="microseconds")
    async with store.engines[0].begin() as connection:
        values = {"now": now, "later": later, "long_ago": long_ago, "yesterday": yesterday}
        for statement in (MEMBERS, INVITATIONS, LONG_EXPIRED, JUST_EXPIRED, REQUESTS):
            filled = statement.format(numbers=NUMBERS, org=made.id, owner=owner.id, **values)
            await connection.exec_driver_sql(filled)
        for term in WORDS:
            await connection.exec_driver_sql(TERMS.format(numbers=NUMBERS, org=made.id, term=term))
    async with store.engines[0].begin() as connection:
        await connection.exec_driver_sql("ANALYZE")
    return owner.id


async def asked(store: SqlStore, question: Question) -> list[tuple[str, Any]]:
    """The statements a question sends, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def told(statement: str, parameters: Sequence[Any]) -> None:
        if statement not in TURNS:
            sent.append((statement, tuple(parameters)))

    store.watch(told)
    async with store.reading(TEAM) as tx:
        await question(tx)
    store.watch(None)
    assert sent
    return sent


async def test_postgresql_touches_a_few_rows_for_every_question(
    postgresql_url: str, opened: OpenStore
) -> None:
    store = opened(postgresql_url)
    owner_id = await crowd(store)
    touched: dict[str, float] = {}
    async with store.engines[1].connect() as connection:
        for name, question in questions(owner_id).items():
            touched[name] = 0
            for statement, parameters in await asked(store, question):
                answer = await connection.exec_driver_sql(
                    "EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters
                )
                plan = answer.scalar_one()
                (explained,) = json.loads(plan) if isinstance(plan, str) else plan
                touched[name] += _rows(explained["Plan"])
    assert {name: rows for name, rows in touched.items() if rows > GROWING.get(name, 300)} == {}


def _rows(node: dict[str, Any]) -> float:
    """The rows all scans under a node read, those thrown away included."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    own = (node["Actual Rows"] + removed) * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    return float(own + sum(_rows(child) for child in node.get("Plans", [])))


async def test_sqlite_takes_a_few_steps_for_every_question(sqlite_url: str, opened: OpenStore) -> None:
    store = opened(sqlite_url)
    owner_id = await crowd(store)
    connection = sqlite3.connect(sqlite_url.partition(":///")[2])
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(step, 1)
    taken: dict[str, int] = {}
    for name, question in questions(owner_id).items():
        steps = 0
        for statement, parameters in await asked(store, question):
            connection.execute(statement, parameters).fetchall()
        taken[name] = steps
    connection.close()
    assert {name: count for name, count in taken.items() if count > GROWING.get(name, 5_000)} == {}
