"""Deciding a request: Approve, Decline with a reason, Withdraw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack import home
from bot.slack.answers import Answer, Close, Publish, Refresh, Replace, Say, Screen, Several, Show, Update
from bot.slack.blocks import Message, View, input_block, message, modal, section, text_input
from bot.slack.entering import never_outsiders
from bot.slack.forms import LONGEST_REASON, Form, metadata, metadata_of
from bot.slack.messages.approvals import (
    APPROVE,
    DECLINE,
    WITHDRAW,
    approver_card,
    channel_card,
    ending,
    requester_card,
)
from bot.slack.screens import approvals, request_details
from bot.slack.text import Mrkdwn, lines, md
from bot.slack.visit import Kind, Visit
from domain.approvals import asked_by
from domain.decisions import already_voted, may_not_decide
from domain.desk import Ended, load_request
from domain.errors import AlreadyDone, RequestOver
from domain.model import Actor, Member, Request, RequestStatus, Verdict
from domain.overview import has_voted, may_decide_now, request_facts
from domain.ports import Transaction

REASON_FORM = "decline_reason"
REASON = "reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declining:
    """What the form of a decline says; `below` is the callback_id of the form it lies on, if it does."""

    request_id: str
    below: str = ""
    reason: str = ""


async def approve(visit: Visit) -> Answer:
    """Record a yes; on the deciding one the change is made.

    Raises:
        OutsidersNever: they are not of this workspace.
    """
    await never_outsiders(visit)
    answer = await visit.services.front_desk.decide(
        visit.who, visit.value, Verdict.APPROVE, delivery=visit.delivery
    )
    return await _shown(visit, visit.value, late=isinstance(answer, Ended))


async def decline(visit: Visit) -> Answer:
    """Ask for the reason first; a request that is over answers with what happened.

    Raises:
        NotYourRequest, AlreadyVoted, OutsidersNever: the person may not decide it.
    """
    await never_outsiders(visit)
    async with visit.reading() as (tx, actor):
        request = await load_request(tx, visit.value)
        if request.status_at(tx.now) is RequestStatus.WAITING:
            facts = await request_facts(tx, request)
            if not await may_decide_now(tx, actor, request):
                raise await may_not_decide(tx, actor, request)
            if isinstance(actor, Member) and await has_voted(tx, actor, request):
                raise already_voted()
            below = str(visit.view.get("callback_id") or "") if visit.in_form else ""
            declining = Declining(request_id=request.id, below=below)
            return Show(build_reason(declining, title=facts.description.title))
    return await _shown(visit, visit.value, late=True)


def build_reason(declining: Declining, *, title: str) -> View:
    """The form that asks why."""
    typed = text_input(
        "text", initial=declining.reason or None, multiline=True, max_length=LONGEST_REASON, focus=True
    )
    hint = "Whoever asked will read it, with your name."
    return modal(
        "Decline request",
        [
            section(md("You decline the request to {title}.", title=title)),
            input_block("Reason", typed, block_id=REASON, optional=True, hint=hint),
        ],
        callback_id=REASON_FORM,
        submit="Decline",
        private_metadata=metadata(request=declining.request_id, below=declining.below),
    )


def parse_reason(view: Mapping[str, Any]) -> Declining:
    """What the form says."""
    ids = metadata_of(view)
    return Declining(
        request_id=str(ids.get("request", "")),
        below=str(ids.get("below", "")),
        reason=Form(view).text(REASON),
    )


async def declined(visit: Visit) -> Answer:
    """Record a no with its reason, and bring what lies below up to date."""
    declining = parse_reason(visit.view)
    answer = await visit.services.front_desk.decide(
        visit.who, declining.request_id, Verdict.DECLINE, reason=declining.reason, delivery=visit.delivery
    )
    if isinstance(answer, Ended) and answer.request.status is not RequestStatus.DECLINED:
        return await _late(visit, declining.request_id)
    previous, root = (str(visit.view.get(name) or "") for name in ("previous_view_id", "root_view_id"))
    renewed: list[Answer] = []
    async with visit.reading() as (tx, actor):
        if declining.below == request_details.VIEW:
            request = await load_request(tx, declining.request_id)
            renewed.append(Refresh(await request_details.build(tx, request, actor), previous))
        if declining.below == approvals.LIST or (renewed and root != previous):
            renewed.append(Refresh(await approvals.build(tx, actor), root))
    return Several((Close(), *renewed))


async def withdraw(visit: Visit) -> Answer:
    """Take back one's own request; a click on one that is over answers with what happened."""
    late = False
    try:
        await visit.services.front_desk.withdraw(visit.who, visit.value, delivery=visit.delivery)
    except (AlreadyDone, RequestOver):
        late = True
    return await _shown(visit, visit.value, late=late)


async def _shown(visit: Visit, request_id: str, *, late: bool) -> Answer:
    """The place that was clicked, as it reads now; a late click also gets words."""
    if not (late or visit.view or visit.body.get("message")):
        return None
    async with visit.reading() as (tx, actor):
        request = await load_request(tx, request_id)
        words = await _over(tx, request) if late else None
        if visit.in_form:
            return await _form(visit, tx, actor, request, words)
        answers: list[Answer] = []
        if visit.view.get("type") == "home":
            answers.append(Publish(await home.render(tx, visit.who.user_id)))
        elif visit.body.get("message"):
            answers.append(Replace(await _card(visit, tx, actor, request)))
    if words is not None:
        answers.append(Say(message(words, [section(words)]), title="Request"))
    return Several(tuple(answers))


async def _form(
    visit: Visit, tx: Transaction, actor: Actor, request: Request, words: Mrkdwn | None
) -> Answer:
    """The list, or the details with the list below them."""
    if visit.view.get("callback_id") == approvals.LIST:
        return Update(await approvals.build(tx, actor, said=words, at=approvals.place_of(visit.view)))
    details = Update(await request_details.build(tx, request, actor))
    if visit.depth == 1:
        return details
    root = str(visit.view.get("root_view_id"))
    return Several((details, Refresh(await approvals.build(tx, actor), root)))


async def _card(visit: Visit, tx: Transaction, actor: Actor, request: Request) -> Message:
    """The clicked card: the approvals channel's, the requester's own, or an approver's."""
    if not (visit.channel or "").startswith("D"):
        return await channel_card(tx, request)
    if asked_by(request, actor):
        return await requester_card(tx, request)
    return await approver_card(tx, request, actor if isinstance(actor, Member) else None)


async def _over(tx: Transaction, request: Request) -> Mrkdwn:
    facts = await request_facts(tx, request)
    return lines(
        md("*This request is not open any more:* to {what}.", what=facts.description.title), ending(facts)
    )


async def _late(visit: Visit, request_id: str) -> Say:
    """What happened to a request before the form was sent."""
    async with visit.reading() as (tx, _):
        words = await _over(tx, await load_request(tx, request_id))
    title = "Already decided" if visit.kind is Kind.SUBMISSION else "Request"
    return Say(message(words, [section(words)]), title=title)


SCREEN = Screen(
    actions={APPROVE: approve, DECLINE: decline, WITHDRAW: withdraw}, views={REASON_FORM: declined}
)
