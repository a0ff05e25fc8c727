"""What each kind of outcome needs, in versions; who is not pinged; when a step of a request began.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Json, Ordered, Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organizations", sa.Column("rules", Json(), nullable=False, server_default="[]"))
    op.add_column("members", sa.Column("pinged", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("requests", sa.Column("silent", Json(), nullable=False, server_default="[]"))
    op.add_column("requests", sa.Column("stepped_at", Utc(), nullable=True))
    op.create_table(
        "policies",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", Json(), nullable=False),
        sa.Column("admin_roles_direct", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_policies_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "version", name=op.f("pk_policies")),
    )


def downgrade() -> None:
    op.drop_table("policies")
    op.drop_column("requests", "stepped_at")
    op.drop_column("requests", "silent")
    op.drop_column("members", "pinged")
    op.drop_column("organizations", "rules")
