"""Departments: listed page by page, created, renamed, retired (product §5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.answers import Answer, Close, Push, Refresh, Say, Screen, Several, Update
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    input_block,
    message,
    modal,
    option,
    overflow,
    paged,
    pager,
    section,
    text_input,
)
from bot.slack.entering import require_active
from bot.slack.forms import Form, metadata, metadata_of, number_in
from bot.slack.results import result_words
from bot.slack.screens.settings_overview import build_overview, holds
from bot.slack.text import Mrkdwn, md, name
from bot.slack.visit import Visit
from domain.authority import no_permission
from domain.changes import Change, CreateDepartment, RenameDepartment, RetireDepartment
from domain.departments import LONGEST_NAME
from domain.errors import NoSuchDepartment
from domain.model import Actor, Department
from domain.operations import Operation
from domain.permissions import Outcome
from domain.ports import Transaction

LIST = "departments"
NEW = "department_new"
ACT = "department_act"
PAGE = "departments_page"
NAME_FORM = "department_name"
RETIRE_FORM = "department_retire"
PER_PAGE = 20
FINAL = "A retired department cannot be opened again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the form of a name says; without an id it is a new department's."""

    name: str = ""
    department_id: str = ""


async def build_list(tx: Transaction, *, page: int = 1, said: Mrkdwn | None = None) -> View:
    """The departments; `said` is what became of a change."""
    shown = paged(await tx.departments.all(), page, PER_PAGE)
    blocks: list[Block] = [section(said), divider()] if said else []
    blocks.append(actions(button("New department", NEW, value="new", style="primary"), block_id="new"))
    blocks += [_row(department) for department in shown.items]
    if not shown.items:
        blocks.append(section("There are no departments yet. An invitation can give access to them."))
    if shown.pages > 1:
        blocks += [context(f"Departments {shown.label}"), *pager(shown, PAGE, block_id="pages")]
    return modal(
        "Departments",
        blocks,
        callback_id=LIST,
        close="Back",
        private_metadata=metadata(page=shown.number),
    )


def _row(department: Department) -> Block:
    menu = [option("Rename", f"rename:{department.id}"), option("Retire", f"retire:{department.id}")]
    words = md("*{name}*", name=name(department.name))
    return section(words, accessory=overflow(ACT, menu), block_id=f"department:{department.id}")


def build_name(named: Named, *, page: int = 1) -> View:
    """The form that creates or renames."""
    field = text_input("name", initial=named.name or None, max_length=LONGEST_NAME, focus=True)
    return modal(
        "Rename department" if named.department_id else "New department",
        [input_block("Name", field, block_id="name")],
        callback_id=NAME_FORM,
        submit="Rename" if named.department_id else "Create",
        private_metadata=metadata(department=named.department_id, page=page),
    )


def parse_name(view: Mapping[str, Any]) -> Named:
    """What the form says.

    Raises:
        BadValue: the name is missing.
    """
    form = Form(view)
    form.require("name")
    return Named(name=form.text("name"), department_id=str(metadata_of(view).get("department", "")))


def build_retire(department: Department, *, page: int = 1) -> View:
    """The question before a department is retired."""
    words = md(
        "*Retire {name}?* Members keep the record of it; nobody can be given it any more.",
        name=name(department.name),
    )
    return modal(
        "Retire department",
        [section(words), context(md(":warning: {final}", final=FINAL))],
        callback_id=RETIRE_FORM,
        submit="Retire",
        private_metadata=metadata(department=department.id, page=page),
    )


def parse_retire(view: Mapping[str, Any]) -> str:
    """The id of the department to retire."""
    return str(metadata_of(view).get("department", ""))


def _page(visit: Visit) -> int:
    return number_in(visit.metadata, "page", 1)


async def _require_right(tx: Transaction, actor: Actor) -> None:
    """Check that the actor may manage departments, before any is shown."""
    member = await require_active(tx, actor)
    if not holds(tx, member, Operation.DEPARTMENTS):
        raise await no_permission(tx, member, Operation.DEPARTMENTS, Outcome())


async def turned(visit: Visit) -> Answer:
    """Show another page."""
    page = int(visit.value) if visit.value.isdecimal() else 1
    async with visit.reading() as (tx, actor):
        await _require_right(tx, actor)
        return Update(await build_list(tx, page=page))


async def new(visit: Visit) -> Answer:
    """Open the form for a new one."""
    async with visit.reading() as (tx, actor):
        await _require_right(tx, actor)
    return Push(build_name(Named(), page=_page(visit)))


async def acted(visit: Visit) -> Answer:
    """Rename or Retire, from a line's menu."""
    act, _, department_id = visit.value.partition(":")
    async with visit.reading() as (tx, actor):
        await _require_right(tx, actor)
        department = await tx.departments.get(department_id)
        if department is None:
            raise NoSuchDepartment("This department is not known here.")
    if act == "retire":
        return Push(build_retire(department, page=_page(visit)))
    return Push(build_name(Named(name=department.name, department_id=department.id), page=_page(visit)))


async def named(visit: Visit) -> Answer:
    """Create or rename."""
    typed = parse_name(visit.view)
    if not typed.department_id:
        return await _changed(visit, CreateDepartment(name=typed.name), "*{name} is a department now.*")
    change = RenameDepartment(department_id=typed.department_id, name=typed.name)
    return await _changed(visit, change, "*The department is called {name} now.*")


async def retired(visit: Visit) -> Answer:
    """Retire."""
    change = RetireDepartment(department_id=parse_retire(visit.view))
    return await _changed(visit, change, "*{name} is retired.*")


async def _changed(visit: Visit, change: Change, done: str) -> Answer:
    """Hand it to the desk and bring the list and the settings below it up to date."""
    answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    made = getattr(answer, "made", ())
    async with visit.reading() as (tx, actor):
        department = await tx.departments.get(made[0]) if made else None
        shown = name(department.name) if department else "The department"
        words = await result_words(tx, answer, done=md(done, name=shown))
        below = str(visit.view.get("previous_view_id") or "")
        root = str(visit.view.get("root_view_id") or "")
        if not below:
            return Say(message(words, [section(words)]), title="Departments")
        renewed: list[Answer] = [Refresh(await build_list(tx, page=_page(visit), said=words), below)]
        if root != below:
            renewed.append(Refresh(await build_overview(tx, await require_active(tx, actor)), root))
    return Several((Close(), *renewed))


SCREEN = Screen(
    actions={ACT: acted, NEW: new, re.compile(rf"{PAGE}:(previous|next)"): turned},
    views={NAME_FORM: named, RETIRE_FORM: retired},
)
