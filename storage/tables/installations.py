"""Where the app is installed, with sealed tokens, and the installations that were begun."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import metadata, where

installations = Table(
    "installations",
    metadata,
    Column("team_id", Ordered, nullable=False),
    Column("org_wide", Boolean, nullable=False),
    Column("enterprise_id", Ordered),
    Column("name", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("bot_id", Text, nullable=False),
    Column("bot_user_id", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("token", Text, nullable=False),
    Column("refresh_token", Text),
    Column("expires_at", Utc),
    Column("installed_by", Text, nullable=False),
    Column("installed_at", Utc, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("ended", Text),
    Column("ended_at", Utc),
    Column("lease", Text),
    Column("lease_until", Utc),
    Column("read_at", Utc, nullable=False),
    PrimaryKeyConstraint("team_id"),
    Index("ix_installations_expires_at", "expires_at", **where("ended IS NULL")),
    Index("ix_installations_read_at", "read_at", **where("ended IS NULL")),
)

installation_states = Table(
    "installation_states",
    metadata,
    Column("state_hash", Ordered, nullable=False),
    Column("browser_hash", Text, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used", Boolean, nullable=False),
    PrimaryKeyConstraint("state_hash"),
    Index("ix_installation_states_expires_at", "expires_at"),
)
