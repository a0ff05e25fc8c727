"""Acting on one person, from their line of the list or in a form of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.slack.answers import Answer, Close, Push, Refresh, Say, Screen, Several, Update
from bot.slack.blocks import View, message, section
from bot.slack.entering import require_active
from bot.slack.foretelling import foretold
from bot.slack.forms import one_of, reason_of
from bot.slack.refusals import refusal_words, who_is
from bot.slack.results import result_words
from bot.slack.screens import members, picking
from bot.slack.screens.member_forms import FORM, ROLE, TITLES, Around, Draft, build, parse
from bot.slack.screens.member_query import Query, as_ids, query_of
from bot.slack.screens.member_query import parse as query_at
from bot.slack.screens.member_rows import ACT, who_in
from bot.slack.text import Mrkdwn, date, email, lines, md
from bot.slack.visit import Visit
from domain.descriptions import role_name
from domain.desk import Applied, Preview, Waiting
from domain.errors import InvitationOver, RoleNotYoursToGrant
from domain.invitations import load as load_invitation
from domain.members import load as load_member
from domain.model import Actor, InvitationStatus, Member
from domain.offers import (
    Act,
    Way,
    change_for,
    offers,
    roles_to_give,
    row_of_invitation,
    row_of_member,
)
from domain.overview import sees_details
from domain.permissions import Role
from domain.ports import RosterRow, Transaction

_INVITATION_ACTS = frozenset({Act.RESEND, Act.REVOKE, Act.ADMIT})
_AT_ONCE = frozenset({Act.RESEND, Act.ADMIT})
"""Acts without a form: nothing is lost by them."""


async def acted(visit: Visit) -> Answer:
    """An entry of a line's menu: done at once, or its form laid above the list."""
    name, _, subject_id = visit.value.partition(":")
    draft = Draft(act=one_of(Act, name), subject_id=subject_id)
    query = query_at(visit.view)
    if draft.act not in _AT_ONCE:
        below = {**as_ids(query), "searched": bool(query.text)}
        return Push(await form_for(visit, draft, below=below))
    try:
        words = await submit(visit, draft)
    except InvitationOver as refusal:
        return Update(await _list_over(visit, query, draft, refusal))
    async with visit.reading() as (tx, actor):
        return Update(await members.build(tx, actor, query, said=words))


async def _list_over(visit: Visit, query: Query, draft: Draft, refusal: InvitationOver) -> View:
    """The list as it is now, with why the invitation cannot be sent again and how to send a new one."""
    async with visit.reading() as (tx, actor):
        invitation = await load_invitation(tx, draft.subject_id)
        expired = invitation.status_at(tx.now) is InvitationStatus.EXPIRED
        said = await refusal_words(tx, refusal)
        return await members.build(tx, actor, query, said=said, again=invitation.id if expired else "")


async def form_for(
    visit: Visit, draft: Draft, *, pick: bool = False, below: Mapping[str, Any] | None = None
) -> View:
    """The form of an act, with what would happen.

    Args:
        pick: the person is chosen in the form, not by their line of the list.
        below: what the list under the form shows, as the form's metadata has it.
    """
    preview = await _preview(visit, draft)
    async with visit.reading() as (tx, actor):
        around = await _around(tx, actor, draft, preview, pick=pick, below=below)
    return build(draft, around)


async def _preview(visit: Visit, draft: Draft) -> Preview | None:
    """What would happen, once it is known to whom, and for another role which."""
    if not draft.subject_id or (draft.act is Act.CHANGE_ROLE and not draft.role):
        return None
    change = change_for(draft.act, draft.subject_id, role=draft.role)
    return await visit.services.front_desk.preview(visit.who, change, asking=True)


async def _around(
    tx: Transaction,
    actor: Actor,
    draft: Draft,
    preview: Preview | None,
    *,
    pick: bool,
    below: Mapping[str, Any] | None,
) -> Around:
    reader = await require_active(tx, actor)
    if not draft.subject_id:
        words = md("*{title}:* who?", title=TITLES[draft.act])
        return Around(words=words, pick=True, members=below)
    row = await _row(tx, draft)
    given = roles_to_give(tx, reader, row.id, row.role) if draft.act is Act.CHANGE_ROLE else ()
    way = _way(tx, reader, row, draft, given)
    member = await tx.members.get(row.id)
    return Around(
        words=lines(_about(tx, row), await foretold(tx, preview) if preview else None),
        pick=pick,
        chosen=picking.member_option(tx, actor, member) if pick and member else None,
        roles=given,
        way=way,
        possible=way is not None and not (preview and preview.refusal and not preview.refusal.can_ask),
        members=below,
    )


def _way(
    tx: Transaction, reader: Member, row: RosterRow, draft: Draft, given: Sequence[tuple[Role, Way]]
) -> Way | None:
    """How the act would go: with the role chosen, or as the line of the list offers it."""
    offered = {offer.act: offer.way for offer in offers(tx, reader, row)}
    return {role.slug: way for role, way in given}.get(draft.role) or offered.get(draft.act)


async def _row(tx: Transaction, draft: Draft) -> RosterRow:
    if draft.act in _INVITATION_ACTS:
        return row_of_invitation(await load_invitation(tx, draft.subject_id), tx.now)
    return row_of_member(await load_member(tx, draft.subject_id))


def _about(tx: Transaction, row: RosterRow) -> Mrkdwn:
    return md("*{who}* · {role}", who=who_in(row), role=role_name(tx.organization, row.role))


async def picked(visit: Visit) -> Answer:
    """Somebody, or a role, was chosen: show what would happen."""
    draft = parse(visit.view)
    ids = visit.metadata
    return Update(await form_for(visit, draft, pick=bool(ids.get("pick")), below=ids.get("members")))


async def submitted(visit: Visit) -> Answer:
    """Do it or ask for it, and show the list again where there is one."""
    draft = parse(visit.view)
    words = await submit(visit, draft, asking=True)
    ids = visit.metadata
    below = str(visit.view.get("previous_view_id") or "")
    if "members" not in ids or not below:
        return Say(message(words, [section(words)]), title="Members")
    async with visit.reading() as (tx, actor):
        query = await _query_after(tx, actor, draft, ids["members"])
        view = await members.build(tx, actor, query, said=words)
    return Several((Close(), Refresh(view, below)))


async def _query_after(tx: Transaction, actor: Actor, draft: Draft, below: Mapping[str, Any]) -> Query:
    """The list as it was; one that was searched shows the person acted on, as no form carries the words."""
    query = query_of(below)
    if not below.get("searched"):
        return query
    anew = query.clear()
    if draft.act in _INVITATION_ACTS or not sees_details(tx, actor):
        return anew
    return replace(anew, text=(await load_member(tx, draft.subject_id)).email)


async def submit(visit: Visit, draft: Draft, *, asking: bool = False) -> Mrkdwn:
    """Hand it to the desk; return what became of it.

    Args:
        asking: the form said that those who may are asked for what is beyond the person's own role.
    """
    desk = visit.services.front_desk
    change = change_for(draft.act, draft.subject_id, role=draft.role)
    reason = reason_of(draft.reason)
    try:
        answer = await desk.submit(visit.who, change, reason=reason, delivery=visit.delivery)
    except RoleNotYoursToGrant as refusal:
        if not (asking and refusal.can_ask and refusal.refusal_id):
            raise
        answer = await desk.ask(visit.who, refusal.refusal_id, reason=reason, delivery=visit.delivery)
    async with visit.reading() as (tx, _):
        return await _said(tx, draft, answer)


async def _said(tx: Transaction, draft: Draft, answer: Applied | Waiting) -> Mrkdwn:
    if draft.act in _INVITATION_ACTS:
        invitation = await load_invitation(tx, draft.subject_id)
        address, until = email(invitation.email), date(invitation.expires_at)
        done = {
            Act.RESEND: md(
                "*The invitation of {email} was sent again.* It is valid until {until}.",
                email=address,
                until=until,
            ),
            Act.REVOKE: md("*The invitation of {email} is revoked.*", email=address),
            Act.ADMIT: md("*{email} is a member now.*", email=address),
        }
    else:
        member = await load_member(tx, draft.subject_id)
        who, role = who_is(member), role_name(tx.organization, member.role)
        done = {
            Act.CHANGE_ROLE: md("*{who} is {role} now.*", who=who, role=role),
            Act.DEACTIVATE: md("*{who} is deactivated.* The role is kept, and the seat is free.", who=who),
            Act.ACTIVATE: md("*{who} is active again*, as {role}.", who=who, role=role),
        }
    return await result_words(tx, answer, done=done[draft.act])


SCREEN = Screen(
    actions={
        ACT: acted,
        ROLE: picked,
        picking.ANY: picked,
        picking.ACTIVE: picked,
        picking.DEACTIVATED: picked,
    },
    views={FORM: submitted},
)
