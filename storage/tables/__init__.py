"""Every table: the tenant stands in each key and each foreign key."""

from storage.tables.approvals import policies, refusals, request_asked, requests, votes
from storage.tables.audit import audit_entries, audit_values
from storage.tables.base import metadata
from storage.tables.imports import blobs, imports
from storage.tables.installations import installation_states, installations
from storage.tables.membership import (
    departments,
    invitation_tokens,
    invitations,
    member_departments,
    members,
    organizations,
    search_terms,
)
from storage.tables.workspace import deliveries, outbox, people, postings

__all__ = [
    "audit_entries",
    "audit_values",
    "blobs",
    "deliveries",
    "departments",
    "imports",
    "installation_states",
    "installations",
    "invitation_tokens",
    "invitations",
    "member_departments",
    "members",
    "metadata",
    "organizations",
    "outbox",
    "people",
    "policies",
    "postings",
    "refusals",
    "request_asked",
    "requests",
    "search_terms",
    "votes",
]
