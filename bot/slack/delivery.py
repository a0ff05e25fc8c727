"""Puts messages into Slack exactly once, edits those that stand there, and publishes Home.

Slack has no key for posting. So the conversation is stored before the first post, the message carries a key
in its metadata, and after a post of unknown outcome the key is looked for before anything is posted again.
What is not found counts as not posted only once Slack can no longer take the post.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.outcomes import PersonUnreachable, TryLater, Undeliverable
from bot.slack.calls import CallFailed, Trouble
from bot.slack.lines import Line, Lines, NotInstalled, NotRenewed
from domain.deliveries import Parcel, Posting, Queue
from domain.notices import CARDS

log = structlog.get_logger("steward.slack")

EVENT_TYPE = "steward_notice"
LOOKED_AT_ONCE = 200
LOOKED_BEFORE = 24 * 3600
"""Seconds before the notice that are looked through: clocks differ, and a newer notice replaces its row."""
KNOWN_CONVERSATIONS = 10_000
SETTLED_AFTER = timedelta(seconds=90)
"""After the beginning of a post without an answer, three times our own patience: Slack takes it no more."""

NOT_RENEWED_WAIT = 15.0
"""Seconds before a message is tried again that waits for a new token."""

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"})
_NO_LOOKING = frozenset({"missing_scope", "not_in_channel", "channel_not_found"})
_UNREACHABLE = frozenset(
    {
        *("user_not_found", "user_disabled", "users_not_found", "user_not_visible"),
        *("cannot_dm_bot", "channel_not_found", "is_archived"),
    }
)

Message = Mapping[str, Any]


class Delivery:
    """The way into Slack.

    Args:
        lines: their clients have long patience and no retry handlers, which would post twice.
        now: the clock of the queue.
    """

    def __init__(self, *, lines: Lines, queue: Queue, now: Callable[[], datetime]) -> None:
        self._lines, self._queue, self._now = lines, queue, now
        self._conversations: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def to_person(self, parcel: Parcel, user_id: str, message: Message) -> Posting | None:
        """Post to a person, or edit the card that stands there.

        Returns:
            Where the message stands; None when there was nothing to do.

        Raises:
            TryLater, PersonUnreachable, Undeliverable: see there.
        """
        line = await self._line(parcel)
        try:
            channel = await self._conversation(line, parcel.team_id, user_id)
            return await self._deliver(line, parcel, channel, message)
        except CallFailed as failed:
            if failed.error in _UNREACHABLE:
                self._conversations.pop((parcel.team_id, user_id), None)
                raise PersonUnreachable(str(failed)) from failed
            raise _outcome(failed) from failed

    async def to_channel(self, parcel: Parcel, channel: str, message: Message) -> Posting | None:
        """Post to a channel, or edit the card that stands there; raises as `to_person` does."""
        line = await self._line(parcel)
        try:
            return await self._deliver(line, parcel, channel, message)
        except CallFailed as failed:
            raise _outcome(failed) from failed

    async def publish_home(self, parcel: Parcel, user_id: str, view: Mapping[str, Any]) -> None:
        """Replace a person's Home tab; raises as `to_person` does."""
        line = await self._line(parcel)
        publish = line.client.views_publish
        try:
            await line.caller.call("views.publish", publish, user_id=user_id, view=dict(view))
        except CallFailed as failed:
            raise _outcome(failed) from failed

    async def _line(self, parcel: Parcel) -> Line:
        try:
            return await self._lines.of(parcel.team_id)
        except (NotInstalled, NotRenewed) as without:
            raise no_line(without) from without

    async def _deliver(self, line: Line, parcel: Parcel, channel: str, message: Message) -> Posting | None:
        card = isinstance(parcel.notice, CARDS)
        standing = await self._queue.posting(parcel.team_id, parcel.notice.key)
        if standing is not None and standing.channel != channel:
            standing = None
        if standing is not None and standing.ts and card:
            return await self._edit(line, standing, message, parcel)
        if standing is not None and not standing.ts:
            # A post was begun and its outcome is not known: a crash, or an answer that was lost.
            return await self._after_unknown(line, parcel, standing, message)
        return await self._post(line, parcel, channel, message, instead_of=standing)

    async def _after_unknown(
        self, line: Line, parcel: Parcel, standing: Posting, message: Message
    ) -> Posting | None:
        try:
            found = await self._look_back(line, parcel, standing.channel)
        except CallFailed as failed:
            if failed.error not in _NO_LOOKING:
                raise
            log.warning("slack.may_not_look_back", channel=standing.channel, notice=parcel.notice.tag)
            return None  # posted at most once, where the app may not read what it wrote
        if found is None:
            self._require_settled(standing)
            return await self._post(line, parcel, standing.channel, message)
        posting = replace(standing, ts=found, settles_at=None)
        if not isinstance(parcel.notice, CARDS):
            return posting
        return await self._edit(line, posting, message, parcel)

    def _require_settled(self, standing: Posting) -> None:
        """Check that Slack can no longer take the post that was begun; raises TryLater while it may."""
        if standing.settles_at is not None and (left := standing.settles_at - self._now()) > timedelta():
            raise TryLater("Slack may still take the message", after=left.total_seconds())

    async def _look_back(self, line: Line, parcel: Parcel, channel: str) -> str | None:
        """Return the stamp of the message with this parcel's key, if it was posted."""
        key = _key(parcel)
        cursor: str | None = None
        while True:
            page = await line.caller.call(
                "conversations.history",
                line.client.conversations_history,
                expected=_NO_LOOKING,
                channel=channel,
                include_all_metadata=True,
                limit=LOOKED_AT_ONCE,
                oldest=f"{_earliest(parcel):.6f}",
                cursor=cursor,
            )
            for said in page.get("messages", ()):
                if _key_of(said) == key:
                    return str(said["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None

    async def _post(
        self, line: Line, parcel: Parcel, channel: str, message: Message, *, instead_of: Posting | None = None
    ) -> Posting:
        begun = Posting(team_id=parcel.team_id, key=parcel.notice.key, channel=channel)
        await line.caller.pacing.turn(channel)
        if instead_of is not None:
            # A stamp is kept while the conversation is the same, so the former message is forgotten first.
            await self._queue.remember(replace(begun, channel=""))
        await self._queue.remember(begun)
        unanswered = replace(begun, settles_at=self._now() + SETTLED_AFTER)
        try:
            answer = await line.caller.call(
                "chat.postMessage",
                line.client.chat_postMessage,
                **{"unfurl_links": False, "unfurl_media": False, **message},
                channel=channel,
                metadata=_metadata(parcel),
            )
        except CallFailed as failed:
            if failed.trouble is not Trouble.LOST:
                # Nothing was posted for certain: the next attempt need not look.
                await self._queue.remember(replace(begun, channel=""))
            elif not failed.answered:
                await self._queue.remember(unanswered)
            raise
        except asyncio.CancelledError:
            await self._queue.remember(unanswered)
            raise
        return replace(begun, ts=str(answer["ts"]))

    async def _edit(self, line: Line, standing: Posting, message: Message, parcel: Parcel) -> Posting | None:
        try:
            await line.caller.call(
                "chat.update",
                line.client.chat_update,
                # Blocks that are not sent would stay as they were.
                **{
                    "blocks": [],
                    **{key: part for key, part in message.items() if not key.startswith("unfurl_")},
                },
                channel=standing.channel,
                ts=standing.ts,
                metadata=_metadata(parcel),
            )
        except CallFailed as failed:
            if failed.error not in _GONE:
                raise
            # Somebody deleted it: posted anew only while it asks for something.
            if not _asks(message):
                return None
            return await self._post(line, parcel, standing.channel, message, instead_of=standing)
        return standing

    async def _conversation(self, line: Line, team_id: str, user_id: str) -> str:
        whose = (team_id, user_id)  # somebody in two workspaces has a conversation in each
        known = self._conversations.get(whose)
        if known is not None:
            self._conversations.move_to_end(whose)
            return known
        opening = line.client.conversations_open
        answer = await line.caller.call("conversations.open", opening, users=user_id)
        channel = str(answer["channel"]["id"])
        self._conversations[whose] = channel
        if len(self._conversations) > KNOWN_CONVERSATIONS:
            self._conversations.popitem(last=False)
        return channel


def _key(parcel: Parcel) -> str:
    """Return what is unique to this message: a card stays one message, any other notice is one each time."""
    key = parcel.notice.key
    return key if isinstance(parcel.notice, CARDS) else f"{key}#{parcel.id}"


def _earliest(parcel: Parcel) -> float:
    """Return the Slack time before which the message cannot have been posted; the demo's clock runs ahead."""
    return min(parcel.created_at.timestamp(), time.time()) - LOOKED_BEFORE


def _metadata(parcel: Parcel) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"key": _key(parcel)}}


def _key_of(said: Mapping[str, Any]) -> str | None:
    metadata = said.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str((metadata.get("event_payload") or {}).get("key"))


def _asks(message: Message) -> bool:
    """Whether the message has something to click."""
    return any(
        block.get("type") == "actions" or "accessory" in block for block in message.get("blocks") or ()
    )


def no_line(without: NotInstalled | NotRenewed) -> TryLater:
    """Return what the worker makes of a workspace without a token: its rows are left until it has one."""
    if isinstance(without, NotRenewed):
        return TryLater("Slack has not renewed the token yet", after=NOT_RENEWED_WAIT)
    return TryLater("the app is not installed in the workspace any more")


def _outcome(failed: CallFailed) -> TryLater | Undeliverable:
    """Return what the worker makes of a failed call."""
    if failed.trouble is Trouble.REFUSED:
        return Undeliverable(str(failed))
    return TryLater(str(failed), after=failed.after)
