"""The forms of one act on one person: another role, deactivate, activate, revoke."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.blocks import (
    Block,
    Option,
    View,
    input_block,
    modal,
    option,
    section,
    static_select,
    text_input,
)
from bot.slack.forms import LONGEST_REASON, Form, metadata, metadata_of, one_of
from bot.slack.screens import picking
from bot.slack.text import Mrkdwn
from domain.offers import Act, Way
from domain.permissions import Role

FORM = "member_act"
ROLE = "member_role"

TITLES = {
    Act.CHANGE_ROLE: "Change role",
    Act.DEACTIVATE: "Deactivate member",
    Act.ACTIVATE: "Activate member",
    Act.REVOKE: "Revoke invitation",
}
SUBMITS = {
    Act.CHANGE_ROLE: "Change role",
    Act.DEACTIVATE: "Deactivate",
    Act.ACTIVATE: "Activate",
    Act.REVOKE: "Revoke",
}
_PICKS = {
    Act.CHANGE_ROLE: picking.ANY,
    Act.DEACTIVATE: picking.ACTIVE,
    Act.ACTIVATE: picking.DEACTIVATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the form says; `subject_id` is a member's, or an invitation's to revoke."""

    act: Act
    subject_id: str = ""
    role: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the form shows besides.

    Args:
        words: whom it is about, and what would happen.
        pick: whether the person is chosen in the form; `chosen` is the menu's entry for them.
        roles: what can be given, each with how.
        way: how the act would go; None when it cannot be done, or nobody is chosen yet.
        possible: whether there is anything to send.
        members: the list below the form, as its metadata has it.
    """

    words: Mrkdwn
    pick: bool = False
    chosen: Option | None = None
    roles: Sequence[tuple[Role, Way]] = ()
    way: Way | None = None
    possible: bool = True
    members: Mapping[str, Any] | None = None


def build(draft: Draft, around: Around) -> View:
    """The form."""
    blocks: list[Block] = [section(around.words)]
    if around.pick:
        blocks.append(_person(draft, around))
    if draft.act is Act.CHANGE_ROLE and around.roles:
        blocks.append(_role(draft, around))
    if _asks(around):
        blocks.append(_reason(draft))
    ids: dict[str, object] = {"act": draft.act, "pick": around.pick}
    if not around.pick:
        ids["subject"] = draft.subject_id
    if around.members is not None:
        ids["members"] = around.members
    sendable = around.possible or any(block["type"] == "input" for block in blocks)
    return modal(
        TITLES[draft.act],
        blocks,
        callback_id=FORM,
        submit=("Ask" if around.way is Way.BY_ASKING else SUBMITS[draft.act]) if sendable else None,
        close="Cancel" if sendable else "Close",
        private_metadata=metadata(**ids),
    )


def _person(draft: Draft, around: Around) -> Block:
    menu = picking.member_select(_PICKS[draft.act], chosen=around.chosen)
    return input_block("Member", menu, block_id="member", dispatch=True)


def _role(draft: Draft, around: Around) -> Block:
    options = [
        option(role.name, role.slug, "Somebody else has to approve it" if way is Way.BY_ASKING else None)
        for role, way in around.roles
    ]
    known = any(role.slug == draft.role for role, _ in around.roles)
    menu = static_select(ROLE, options, initial=draft.role if known else None, placeholder="Choose a role")
    return input_block("New role", menu, block_id="role", dispatch=True)


def _asks(around: Around) -> bool:
    return around.way is Way.BY_ASKING or any(way is Way.BY_ASKING for _, way in around.roles)


def _reason(draft: Draft) -> Block:
    typed = text_input("reason", initial=draft.reason or None, multiline=True, max_length=LONGEST_REASON)
    hint = "The people who have to approve it see this."
    return input_block("Why", typed, block_id="reason", optional=True, hint=hint)


def parse(view: Mapping[str, Any]) -> Draft:
    """What the form says."""
    form, ids = Form(view), metadata_of(view)
    return Draft(
        act=one_of(Act, ids.get("act")),
        subject_id=(form.choice("member") or "") if ids.get("pick") else str(ids.get("subject", "")),
        role=form.choice("role") or "",
        reason=form.text("reason"),
    )
