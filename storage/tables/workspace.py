"""What belongs to a Slack workspace, known before its organization is: people, deliveries, what leaves."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
)

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import metadata, where

people = Table(
    "people",
    metadata,
    Column("team_id", Ordered, nullable=False),
    Column("user_id", Ordered, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Ordered, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("email_confirmed", Boolean, nullable=False),
    Column("bot", Boolean, nullable=False),
    Column("guest", Boolean, nullable=False),
    Column("stranger", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("updated", BigInteger, nullable=False, server_default="0"),
    Column("home_opened", Boolean, nullable=False),
    PrimaryKeyConstraint("team_id", "user_id"),
    Index("ix_people_by_email", "team_id", "email_key", "user_id", **where("email_key <> ''")),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("team_id", Ordered, nullable=False),
    Column("delivery", Ordered, nullable=False),
    Column("seen_at", Utc, nullable=False),
    PrimaryKeyConstraint("team_id", "delivery"),
    Index("ix_deliveries_seen_at", "seen_at"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("team_id", Ordered, nullable=False),
    Column("key", Ordered, nullable=False),
    Column("lane", Ordered, nullable=False),
    Column("tag", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", Ordered, nullable=False),
    Column("run_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", Ordered),
    Column("lease_until", Utc),
    Column("error", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("bulk", Boolean, nullable=False, server_default=false()),
    CheckConstraint("state IN ('queued', 'leased', 'parked')", name="state"),
    Index("uq_outbox_unsent", "team_id", "key", unique=True, **where("state <> 'leased'")),
    Index("ix_outbox_lane", "team_id", "lane", "id", **where("state <> 'parked'")),
    Index("ix_outbox_due", "team_id", "bulk", "run_at", "id", **where("state = 'queued'")),
    Index("ix_outbox_leased", "lease_until", **where("state = 'leased'")),
    Index("ix_outbox_parked", "run_at", **where("state = 'parked'")),
    sqlite_autoincrement=True,
)

postings = Table(
    "postings",
    metadata,
    Column("team_id", Ordered, nullable=False),
    Column("key", Ordered, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("settles_at", Utc),
    Column("written_at", Utc, nullable=False),
    PrimaryKeyConstraint("team_id", "key"),
    Index("ix_postings_written_at", "written_at"),
)
