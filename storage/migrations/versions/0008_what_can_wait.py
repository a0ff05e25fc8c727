"""What waits in the outbox behind what somebody waits for.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    _index(["team_id", "bulk", "run_at", "id"])


def downgrade() -> None:
    _index(["team_id", "run_at", "id"])
    op.drop_column("outbox", "bulk")


def _index(columns: list[str]) -> None:
    queued = sa.text("state = 'queued'")
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index("ix_outbox_due", "outbox", columns, sqlite_where=queued, postgresql_where=queued)
