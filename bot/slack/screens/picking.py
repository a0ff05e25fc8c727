"""Picking members: menus that search them by name or e-mail, and members named while typing."""

from collections.abc import Sequence
from dataclasses import replace

from bot.slack.answers import Answer, Offer, Screen
from bot.slack.blocks import Element, Option, external_select, option, suggestions
from bot.slack.commands import Mention, Token, Word, tokens, unescaped
from bot.slack.entering import require_active
from bot.slack.limits import OPTION_TEXT, SELECT_OPTIONS
from bot.slack.text import email, name, plain
from bot.slack.visit import Visit
from domain.descriptions import role_name
from domain.errors import BadValue, NobodyNamed, NoSuchMember
from domain.model import Actor, Member, MemberStatus
from domain.offers import row_of_member
from domain.overview import roster, sees_details
from domain.ports import RosterPage, RosterRow, Transaction

ANY = "pick_member"
ACTIVE = "pick_active"
DEACTIVATED = "pick_deactivated"

_STATUSES = {
    ANY: (MemberStatus.ACTIVE, MemberStatus.DEACTIVATED),
    ACTIVE: (MemberStatus.ACTIVE,),
    DEACTIVATED: (MemberStatus.DEACTIVATED,),
}
_ALIKE = 6


def member_select(action_id: str, *, chosen: Option | None = None, focus: bool | None = None) -> Element:
    """A menu of members; which ones is told by its id: `ANY`, `ACTIVE` or `DEACTIVATED`."""
    return external_select(
        action_id, initial=chosen, placeholder="Type a name or an e-mail address", focus=focus
    )


async def suggest(visit: Visit) -> Answer:
    """Offer members by the beginning of a word of their name or address; nothing typed offers the first."""
    found: list[Option] = []
    more = False
    async with visit.reading() as (tx, actor):
        await require_active(tx, actor)
        for status in _STATUSES[visit.action_id]:
            page = await _some(tx, actor, visit.text, status)
            found += [_option(tx, row) for row in page.rows]
            more = more or page.next_after is not None
    return Offer(suggestions(found, more=more))


async def _some(tx: Transaction, actor: Actor, text: str, status: MemberStatus) -> RosterPage:
    return await roster(tx, actor, text=text, status=status, limit=SELECT_OPTIONS)


def member_option(tx: Transaction, actor: Actor, member: Member) -> Option:
    """A member as the menu shows them to this reader."""
    seen = sees_details(tx, actor) or (isinstance(actor, Member) and actor.id == member.id)
    row = row_of_member(member)
    return _option(tx, row if seen else replace(row, email=""))


def _option(tx: Transaction, row: RosterRow) -> Option:
    role = role_name(tx.organization, row.role)
    named = plain(name(row.name), OPTION_TEXT - len(role) - 3)
    facts = [plain(email(row.email), OPTION_TEXT - 16)] if row.email else []
    if row.status == MemberStatus.DEACTIVATED:
        facts.append("deactivated")
    return option(f"{named} · {role}", row.id, " · ".join(facts) or None)


async def member_typed(tx: Transaction, words: str) -> Member:
    """Return the member meant by a mention, an address or a name.

    Raises:
        NobodyNamed: no word is left to find somebody by.
        BadValue: several are named, or more is said than who it is.
        NoSuchMember: nobody is meant, or more than one.
    """
    found = tokens(words)
    named = [token for token in found if not isinstance(token, Word)]
    if named:
        _require_alone(found, named)
        return await member_meant(tx, named[0])
    typed = unescaped(" ".join(words.split())).removeprefix("@").strip(" ,;")
    if not typed:
        raise NobodyNamed("Nobody is named.", remedy="Mention the person with @, or type the e-mail address.")
    alike = await tx.members.search(typed, limit=_ALIKE) if typed else ()
    exact = [member for member in alike if member.name.casefold() == typed.casefold()]
    if len(exact) == 1 or len(alike) == 1:
        return (exact or list(alike))[0]
    if alike:
        raise NoSuchMember(
            f"More than one member is called “{plain(typed, 80)}”.",
            fact=f"There are {_several(alike)}.",
            remedy="Mention the one you mean with @, or type the e-mail address.",
            field="member",
        )
    raise NoSuchMember(
        f"Nobody here is called “{plain(typed, 80)}”.",
        remedy="Mention the person with @, type the e-mail address, or look into /team members.",
        field="member",
    )


def _require_alone(found: Sequence[Token], named: Sequence[Token]) -> None:
    """Check that nothing but one person was typed, so that no word of it is passed over in silence."""
    if len(named) > 1:
        raise BadValue(
            "This is done for one person at a time.",
            fact=f"{len(named)} are named.",
            remedy="Type the command once for each of them.",
        )
    if rest := " ".join(unescaped(token.text) for token in found if isinstance(token, Word)):
        raise BadValue(
            f"I don't know what “{plain(rest, 80)}” means here.", remedy="Put a reason after “because”."
        )


def _several(alike: tuple[Member, ...]) -> str:
    names = [name(member.name) for member in alike[: _ALIKE - 1]]
    return f"{', '.join(names)} and more" if len(alike) == _ALIKE else ", ".join(names)


async def member_meant(tx: Transaction, token: Token) -> Member:
    """Return the member who was mentioned, or has the address typed.

    Raises:
        NoSuchMember: it is no member's.
    """
    if isinstance(token, Word):
        return await member_typed(tx, token.text)
    if isinstance(token, Mention):
        member = await tx.members.by_user(token.user_id)
        said = f"@{token.name}" if token.name else "This Slack user"
    else:
        member, said = await tx.members.by_email(token.address), token.address
    if member is None or member.status is MemberStatus.REMOVED:
        raise NoSuchMember(
            f"{said} is not a member here.",
            remedy="Invite them with /team invite, or look into /team members.",
            field="member",
        )
    return member


SCREEN = Screen(options={ANY: suggest, ACTIVE: suggest, DEACTIVATED: suggest})
