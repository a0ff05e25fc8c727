"""Admin roles are approved by a rule of the policy like everything else; which requests found no seat.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from storage.column_types import Json, Ordered

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

organizations = sa.table(
    "organizations",
    sa.column("id", Ordered),
    sa.column("admin_roles_direct", sa.Boolean),
    sa.column("rules", Json),
)
policies = sa.table(
    "policies",
    sa.column("organization_id", Ordered),
    sa.column("version", sa.Integer),
    sa.column("admin_roles_direct", sa.Boolean),
    sa.column("rules", Json),
)
DIRECT = {
    "kind": "admin_role",
    "role": "",
    "people": 1,
    "department": "",
    "steps": [],
    "deadlines": {"remind": 24, "escalate": 48, "expire": 168},
    "pinged": [],
}
"""What the switch said where it was on; off is the rule that holds by default."""


def upgrade() -> None:
    lacks: sa.Column[bool] = sa.Column("lacks_seat", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("requests", lacks)
    for table, key in ((organizations, ("id",)), (policies, ("organization_id", "version"))):
        _into_a_rule(table, key)
        op.drop_column(table.name, "admin_roles_direct")


def _into_a_rule(table: sa.TableClause, key: tuple[str, ...]) -> None:
    """Write the switch as a rule, unless a rule took its place already."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(table).where(table.c.admin_roles_direct)).all():
        if any(_same_conditions(rule) for rule in row.rules):
            continue
        found = (table.c[name] == getattr(row, name) for name in key)
        connection.execute(sa.update(table).where(*found).values(rules=[*row.rules, DIRECT]))


def _same_conditions(rule: dict[str, object]) -> bool:
    return all(rule[name] == DIRECT[name] for name in ("kind", "role", "people", "department"))


def downgrade() -> None:
    op.drop_column("requests", "lacks_seat")
    for table, key in ((organizations, ("id",)), (policies, ("organization_id", "version"))):
        added: sa.Column[bool] = sa.Column(
            "admin_roles_direct", sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column(table.name, added)
        _into_the_switch(table, key)


def _into_the_switch(table: sa.TableClause, key: tuple[str, ...]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        if any(_same_conditions(rule) and not rule["steps"] for rule in row.rules):
            found = (table.c[name] == getattr(row, name) for name in key)
            connection.execute(sa.update(table).where(*found).values(admin_roles_direct=True))
