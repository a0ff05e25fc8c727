"""One delivery from Slack as screens see it: who came, from where, with what."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import structlog
from slack_bolt.request.internals import (
    extract_enterprise_id,
    extract_is_enterprise_install,
    extract_team_id,
    extract_user_id,
)

from bot.clock import real_now
from bot.slack.directory import NotTold, team_of
from bot.slack.forms import HASHES, Form, metadata_of
from bot.slack.scopes import Granted
from domain.front_desk import FrontDesk, SlackUser
from domain.model import Actor, Person
from domain.ports import Transaction

log = structlog.get_logger("steward.slack")

PATIENCE = 1.0
"""Seconds Slack may take to say who somebody is."""


class KnowsPeople(Protocol):
    """What screens need of `bot.slack.directory.Directory`."""

    async def ensure(self, team_id: str, user_id: str) -> Person | None:
        """Return a Slack user, asked of Slack once when unknown; None when Slack does not say."""

    async def meet(self, team_id: str, user_id: str) -> Person | None:
        """Return a Slack user likewise, None when there is none; raises NotTold when Slack does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the screens work with, the same for every visit.

    Args:
        mail: whether a mail server is set up.
        scopes: what Slack granted the app.
        asks_setup_code: whether the set-up needs a code; else only who installed the app may set up.
        setup_code_prefill: stands in the set-up form already (the demo); None lets people type it.
        clock: the time, for words about it.
    """

    front_desk: FrontDesk
    directory: KnowsPeople
    mail: bool
    asks_setup_code: bool = True
    setup_code_prefill: str | None = None
    scopes: Granted = field(default_factory=Granted)
    clock: Callable[[], datetime] = real_now


class Kind(StrEnum):
    """What a delivery is."""

    COMMAND = "command"
    SHORTCUT = "shortcut"
    ACTION = "block_actions"
    SUBMISSION = "view_submission"
    CLOSED = "view_closed"
    OPTIONS = "block_suggestion"
    EVENT = "event_callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody came with something.

    Args:
        stranger: whether they act from another workspace, through a shared channel.
        text: what was typed after the command (and verb), typed into a select, or "".
    """

    services: Services
    kind: Kind
    who: SlackUser
    stranger: bool
    body: Mapping[str, Any]
    text: str = ""

    @property
    def trigger_id(self) -> str:
        """What opens one form within three seconds."""
        return str(self.body.get("trigger_id") or "")

    @property
    def response_url(self) -> str:
        """Where words for this person can be sent afterwards; empty without a conversation."""
        return str(self.body.get("response_url") or "")

    @property
    def channel(self) -> str | None:
        """The conversation it came from."""
        found = self.body.get("channel_id") or (self.body.get("channel") or {}).get("id")
        return str(found) if found else None

    @property
    def view(self) -> Mapping[str, Any]:
        """The form or Home tab it came from; empty without one."""
        return self.body.get("view") or {}

    @property
    def in_form(self) -> bool:
        """Whether it came from a form."""
        return self.view.get("type") == "modal"

    @property
    def depth(self) -> int:
        """How many forms lie on one another, as far as Slack tells: 3 is the most."""
        previous, root = self.view.get("previous_view_id"), self.view.get("root_view_id")
        if not previous:
            return 1
        return 2 if previous == root else 3

    @property
    def form(self) -> Form:
        """What is typed and chosen in the form."""
        return Form(self.view)

    @property
    def metadata(self) -> dict[str, Any]:
        """The ids the form carries."""
        return metadata_of(self.view)

    @property
    def hashes(self) -> dict[str, str]:
        """Slack's hashes of the forms below by id, the lowest first, as of when this one was laid above."""
        return dict(self.metadata.get(HASHES) or {})

    @property
    def action(self) -> Mapping[str, Any]:
        """What was pressed or chosen."""
        acts: list[Mapping[str, Any]] = self.body.get("actions") or [{}]
        return acts[0]

    @property
    def action_id(self) -> str:
        """The id of what was pressed or typed into."""
        return str(self.action.get("action_id") or self.body.get("action_id") or "")

    @property
    def value(self) -> str:
        """The value of the button pressed or of what was chosen or typed; empty for none."""
        act = self.action
        option = act.get("selected_option") or {}
        found = act.get("value") or option.get("value") or act.get("selected_user")
        return str(found or act.get("selected_date") or act.get("selected_conversation") or "")

    @property
    def delivery(self) -> str:
        """The id of this delivery: the same again when Slack delivers it twice."""
        submitted = self.kind is Kind.SUBMISSION  # each click on Send has a trigger of its own
        parts = (
            self.kind,
            self.who.user_id,
            None if submitted else self.trigger_id,
            json.dumps(self.view.get("state") or {}, sort_keys=True) if submitted else None,
            self.body.get("command"),
            self.body.get("text"),
            self.view.get("id"),
            self.view.get("hash"),
            self.action_id,
            self.action.get("action_ts"),
            self.value,
            self.body.get("event_id"),
        )
        return hashlib.sha256("\0".join(str(part or "") for part in parts).encode()).hexdigest()

    async def meet(self, *user_ids: str) -> bool:
        """Have Slack users known; return whether Slack said of all who they are while the person waited.

        Raises:
            Busy: somebody is new, and the organization is being changed.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                return all(await asyncio.gather(*(self._told_of(user_id) for user_id in user_ids)))
        except TimeoutError:
            log.warning("slack.people_not_told", people=len(user_ids))
            return False

    async def _told_of(self, user_id: str) -> bool:
        try:
            await self.services.directory.meet(self.who.team_id, user_id)
        except NotTold:
            return False
        return True

    def reading(self) -> AbstractAsyncContextManager[tuple[Transaction, Actor]]:
        """A read-only snapshot with the person who came; raises NotSetUp without an organization."""
        return self.services.front_desk.reading(self.who)


def visit_of(services: Services, body: Mapping[str, Any], *, text: str = "") -> Visit:
    """Read a delivery."""
    payload = dict(body)
    key = team_of(
        team_id=extract_team_id(payload),
        enterprise_id=extract_enterprise_id(payload),
        org_wide=extract_is_enterprise_install(payload),
    )
    who = SlackUser(team_id=key, user_id=str(extract_user_id(payload) or ""))
    return Visit(
        services=services,
        kind=_kind(payload),
        who=who,
        stranger=_stranger(payload),
        body=body,
        text=text or str(payload.get("value") or ""),
    )


def _kind(body: Mapping[str, Any]) -> Kind:
    if "command" in body:
        return Kind.COMMAND
    kind = str(body.get("type") or "")
    return Kind.SHORTCUT if kind == "message_action" else Kind(kind)


def _stranger(body: Mapping[str, Any]) -> bool:
    """Whether the payload names another home of the user than the workspace the app is in."""
    user = body.get("user")
    if not isinstance(user, Mapping) or not user.get("team_id"):
        return False
    team, enterprise = body.get("team") or {}, body.get("enterprise") or {}
    view = body.get("view") or {}
    homes = {
        team.get("id"),
        team.get("enterprise_id"),
        enterprise.get("id"),
        view.get("app_installed_team_id"),
    }
    return not bool(enterprise) and user["team_id"] not in homes - {None}
