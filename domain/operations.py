"""The operations a role may hold, Steward's own and those of other products, with the words for them."""

import re
from difflib import get_close_matches
from enum import StrEnum


class Operation(StrEnum):
    """One thing that can be done in an organization."""

    # Steward's own, every preset
    SEE_TEAM = "see_team"
    SEE_DETAILS = "see_details"
    INVITE = "invite"
    MANAGE_MEMBERS = "manage_members"
    DEPARTMENTS = "departments"
    CUSTOM_ROLES = "custom_roles"
    SETTINGS = "settings"
    VIEW_SUBSCRIPTION = "view_subscription"
    MANAGE_SUBSCRIPTION = "manage_subscription"
    VIEW_API_KEYS = "view_api_keys"
    GENERATE_API_KEYS = "generate_api_keys"
    VIEW_USAGE = "view_usage"
    AUDIT = "audit"
    DEFINE_APPLICATIONS = "define_applications"
    ASSIGN_APPLICATIONS = "assign_applications"
    MAILBOXES = "mailboxes"
    APPROVAL_POLICY = "approval_policy"
    RECOVERY = "recovery"
    TRANSFER_OWNERSHIP = "transfer_ownership"
    DELETE_ORGANIZATION = "delete_organization"
    # Office Integrator (seed 000) and Assist (seed 001) name these besides
    WHITE_LABEL = "white_label"
    EMAIL_TEMPLATES = "email_templates"
    INTEGRATIONS = "integrations"
    FILE_MANAGER = "file_manager"
    SESSION_RECORDING = "session_recording"


class Access(StrEnum):
    """How far a role holds an operation."""

    FULL = "full"
    LIMITED = "limited"  # their own preferences only
    OWN = "own"
    SCOPE = "scope"
    ASKS = "asks"
    ASKS_FOR_SELF = "asks_for_self"
    NONE = "none"


OPERATION_NAMES: dict[Operation, str] = {
    Operation.SEE_TEAM: "see names, roles and who decides what",
    Operation.SEE_DETAILS: "see e-mail addresses, pending invitations and the health of the team",
    Operation.INVITE: "invite people",
    Operation.MANAGE_MEMBERS: "manage members and their roles",
    Operation.DEPARTMENTS: "manage departments and groups",
    Operation.CUSTOM_ROLES: "define custom roles",
    Operation.SETTINGS: "change settings and preferences",
    Operation.VIEW_SUBSCRIPTION: "view subscription information",
    Operation.MANAGE_SUBSCRIPTION: "manage the subscription",
    Operation.VIEW_API_KEYS: "view API key information",
    Operation.GENERATE_API_KEYS: "generate and revoke API keys",
    Operation.VIEW_USAGE: "view usage statistics",
    Operation.AUDIT: "read the audit, reports and exports",
    Operation.DEFINE_APPLICATIONS: "define applications",
    Operation.ASSIGN_APPLICATIONS: "assign people to applications",
    Operation.MAILBOXES: "manage mailboxes",
    Operation.APPROVAL_POLICY: "change the approval policy",
    Operation.RECOVERY: "start or confirm recovery",
    Operation.TRANSFER_OWNERSHIP: "transfer ownership",
    Operation.DELETE_ORGANIZATION: "delete the account",
    Operation.WHITE_LABEL: "manage white-label settings and rebranding",
    Operation.EMAIL_TEMPLATES: "edit e-mail templates",
    Operation.INTEGRATIONS: "manage integrations",
    Operation.FILE_MANAGER: "use the file manager",
    Operation.SESSION_RECORDING: "manage session recording",
}

_WORDS = {
    Operation.SEE_TEAM: "see team, see names, see roles, see members, list members, members, who",
    Operation.SEE_DETAILS: (
        "see details, see emails, see addresses, see invitations, pending invitations, emails, "
        "addresses, health, team health, see health"
    ),
    Operation.INVITE: "invite, invitation, resend, revoke, add member, add person, admit, let in, hire",
    Operation.MANAGE_MEMBERS: (
        "manage members, role, change role, assign role, give role, grant, promote, demote, deactivate, "
        "activate, reactivate, suspend, remove, remove member, restore, manage team, make admin"
    ),
    Operation.DEPARTMENTS: (
        "departments, group, department permissions, create department, rename department, retire department"
    ),
    Operation.CUSTOM_ROLES: "custom roles, define role, create role",
    Operation.SETTINGS: (
        "settings, preferences, rename, rename team, name, team name, domains, allowed domains, "
        "channels, audit channel, approvals channel"
    ),
    Operation.VIEW_SUBSCRIPTION: (
        "view subscription, see subscription, view billing, see billing, view plan, see seats, "
        "subscription information, view seats, pricing"
    ),
    Operation.MANAGE_SUBSCRIPTION: (
        "subscription, billing, plan, seat, seat limit, change seats, buy seats, invoice, invoice "
        "address, upgrade, downgrade, pay, license, licence"
    ),
    Operation.VIEW_API_KEYS: "api keys, api, view api key, see api keys, api key information",
    Operation.GENERATE_API_KEYS: (
        "generate api keys, generate new api key, create api key, new api key, revoke api key, make api key"
    ),
    Operation.VIEW_USAGE: "usage, statistics, usage statistics, view usage, see usage",
    Operation.AUDIT: "audit, audit log, log, reports, export, read audit, history",
    Operation.DEFINE_APPLICATIONS: "applications, define application, create application, apps",
    Operation.ASSIGN_APPLICATIONS: "assign people, assign, assign application, assign users",
    Operation.MAILBOXES: "mailboxes, mail, mailbox, lock mailbox, back up mailbox, backup",
    Operation.APPROVAL_POLICY: "approval policy, approval, policy, change policy",
    Operation.RECOVERY: "recovery, recover, start recovery, confirm recovery, recover ownership",
    Operation.TRANSFER_OWNERSHIP: "transfer, ownership, transfer owner, give ownership, owner",
    Operation.DELETE_ORGANIZATION: (
        "delete account, delete, delete team, delete organization, delete organisation, erase, close account"
    ),
    Operation.WHITE_LABEL: "branding, white label, whitelabel, brand, rebranding, rebrand, logo",
    Operation.EMAIL_TEMPLATES: "templates, mail templates, email templates, edit templates",
    Operation.INTEGRATIONS: "integrations, connector",
    Operation.FILE_MANAGER: "files, file manager, import, archives",
    Operation.SESSION_RECORDING: "session recording, session, recording, record sessions",
}

OPERATION_WORDS: dict[Operation, tuple[str, ...]] = {
    operation: tuple(words.split(", ")) for operation, words in _WORDS.items()
}
"""What people call each operation, besides its name and its slug; with or without a plural s."""

_IDLE = frozenset(
    {
        *("a", "an", "the", "to", "can", "may", "other", "some", "any", "all", "our", "my", "their"),
        *("people", "person", "persons", "somebody", "someone", "anybody", "anyone", "everybody", "others"),
    }
)
"""Words that make no difference to what is meant."""


def _plain(text: str) -> str:
    """Return words without case, signs, plurals and what makes no difference: "the E-Mails" is "email"."""
    words = re.sub(r"[^\w\s]|_", " ", re.sub(r"(?<=\b[eE])-(?=[mM]ail)", "", text)).casefold().split()
    return " ".join(_singular(word) for word in [word for word in words if word not in _IDLE] or words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_MEANT: dict[str, Operation] = {
    _plain(word): operation
    for operation, words in OPERATION_WORDS.items()
    for word in (*words, str(operation), OPERATION_NAMES[operation])
}


_VOCABULARY = frozenset(word for name in _MEANT for word in name.split())


def speaks_of_operations(text: str) -> bool:
    """Return whether every word occurs in what operations are called, so that none is a person's name."""
    return set(_plain(text).split()) <= _VOCABULARY | _IDLE


def operation_named(text: str, *, whole: bool = False) -> Operation | None:
    """Return the operation that words like "invite", "change her role" or "billing" mean.

    A sentence means the longest name in it ("generate a new API key" is more than "API key"); one that holds
    two names of the same length means neither.

    Args:
        whole: only when the words name it and say nothing else.
    """
    said = _plain(text)
    if said in _MEANT or whole:
        return _MEANT.get(said)
    held = [name for name in _MEANT if f" {name} " in f" {said} "]
    longest = max((name.count(" ") for name in held), default=0)
    found = {_MEANT[name] for name in held if name.count(" ") == longest}
    return found.pop() if len(found) == 1 else None


def operations_like(text: str, *, limit: int = 3) -> tuple[Operation, ...]:
    """Return the operations somebody may have meant by words that name none, the likeliest first."""
    said = _plain(text)
    begun = [name for name in _MEANT if len(said) > 2 and name.startswith(said)]
    near = [*begun, *get_close_matches(said, _MEANT, n=10, cutoff=0.6)]
    near += [name for word in said.split() for name in get_close_matches(word, _MEANT, n=3, cutoff=0.8)]
    return tuple(dict.fromkeys(_MEANT[name] for name in near))[:limit]
