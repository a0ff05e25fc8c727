"""The list of requests: waiting for me, asked by me, decided by me."""

from bot.slack.answers import Answer, Screen, Show
from bot.slack.blocks import Block, View, actions, button, context, divider, header, modal, section
from bot.slack.messages.approvals import (
    DETAILS,
    decision_buttons,
    ending,
    requester,
    standing,
    withdraw_button,
)
from bot.slack.text import Mrkdwn, escape, lines, md
from bot.slack.visit import Visit
from domain.model import Actor, RequestStatus
from domain.overview import SHOWN_REQUESTS, RequestFacts, desk_of
from domain.ports import Transaction

LIST = "approvals_list"


async def show(visit: Visit) -> Answer:
    """Open the list."""
    async with visit.reading() as (tx, actor):
        return Show(await build(tx, actor))


async def build(tx: Transaction, actor: Actor, *, said: Mrkdwn | None = None) -> View:
    """The list as it is now; `said` is what became of a click."""
    desk = await desk_of(tx, actor)
    blocks = [
        *([section(said), divider()] if said else []),
        *_part("Waiting for me", [waiting_item(facts) for facts in desk.waiting_for_me]),
        divider(),
        *_part("Asked by me", [asked_item(facts) for facts in desk.asked_by_me]),
        divider(),
        *_part("Decided by me", [_decided_item(facts) for facts in desk.decided_by_me]),
    ]
    return modal("Approvals", blocks, callback_id=LIST, close="Close")


def _part(title: str, items: list[list[Block]]) -> list[Block]:
    blocks = [header(title)]
    if not items:
        return [*blocks, context(escape("Nothing."))]
    for item in items:
        blocks.extend(item)
    if len(items) == SHOWN_REQUESTS:
        blocks.append(context(md("{count} at most are shown here.", count=SHOWN_REQUESTS)))
    return blocks


def waiting_item(facts: RequestFacts) -> list[Block]:
    """One request somebody may decide, with its buttons."""
    title = md("*{who}* asks to {what}.", who=requester(facts), what=facts.description.title)
    why = md("“{reason}”", reason=facts.request.reason) if facts.request.reason else None
    return [section(lines(title, why)), context(standing(facts)), decision_buttons(facts.request)]


def asked_item(facts: RequestFacts) -> list[Block]:
    """One request of one's own, with Withdraw while it is open."""
    title = md("To {what}.", what=facts.description.title)
    blocks = [section(title), context(ending(facts))]
    if facts.status is RequestStatus.WAITING:
        detail = button("Details", DETAILS, value=facts.request.id)
        row = actions(withdraw_button(facts.request), detail, block_id=f"mine:{facts.request.id}")
        blocks.append(row)
    return blocks


def _decided_item(facts: RequestFacts) -> list[Block]:
    title = md("{who}: to {what}.", who=requester(facts), what=facts.description.title)
    return [section(title), context(ending(facts))]


SCREEN = Screen(verbs={"approvals": show}, open_to_all=frozenset({"approvals"}))
