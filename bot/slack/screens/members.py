"""The list of members and open invitations: searched, filtered, page by page (product §12)."""

import re

from bot.slack.answers import Answer, Screen, Show, Update
from bot.slack.blocks import (
    Block,
    Element,
    View,
    actions,
    button,
    context,
    divider,
    input_block,
    modal,
    option,
    section,
    static_select,
    text_input,
)
from bot.slack.commands import Email, Mention, tokens, unescaped
from bot.slack.entering import require_active
from bot.slack.foretelling import seats_words
from bot.slack.forms import metadata
from bot.slack.screens.ids import INVITE_AGAIN
from bot.slack.screens.member_query import ALL, LONGEST_SEARCH, Query, as_ids, parse, query_of, shown
from bot.slack.screens.member_rows import member_line
from bot.slack.text import Mrkdwn, escape, md
from bot.slack.visit import Visit
from domain.model import Actor, Member
from domain.overview import glance, roster, sees_details
from domain.permissions import roles_of
from domain.ports import RosterPage, Transaction

LIST = "members"
SEARCH = "members_search"
STATUS = "members_status"
ROLE = "members_role"
CLEAR = "members_clear"
TURN = "members_page"

STATUSES = {
    ALL: "Everyone",
    "active": "Active",
    "pending": "Pending",
    "waiting": "Waiting",
    "expired": "Expired",
    "deactivated": "Deactivated",
}
_HIDDEN = ("pending", "waiting", "expired", ALL)
"""What those who see no invitations cannot choose."""


async def verb(visit: Visit) -> Answer:
    """Open the list, searched for what was typed."""
    async with visit.reading() as (tx, actor):
        text = await _meant(tx, visit.text)
        return Show(await build(tx, actor, Query(text=text[:LONGEST_SEARCH])))


async def _meant(tx: Transaction, typed: str) -> str:
    """What to search for: words as typed, a mention by the name of who is meant."""
    for token in tokens(typed):
        if isinstance(token, Mention):
            member = await tx.members.by_user(token.user_id)
            person = await tx.people.get(token.user_id)
            return member.name if member else person.name if person else token.name
        if isinstance(token, Email):
            return token.address
    return unescaped(typed).strip()


async def build(
    tx: Transaction, actor: Actor, query: Query, *, said: Mrkdwn | None = None, again: str = ""
) -> View:
    """The list.

    Args:
        said: what became of an act, above the list.
        again: id of an invitation that is over and can be sent anew.
    """
    member = await require_active(tx, actor)
    query, page = await _page(tx, member, query)
    blocks = [
        *_said(said, again),
        _search(query),
        actions(*_filters(tx, member, query), block_id=f"filters:{query.cleared}"),
        context(await _counts(tx, member, query)),
        divider(),
        *(member_line(tx, member, row) for row in page.rows),
    ]
    if not page.rows:
        blocks.append(section(_nobody(query)))
    blocks += _turns(query, page)
    return modal(
        "Members",
        blocks,
        callback_id=LIST,
        submit="Search",
        close="Close",
        private_metadata=metadata(**as_ids(query)),
    )


async def _page(tx: Transaction, member: Member, query: Query) -> tuple[Query, RosterPage]:
    """The page asked for, or the first where that one is empty by now."""
    page = await roster(
        tx,
        member,
        text=query.text,
        status=None if query.status == ALL else query.status,
        role=None if query.role == ALL else query.role,
        after=query.after,
    )
    return (query, page) if page.rows or not query.trail else await _page(tx, member, query.first())


def _said(said: Mrkdwn | None, again: str) -> list[Block]:
    if said is None:
        return []
    anew = button("Invite again", INVITE_AGAIN, value=again) if again else None
    return [section(said, accessory=anew), divider()]


def _search(query: Query) -> Block:
    typed = text_input(
        SEARCH,
        initial=query.text or None,
        max_length=LONGEST_SEARCH,
        placeholder="Beginning of a name or e-mail address",
    )
    return input_block("Search", typed, block_id=query.search_id, optional=True, dispatch=True)


def _filters(tx: Transaction, member: Member, query: Query) -> tuple[Element, Element]:
    sees = sees_details(tx, member)
    offered = {status: words for status, words in STATUSES.items() if sees or status not in _HIDDEN}
    chosen = query.status if query.status in offered else next(iter(offered))
    roles = {ALL: "Any role"} | {slug: role.name for slug, role in roles_of(tx.organization).items()}
    return (
        static_select(STATUS, [option(words, status) for status, words in offered.items()], initial=chosen),
        static_select(
            ROLE,
            [option(words, slug) for slug, words in roles.items()],
            initial=query.role if query.role in roles else ALL,
        ),
    )


async def _counts(tx: Transaction, member: Member, query: Query) -> Mrkdwn:
    page = md("Page {page}", page=query.page) if query.page > 1 else None
    if not sees_details(tx, member):
        return page or escape("Names and roles of the active members.")
    team = await glance(tx)
    words = [f"{team.active} active", f"{team.deactivated} deactivated", f"{team.pending} pending"]
    if team.waiting:
        words.append(f"{team.waiting} waiting")
    parts = (escape(" · ".join(words)), md("seats: {seats}", seats=seats_words(team.seats)), page)
    return Mrkdwn("  |  ").join(part for part in parts if part)


def _nobody(query: Query) -> Mrkdwn:
    if query.text:
        return md(
            "Nobody here matches “{text}”. Try the beginning of a first name, a last name or an address.",
            text=query.text,
        )
    if query.status == "expired":
        return Mrkdwn("No invitation of the last 30 days has expired without another one or a member.")
    return Mrkdwn("Nobody here matches.")


def _turns(query: Query, page: RosterPage) -> list[Block]:
    row = []
    if query.page > 1:
        known = len(query.trail) > 1 or query.page == 2
        row.append(button("‹ Previous" if known else "‹ First page", f"{TURN}:previous", value="previous"))
    if page.next_after:
        row.append(button("Next ›", f"{TURN}:next", value=page.next_after))
    if query.text or query.status != ALL or query.role != ALL:
        row.append(button("Show everyone", CLEAR, value="clear"))
    return [actions(*row, block_id="pages")] if row else []


async def _again(visit: Visit, query: Query) -> Answer:
    async with visit.reading() as (tx, actor):
        return Update(await build(tx, actor, query))


async def searched(visit: Visit) -> Answer:
    """Look for what was typed."""
    return await _again(visit, parse(visit.view))


async def filtered(visit: Visit) -> Answer:
    """Show one status, or one role."""
    query, chosen = parse(visit.view), visit.value or ALL
    by_status = visit.action_id == STATUS
    return await _again(visit, query.first(status=chosen) if by_status else query.first(role=chosen))


async def turned(visit: Visit) -> Answer:
    """Show the next or the previous page."""
    query = parse(visit.view)
    forward = visit.action_id.endswith(":next")
    if query != shown(visit.view):
        return await _again(visit, query)  # other words were typed: their first page
    return await _again(visit, query.next(visit.value) if forward else query.previous())


async def cleared(visit: Visit) -> Answer:
    """Show everyone again."""
    return await _again(visit, query_of(visit.metadata).clear())


SCREEN = Screen(
    verbs={"members": verb},
    actions={
        SEARCH: searched,
        STATUS: filtered,
        ROLE: filtered,
        CLEAR: cleared,
        re.compile(rf"{TURN}:(previous|next)"): turned,
    },
    views={LIST: searched},
)
