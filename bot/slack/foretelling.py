"""What would happen, in words: changes, who decides, seats before and after, who hears."""

from collections.abc import Mapping

from bot.slack.deciding import named, requirement_said
from bot.slack.refusals import refusal_words, who_is
from bot.slack.text import Mrkdwn, channel, lines, md, mention
from domain.changes import ChangeRole, DeactivateMember, InvitePeople, JoinOrganization, RevokeInvitation
from domain.descriptions import Description, describe
from domain.desk import Preview
from domain.notices import (
    AccessChanged,
    AuditPosted,
    InvitationAnswered,
    InvitationMailed,
    InvitationSent,
    LinkReady,
    MemberWelcomed,
    Notice,
    RequestFiled,
    RequestReconsidered,
    RoleChanged,
    SeatAwaited,
    to_member,
)
from domain.ports import Transaction
from domain.seats import Seats


async def foretold(tx: Transaction, preview: Preview) -> Mrkdwn:
    """Return what a previewed change would bring about, or why it would be refused."""
    described = await describe(tx, preview.change)
    if preview.refusal is not None:
        return lines(md("*It would be refused:*"), await refusal_words(tx, preview.refusal))
    heard = [md("• {each}", each=each) for each in await _heard(tx, preview)]
    return lines(
        *change_lines(described),
        *_requests(preview),
        await _decides(tx, preview),
        _seats(preview.before, preview.after),
        Mrkdwn("*Who hears:*") if heard else None,
        *heard,
        md(":warning: {final}", final=described.final) if described.final else None,
    )


def change_lines(described: Description) -> list[Mrkdwn]:
    """What would be different, a line each."""
    return [
        md("• {label}: {before} → {after}", label=label, before=before, after=after)
        if before and after
        else md("• {label}: {after}", label=label, after=after)
        if after
        else md("• {label}", label=label)
        for label, before, after in described.details
    ]


async def _decides(tx: Transaction, preview: Preview) -> Mrkdwn:
    if preview.requirement is None:
        return Mrkdwn("*Decides:* you. It happens at once.")
    rule = await requirement_said(tx, preview.requirement)
    return md("*Decides:* {who}. {rule}", who=named(preview.approvers), rule=rule)


def _seats(before: Seats | None, after: Seats | None) -> Mrkdwn | None:
    if before is None or after is None:
        return None
    if before == after:
        return md("*Seats:* {now}, as before.", now=seats_words(before))
    return md("*Seats:* {before} → {after}.", before=seats_words(before), after=seats_words(after))


def seats_words(seats: Seats) -> str:
    """The licence in a few words."""
    limit = "no limit" if seats.limit is None else f"of {seats.limit}"
    held = f", {seats.held} held by invitations" if seats.held else ""
    return f"{seats.used} used ({limit}){held}" if seats.limit is None else f"{seats.used} {limit} used{held}"


_TAKEN_BACK = "{who} sees in Slack that the invitation was taken back."
_SENTENCES: dict[type[Notice], str] = {
    InvitationSent: "{who} gets the invitation in Slack, with Accept and Decline.",
    RoleChanged: "{who} hears of the new role.",
    AccessChanged: "{who} hears of it.",
    InvitationAnswered: "{who} hears how the invitation ended.",
    SeatAwaited: "{who} hears that somebody finds no seat.",
}


async def _heard(tx: Transaction, preview: Preview) -> list[Mrkdwn]:
    """Return a sentence for each kind of message that would leave."""
    names = await _names(tx, preview.notices)
    told: list[Mrkdwn | None] = []
    # The card of a Slack user is edited with the notice that posted it.
    said = {InvitationSent: _TAKEN_BACK} if isinstance(preview.change, RevokeInvitation) else {}
    for kind, sentence in (_SENTENCES | said).items():
        addressed = dict.fromkeys(_to(notice) for notice in preview.notices if type(notice) is kind)
        known = [names[to] for to in addressed if to in names]
        told.append(md(sentence, who=Mrkdwn(", ").join(known)) if known else None)
    told += [_mailed(preview), _passed_on(preview), _welcomed(preview, names)]
    told += _posted(preview)
    return [each for each in told if each]


def _to(notice: Notice) -> str:
    return str(getattr(notice, "to", ""))


async def _names(tx: Transaction, notices: tuple[Notice, ...]) -> dict[str, Mrkdwn]:
    """Return people by their address; those who would only exist afterwards have no name yet."""
    addresses = {_to(notice) for notice in notices}
    ids = {to.removeprefix("member:") for to in addresses if to.startswith("member:")}
    known = {f"member:{member.id}": who_is(member) for member in (await tx.members.many(ids)).values()}
    users = {to: mention(to.removeprefix("user:")) for to in addresses if to.startswith("user:")}
    return known | users


def _invited(preview: Preview, count: int) -> str:
    """Who would be reached, by address while it is one."""
    change = preview.change
    if isinstance(change, InvitePeople) and len(change.lines) == 1:
        return change.lines[0].email
    return "One person" if count == 1 else f"{count} people"


def _count(preview: Preview, kind: type[Notice]) -> int:
    return sum(type(notice) is kind for notice in preview.notices)


def _mailed(preview: Preview) -> Mrkdwn | None:
    if not (count := _count(preview, InvitationMailed)):
        return None
    get = "gets" if count == 1 else "get"
    return md("{who} {get} the invitation by mail.", who=_invited(preview, count), get=get)


def _passed_on(preview: Preview) -> Mrkdwn | None:
    if not (count := _count(preview, LinkReady)):
        return None
    links = "a link" if count == 1 else f"{count} links"
    whom = "that address" if count == 1 else "those addresses"
    return md(
        "The inviter gets {links} to pass on, as Steward reaches {whom} by neither Slack nor mail.",
        links=links,
        whom=whom,
    )


def _welcomed(preview: Preview, names: Mapping[str, Mrkdwn]) -> Mrkdwn | None:
    welcomed = [_to(notice) for notice in preview.notices if type(notice) is MemberWelcomed]
    if not welcomed:
        return None
    if isinstance(preview.change, JoinOrganization):
        return md("{who} is welcomed.", who=mention(preview.change.slack_user_id))
    known = [names[to] for to in welcomed if to in names]
    if known:
        return md("{who} is welcomed.", who=Mrkdwn(", ").join(known))
    return Mrkdwn("Whoever waits longest for a seat is let in and welcomed.")


def _requests(preview: Preview) -> list[Mrkdwn]:
    """Requests that would end or move on because somebody leaves or loses a right."""
    change = preview.change
    if not isinstance(change, DeactivateMember | ChangeRole):
        return []
    own = to_member(change.member_id)
    withdrawn = {one.request_id for one in preview.notices if isinstance(one, RequestFiled) and one.to == own}
    told = []
    if withdrawn:
        told.append(md("• Their open requests are withdrawn: {count}.", count=len(withdrawn)))
    if others := _count(preview, RequestReconsidered):
        told.append(md("• Requests that waited for them are looked at again: {count}.", count=others))
    return told


def _posted(preview: Preview) -> list[Mrkdwn]:
    places = {notice.channel for notice in preview.notices if isinstance(notice, AuditPosted)}
    return [md("It is posted to {channel}.", channel=channel(place)) for place in sorted(places)]
