"""Requests, votes and recorded refusals."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, false

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import belongs, metadata, of_member, of_organization, where

requests = Table(
    "requests",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("change", Json, nullable=False),
    Column("tag", Text, nullable=False),
    Column("requester_id", Ordered),
    Column("requester_user_id", Ordered),
    Column("reason", Text, nullable=False),
    Column("requirement", Json, nullable=False),
    Column("step", Integer, nullable=False),
    Column("asked", Json, nullable=False),
    Column("channel", Text),
    Column("silent", Json, nullable=False, server_default="[]"),
    Column("on_behalf", Boolean, nullable=False),
    Column("lacks_seat", Boolean, nullable=False, server_default=false()),
    Column("status", Ordered, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("stepped_at", Utc),
    Column("decided_at", Utc),
    Column("decided_by", Ordered),
    Column("decision_reason", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    of_organization(),
    of_member("requester_id"),
    of_member("decided_by"),
    Index("ix_requests_open", "organization_id", "created_at", "id", **where("status = 'waiting'")),
    Index("ix_requests_by_member", "organization_id", "requester_id", "created_at", "id"),
    Index("ix_requests_by_user", "organization_id", "requester_user_id", "created_at", "id"),
    Index(
        "ix_requests_open_by_member",
        *("organization_id", "requester_id", "created_at", "id"),
        **where("status = 'waiting'"),
    ),
    Index(
        "ix_requests_open_by_user",
        *("organization_id", "requester_user_id", "created_at", "id"),
        **where("status = 'waiting'"),
    ),
)

# Who was asked to decide what is still open.
request_asked = Table(
    "request_asked",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("member_id", Ordered, nullable=False),
    Column("request_id", Ordered, nullable=False),
    PrimaryKeyConstraint("organization_id", "member_id", "request_id"),
    of_member("member_id"),
    belongs("organization_id", "request_id", to="requests", target=("organization_id", "id")),
    Index("ix_request_asked_request", "organization_id", "request_id"),
)

votes = Table(
    "votes",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("request_id", Ordered, nullable=False),
    Column("step", Integer, nullable=False),
    Column("voter_id", Ordered, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("organization_id", "request_id", "step", "voter_id"),
    belongs("organization_id", "request_id", to="requests", target=("organization_id", "id")),
    of_member("voter_id"),
    Index("ix_votes_by_voter", "organization_id", "voter_id", "at"),
)

# Every version of the approval policy, as it was from `changed_at` on.
policies = Table(
    "policies",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rules", Json, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Utc, nullable=False),
    PrimaryKeyConstraint("organization_id", "version"),
    of_organization(),
)

refusals = Table(
    "refusals",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("member_id", Ordered),
    Column("user_id", Ordered),
    Column("code", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("who", Json, nullable=False),
    Column("can_ask", Boolean, nullable=False),
    Column("change", Json),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    of_organization(),
    of_member("member_id"),
    Index("ix_refusals_by_member", "organization_id", "member_id", "at", "id"),
    Index("ix_refusals_by_user", "organization_id", "user_id", "at", "id"),
)
