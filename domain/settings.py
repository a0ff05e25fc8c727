"""Settings: name, domains, channels, subscription and held seats of an organization."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from domain import seats
from domain.admissions import admit_waiting
from domain.audit import Event, record
from domain.changes import ChangeSeatHolding, ChangeSettings, ChangeSubscription, to_json
from domain.errors import AlreadySo, BadValue, ChangedMeanwhile, SeatLimitBelowUse
from domain.handling import handles
from domain.model import Actor, Member, Organization
from domain.notices import ChannelChosen, to_channel
from domain.permissions import Outcome
from domain.ports import Transaction
from domain.rerouting import reroute_all
from domain.texts import LONGEST_NAME, clean_name

MOST_SEATS = 10_000_000
LONGEST_DOMAINS = 3000
"""Characters of all allowed domains together, one a line: what one field of a form holds."""
_DOMAIN = re.compile(r"(?=.{4,253}$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")


Part = ChangeSettings | ChangeSubscription | ChangeSeatHolding
AnyPart = TypeVar("AnyPart", ChangeSettings, ChangeSubscription, ChangeSeatHolding)


async def _whole_organization(tx: Transaction, change: Part) -> Outcome:
    return Outcome()


def team_of(now: Organization) -> ChangeSettings:
    """Return the change that would keep the team as it is."""
    return _marked(
        ChangeSettings(
            name=now.name,
            allowed_domains=now.allowed_domains,
            approvals_channel=now.approvals_channel,
            audit_channel=now.audit_channel,
        )
    )


def subscription_of(now: Organization) -> ChangeSubscription:
    """Return the change that would keep the subscription as it is."""
    return _marked(
        ChangeSubscription(seat_limit=now.seat_limit, plan=now.plan, invoice_email=now.invoice_email)
    )


def holding_of(now: Organization) -> ChangeSeatHolding:
    """Return the change that would keep the seats held as they are."""
    return _marked(ChangeSeatHolding(pending_holds_seat=now.pending_holds_seat))


def mark(part: Part) -> str:
    """Return what tells whether a part still has the values it was shown with."""
    values = json.dumps(to_json(replace(part, built_from="")), sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _marked(part: AnyPart) -> AnyPart:
    return replace(part, built_from=mark(part))


def _require_unchanged(change: Part, now: Part) -> None:
    """Check that the part has the values it was shown with, or those it shall get.

    Raises:
        ChangedMeanwhile: somebody saved others since.
    """
    if change.built_from not in ("", now.built_from) and mark(change) != now.built_from:
        raise ChangedMeanwhile(
            "Somebody changed these settings while your form was open.",
            remedy="Look at how they are now, and save again.",
        )


def check_name(text: str) -> str:
    """Return an organization's name as it is written.

    Raises:
        BadValue: empty or too long.
    """
    name = clean_name(text, longest=LONGEST_NAME + 1)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadValue(f"The name has 1 to {LONGEST_NAME} characters.", field="name")
    return name


def check_seat_limit(limit: int | None) -> int | None:
    """Return the limit.

    Raises:
        BadValue: not between 1 and ten million.
    """
    if limit is not None and not 1 <= limit <= MOST_SEATS:
        raise BadValue(
            f"The seat limit is a whole number from 1 to {MOST_SEATS:,}, or empty for none.",
            field="seat_limit",
        )
    return limit


def _check_domain(text: str) -> str:
    domain = text.strip().removeprefix("@").casefold()
    if not _DOMAIN.fullmatch(domain):
        raise BadValue(
            f"{text!r} is not a domain.", remedy="Write it like example.org.", field="allowed_domains"
        )
    return domain


def _check_domains(texts: Sequence[str]) -> tuple[str, ...]:
    domains = tuple(dict.fromkeys(_check_domain(text) for text in texts))
    if len("\n".join(domains)) > LONGEST_DOMAINS:
        raise BadValue(
            "That is more domains than can be kept.",
            fact=f"Together they may have {LONGEST_DOMAINS:,} characters.",
            field="allowed_domains",
        )
    return domains


@handles(ChangeSettings, _whole_organization)
async def change_settings(
    tx: Transaction, change: ChangeSettings, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Set name, allowed domains and channels."""
    _require_unchanged(change, team_of(tx.organization))
    after = replace(
        tx.organization,
        name=check_name(change.name),
        allowed_domains=_check_domains(change.allowed_domains),
        approvals_channel=change.approvals_channel,
        audit_channel=change.audit_channel,
    )
    before = tx.organization
    made = await _write(tx, after, "settings_changed", actor=actor, authority=authority)
    await _greet_channels(tx, before, actor)
    return made


async def _greet_channels(tx: Transaction, before: Organization, actor: Actor) -> None:
    """Say the first words in a newly chosen channel; where they cannot be said, whoever chose it hears."""
    if not isinstance(actor, Member):
        return
    after = tx.organization
    for use, was, chosen in (
        ("approvals", before.approvals_channel, after.approvals_channel),
        ("audit", before.audit_channel, after.audit_channel),
    ):
        if chosen is not None and chosen != was:
            await tx.outbox.add(ChannelChosen(use=use, chosen_by=actor.id, to=to_channel(chosen)))


@handles(ChangeSubscription, _whole_organization)
async def change_subscription(
    tx: Transaction, change: ChangeSubscription, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Set seat limit, plan and invoice address; the limit cannot go below use."""
    _require_unchanged(change, subscription_of(tx.organization))
    invoice = change.invoice_email.strip()
    if invoice:
        try:
            invoice = tx.facilities.normalise_email(invoice)
        except ValueError as error:
            raise BadValue(
                "This is not an e-mail address.", fact=str(error), field="invoice_email"
            ) from error
    after = replace(
        tx.organization,
        seat_limit=check_seat_limit(change.seat_limit),
        plan=change.plan,
        invoice_email=invoice,
    )
    await seats.check_limit(tx, after)
    before = tx.organization
    made = await _write(tx, after, "subscription_changed", actor=actor, authority=authority)
    if after.plan is not before.plan:
        await reroute_all(tx)
    await admit_waiting(tx)
    return made


@handles(ChangeSeatHolding, _whole_organization)
async def change_seat_holding(
    tx: Transaction, change: ChangeSeatHolding, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    """Set whether a pending invitation holds a seat."""
    _require_unchanged(change, holding_of(tx.organization))
    after = replace(tx.organization, pending_holds_seat=change.pending_holds_seat)
    await _check_holding(tx, after)
    made = await _write(tx, after, "seat_holding_changed", actor=actor, authority=authority)
    await admit_waiting(tx)
    return made


async def _check_holding(tx: Transaction, after: Organization) -> None:
    """Pending invitations can only begin to hold seats while there are enough."""
    try:
        await seats.check_limit(tx, after)
    except SeatLimitBelowUse as refusal:
        raise SeatLimitBelowUse(
            "Pending invitations can hold a seat only while there are enough.",
            fact=refusal.fact,
            remedy="Revoke invitations or raise the seat limit first.",
            field="pending_holds_seat",
        ) from refusal


PERSONAL = frozenset({"invoice_email"})
COUNTED = frozenset({"audit_count", "audit_head", "active_members", "reserved_seats", "version"})


async def _write(
    tx: Transaction, after: Organization, what: str, *, actor: Actor, authority: Actor
) -> tuple[str, ...]:
    before = tx.organization
    changed = {
        name: (getattr(before, name), getattr(after, name))
        for name in Organization.__dataclass_fields__
        if name not in COUNTED and getattr(before, name) != getattr(after, name)
    }
    if not changed:
        raise AlreadySo("Nothing was changed.")
    tx.update(after)
    event = Event(
        tag=f"organization.{what}",
        subject=f"organization:{after.id}",
        facts={
            name: {"before": old, "after": new}
            for name, (old, new) in changed.items()
            if name not in PERSONAL
        },
        personal={name: str(new) for name, (_, new) in changed.items() if name in PERSONAL},
    )
    await record(tx, event, actor=actor, authority=authority)
    return (after.id,)
