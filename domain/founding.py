"""First run: the sender of the set-up form becomes the owner (product §12)."""

import hmac
from dataclasses import dataclass

from domain.audit import Event, record
from domain.authority import owner
from domain.descriptions import role_name
from domain.errors import AlreadySetUp, BadValue, OnlyTheInstaller, OutsidersNever, SetupCodeWrong
from domain.model import Actor, Member, Organization, Outsider, Person, Plan, Preset, Via, new_id
from domain.notices import HomeStale, MemberWelcomed, to_member
from domain.permissions import owner_role
from domain.ports import Transaction
from domain.settings import check_name, check_seat_limit
from domain.texts import clean_name

SEATS_BY_DEFAULT: dict[Preset, int | None] = {
    Preset.PORTAL: 5,  # seed 000, Note: "up to five users"
    Preset.SUPPORT: 10,
    Preset.ANALYTICS: 10,
    Preset.SUITE: None,
}
HOLDS_SEATS: dict[Preset, bool] = {
    Preset.PORTAL: True,
    Preset.SUPPORT: True,
    Preset.ANALYTICS: False,  # seed 002: only active users count toward the licence
    Preset.SUITE: True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What the set-up form says.

    Args:
        seat_limit: how many active members the licence allows; None: no limit.
        code: the one-time code that the server printed; empty where none is asked for.
    """

    name: str
    preset: Preset
    plan: Plan = Plan.STANDARD
    seat_limit: int | None
    code: str


async def set_up(tx: Transaction, person: Person, form: SetUp) -> Organization:
    """Create the workspace's organization with `person` as its owner.

    Raises:
        AlreadySetUp: there is one, or somebody else was quicker; says who owns it.
        OutsidersNever: guests, bots and people of other workspaces.
        SetupCodeWrong: the code does not match.
        OnlyTheInstaller: no code counts here, and somebody else installed the app.
        BadValue: the name or the seat limit is wrong, or Slack shows no address.
    """
    if tx.is_set_up:
        raise await already_set_up(tx, Outsider(person=person))
    if not person.belongs:
        raise OutsidersNever("Guests, bots and people of other workspaces cannot set Steward up.")
    await _check_may_found(tx, person, form.code)
    organization = Organization(
        id=new_id(),
        team_id=tx.team_id,
        name=check_name(form.name),
        preset=form.preset,
        plan=form.plan,
        seat_limit=check_seat_limit(form.seat_limit),
        active_members=1,
        pending_holds_seat=HOLDS_SEATS[form.preset],
        created_at=tx.now,
    )
    await tx.found(organization)
    member = _owner(tx, person)
    await tx.members.add(member)
    await record(tx, *_events(tx, member), actor=member)
    await tx.outbox.add(MemberWelcomed(member_id=member.id, to=to_member(member.id)))
    await tx.outbox.add(HomeStale(user_id=person.user_id))
    return tx.organization


async def _check_may_found(tx: Transaction, person: Person, code: str) -> None:
    """Check the code, or without one that the person installed the app."""
    expected = tx.facilities.setup_code
    if expected is None:
        if problem := await not_the_installer(tx, person.user_id):
            raise problem
    elif not hmac.compare_digest(_as_typed(code), _as_typed(expected)):
        raise SetupCodeWrong(
            "The set-up code is wrong.",
            remedy="It is printed where Steward was started; ask whoever installed it.",
            field="code",
        )


async def not_the_installer(tx: Transaction, user_id: str) -> OnlyTheInstaller | None:
    """Return the refusal for who did not install the app, where that is what counts; None for who did."""
    if tx.facilities.setup_code is not None:
        return None
    installer = await tx.installer()
    if installer and installer == user_id:
        return None
    person = await tx.people.get(installer) if installer else None
    named = person.name if person and person.name else "Somebody else"
    return OnlyTheInstaller(
        "Whoever installed Steward in this workspace sets it up.",
        fact=f"{named} did." if installer else "It is not known who did.",
        remedy=f"Ask them to type /team, or install it again yourself: {tx.facilities.install_url}",
    )


def _as_typed(code: str) -> bytes:
    """Return a code without what people get wrong when they copy one by hand: case, blanks, hyphens."""
    return ("".join(code.casefold().replace("-", "").split()) or code).encode()


def _owner(tx: Transaction, person: Person) -> Member:
    try:
        email = tx.facilities.normalise_email(person.email)
    except ValueError as error:
        raise BadValue(
            "The owner is known by an e-mail address.",
            fact="Slack shows no usable address for you.",
            remedy="Add one to your Slack profile; the app needs the scope users:read.email.",
        ) from error
    return Member(
        id=new_id(),
        organization_id=tx.organization.id,
        email=email,
        name=clean_name(person.name) or email.partition("@")[0],
        role=owner_role(tx.organization).slug,
        slack_user_id=person.user_id,
        joined_via=Via.SLACK,
        joined_at=tx.now,
        status_at=tx.now,
    )


def _events(tx: Transaction, member: Member) -> tuple[Event, Event]:
    organization = tx.organization
    facts = {
        "name": organization.name,
        "preset": str(organization.preset),
        "plan": str(organization.plan),
        "seat_limit": organization.seat_limit,
    }
    founded = Event(tag="organization.founded", subject=f"organization:{organization.id}", facts=facts)
    joined = Event(
        tag="member.joined",
        subject=f"member:{member.id}",
        facts={"role": member.role, "via": "set_up"},
        personal={"email": member.email, "name": member.name},
    )
    return founded, joined


async def already_set_up(tx: Transaction, actor: Actor) -> AlreadySetUp:
    """Return the refusal that tells who owns the organization, what the actor is in it, and what to do."""
    holder = await owner(tx)
    fact, remedy = await _place_of(tx, actor, holder)
    mine = isinstance(actor, Member) and actor.id == holder.id
    who = () if mine else (holder.id,)
    return AlreadySetUp(f"{tx.organization.name} is set up already.", fact=fact, remedy=remedy, who=who)


async def _place_of(tx: Transaction, actor: Actor, holder: Member) -> tuple[str, str]:
    owned = f"{holder.name} owns it."
    match actor:
        case Member(id=member_id, role=role) if member_id == holder.id:
            words = f"You own it, as its {role_name(tx.organization, role)}."
            return words, "Change it with /team settings, or invite people with /team invite."
        case Member(active=True, role=role):
            words = f"{holder.name} owns it; you are in it as {role_name(tx.organization, role)}."
            return words, "See what you can do with /team help."
        case Member():
            words = f"{holder.name} owns it; your membership is deactivated."
            return words, "Ask them, or another admin, to activate it again."
        case Outsider(person=person) if not person.belongs:
            return owned, "Guests, bots and people of other workspaces take no part in it."
        case Outsider(person=person) if await tx.invitations.open_for_user(person.user_id):
            return owned, "You are invited: accept in your messages from Steward or on its Home tab."
    return owned, "Ask to become a member with /team join."
