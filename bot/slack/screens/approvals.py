"""The list of requests: waiting for me, asked by me, decided by me."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.answers import Answer, Screen, Show, Update
from bot.slack.blocks import Block, View, actions, button, context, divider, header, modal, section
from bot.slack.forms import metadata, metadata_of
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
PAGE = "approvals_page"
WAITING, ASKED, DECIDED = "waiting", "asked", "decided"
_PARTS = {WAITING: "Waiting for you", ASKED: "Asked by you", DECIDED: "Decided by you"}
MOST_PAGES = 100


async def show(visit: Visit) -> Answer:
    """Open the list."""
    async with visit.reading() as (tx, actor):
        return Show(await build(tx, actor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the lists a page is: all three from their beginning, or further back in one.

    Args:
        part: a key of `_PARTS`, or "" for all.
        after: the request behind which those waiting begin.
    """

    part: str = ""
    page: int = 1
    after: str = ""


async def build(tx: Transaction, actor: Actor, *, said: Mrkdwn | None = None, at: Place = Place()) -> View:
    """The list as it is now; `said` is what became of a click."""
    skip = (at.page - 1) * SHOWN_REQUESTS
    desk = await desk_of(tx, actor, skip=skip, after=at.after or None)
    further = {
        WAITING: f"{WAITING}:2:{desk.more_waiting}" if desk.more_waiting else "",
        ASKED: f"{ASKED}:{at.page + 1}:" if desk.more_asked and at.page < MOST_PAGES else "",
        DECIDED: f"{DECIDED}:{at.page + 1}:" if desk.more_decided and at.page < MOST_PAGES else "",
    }
    items = {
        WAITING: [waiting_item(facts) for facts in desk.waiting_for_me],
        ASKED: [asked_item(facts) for facts in desk.asked_by_me],
        DECIDED: [decided_item(facts) for facts in desk.decided_by_me],
    }
    blocks: list[Block] = [section(said), divider()] if said else []
    for part, title in _PARTS.items():
        if at.part in ("", part):
            blocks += [*_part(title, items[part]), *_turn(part, further[part], at), divider()]
    ids = metadata(part=at.part, page=at.page, after=at.after)
    return modal("Approvals", blocks[:-1], callback_id=LIST, close="Close", private_metadata=ids)


def place_of(view: Mapping[str, Any]) -> Place:
    """Where in the lists the view is."""
    ids = metadata_of(view)
    return _place(f"{ids.get('part', '')}:{ids.get('page', 1)}:{ids.get('after', '')}")


def _place(value: str) -> Place:
    part, page, after = (*value.split(":"), "", "")[:3]
    known = part in _PARTS and page.isascii() and page.isdecimal() and 1 <= int(page) <= MOST_PAGES
    return Place(part=part, page=int(page), after=after) if known else Place()


async def turned(visit: Visit) -> Answer:
    """Another page; from Home the list, opened at one part."""
    async with visit.reading() as (tx, actor):
        view = await build(tx, actor, at=_place(visit.value))
    return Update(view) if visit.in_form else Show(view)


def all_of(part: str) -> Block:
    """The button of Home that opens the list at one part."""
    return actions(button("See all", f"{PAGE}:home:{part}", value=f"{part}:1:"), block_id=f"all:{part}")


def _turn(part: str, further: str, at: Place) -> list[Block]:
    """The buttons to the beginning and to the next page."""
    row = [button("‹ To the beginning", f"{PAGE}:first", value="")] if at.part else []
    row += [button("Next ›", f"{PAGE}:next:{part}", value=further)] if further else []
    return [actions(*row, block_id=f"pages:{part}")] if row else []


def _part(title: str, items: list[list[Block]]) -> list[Block]:
    blocks = [header(title)]
    if not items:
        return [*blocks, context(escape("Nothing."))]
    for item in items:
        blocks.extend(item)
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


def decided_item(facts: RequestFacts) -> list[Block]:
    """One request somebody has voted on, and what became of it."""
    title = md("{who}: to {what}.", who=requester(facts), what=facts.description.title)
    return [section(title), context(ending(facts))]


SCREEN = Screen(
    actions={re.compile(rf"{PAGE}:[\w:]+"): turned},
    verbs={"approvals": show},
    open_to_all=frozenset({"approvals"}),
)
