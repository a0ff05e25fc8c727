"""The organization, its people and who is invited."""

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
    UniqueConstraint,
)

from storage.column_types import Json, Ordered, Utc
from storage.tables.base import belongs, metadata, of_member, of_organization, where

organizations = Table(
    "organizations",
    metadata,
    Column("id", Ordered, primary_key=True),
    Column("team_id", Ordered, nullable=False),
    Column("name", Text, nullable=False),
    Column("preset", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("seat_limit", Integer),
    Column("active_members", Integer, nullable=False),
    Column("reserved_seats", Integer, nullable=False),
    Column("pending_holds_seat", Boolean, nullable=False),
    Column("admin_roles_direct", Boolean, nullable=False),
    Column("allowed_domains", Json, nullable=False),
    Column("invoice_email", Text, nullable=False),
    Column("approvals_channel", Text),
    Column("audit_channel", Text),
    Column("policy_version", Integer, nullable=False),
    Column("audit_count", BigInteger, nullable=False),
    Column("audit_head", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("team_id"),
    CheckConstraint("active_members >= 0", name="active_members"),
    CheckConstraint("seat_limit IS NULL OR active_members <= seat_limit", name="seat_limit"),
)

members = Table(
    "members",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Ordered, nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_key", Ordered, nullable=False),
    Column("role", Ordered, nullable=False),
    Column("status", Ordered, nullable=False),
    Column("slack_user_id", Ordered),
    Column("joined_via", Text, nullable=False),
    Column("joined_at", Utc, nullable=False),
    Column("status_at", Utc, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    UniqueConstraint("organization_id", "email_key"),
    of_organization(),
    Index(
        "uq_members_slack_user",
        "organization_id",
        "slack_user_id",
        unique=True,
        **where("slack_user_id IS NOT NULL"),
    ),
    Index("ix_members_by_name", "organization_id", "status", "sort_key", "id"),
    Index("ix_members_by_role_and_name", "organization_id", "status", "role", "sort_key", "id"),
    Index("ix_members_by_role_and_age", "organization_id", "status", "role", "joined_at", "id"),
)

departments = Table(
    "departments",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Ordered, nullable=False),
    Column("retired_at", Utc),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    of_organization(),
    Index(
        "uq_departments_open_name",
        "organization_id",
        "name_key",
        unique=True,
        **where("retired_at IS NULL"),
    ),
)

member_departments = Table(
    "member_departments",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("member_id", Ordered, nullable=False),
    Column("department_id", Ordered, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("organization_id", "member_id", "department_id"),
    of_member("member_id"),
    belongs("organization_id", "department_id", to="departments", target=("organization_id", "id")),
    Index("ix_member_departments_department", "organization_id", "department_id"),
)

# Written as the queries say it: SQLite takes a partial index only when it sees the same condition.
_OPEN = "status = 'pending' OR status = 'waiting'"

invitations = Table(
    "invitations",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("id", Ordered, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Ordered, nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_key", Ordered, nullable=False),
    Column("role", Ordered, nullable=False),
    Column("departments", Json, nullable=False),
    Column("slack_user_id", Ordered),
    Column("inviter_id", Ordered, nullable=False),
    Column("authority_id", Ordered, nullable=False),
    Column("status", Ordered, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("token_hash", Ordered, nullable=False),
    Column("passed_on", Boolean, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("answered_at", Utc),
    Column("answered_via", Text),
    Column("waits_for", Text, nullable=False),
    Column("member_id", Ordered),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "id"),
    UniqueConstraint("token_hash"),
    of_organization(),
    of_member("inviter_id"),
    of_member("authority_id"),
    of_member("member_id"),
    Index("uq_invitations_open_email", "organization_id", "email_key", unique=True, **where(_OPEN)),
    Index("ix_invitations_open_user", "organization_id", "slack_user_id", **where(_OPEN)),
    Index("ix_invitations_pending", "organization_id", "expires_at", **where("status = 'pending'")),
    Index("ix_invitations_expired", "organization_id", "expires_at", "id", **where("status = 'expired'")),
    Index("ix_invitations_by_email", "organization_id", "email_key", "id"),
    Index(
        "ix_invitations_waiting",
        *("organization_id", "waits_for", "answered_at", "id"),
        **where("status = 'waiting'"),
    ),
    Index("ix_invitations_by_name", "organization_id", "status", "sort_key", "id", **where(_OPEN)),
    Index(
        "ix_invitations_by_role_and_name",
        *("organization_id", "status", "role", "sort_key", "id"),
        **where(_OPEN),
    ),
)

# Links of generations that were replaced: they still find their invitation.
invitation_tokens = Table(
    "invitation_tokens",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("token_hash", Ordered, nullable=False),
    Column("invitation_id", Ordered, nullable=False),
    PrimaryKeyConstraint("token_hash", "organization_id"),
    belongs("organization_id", "invitation_id", to="invitations", target=("organization_id", "id")),
    Index("ix_invitation_tokens_invitation", "organization_id", "invitation_id"),
)

# What the list's search reads: a name and an address, from each of their words on.
search_terms = Table(
    "search_terms",
    metadata,
    Column("organization_id", Ordered, nullable=False),
    Column("subject_id", Ordered, nullable=False),
    Column("term", Ordered, nullable=False),
    Column("status", Ordered, nullable=False),
    Column("role", Ordered, nullable=False),
    PrimaryKeyConstraint("organization_id", "subject_id", "term"),
    of_organization(),
    Index("ix_search_terms_by_status", "organization_id", "status", "term", "subject_id"),
    Index("ix_search_terms_by_role", "organization_id", "status", "role", "term", "subject_id"),
    sqlite_with_rowid=False,
)
