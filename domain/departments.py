"""Departments: parts of the organization members have access to (seed 001, "To invite technicians")."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.audit import Event, record
from domain.changes import CreateDepartment, RenameDepartment, RetireDepartment
from domain.errors import BadValue, DepartmentRetired, NameTaken, NoSuchDepartment
from domain.handling import handles
from domain.model import Actor, Department, new_id
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.texts import clean_name

LONGEST_NAME = 60
SHOWN_NAMES = 10


async def _concerns_nobody(
    tx: Transaction, change: CreateDepartment | RenameDepartment | RetireDepartment
) -> Outcome:
    return Outcome()


@handles(CreateDepartment, _concerns_nobody)
async def create(
    tx: Transaction, change: CreateDepartment, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Define a department."""
    department = Department(
        id=new_id(), organization_id=tx.organization.id, name=await _free_name(tx, change.name)
    )
    await tx.departments.add(department)
    event = Event(
        tag="department.created", subject=f"department:{department.id}", facts={"name": department.name}
    )
    await record(tx, event, actor=actor, authority=authority)
    return (department.id,)


@handles(RenameDepartment, _concerns_nobody)
async def rename(
    tx: Transaction, change: RenameDepartment, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Give a department another name; who has access keeps it."""
    department = await _open(tx, change.department_id)
    name = await _free_name(tx, change.name, itself=department.id)
    await tx.departments.save(replace(department, name=name))
    facts = {"before": department.name, "after": name}
    event = Event(tag="department.renamed", subject=f"department:{department.id}", facts=facts)
    await record(tx, event, actor=actor, authority=authority)
    return (department.id,)


@handles(RetireDepartment, _concerns_nobody)
async def retire(
    tx: Transaction, change: RetireDepartment, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Close a department: members keep the record of it, nobody can be given it any more."""
    department = await _open(tx, change.department_id)
    await tx.departments.save(replace(department, retired_at=tx.now))
    event = Event(
        tag="department.retired", subject=f"department:{department.id}", facts={"name": department.name}
    )
    await record(tx, event, actor=actor, authority=authority)
    return (department.id,)


async def _open(tx: Transaction, department_id: str) -> Department:
    department = await tx.departments.get(department_id)
    if department is None:
        raise NoSuchDepartment("This department is not known here.", field="department")
    if department.retired_at:
        raise DepartmentRetired(f"{department.name} is retired.", field="department")
    return department


async def _free_name(tx: Transaction, text: str, *, itself: str = "") -> str:
    name = clean_name(text, longest=LONGEST_NAME + 1)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadValue(f"A department's name has 1 to {LONGEST_NAME} characters.", field="name")
    if any(
        other.name.casefold() == name.casefold() and other.id != itself
        for other in await tx.departments.all()
    ):
        raise NameTaken(f"There is a department {name} already.", remedy="Choose another name.", field="name")
    return name


async def all_departments(tx: Transaction) -> dict[str, Department]:
    """Return every department by id, retired ones included."""
    return {department.id: department for department in await tx.departments.all(retired=True)}


def _instead(known: Mapping[str, Department]) -> str:
    """Return what to do about a department that there is none of."""
    open_ones = [one.name for one in known.values() if not one.retired_at]
    if not open_ones:
        return "Leave departments empty, or have one made in /team settings first."
    more = f" and {len(open_ones) - SHOWN_NAMES} more" if len(open_ones) > SHOWN_NAMES else ""
    return f"Choose one of: {', '.join(open_ones[:SHOWN_NAMES])}{more}."


def require_open(known: Mapping[str, Department], department_ids: Sequence[str]) -> None:
    """Check that every department exists and is open.

    Raises:
        NoSuchDepartment, DepartmentRetired: with the name.
    """
    for department_id in department_ids:
        department = known.get(department_id)
        if department is None:  # a name as it was typed
            raise NoSuchDepartment(
                f"There is no department “{clean_name(department_id, longest=LONGEST_NAME)}” here.",
                remedy=_instead(known),
                field="departments",
            )
        if department.retired_at:
            raise DepartmentRetired(
                f"{department.name} is retired.", remedy="Choose another one.", field="departments"
            )
