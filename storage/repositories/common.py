"""Statements every aggregate writes the same way."""

import dataclasses
from typing import Any

from sqlalchemy import Column, Select, Table, Update, bindparam, select, update

from storage.session import Session
from storage.tables import organizations


def columns_of(table: Table, entity: type) -> list[Column[Any]]:
    """Return the columns that hold an entity's own fields."""
    names = {field.name for field in dataclasses.fields(entity)}
    return [column for column in table.columns if column.name in names]


def within(table: Table, *columns: Any) -> Select[Any]:
    """Return a query of the columns within the organization."""
    return select(*columns).where(table.c.organization_id == bindparam("org"))


def saving(table: Table) -> Update:
    """Return the update of one row by its key and the version it was read with."""
    changing = [column.name for column in table.columns if column.name not in ("organization_id", "id")]
    return (
        update(table)
        .where(
            table.c.organization_id == bindparam("_org"),
            table.c.id == bindparam("_id"),
            table.c.version == bindparam("_version"),
        )
        .values({name: bindparam(name) for name in changing})
    )


def saving_organization() -> Update:
    """Return the update of the organization itself, by the version it was read with."""
    changing = [column.name for column in organizations.columns if column.name != "id"]
    return (
        update(organizations)
        .where(
            organizations.c.id == bindparam("_org"),
            organizations.c.id == bindparam("_id"),
            organizations.c.version == bindparam("_version"),
        )
        .values({name: bindparam(name) for name in changing})
    )


def save_parameters(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Return what `saving` needs: the row gets the version after the one read."""
    kept = {name: value for name, value in values.items() if name not in ("organization_id", "id")}
    return kept | {
        "_org": session.organization_id,
        "_id": values["id"],
        "_version": values["version"],
        "version": values["version"] + 1,
    }
