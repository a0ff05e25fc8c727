"""The audit chain: every change leaves a link made with a key outside the database (product §11)."""

import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.keys import KeyRing
from domain.model import Actor, AuditEntry, PersonalValue, label
from domain.notices import AuditPosted
from domain.ports import Transaction, UnreadableEntry

PURPOSE = "audit"
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealed:
    """Personal values as the chain has them: the salt and the digest of each field, beside the values."""

    values: Mapping[str, str]
    salts: Mapping[str, str]
    digests: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, before it is linked into the chain.

    Args:
        tag: `subject.past_verb`.
        subject: kind and id of what it happened to.
        facts: what can be told for good: ids, roles, states, counts.
        personal: values about a person, kept outside the chain so that they can be erased.
        concealed: the same, where they were made ready before the organization was locked.
    """

    tag: str
    subject: str
    facts: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    concealed: Concealed | None = None


def conceal(personal: Mapping[str, str]) -> Concealed:
    """Return personal values with salts of their own and the digests that stand in the chain."""
    salts = {name: secrets.token_hex(16) for name in personal}
    digests = {name: _digest(salts[name], name, value) for name, value in personal.items()}
    return Concealed(values=personal, salts=salts, digests=digests)


async def record(tx: Transaction, *events: Event, actor: Actor, authority: Actor | None = None) -> None:
    """Append events to the chain in the transaction of the change they tell of."""
    organization = tx.organization
    count, head = organization.audit_count, organization.audit_head
    entries: list[AuditEntry] = []
    values: list[PersonalValue] = []
    key_id = tx.facilities.keys.key_ids[0]
    for event in events:
        count += 1
        kept = event.concealed or conceal(event.personal)
        entry = AuditEntry(
            organization_id=organization.id,
            seq=count,
            at=tx.now,
            actor=label(actor),
            authority=label(authority or actor),
            tag=event.tag,
            subject=event.subject,
            facts=dict(event.facts),
            digests=kept.digests,
            key_id=key_id,
            previous=head,
            hash="",
        )
        head = seal(tx.facilities.keys, entry)
        entries.append(replace(entry, hash=head))
        values.extend(_personal(organization.id, count, kept))
    await tx.audit.append(entries, values)
    tx.update(replace(organization, audit_count=count, audit_head=head))
    if organization.audit_channel:
        notice = AuditPosted(first=count - len(entries) + 1, last=count, channel=organization.audit_channel)
        await tx.outbox.add(notice)


def _personal(organization_id: str, seq: int, kept: Concealed) -> list[PersonalValue]:
    return [
        PersonalValue(
            organization_id=organization_id, seq=seq, field=name, salt=kept.salts[name], value=value
        )
        for name, value in kept.values.items()
    ]


def digest(value: PersonalValue) -> str:
    """Return the salted digest that stands in the chain for a personal value."""
    return _digest(value.salt, value.field, value.value)


def _digest(salt: str, name: str, value: str) -> str:
    return hashlib.sha256(f"{salt}:{name}:{value}".encode()).hexdigest()


def seal(keys: KeyRing, entry: AuditEntry) -> str:
    """Return the HMAC of an entry and its predecessor, under the key the entry names.

    Raises:
        KeyError: the server no longer knows that key.
    """
    body = {
        "organization": entry.organization_id,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "authority": entry.authority,
        "tag": entry.tag,
        "subject": entry.subject,
        "facts": entry.facts,
        "digests": entry.digests,
        "key": entry.key_id,
        "previous": entry.previous,
    }
    return hmac.digest(keys.derive(PURPOSE, entry.key_id), _JSON.encode(body).encode(), "sha256").hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first place where the chain does not hold."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` found: how many entries hold, the head, and the first fault if any."""

    checked: int
    head: str
    fault: Fault | None


async def verify(tx: Transaction, *, head: str | None = None) -> Verification:
    """Check the whole chain of the transaction's organization.

    Args:
        head: a head noted elsewhere (an outside witness); the chain must pass through it.
    """
    found, seen_head = await _checked(tx, "", 0, head)
    if found.fault is None and not seen_head:
        fault = Fault(seq=found.checked + 1, reason="the head noted elsewhere is nowhere in this chain")
        return replace(found, fault=fault)
    return found


async def verify_newest(tx: Transaction, *, limit: int) -> Verification:
    """Check the newest `limit` entries up to the organization's head; `checked` counts the others too."""
    first = max(0, tx.organization.audit_count - limit)
    previous = ""
    if first:
        try:
            before = await tx.audit.entries(after=first - 1, limit=1)
        except UnreadableEntry:
            before = ()
        if not before or before[0].seq != first:
            return Verification(
                checked=first - 1, head="", fault=Fault(seq=first, reason="it cannot be read")
            )
        previous = before[0].hash
    found, _ = await _checked(tx, previous, first, None)
    return found


async def _checked(tx: Transaction, previous: str, seq: int, head: str | None) -> tuple[Verification, bool]:
    """Check what follows entry `seq`, and return whether `head` was seen on the way."""
    seen_head = head is None or head == ""
    while True:
        try:
            entries = await tx.audit.entries(after=seq)
        except UnreadableEntry:
            return _faulty(seq, previous, "it cannot be read"), seen_head
        if not entries:
            break
        values: dict[int, list[PersonalValue]] = {}
        for value in await tx.audit.values(first=entries[0].seq, last=entries[-1].seq):
            values.setdefault(value.seq, []).append(value)
        for entry in entries:
            reason = _fault(tx.facilities.keys, entry, seq + 1, previous, values.get(entry.seq, ()))
            if reason:
                return _faulty(seq, previous, reason), seen_head
            previous, seq = entry.hash, entry.seq
            seen_head = seen_head or entry.hash == head
    organization = tx.organization
    if (seq, previous) != (organization.audit_count, organization.audit_head):
        reason = f"the chain ends at entry {seq}, but the organization counts {organization.audit_count}"
        return _faulty(seq, previous, reason), seen_head
    return Verification(checked=seq, head=previous, fault=None), seen_head


def _faulty(seq: int, previous: str, reason: str) -> Verification:
    return Verification(checked=seq, head=previous, fault=Fault(seq=seq + 1, reason=reason))


def _fault(
    keys: KeyRing, entry: AuditEntry, expected: int, previous: str, values: Sequence[PersonalValue]
) -> str:
    if entry.seq != expected:
        return f"entry {expected} is missing"
    if entry.previous != previous:
        return "it does not follow from the entry before it"
    try:
        if not hmac.compare_digest(seal(keys, entry), entry.hash):
            return "its contents do not match its seal"
    except (AttributeError, TypeError, ValueError):
        return "it cannot be read"
    except KeyError:
        return f"it was sealed with key {entry.key_id}, which STEWARD_SECRET_KEY no longer holds"
    for value in values:
        if entry.digests.get(value.field) != digest(value):
            return f"its value of {value.field} was changed"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """An entry with the personal values that are still kept, for reading and export."""

    seq: int
    at: datetime
    actor: str
    authority: str
    tag: str
    subject: str
    facts: dict[str, object]
    personal: dict[str, str]
    hash: str


async def lines(tx: Transaction, *, after: int = 0, last: int | None = None) -> AsyncIterator[AuditLine]:
    """Yield entries in order, from sequence number `after` + 1 to `last`."""
    while entries := await tx.audit.entries(after=after):
        personal: dict[int, dict[str, str]] = {}
        for value in await tx.audit.values(first=entries[0].seq, last=entries[-1].seq):
            personal.setdefault(value.seq, {})[value.field] = value.value
        for entry in entries:
            if last is not None and entry.seq > last:
                return
            yield AuditLine(
                seq=entry.seq,
                at=entry.at,
                actor=entry.actor,
                authority=entry.authority,
                tag=entry.tag,
                subject=entry.subject,
                facts=entry.facts,
                personal=personal.get(entry.seq, {}),
                hash=entry.hash,
            )
        after = entries[-1].seq
