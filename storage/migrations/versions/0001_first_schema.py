"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Json, Ordered, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("delivery", Ordered, nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "delivery", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deliveries_seen_at", "deliveries", ["seen_at"], unique=False)
    op.create_table(
        "organizations",
        sa.Column("id", Ordered, nullable=False),
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("seat_limit", sa.Integer(), nullable=True),
        sa.Column("active_members", sa.Integer(), nullable=False),
        sa.Column("pending_holds_seat", sa.Boolean(), nullable=False),
        sa.Column("admin_roles_direct", sa.Boolean(), nullable=False),
        sa.Column("allowed_domains", Json(), nullable=False),
        sa.Column("invoice_email", sa.Text(), nullable=False),
        sa.Column("approvals_channel", sa.Text(), nullable=True),
        sa.Column("audit_channel", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("audit_count", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("active_members >= 0", name=op.f("ck_organizations_active_members")),
        sa.CheckConstraint(
            "seat_limit IS NULL OR active_members <= seat_limit", name=op.f("ck_organizations_seat_limit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("team_id", name=op.f("uq_organizations_team_id")),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("key", Ordered, nullable=False),
        sa.Column("lane", Ordered, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("state", Ordered, nullable=False),
        sa.Column("run_at", Utc(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", Ordered, nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'leased', 'parked')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["run_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["team_id", "lane", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'parked'"),
        postgresql_where=sa.text("state <> 'parked'"),
    )
    op.create_index(
        "ix_outbox_leased",
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "ix_outbox_parked",
        "outbox",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "uq_outbox_unsent",
        "outbox",
        ["team_id", "key"],
        unique=True,
        sqlite_where=sa.text("state <> 'leased'"),
        postgresql_where=sa.text("state <> 'leased'"),
    )
    op.create_table(
        "people",
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("user_id", Ordered, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", Ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("email_confirmed", sa.Boolean(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("stranger", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("home_opened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_people")),
    )
    op.create_index(
        "ix_people_by_email",
        "people",
        ["team_id", "email_key", "user_id"],
        unique=False,
        sqlite_where=sa.text("email_key <> ''"),
        postgresql_where=sa.text("email_key <> ''"),
    )
    op.create_table(
        "postings",
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("key", Ordered, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("written_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "key", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_written_at", "postings", ["written_at"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("digests", Json(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_entries_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_audit_entries")),
    )
    op.create_table(
        "departments",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", Ordered, nullable=False),
        sa.Column("retired_at", Utc(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_departments_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_departments")),
    )
    op.create_index(
        "uq_departments_open_name",
        "departments",
        ["organization_id", "name_key"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "members",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", Ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", Ordered, nullable=False),
        sa.Column("role", Ordered, nullable=False),
        sa.Column("status", Ordered, nullable=False),
        sa.Column("slack_user_id", Ordered, nullable=True),
        sa.Column("joined_via", sa.Text(), nullable=False),
        sa.Column("joined_at", Utc(), nullable=False),
        sa.Column("status_at", Utc(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_members_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_members")),
        sa.UniqueConstraint(
            "organization_id", "email_key", name=op.f("uq_members_organization_id_email_key")
        ),
    )
    op.create_index(
        "ix_members_by_name", "members", ["organization_id", "status", "sort_key", "id"], unique=False
    )
    op.create_index(
        "ix_members_by_role_and_age",
        "members",
        ["organization_id", "status", "role", "joined_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_members_by_role_and_name",
        "members",
        ["organization_id", "status", "role", "sort_key", "id"],
        unique=False,
    )
    op.create_index(
        "uq_members_slack_user",
        "members",
        ["organization_id", "slack_user_id"],
        unique=True,
        sqlite_where=sa.text("slack_user_id IS NOT NULL"),
        postgresql_where=sa.text("slack_user_id IS NOT NULL"),
    )
    op.create_table(
        "search_terms",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("subject_id", Ordered, nullable=False),
        sa.Column("term", Ordered, nullable=False),
        sa.Column("status", Ordered, nullable=False),
        sa.Column("role", Ordered, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_search_terms_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "subject_id", "term", name=op.f("pk_search_terms")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_search_terms_by_role",
        "search_terms",
        ["organization_id", "status", "role", "term", "subject_id"],
        unique=False,
    )
    op.create_index(
        "ix_search_terms_by_status",
        "search_terms",
        ["organization_id", "status", "term", "subject_id"],
        unique=False,
    )
    op.create_table(
        "audit_values",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", Ordered, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "seq"],
            ["audit_entries.organization_id", "audit_entries.seq"],
            name=op.f("fk_audit_values_organization_id_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "seq", "field", name=op.f("pk_audit_values")),
    )
    op.create_table(
        "invitations",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", Ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", Ordered, nullable=False),
        sa.Column("role", Ordered, nullable=False),
        sa.Column("departments", Json(), nullable=False),
        sa.Column("slack_user_id", Ordered, nullable=True),
        sa.Column("inviter_id", Ordered, nullable=False),
        sa.Column("authority_id", Ordered, nullable=False),
        sa.Column("status", Ordered, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_hash", Ordered, nullable=False),
        sa.Column("passed_on", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("answered_via", sa.Text(), nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("member_id", Ordered, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "authority_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_invitations_organization_id_authority_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "inviter_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_invitations_organization_id_inviter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_invitations_organization_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_invitations_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(
        "ix_invitations_by_name",
        "invitations",
        ["organization_id", "status", "sort_key", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.create_index(
        "ix_invitations_by_role_and_name",
        "invitations",
        ["organization_id", "status", "role", "sort_key", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.create_index(
        "ix_invitations_pending",
        "invitations",
        ["organization_id", "expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_invitations_open_user",
        "invitations",
        ["organization_id", "slack_user_id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.create_index(
        "ix_invitations_waiting",
        "invitations",
        ["organization_id", "waits_for", "answered_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_invitations_open_email",
        "invitations",
        ["organization_id", "email_key"],
        unique=True,
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.create_table(
        "member_departments",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("member_id", Ordered, nullable=False),
        sa.Column("department_id", Ordered, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "department_id"],
            ["departments.organization_id", "departments.id"],
            name=op.f("fk_member_departments_organization_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_member_departments_organization_id_member_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "member_id", "department_id", name=op.f("pk_member_departments")
        ),
    )
    op.create_index(
        "ix_member_departments_department",
        "member_departments",
        ["organization_id", "department_id"],
        unique=False,
    )
    op.create_table(
        "refusals",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("member_id", Ordered, nullable=True),
        sa.Column("user_id", Ordered, nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("who", Json(), nullable=False),
        sa.Column("can_ask", sa.Boolean(), nullable=False),
        sa.Column("change", Json(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_refusals_organization_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_refusals_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refusals")),
    )
    op.create_index(
        "ix_refusals_by_member", "refusals", ["organization_id", "member_id", "at", "id"], unique=False
    )
    op.create_index(
        "ix_refusals_by_user", "refusals", ["organization_id", "user_id", "at", "id"], unique=False
    )
    op.create_table(
        "requests",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("change", Json(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("requester_id", Ordered, nullable=True),
        sa.Column("requester_user_id", Ordered, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requirement", Json(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("asked", Json(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("status", Ordered, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decided_by", Ordered, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "decided_by"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_requests_organization_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "requester_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_requests_organization_id_requester_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_requests_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_requests")),
    )
    op.create_index(
        "ix_requests_by_member",
        "requests",
        ["organization_id", "requester_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_requests_by_user",
        "requests",
        ["organization_id", "requester_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_requests_open",
        "requests",
        ["organization_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_requests_open_by_member",
        "requests",
        ["organization_id", "requester_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_requests_open_by_user",
        "requests",
        ["organization_id", "requester_user_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "invitation_tokens",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("token_hash", Ordered, nullable=False),
        sa.Column("invitation_id", Ordered, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitations.organization_id", "invitations.id"],
            name=op.f("fk_invitation_tokens_organization_id_invitation_id"),
        ),
        sa.PrimaryKeyConstraint("token_hash", "organization_id", name=op.f("pk_invitation_tokens")),
    )
    op.create_index(
        "ix_invitation_tokens_invitation",
        "invitation_tokens",
        ["organization_id", "invitation_id"],
        unique=False,
    )
    op.create_table(
        "request_asked",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("member_id", Ordered, nullable=False),
        sa.Column("request_id", Ordered, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_request_asked_organization_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "request_id"],
            ["requests.organization_id", "requests.id"],
            name=op.f("fk_request_asked_organization_id_request_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "request_id", name=op.f("pk_request_asked")),
    )
    op.create_index(
        "ix_request_asked_request", "request_asked", ["organization_id", "request_id"], unique=False
    )
    op.create_table(
        "votes",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("request_id", Ordered, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("voter_id", Ordered, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "request_id"],
            ["requests.organization_id", "requests.id"],
            name=op.f("fk_votes_organization_id_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "voter_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_votes_organization_id_voter_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "request_id", "step", "voter_id", name=op.f("pk_votes")),
    )
    op.create_index("ix_votes_by_voter", "votes", ["organization_id", "voter_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_votes_by_voter", table_name="votes")
    op.drop_table("votes")
    op.drop_index("ix_request_asked_request", table_name="request_asked")
    op.drop_table("request_asked")
    op.drop_index("ix_invitation_tokens_invitation", table_name="invitation_tokens")
    op.drop_table("invitation_tokens")
    op.drop_index(
        "ix_requests_open_by_user",
        table_name="requests",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_requests_open_by_member",
        table_name="requests",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_requests_open",
        table_name="requests",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index("ix_requests_by_user", table_name="requests")
    op.drop_index("ix_requests_by_member", table_name="requests")
    op.drop_table("requests")
    op.drop_index("ix_refusals_by_user", table_name="refusals")
    op.drop_index("ix_refusals_by_member", table_name="refusals")
    op.drop_table("refusals")
    op.drop_index("ix_member_departments_department", table_name="member_departments")
    op.drop_table("member_departments")
    op.drop_index(
        "uq_invitations_open_email",
        table_name="invitations",
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.drop_index(
        "ix_invitations_waiting",
        table_name="invitations",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_invitations_open_user",
        table_name="invitations",
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.drop_index(
        "ix_invitations_pending",
        table_name="invitations",
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index(
        "ix_invitations_by_role_and_name",
        table_name="invitations",
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.drop_index(
        "ix_invitations_by_name",
        table_name="invitations",
        sqlite_where=sa.text("status = 'pending' OR status = 'waiting'"),
        postgresql_where=sa.text("status = 'pending' OR status = 'waiting'"),
    )
    op.drop_table("invitations")
    op.drop_table("audit_values")
    op.drop_index("ix_search_terms_by_status", table_name="search_terms")
    op.drop_index("ix_search_terms_by_role", table_name="search_terms")
    op.drop_table("search_terms")
    op.drop_index(
        "uq_members_slack_user",
        table_name="members",
        sqlite_where=sa.text("slack_user_id IS NOT NULL"),
        postgresql_where=sa.text("slack_user_id IS NOT NULL"),
    )
    op.drop_index("ix_members_by_role_and_name", table_name="members")
    op.drop_index("ix_members_by_role_and_age", table_name="members")
    op.drop_index("ix_members_by_name", table_name="members")
    op.drop_table("members")
    op.drop_index(
        "uq_departments_open_name",
        table_name="departments",
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_table("departments")
    op.drop_table("audit_entries")
    op.drop_index("ix_postings_written_at", table_name="postings")
    op.drop_table("postings")
    op.drop_index(
        "ix_people_by_email",
        table_name="people",
        sqlite_where=sa.text("email_key <> ''"),
        postgresql_where=sa.text("email_key <> ''"),
    )
    op.drop_table("people")
    op.drop_index(
        "uq_outbox_unsent",
        table_name="outbox",
        sqlite_where=sa.text("state <> 'leased'"),
        postgresql_where=sa.text("state <> 'leased'"),
    )
    op.drop_index(
        "ix_outbox_parked",
        table_name="outbox",
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.drop_index(
        "ix_outbox_leased",
        table_name="outbox",
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.drop_index(
        "ix_outbox_lane",
        table_name="outbox",
        sqlite_where=sa.text("state <> 'parked'"),
        postgresql_where=sa.text("state <> 'parked'"),
    )
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_table("outbox")
    op.drop_table("organizations")
    op.drop_index("ix_deliveries_seen_at", table_name="deliveries")
    op.drop_table("deliveries")
