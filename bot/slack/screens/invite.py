"""Inviting people: typed, in a form, reviewed when there are several, and again (product §4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.slack import text
from bot.slack.answers import Answer, Offer, Say, Screen, Show, Update
from bot.slack.blocks import View, actions, button, message, section, suggestions
from bot.slack.forms import reason_of
from bot.slack.limits import INPUT_TEXT
from bot.slack.refusals import refusal_words
from bot.slack.replying import notice
from bot.slack.results import result_words
from bot.slack.scopes import READ_FILES
from bot.slack.screens import members
from bot.slack.screens.ids import ACTIVATE, INVITE_AGAIN, INVITE_OPEN
from bot.slack.screens.invite_file import FIELD, begun
from bot.slack.screens.invite_form import (
    DEPARTMENTS,
    FORM,
    MOST_USERS,
    Offered,
    build,
    build_review,
    department_options,
    fingerprint,
    parse,
)
from bot.slack.screens.invite_lines import Draft, lines_of, typed_draft
from bot.slack.screens.invite_review import (
    PAGE,
    Review,
    blocks_of,
    may_activate,
    names_in,
    offered_to,
    review_of,
)
from bot.slack.screens.invite_summary import summary
from bot.slack.screens.member_query import parse as query_at
from bot.slack.text import Mrkdwn, md
from bot.slack.visit import Kind, Visit
from domain.changes import ActivateMember, InvitationLine
from domain.errors import BadValue, MemberIsDeactivated, Refusal
from domain.invitations import load
from domain.members import load as load_member
from domain.model import Actor
from domain.ports import Transaction
from domain.reviews import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A list as it was read and reviewed for this person."""

    draft: Draft
    offered: Offered
    review: Review

    @property
    def single(self) -> bool:
        return len(self.review.rows) == 1


async def verb(visit: Visit) -> Answer:
    """Invite who was typed: one at once, several after a look at the review; nobody typed opens the form."""
    async with visit.reading() as (tx, actor):
        offered = await _offered(visit, tx, actor)
    draft = typed_draft(visit.text, offered.choices)
    lines, _ = lines_of(draft, offered.choices, {})
    if len(lines) == 1 and not draft.users:
        return await _send(visit, draft, offered, lines)
    if len(draft.addresses) > INPUT_TEXT or len(draft.users) > MOST_USERS:
        raise BadValue("That is more than one form holds.", remedy="Send the list in several parts.")
    if not draft.addresses and not draft.users:
        return Show(build(draft, offered))
    prepared = await _prepared(visit, draft)
    return await _send_ready(visit, prepared) if prepared.single else Show(_reviewed(prepared))


async def _offered(visit: Visit, tx: Transaction, actor: Actor) -> Offered:
    """What the form offers; a file only where Slack lets the app read it."""
    files = visit.services.scopes.has(visit.who.team_id, READ_FILES)
    return replace(await offered_to(tx, actor), files=files)


async def opened(visit: Visit) -> Answer:
    """Open the empty form."""
    async with visit.reading() as (tx, actor):
        offered = await _offered(visit, tx, actor)
    return Show(build(Draft(role=offered.choices.default_role), offered))


async def submitted(visit: Visit) -> Answer:
    """Send one invitation at once; several are reviewed first, and again when the list was changed."""
    draft = parse(visit.form)
    if visit.form.files(FIELD):
        return await begun(visit, draft)
    prepared = await _prepared(visit, draft)
    if prepared.single:
        return await _send_ready(visit, prepared)
    reviewed = visit.metadata.get("reviewed")
    if reviewed and reviewed == fingerprint(prepared.draft) and prepared.review.ready:
        return await _send_ready(visit, prepared)
    return Update(_reviewed(prepared, changed=bool(reviewed)))


async def page_turned(visit: Visit) -> Answer:
    """Show another page of the review."""
    prepared = await _prepared(visit, parse(visit.form))
    page = int(visit.value) if visit.value.isdecimal() else 1
    return Update(_reviewed(prepared, page=page))


async def _prepared(visit: Visit, draft: Draft) -> Prepared:
    await visit.meet(*draft.users)
    async with visit.reading() as (tx, actor):
        offered = await _offered(visit, tx, actor)
        return Prepared(draft=draft, offered=offered, review=await review_of(tx, actor, draft, offered))


def _reviewed(prepared: Prepared, *, page: int = 1, changed: bool = False) -> View:
    review = prepared.review
    above = blocks_of(review, page, changed=changed)
    return build_review(prepared.draft, prepared.offered, above, page=page, sendable=review.ready > 0)


async def _send_ready(visit: Visit, prepared: Prepared) -> Answer:
    review = prepared.review
    unknown = [row for row in review.rows if not row.line.email]
    if not review.lines and unknown[0].problem:
        raise unknown[0].problem
    return await _send(visit, prepared.draft, prepared.offered, review.lines, unknown)


async def _send(
    visit: Visit, draft: Draft, offered: Offered, lines: Sequence[InvitationLine], unknown: Sequence[Row] = ()
) -> Answer:
    """Hand the lines to the desk, which reviews them itself."""
    try:
        sending = await visit.services.front_desk.invite(
            visit.who, lines, reason=reason_of(draft.reason), delivery=visit.delivery
        )
    except MemberIsDeactivated as refusal:
        return await _deactivated(visit, refusal)
    except Refusal as refusal:
        # The fault of a picked person belongs on the field they were picked in.
        if refusal.field == "email" and not draft.addresses:
            refusal.field = "users"
        raise
    mail = visit.services.mail
    said = summary(sending, unknown=unknown, names=names_in(offered.choices), mail=mail)
    return Say(said, title="Invitations")


async def _deactivated(visit: Visit, refusal: MemberIsDeactivated) -> Answer:
    """The refusal, with a button that activates the member for who may."""
    async with visit.reading() as (tx, actor):
        known = await may_activate(tx, actor, refusal.member_id)
        words = await refusal_words(tx, refusal)
    if not known:
        raise refusal
    row = actions(button("Activate", ACTIVATE, value=refusal.member_id, style="primary"))
    return Say(message(words, [section(words), row]), title="Deactivated", keep=visit.kind is Kind.SUBMISSION)


async def activate(visit: Visit) -> Answer:
    """Activate the deactivated member who was to be invited, and look at the list again."""
    change = ActivateMember(member_id=visit.value)
    answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    if visit.view.get("callback_id") == FORM:
        return Update(_reviewed(await _prepared(visit, parse(visit.form))))
    async with visit.reading() as (tx, _):
        member = await load_member(tx, visit.value)
        done = md("*{name} is active again*, with the role they had.", name=text.name(member.name))
        words = await result_words(tx, answer, done=done)
    said = Say(message(words, [section(words)]), title="Activated")
    return Update(notice(said)) if visit.in_form else said


async def again(visit: Visit) -> Answer:
    """Invite the same person again, as before."""
    async with visit.reading() as (tx, actor):
        offered = await offered_to(tx, actor)
        former = await load(tx, visit.value)
    still = {department.id for department in offered.choices.departments}
    line = InvitationLine(
        email=former.email,
        role=former.role,
        departments=tuple(one for one in former.departments if one in still),
        name=former.name,
    )
    sending = await visit.services.front_desk.invite(visit.who, [line], delivery=visit.delivery)
    said = summary(sending, unknown=(), names=names_in(offered.choices), mail=visit.services.mail)
    if visit.view.get("callback_id") != members.LIST:
        return Say(said, title="Invitations")
    async with visit.reading() as (tx, actor):
        words = Mrkdwn(text.shorten(Mrkdwn(said["text"]), 2900))
        return Update(await members.build(tx, actor, query_at(visit.view), said=words))


async def departments(visit: Visit) -> Answer:
    """Offer departments, where there are more than a menu holds."""
    async with visit.reading() as (tx, actor):
        offered = await offered_to(tx, actor)
    return Offer(suggestions(department_options(offered.choices, visit.text)))


SCREEN = Screen(
    verbs={"invite": verb},
    actions={
        INVITE_OPEN: opened,
        INVITE_AGAIN: again,
        ACTIVATE: activate,
        re.compile(rf"{PAGE}:(previous|next)"): page_turned,
    },
    views={FORM: submitted},
    options={DEPARTMENTS: departments},
)
