"""What the tables share: names of constraints, and the tenant in each key and each foreign key."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint, MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def where(condition: str) -> Any:
    """The same partial index on both engines."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def belongs(
    *columns: str, to: str, target: tuple[str, ...], ondelete: str | None = None
) -> ForeignKeyConstraint:
    """A foreign key; the tenant is one of its columns."""
    return ForeignKeyConstraint(list(columns), [f"{to}.{column}" for column in target], ondelete=ondelete)


def of_organization() -> ForeignKeyConstraint:
    """The tenant itself."""
    return belongs("organization_id", to="organizations", target=("id",))


def of_member(column: str) -> ForeignKeyConstraint:
    """A member of the same tenant."""
    return belongs("organization_id", column, to="members", target=("organization_id", "id"))
