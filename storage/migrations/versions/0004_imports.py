"""Files of people to invite, large bytes in pieces, and seats kept for what is being sent.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Json, Ordered, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reserved = sa.Column("reserved_seats", sa.Integer(), nullable=False, server_default="0")
    op.add_column("organizations", reserved)
    op.create_table(
        "imports",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("member_id", Ordered, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_imports_organization_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_imports_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_created_at", "imports", ["created_at"], unique=False)
    op.create_table(
        "blobs",
        sa.Column("organization_id", Ordered, nullable=False),
        sa.Column("key", Ordered, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_blobs_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "key", "number", name=op.f("pk_blobs")),
    )
    op.create_index("ix_blobs_written_at", "blobs", ["written_at"], unique=False)


def downgrade() -> None:
    op.drop_table("blobs")
    op.drop_table("imports")
    op.drop_column("organizations", "reserved_seats")
