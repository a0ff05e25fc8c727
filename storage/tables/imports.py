"""Files of people to invite on their way, and large bytes in pieces."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import metadata, of_member, of_organization

imports = Table(
    "imports",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("member_id", Ordered, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    of_organization(),
    of_member("member_id"),
    Index("ix_imports_created_at", "created_at"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("key", Ordered, nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("written_at", Utc, nullable=False),
    PrimaryKeyConstraint("organization_id", "key", "number"),
    of_organization(),
    Index("ix_blobs_written_at", "written_at"),
)
