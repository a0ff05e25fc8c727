"""Where the app is installed, with sealed tokens; what is due to leave is found by workspace.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Json, Ordered, Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_QUEUED, _COUNTS = sa.text("state = 'queued'"), sa.text("ended IS NULL")


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("team_id", Ordered, nullable=False),
        sa.Column("org_wide", sa.Boolean(), nullable=False),
        sa.Column("enterprise_id", Ordered, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("bot_id", sa.Text(), nullable=False),
        sa.Column("bot_user_id", sa.Text(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("expires_at", Utc(), nullable=True),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("installed_at", Utc(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("read_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_installations")),
    )
    op.create_index(
        "ix_installations_expires_at",
        "installations",
        ["expires_at"],
        sqlite_where=_COUNTS,
        postgresql_where=_COUNTS,
    )
    op.create_index(
        "ix_installations_read_at",
        "installations",
        ["read_at"],
        sqlite_where=_COUNTS,
        postgresql_where=_COUNTS,
    )
    op.create_table(
        "installation_states",
        sa.Column("state_hash", Ordered, nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_installation_states")),
    )
    op.create_index("ix_installation_states_expires_at", "installation_states", ["expires_at"])
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index(
        "ix_outbox_due", "outbox", ["team_id", "run_at", "id"], sqlite_where=_QUEUED, postgresql_where=_QUEUED
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index(
        "ix_outbox_due", "outbox", ["run_at", "id"], sqlite_where=_QUEUED, postgresql_where=_QUEUED
    )
    op.drop_table("installation_states")
    op.drop_table("installations")
