"""Keep the reason of a refused attempt, a request's channel, an open post; find expired invitations.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refusals", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("requests", sa.Column("channel", sa.Text(), nullable=True))
    op.execute(
        "UPDATE requests SET channel = (SELECT organizations.approvals_channel FROM organizations "
        "WHERE organizations.id = requests.organization_id)"
    )
    op.add_column("postings", sa.Column("settles_at", Utc(), nullable=True))
    op.create_index(
        "ix_invitations_expired",
        "invitations",
        ["organization_id", "expires_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'expired'"),
        postgresql_where=sa.text("status = 'expired'"),
    )
    op.create_index(
        "ix_invitations_by_email", "invitations", ["organization_id", "email_key", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_invitations_by_email", table_name="invitations")
    op.drop_index("ix_invitations_expired", table_name="invitations")
    op.drop_column("postings", "settles_at")
    op.drop_column("requests", "channel")
    op.drop_column("refusals", "reason")
