"""The cards of a request: the approver's with buttons, the requester's with what became of it."""

from bot.slack.blocks import Block, Element, Message, actions, button, confirm, context, section
from bot.slack.deciding import (
    awaited_said,
    clock_said,
    progress,
    rule_said,
    votes_said,
)
from bot.slack.messages.rendering import Renderer, said
from bot.slack.refusals import who_is
from bot.slack.text import Mrkdwn, date, escape, lines, md, mention
from domain.model import Actor, Member, Request, RequestStatus
from domain.notices import ApprovalAsked, ApprovalReminded, Notice, RequestDecided, RequestFiled
from domain.overview import RequestFacts, has_voted, may_decide_now, request_facts
from domain.ports import Transaction

APPROVE = "request_approve"
DECLINE = "request_decline"
DETAILS = "request_details"
WITHDRAW = "request_withdraw"


async def approval_asked(tx: Transaction, notice: ApprovalAsked) -> Message | None:
    """The approver's card, with buttons only while they may decide; or the approvals channel's."""
    request = await tx.requests.get(notice.request_id)
    if request is None:
        return None
    if notice.to.startswith("channel:"):
        return await channel_card(tx, request)
    member = await tx.members.get(notice.to.removeprefix("member:"))
    return await approver_card(tx, request, member)


async def approver_card(tx: Transaction, request: Request, member: Member | None) -> Message:
    """A request as the approver `member` reads it now."""
    facts = await request_facts(tx, request)
    title = md("*{who} asks to {what}.*", who=requester(facts), what=facts.description.title)
    where, row = whereabouts(facts), None
    if facts.status is RequestStatus.WAITING:
        if member and await may_vote(tx, member, request):
            row = decision_buttons(request)
        elif member and any(vote.voter_id == member.id for vote in facts.votes):
            row = actions(details_button(request), block_id=f"decide:{request.id}")
        else:
            where = lines("You cannot decide this any more.", where)
    blocks = [section(lines(title, *_body(facts))), context(where), *([row] if row else [])]
    return said([title, *_body(facts), where], blocks)


async def may_vote(tx: Transaction, actor: Actor, request: Request) -> bool:
    """Whether somebody may decide the request now and has not said yes or no to its step already."""
    if not isinstance(actor, Member) or not await may_decide_now(tx, actor, request):
        return False
    return not await has_voted(tx, actor, request)


async def channel_card(tx: Transaction, request: Request) -> Message:
    """A request as the approvals channel shows it; being there gives nobody authority."""
    facts = await request_facts(tx, request)
    title = md("*{who} asks to {what}.*", who=requester(facts), what=facts.description.title)
    waiting = facts.status is RequestStatus.WAITING
    where = whereabouts(facts)
    blocks = [section(lines(title, *_body(facts))), context(where)]
    if waiting and facts.approvers:
        blocks.append(decision_buttons(request))
    return said([title, *_body(facts), where], blocks)


def decision_buttons(request: Request) -> Block:
    """Approve, Decline and Details for one request."""
    return actions(*decision_elements(request), block_id=f"decide:{request.id}")


def decision_elements(request: Request) -> tuple[Element, Element, Element]:
    """The three buttons of an open request."""
    return (
        button("Approve", APPROVE, value=request.id, style="primary"),
        button("Decline", DECLINE, value=request.id, style="danger"),
        details_button(request),
    )


def details_button(request: Request) -> Element:
    """Opens all that is known of a request."""
    return button("Details", DETAILS, value=request.id)


async def request_filed(tx: Transaction, notice: RequestFiled) -> Message | None:
    """The requester's card: what was asked, of whom, and what became of it."""
    request = await tx.requests.get(notice.request_id)
    return None if request is None else await requester_card(tx, request)


async def requester_card(tx: Transaction, request: Request) -> Message:
    """A request as its requester reads it now."""
    facts = await request_facts(tx, request)
    title = md("*You asked to {what}.*", what=facts.description.title)
    where = whereabouts(facts)
    words = [title, _reason(facts), where]
    blocks = [section(lines(title, _reason(facts))), context(where)]
    if facts.status is RequestStatus.WAITING:
        blocks.append(actions(withdraw_button(request), block_id=f"mine:{request.id}"))
    return said(words, blocks)


async def approval_reminded(tx: Transaction, notice: ApprovalReminded) -> Message | None:
    """A request that still waits for somebody; None once they have decided or no longer can."""
    request = await tx.requests.get(notice.request_id)
    member = await tx.members.get(notice.to.removeprefix("member:"))
    if request is None or member is None or request.step != notice.step:
        return None
    if not await may_vote(tx, member, request):
        return None
    facts = await request_facts(tx, request)
    words = lines(
        md(
            "*Still waiting for you:* {who} asks to {what}.",
            who=requester(facts),
            what=facts.description.title,
        ),
        _reason(facts),
    )
    where = md("Asked {at}, open until {until}.", at=date(request.created_at), until=date(request.expires_at))
    details = button("Look and decide", DETAILS, value=request.id, style="primary")
    blocks = [section(words), context(where), actions(details, block_id=f"remind:{request.id}")]
    return said([words, where], blocks)


async def request_decided(tx: Transaction, notice: RequestDecided) -> Message | None:
    """How the request ended, in a message of its own: an edited card notifies nobody; None while it waits."""
    request = await tx.requests.get(notice.request_id)
    if request is None or request.status_at(tx.now) is RequestStatus.WAITING:
        return None
    facts = await request_facts(tx, request)
    words = md("{verdict} {what}.", verdict=_verdict(facts), what=facts.description.title)
    why = md("“{reason}”", reason=request.decision_reason) if request.decision_reason else None
    again = "It can be asked for again." if facts.status is RequestStatus.EXPIRED else None
    return said([words, why, again], [section(lines(words, why, again))])


def _verdict(facts: RequestFacts) -> Mrkdwn:
    """The beginning of a line that says what was asked."""
    by = md(" by {who}", who=who_is(facts.decider)) if facts.decider else Mrkdwn("")
    match facts.status:
        case RequestStatus.APPLIED:
            return md(":white_check_mark: *Approved{by}:*", by=by)
        case RequestStatus.DECLINED:
            return md(":no_entry: *Declined{by}:*", by=by)
        case RequestStatus.EXPIRED:
            return Mrkdwn("*Nobody decided in time:*")
        case RequestStatus.FAILED:
            return Mrkdwn("*It could not be done any more:*")
        case RequestStatus.WITHDRAWN:
            return Mrkdwn("*Withdrawn:*")
        case _:
            return Mrkdwn("*Ended without a decision:*")


def withdraw_button(request: Request) -> Element:
    """Takes the request back, after a question."""
    question = confirm(
        "Withdraw this request?", "Nobody will be asked any more.", yes="Withdraw", no="Keep it"
    )
    return button("Withdraw", WITHDRAW, value=request.id, confirm=question)


def requester(facts: RequestFacts) -> Mrkdwn:
    """Who asked: a member, or a Slack user from outside."""
    if facts.requester is not None:
        return who_is(facts.requester)
    user_id = facts.request.requester_user_id
    return mention(user_id) if user_id else escape("Somebody")


def _body(facts: RequestFacts) -> list[Mrkdwn]:
    """Why, what would change from what to what, the seats after, what cannot be undone."""
    parts = [_reason(facts)]
    for label, before, after in facts.description.details:
        change = md("{before} → {after}", before=before, after=after) if before else escape(after)
        parts.append(
            md("• {label}: {change}", label=label, change=change) if after else md("• {label}", label=label)
        )
    if facts.status is RequestStatus.WAITING and facts.people:
        parts.append(_seats(facts))
    if facts.description.final:
        parts.append(md(":warning: {final}", final=facts.description.final))
    return [part for part in parts if part]


def _reason(facts: RequestFacts) -> Mrkdwn:
    return md("Why: “{reason}”", reason=facts.request.reason) if facts.request.reason else Mrkdwn("")


def _seats(facts: RequestFacts) -> Mrkdwn:
    seats = facts.seats
    after = seats.used + seats.held + facts.people
    if seats.limit is None:
        return md("Seats after: {after} (no limit)", after=after)
    if after > seats.limit:
        return md("Seats needed: {people}, free now: {free}", people=facts.people, free=seats.free)
    return md("Seats after: {after} of {limit}", after=after, limit=seats.limit)


def standing(facts: RequestFacts) -> Mrkdwn:
    """One line for a list: who decides and until when, or how it ended."""
    if facts.status is not RequestStatus.WAITING:
        return ending(facts)
    return _sentences(rule_said(facts), escape(progress(facts)), _seatless(facts), _until(facts))


def _sentences(*parts: Mrkdwn | None) -> Mrkdwn:
    return Mrkdwn(" ").join(part for part in parts if part)


def _until(facts: RequestFacts) -> Mrkdwn:
    return md("Open until {until}.", until=date(facts.request.expires_at))


def whereabouts(facts: RequestFacts) -> Mrkdwn:
    """Where a request stands: who decides, who has, who is awaited, what the clock does; or how it ended."""
    if facts.status is not RequestStatus.WAITING:
        return lines(ending(facts), votes_said(facts) if len(facts.votes) > 1 else None)
    return lines(
        rule_said(facts),
        escape(progress(facts)) or None,
        votes_said(facts),
        None if _one_yes(facts) and facts.approvers else awaited_said(facts),
        _seatless(facts),
        clock_said(facts),
    )


def _one_yes(facts: RequestFacts) -> bool:
    """Whether the rule itself says all that is awaited: one yes, in one step."""
    return [step.needed for step in facts.request.requirement.steps] == [1]


def _seatless(facts: RequestFacts) -> Mrkdwn | None:
    if not facts.lacks_seats:
        return None
    free = facts.seats.free or 0
    few = "no seat is free" if not free else "1 seat is free" if free == 1 else f"{free} seats are free"
    count = "a seat" if facts.people == 1 else f"{facts.people} seats"
    words = ":warning: It needs {count}, and {few} now: it waits until there is room."
    return md(words, count=count, few=few)


def ending(facts: RequestFacts) -> Mrkdwn:
    """How a request ended: who, when, why."""
    request = facts.request
    at = date(request.decided_at or request.expires_at)
    who = who_is(facts.decider) if facts.decider else escape("Steward")
    why = md(" “{reason}”", reason=request.decision_reason) if request.decision_reason else Mrkdwn("")
    match facts.status:
        case RequestStatus.APPLIED:
            return md(":white_check_mark: Approved by {who}, {at}.{why}", who=who, at=at, why=why)
        case RequestStatus.DECLINED:
            return md(":no_entry: Declined by {who}, {at}.{why}", who=who, at=at, why=why)
        case RequestStatus.WITHDRAWN:
            return md("Withdrawn, {at}.{why}", at=at, why=why)
        case RequestStatus.EXPIRED:
            return md("Expired without a decision, {at}. It can be asked for again.", at=at)
        case RequestStatus.FAILED:
            return md("It could not be done any more, {at}: {why}", at=at, why=request.decision_reason)
        case RequestStatus.VOID:
            return md("Ended without a decision, {at}: {why}", at=at, why=request.decision_reason)
        case RequestStatus.WAITING:
            return _sentences(awaited_said(facts), _seatless(facts), _until(facts))


RENDERERS: dict[type[Notice], Renderer] = {
    ApprovalAsked: approval_asked,
    ApprovalReminded: approval_reminded,
    RequestFiled: request_filed,
    RequestDecided: request_decided,
}
