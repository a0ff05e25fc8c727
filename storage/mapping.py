"""Rows into entities and entities into rows."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from domain.import_jobs import ImportJob, ImportState, part_of
from domain.model import (
    Approvers,
    AuditEntry,
    Deadlines,
    Department,
    Invitation,
    InvitationStatus,
    Kind,
    Member,
    MemberStatus,
    Organization,
    Person,
    PersonalValue,
    Plan,
    Policy,
    Preset,
    RecordedRefusal,
    Request,
    RequestStatus,
    Requirement,
    Rule,
    Step,
    Verdict,
    Via,
    Vote,
    email_key,
)
from storage.driving import Row
from storage.words import sort_key

Values = dict[str, Any]


def plain(entity: Any) -> Values:
    """Return an entity's own fields as they are."""
    kind: Any = type(entity)
    names, values_of = _reader(kind)
    return dict(zip(names, values_of(entity), strict=True))


@cache
def _reader(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return the names of an entity's fields (two or more), and what reads them all at once."""
    names = tuple(field.name for field in dataclasses.fields(kind))
    return names, attrgetter(*names)


def _fields(row: Row, **changed: Any) -> Any:
    return {**row._asdict(), **changed}


def organization_of(row: Row) -> Organization:
    return Organization(
        **_fields(
            row,
            preset=Preset(row.preset),
            plan=Plan(row.plan),
            rules=_rules_of(row.rules) if row.rules else (),
            allowed_domains=tuple(row.allowed_domains),
        )
    )


def organization_values(organization: Organization) -> Values:
    return plain(organization) | {"rules": rules_values(organization.rules)}


def _rules_of(rules: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            kind=Kind(rule["kind"]),
            role=rule["role"],
            people=rule["people"],
            department=rule["department"],
            steps=_steps_of(rule["steps"]),
            deadlines=Deadlines(**rule["deadlines"]),
            pinged=tuple(rule["pinged"]),
        )
        for rule in rules
    )


def rules_values(rules: Iterable[Rule]) -> list[Values]:
    return [dataclasses.asdict(rule) for rule in rules]


def policy_of(row: Row) -> Policy:
    return Policy(**_fields(row, rules=_rules_of(row.rules)))


def policy_values(policy: Policy) -> Values:
    return plain(policy) | {"rules": rules_values(policy.rules)}


def member_of(row: Row) -> Member:
    return Member(
        **_fields(
            row,
            status=MemberStatus(row.status),
            joined_via=Via(row.joined_via),
            departments=tuple(row.departments.split()) if row.departments else (),
        )
    )


def member_values(member: Member) -> Values:
    values = plain(member) | _found_by(member.name, member.email)
    del values["departments"]
    return values


def _found_by(name: str, email: str) -> Values:
    return {"email_key": email_key(email), "sort_key": sort_key(name, email)}


def invitation_of(row: Row) -> Invitation:
    return Invitation(
        **_fields(
            row,
            departments=tuple(row.departments),
            status=InvitationStatus(row.status),
            answered_via=Via(row.answered_via) if row.answered_via else None,
        )
    )


def invitation_values(invitation: Invitation) -> Values:
    return plain(invitation) | _found_by(invitation.name, invitation.email)


def department_of(row: Row) -> Department:
    return Department(**row._asdict())


def department_values(department: Department) -> Values:
    return plain(department) | {"name_key": department.name.casefold()}


def person_of(row: Row) -> Person:
    return Person(**row._asdict())


def person_values(person: Person) -> Values:
    return plain(person) | {"email_key": email_key(person.email)}


def request_of(row: Row) -> Request:
    return Request(
        **_fields(
            row,
            requirement=_requirement_of(row.requirement),
            asked=tuple(row.asked),
            silent=tuple(row.silent),
            status=RequestStatus(row.status),
        )
    )


def request_values(request: Request) -> Values:
    return plain(request) | {"requirement": dataclasses.asdict(request.requirement)}


def _requirement_of(data: Mapping[str, Any]) -> Requirement:
    return Requirement(
        steps=_steps_of(data["steps"]),
        policy_version=data["policy_version"],
        rule=data["rule"],
        about=data.get("about", ""),
        deadlines=Deadlines(**data.get("deadlines", {})),
        pinged=tuple(data.get("pinged", ())),
    )


def _steps_of(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(
            approvers=Approvers(step["approvers"]),
            needed=step["needed"],
            role=step.get("role", ""),
            people=tuple(step.get("people", ())),
        )
        for step in steps
    )


def vote_of(row: Row) -> Vote:
    return Vote(**_fields(row, verdict=Verdict(row.verdict)))


def refusal_of(row: Row) -> RecordedRefusal:
    return RecordedRefusal(**_fields(row, who=tuple(row.who)))


def import_of(row: Row) -> ImportJob:
    body = dict(row.body)
    for name in ("departments", "ignored"):
        body[name] = tuple(body[name])
    return ImportJob(
        **body
        | {
            "id": row.id,
            "organization_id": row.organization_id,
            "member_id": row.member_id,
            "state": ImportState(row.state),
            "created_at": row.created_at,
            "version": row.version,
            "parts": tuple(part_of(part) for part in body["parts"]),
            "examples": tuple((number, words) for number, words in body["examples"]),
        }
    )


def import_values(job: ImportJob) -> Values:
    body = dataclasses.asdict(job)
    columns = {name: body.pop(name) for name in ("id", "organization_id", "member_id", "state")}
    columns |= {name: body.pop(name) for name in ("created_at", "version")}
    return columns | {"body": body}


def entry_of(row: Row) -> AuditEntry:
    return AuditEntry(**row._asdict())


def value_of(row: Row) -> PersonalValue:
    return PersonalValue(**row._asdict())
