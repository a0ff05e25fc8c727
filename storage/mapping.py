"""Rows into entities and entities into rows."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from domain.import_jobs import ImportJob, ImportState, part_of
from domain.model import (
    Approvers,
    AuditEntry,
    Department,
    Invitation,
    InvitationStatus,
    Member,
    MemberStatus,
    Organization,
    Person,
    PersonalValue,
    Plan,
    Preset,
    RecordedRefusal,
    Request,
    RequestStatus,
    Requirement,
    Step,
    Verdict,
    Via,
    Vote,
    email_key,
)
from storage.words import sort_key

Values = dict[str, Any]


def plain(entity: Any) -> Values:
    """Return an entity's own fields as they are."""
    return {field.name: getattr(entity, field.name) for field in dataclasses.fields(entity)}


def _fields(row: Row[Any], **changed: Any) -> Any:
    return {**row._mapping, **changed}


def organization_of(row: Row[Any]) -> Organization:
    return Organization(
        **_fields(
            row,
            preset=Preset(row.preset),
            plan=Plan(row.plan),
            allowed_domains=tuple(row.allowed_domains),
        )
    )


def organization_values(organization: Organization) -> Values:
    return plain(organization)


def member_of(row: Row[Any]) -> Member:
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


def invitation_of(row: Row[Any]) -> Invitation:
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


def department_of(row: Row[Any]) -> Department:
    return Department(**row._mapping)


def department_values(department: Department) -> Values:
    return plain(department) | {"name_key": department.name.casefold()}


def person_of(row: Row[Any]) -> Person:
    return Person(**row._mapping)


def person_values(person: Person) -> Values:
    return plain(person) | {"email_key": email_key(person.email)}


def request_of(row: Row[Any]) -> Request:
    return Request(
        **_fields(
            row,
            requirement=_requirement_of(row.requirement),
            asked=tuple(row.asked),
            status=RequestStatus(row.status),
        )
    )


def request_values(request: Request) -> Values:
    return plain(request) | {"requirement": dataclasses.asdict(request.requirement)}


def _requirement_of(data: Mapping[str, Any]) -> Requirement:
    steps = (Step(approvers=Approvers(step["approvers"]), needed=step["needed"]) for step in data["steps"])
    return Requirement(steps=tuple(steps), policy_version=data["policy_version"], rule=data["rule"])


def vote_of(row: Row[Any]) -> Vote:
    return Vote(**_fields(row, verdict=Verdict(row.verdict)))


def refusal_of(row: Row[Any]) -> RecordedRefusal:
    return RecordedRefusal(**_fields(row, who=tuple(row.who)))


def import_of(row: Row[Any]) -> ImportJob:
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


def entry_of(row: Row[Any]) -> AuditEntry:
    return AuditEntry(**row._mapping)


def value_of(row: Row[Any]) -> PersonalValue:
    return PersonalValue(**row._mapping)
