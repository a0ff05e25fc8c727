"""The audit chain, and beside it the personal values that can be erased."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import belongs, metadata, of_organization

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("seq", BigInteger, nullable=False, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("actor", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("digests", Json, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "seq"),
    of_organization(),
)

audit_values = Table(
    "audit_values",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("seq", BigInteger, nullable=False, autoincrement=False),
    Column("field", Ordered, nullable=False),
    Column("salt", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "seq", "field"),
    belongs(
        *("organization_id", "seq"),
        to="audit_entries",
        target=("organization_id", "seq"),
        ondelete="CASCADE",
    ),
)
