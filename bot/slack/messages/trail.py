"""New audit entries, as the audit channel shows them: who did what, without anybody's address."""

from collections.abc import Iterable

from bot.slack import text
from bot.slack.blocks import Message, section
from bot.slack.messages.rendering import Renderer, said
from bot.slack.refusals import who_is
from bot.slack.text import Mrkdwn, escape, md
from domain.descriptions import role_name
from domain.model import AuditEntry, Member
from domain.notices import AuditPosted, Notice
from domain.ports import Transaction

SHOWN = 30
_DONE = {
    "organization.founded": "set Steward up",
    "member.joined": "joined",
    "member.linked": "was linked to Slack",
    "member.role_changed": "has another role",
    "member.deactivated": "was deactivated",
    "member.activated": "was activated",
    "invitation.sent": "was sent",
    "invitation.resent": "was sent again",
    "invitation.waits": "was accepted and waits",
    "invitation.accepted": "was accepted",
    "invitation.declined": "was declined",
    "invitation.revoked": "was taken back",
    "invitation.expired": "expired",
    "import.begun": "began to be sent",
    "import.stopped": "was stopped",
    "import.refused": "was not approved",
    "request.filed": "was asked for",
    "request.voted": "got a vote",
    "request.applied": "was approved and done",
    "request.declined": "was declined",
    "request.withdrawn": "was withdrawn",
    "request.expired": "expired",
    "request.failed": "could not be done",
    "request.void": "ended, as what it was about is gone",
    "delivery.retried": "is tried again",
    "delivery.discarded": "was given up",
}
_SYSTEM = {"system:clock": "the clock", "system:operator": "the operator"}
_ROLES = frozenset({"role", "before", "after"})


async def audit_posted(tx: Transaction, notice: AuditPosted) -> Message | None:
    """A line for each new entry."""
    wanted = min(notice.last - notice.first + 1, SHOWN)
    entries = await tx.audit.entries(after=notice.first - 1, limit=wanted)
    if not entries:
        return None
    known = await tx.members.many(_members(entries))
    words = [_line(tx, entry, known) for entry in entries]
    if (left := notice.last - notice.first + 1 - len(entries)) > 0:
        words.append(md("and {left} more, in the audit.", left=left))
    return said(words, [section(text.shorten(part, 2900)) for part in words])


def _members(entries: Iterable[AuditEntry]) -> set[str]:
    labels = {label for entry in entries for label in (entry.actor, entry.authority, entry.subject)}
    return {label.partition(":")[2] for label in labels if label.startswith("member:")}


def _line(tx: Transaction, entry: AuditEntry, known: dict[str, Member]) -> Mrkdwn:
    done = _DONE.get(entry.tag, entry.tag.partition(".")[2].replace("_", " "))
    by = _named(entry.actor, known)
    if entry.authority != entry.actor:
        by = md("{by}, approved by {authority}", by=by, authority=_named(entry.authority, known))
    facts = [_fact(tx, name, value) for name, value in entry.facts.items()]
    return md(
        "`{seq}` {at} · {subject} {done} · by {by}{facts}",
        seq=entry.seq,
        at=text.date(entry.at),
        subject=_named(entry.subject, known),
        done=done,
        by=by,
        facts=Mrkdwn("".join(f" · {fact}" for fact in facts if fact)),
    )


def _named(label: str, known: dict[str, Member]) -> Mrkdwn:
    kind, _, ident = label.partition(":")
    if kind == "member" and ident in known:
        return who_is(known[ident])
    if kind == "user":
        return text.mention(ident)
    if label in _SYSTEM:
        return escape(_SYSTEM[label])
    return escape({"organization": "The organization"}.get(kind, f"{kind.capitalize()} …{ident[-6:]}"))


def _fact(tx: Transaction, name: str, value: object) -> Mrkdwn | None:
    """A fact in short; ids of people asked, empty values and lists of ids say nothing to a reader."""
    if value in ("", None, [], ()) or name in ("asked", "departments", "member"):
        return None
    if isinstance(value, dict) and value.keys() == {"before", "after"}:
        value = f"{_said(value['before'])} → {_said(value['after'])}"
    shown = role_name(tx.organization, str(value)) if name in _ROLES else _said(value)
    return md("{name}: {value}", name=name.replace("_", " "), value=text.shorten(shown, 200))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return "none" if value in ("", None) else str(value)


RENDERERS: dict[type[Notice], Renderer] = {AuditPosted: audit_posted}
