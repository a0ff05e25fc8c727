"""Which way each outgoing thing takes: a timer to the desk, a message into Slack, a letter by mail."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot.outcomes import PersonUnreachable, TryLater, Undeliverable
from domain.deliveries import Parcel, Posting
from domain.errors import Busy
from domain.model import Member
from domain.notices import JOBS, MAILS, TIMERS, AuditPosted, HomeStale, Notice
from domain.ports import Store, Transaction

log = structlog.get_logger("steward.worker")

Message = Mapping[str, Any]
RenderMessage = Callable[[Transaction, Notice], Awaitable[Message | None]]
RenderHome = Callable[[Transaction, str], Awaitable[Mapping[str, Any] | None]]
RenderLetter = Callable[[Transaction, Notice], Awaitable[Any]]
SendLetter = Callable[[Any], Awaitable[None]]
Tick = Callable[[str, Notice], Awaitable[None]]
Work = Callable[[Parcel], Awaitable[None]]

BUSY_WAIT = 1.0


class SlackWay(Protocol):
    """What `bot.slack.delivery.Delivery` does."""

    async def to_person(self, parcel: Parcel, user_id: str, message: Message) -> Posting | None: ...
    async def to_channel(self, parcel: Parcel, channel: str, message: Message) -> Posting | None: ...
    async def publish_home(self, parcel: Parcel, user_id: str, view: Message) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWay:
    """Renders letters and hands them to the mail server; `send` raises TryLater or Undeliverable."""

    render: RenderLetter
    send: SendLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Delivers a parcel. What it says is read from the database at that moment; no network while reading.

    Args:
        mail: None when no mail server is set.
        jobs: does what takes longer than somebody waits.
    """

    store: Store
    tick: Tick
    undelivered: Tick
    slack: SlackWay
    render_message: RenderMessage
    render_home: RenderHome
    mail: MailWay | None
    jobs: Work

    async def deliver(self, parcel: Parcel) -> Posting | None:
        """Deliver; return where a message stands in Slack, if it does.

        Raises:
            TryLater, Undeliverable: see there.
        """
        notice = parcel.notice
        if isinstance(notice, TIMERS):
            await self._tick(parcel)
        elif isinstance(notice, JOBS):
            await self.jobs(parcel)
        elif isinstance(notice, MAILS):
            await self._letter(parcel)
        elif isinstance(notice, HomeStale):
            await self._home(parcel, notice.user_id)
        elif isinstance(notice, AuditPosted):
            return await self._channel(parcel, notice.channel)
        else:
            return await self._addressed(parcel)
        return None

    async def give_up(self, parcel: Parcel) -> None:
        """Tell the desk of something that will never be delivered."""
        await self.undelivered(parcel.team_id, parcel.notice)

    async def _addressed(self, parcel: Parcel) -> Posting | None:
        kind, _, name = str(getattr(parcel.notice, "to", "")).partition(":")
        match kind:
            case "channel":
                return await self._channel(parcel, name)
            case "user":
                return await self._person(parcel, user_id=name)
            case "member":
                return await self._member(parcel, name)
        raise Undeliverable(f"nobody is named: {kind or 'no address'}")

    async def _tick(self, parcel: Parcel) -> None:
        try:
            await self.tick(parcel.team_id, parcel.notice)
        except Busy as busy:
            raise TryLater("the organization is being changed", after=BUSY_WAIT) from busy

    async def _member(self, parcel: Parcel, member_id: str) -> Posting | None:
        async with self.store.reading(parcel.team_id) as tx:
            member = await tx.members.get(member_id)
            linked = member is not None and member.slack_user_id is not None
            message = await self.render_message(tx, parcel.notice) if linked else None
        if member is None:
            return None
        if member.slack_user_id is None:
            await self._unlinked(parcel, member)
            return None
        if message is None:
            return None
        try:
            return await self.slack.to_person(parcel, member.slack_user_id, message)
        except PersonUnreachable as unreachable:
            if self.mail is None:
                raise
            log.info("worker.mail_instead", notice=parcel.notice.tag, error=unreachable.error)
            await self._letter(parcel)
            return None

    async def _unlinked(self, parcel: Parcel, member: Member) -> None:
        if self.mail is None:
            log.warning("worker.reaches_nobody", notice=parcel.notice.tag, member=member.id)
            return
        await self._letter(parcel)

    async def _person(self, parcel: Parcel, *, user_id: str) -> Posting | None:
        message = await self._message(parcel)
        return None if message is None else await self.slack.to_person(parcel, user_id, message)

    async def _channel(self, parcel: Parcel, channel: str) -> Posting | None:
        message = await self._message(parcel)
        return None if message is None else await self.slack.to_channel(parcel, channel, message)

    async def _message(self, parcel: Parcel) -> Message | None:
        async with self.store.reading(parcel.team_id) as tx:
            return await self.render_message(tx, parcel.notice)

    async def _home(self, parcel: Parcel, user_id: str) -> None:
        async with self.store.reading(parcel.team_id) as tx:
            person = await tx.people.get(user_id)
            if person is None or not person.home_opened:
                return  # who never opened Home gets it fresh when they do
            view = await self.render_home(tx, user_id)
        if view is not None:
            await self.slack.publish_home(parcel, user_id, view)

    async def _letter(self, parcel: Parcel) -> None:
        if self.mail is None:
            log.warning("worker.no_mail_server", notice=parcel.notice.tag)
            return
        async with self.store.reading(parcel.team_id) as tx:
            letter = await self.mail.render(tx, parcel.notice)
        if letter is not None:
            await self.mail.send(letter)
