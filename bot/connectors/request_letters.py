"""Letters about requests for approval, to who asked and to who decides."""

from dataclasses import replace

from bot.connectors.words import Words, said, why_member
from bot.moments import moment
from domain.model import Request, RequestStatus
from domain.notices import ApprovalAsked, ApprovalReminded, RequestDecided, RequestFiled
from domain.overview import RequestFacts, has_voted, may_decide_now, request_facts
from domain.ports import Transaction

NAMED = 10
"""People named in a letter; the others are counted."""
_SUBJECTS = {
    RequestStatus.WAITING: "Your request waits for approval",
    RequestStatus.APPLIED: "Your request was approved",
    RequestStatus.DECLINED: "Your request was declined",
    RequestStatus.WITHDRAWN: "Your request was withdrawn",
    RequestStatus.EXPIRED: "Your request expired",
    RequestStatus.FAILED: "Your request could not be carried out",
    RequestStatus.VOID: "Your request has lapsed",
}


async def request_filed(tx: Transaction, notice: RequestFiled) -> Words | None:
    """What was asked and of whom, or that it was withdrawn; other endings have a letter of their own."""
    request = await tx.requests.get(notice.request_id)
    if request is None or _ended(tx, request):
        return None
    return await _told(tx, request)


async def request_decided(tx: Transaction, notice: RequestDecided) -> Words | None:
    """What became of a request, for who asked; nothing while it waits."""
    request = await tx.requests.get(notice.request_id)
    if request is None or not _ended(tx, request):
        return None
    return await _told(tx, request)


def _ended(tx: Transaction, request: Request) -> bool:
    """Whether it is over otherwise than by its requester."""
    return request.status_at(tx.now) not in (RequestStatus.WAITING, RequestStatus.WITHDRAWN)


async def _told(tx: Transaction, request: Request) -> Words:
    facts = await request_facts(tx, request)
    return Words(
        state=f"{facts.status}:{request.step}",
        subject=f"{_SUBJECTS[facts.status]}: {said(facts.description.title, 80)}",
        heading=_SUBJECTS[facts.status],
        before=(f"You asked to {said(facts.description.title)}.", *_became(facts)),
        facts=(*_details(facts), *_reasons(request)),
        after=_next(facts),
        why=why_member(tx),
    )


async def approval_asked(tx: Transaction, notice: ApprovalAsked) -> Words | None:
    """A request to decide; nothing once it is decided, or no longer theirs to decide."""
    request = await tx.requests.get(notice.request_id)
    member = await tx.members.get(notice.to.partition(":")[2])
    if request is None or member is None or not await may_decide_now(tx, member, request):
        return None
    facts = await request_facts(tx, request)
    asker = facts.requester
    requester = said(asker.name or asker.email) if asker else "Somebody in Slack"
    return Words(
        state=str(request.step),
        subject=f"{requester} asks you to decide: {said(facts.description.title, 80)}",
        heading="Your decision is asked for",
        before=(f"{requester} asks to {said(facts.description.title)}.",),
        facts=(*_details(facts), *_reasons(request), ("Open until", moment(request.expires_at))),
        after=(
            *((said(facts.description.final),) if facts.description.final else ()),
            "Approve or decline in Slack: /team approvals. A reply to this mail decides nothing.",
        ),
        why=why_member(tx),
    )


async def approval_reminded(tx: Transaction, notice: ApprovalReminded) -> Words | None:
    """A request that still waits for somebody; nothing once they have voted on it."""
    request = await tx.requests.get(notice.request_id)
    member = await tx.members.get(notice.to.partition(":")[2])
    if request is None or member is None or request.step != notice.step:
        return None
    if await has_voted(tx, member, request):
        return None
    words = await approval_asked(tx, ApprovalAsked(request_id=request.id, to=notice.to))
    heading = "Your decision is still waited for"
    return None if words is None else replace(words, heading=heading, subject=f"Reminder: {words.subject}")


def _became(facts: RequestFacts) -> tuple[str, ...]:
    decider = said(facts.decider.name or facts.decider.email) if facts.decider else ""
    if facts.status is RequestStatus.WAITING:
        names = [said(one.name or one.email) for one in facts.approvers[:NAMED]]
        if (more := len(facts.approvers) - NAMED) > 0:
            names.append(f"{more} more")
        return (f"These people can decide it: {', '.join(names)}.",) if names else ()
    if decider:
        verb = "approved" if facts.status is RequestStatus.APPLIED else "decided"
        return (f"{decider} {verb} it.",)
    return ()


def _details(facts: RequestFacts) -> tuple[tuple[str, str], ...]:
    return tuple(
        (said(label), f"{said(before)} → {said(after)}" if before else said(after))
        for label, before, after in facts.description.details
    )


def _reasons(request: Request) -> tuple[tuple[str, str], ...]:
    given = (("Why it was asked", request.reason), ("Reason given", request.decision_reason))
    return tuple((label, said(text)) for label, text in given if text)


def _next(facts: RequestFacts) -> tuple[str, ...]:
    match facts.status:
        case RequestStatus.WAITING:
            until = moment(facts.request.expires_at)
            return (f"Nothing for you to do. The request stays open until {until}.",)
        case RequestStatus.APPLIED:
            return ("It is done.",)
        case RequestStatus.EXPIRED:
            return ("Nobody decided in time. You can ask again in Slack: /team.",)
        case RequestStatus.WITHDRAWN:
            return ()
        case _:
            return ("Nothing was changed. /team approvals in Slack shows the request.",)
