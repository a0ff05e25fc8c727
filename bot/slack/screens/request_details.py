"""Everything known of one request, for those it concerns."""

from bot.slack.answers import Answer, Screen, Show
from bot.slack.blocks import View, actions, context, divider, modal, section
from bot.slack.deciding import named, rule_said
from bot.slack.entering import never_outsiders
from bot.slack.foretelling import change_lines
from bot.slack.messages.approvals import DETAILS, decision_elements, may_vote, requester, whereabouts
from bot.slack.refusals import who_is
from bot.slack.text import Mrkdwn, date, lines, md
from bot.slack.visit import Visit
from domain.approvals import asked_by
from domain.decisions import may_not_decide
from domain.desk import load_request
from domain.model import Actor, Member, Request, Verdict
from domain.overview import RequestFacts, may_decide_now, request_facts, sees_details
from domain.ports import Transaction

VIEW = "request_details_view"


async def opened(visit: Visit) -> Answer:
    """Show the request to its requester, to those asked and to the admins.

    Raises:
        NotYourRequest, OutsidersNever: it concerns others; a card in a channel can be seen by anybody there.
    """
    await never_outsiders(visit)
    async with visit.reading() as (tx, actor):
        request = await load_request(tx, visit.value)
        if not await _concerns(tx, actor, request):
            raise await may_not_decide(tx, actor, request)
        return Show(await build(tx, request, actor))


async def _concerns(tx: Transaction, actor: Actor, request: Request) -> bool:
    if asked_by(request, actor) or sees_details(tx, actor):
        return True
    asked = isinstance(actor, Member) and actor.active and actor.id in request.asked
    return asked or await may_decide_now(tx, actor, request)


async def build(tx: Transaction, request: Request, actor: Actor) -> View:
    """A request with its history; buttons while the reader may decide."""
    facts = await request_facts(tx, request)
    may = await may_vote(tx, actor, request)
    changes = change_lines(facts.description)
    blocks = [section(md("*{who} asks to {what}.*", who=requester(facts), what=facts.description.title))]
    if changes:
        blocks.append(section(lines(*changes)))
    if facts.description.final:
        blocks.append(section(md(":warning: {final}", final=facts.description.final)))
    blocks += [
        divider(),
        section(lines(*_history(facts))),
        context(whereabouts(facts)),
    ]
    if may:
        approve, decline, _ = decision_elements(request)
        blocks.append(actions(approve, decline, block_id=f"decide:{request.id}"))
    return modal("Request", blocks, callback_id=VIEW, close="Close")


def _history(facts: RequestFacts) -> list[Mrkdwn]:
    request = facts.request
    told = [md("Asked {at}.", at=date(request.created_at))]
    if request.reason:
        told.append(md("Why: “{reason}”", reason=request.reason))
    told.append(
        md(
            "Rule: {rule} (version {version} of the policy)",
            rule=rule_said(facts),
            version=request.requirement.policy_version,
        )
    )
    if facts.told:
        told.append(md("Told: {who}", who=named(facts.told)))
    for vote in sorted((*facts.votes, *facts.dropped), key=lambda vote: vote.at):
        said = "approved" if vote.verdict is Verdict.APPROVE else "declined"
        who = who_is(facts.known[vote.voter_id])
        told.append(md("{who} {said}, {at}.", who=who, said=said, at=date(vote.at)))
    return told


SCREEN = Screen(actions={DETAILS: opened})
