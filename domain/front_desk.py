"""What every front door talks to: it opens the transaction, finds out who asks, and records refusals."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from domain import changes, deadlines, desk, founding, inviting, joining
from domain.admissions import admit_waiting
from domain.answers import expire as expire_invitation
from domain.changes import Change, InvitationLine
from domain.desk import Applied, Ended, Preview, Waiting
from domain.errors import (
    AlreadyDone,
    AlreadySetUp,
    AlreadySo,
    Busy,
    NoSeatLeft,
    NoSuchInvitation,
    NotFound,
    NotSetUp,
    Refusal,
)
from domain.invitations import pass_on
from domain.inviting import Sending
from domain.keys import hash_token
from domain.model import (
    CLOCK,
    OPERATOR,
    Actor,
    Invitee,
    Member,
    MemberStatus,
    Organization,
    Outsider,
    Person,
    RequestStatus,
    Verdict,
)
from domain.notices import (
    ChannelChosen,
    ChannelClosed,
    InvitationExpires,
    InvitationMailed,
    InvitationSent,
    Notice,
    SeatsFreed,
    to_member,
)
from domain.ports import Store, StoreUnavailable, Transaction
from domain.recording import own, recorded_of
from domain.results import Decided, outcome_of


@dataclass(frozen=True, slots=True)
class SlackUser:
    """Somebody in Slack, by workspace (or Enterprise org) and user id."""

    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Somebody with an invitation's link."""

    token: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at the server's command line."""

    team_id: str


Who = SlackUser | LinkHolder | Operator
Answer = TypeVar("Answer")
Work = Callable[[Transaction, Actor], Coroutine[Any, Any, Answer]]


class FrontDesk:
    """The one object front doors share."""

    def __init__(self, store: Store, *, decided: Decided | None = None) -> None:
        self._store = store
        self._decided = decided or (lambda _verdict, _outcome: None)

    async def submit(
        self, who: Who, change: Change, *, reason: str = "", delivery: str = ""
    ) -> Applied | Waiting:
        """Hand a change to the desk; see `desk.submit`.

        Args:
            delivery: the id of what brought it (trigger, view, event); a repeated one raises `AlreadyDone`.
        """

        async def work(tx: Transaction, actor: Actor) -> Applied | Waiting:
            return await desk.submit(tx, actor, change, reason=reason)

        return await self.act(who, work, change=change, reason=reason, delivery=delivery)

    async def invite(
        self, who: Who, lines: Sequence[InvitationLine], *, reason: str = "", delivery: str = ""
    ) -> Sending:
        """Send the lines that are ready, ask for those that need a yes, name the problem of the rest."""

        async def work(tx: Transaction, actor: Actor) -> Sending:
            return await inviting.send(tx, actor, lines, reason=reason)

        change = changes.InvitePeople(lines=tuple(lines))
        return await self.act(who, work, change=change, reason=reason, delivery=delivery)

    async def join(self, who: SlackUser, *, reason: str = "", delivery: str = "") -> Applied | Waiting:
        """Ask for the Slack user to become a member with the default role."""

        async def work(tx: Transaction, actor: Actor) -> Applied | Waiting:
            return await desk.submit(tx, actor, await joining.join_of(tx, actor), reason=reason)

        return await self.act(who, work, delivery=delivery)

    async def decide(
        self, who: Who, request_id: str, verdict: Verdict, *, reason: str = "", delivery: str = ""
    ) -> Applied | Waiting | Ended:
        """Record a vote; see `desk.decide`. A repeated delivery answers with what happened."""
        outcome = ""

        async def work(tx: Transaction, actor: Actor) -> Applied | Waiting | Ended:
            nonlocal outcome
            answer = await desk.decide(tx, actor, request_id, verdict, reason=reason)
            outcome = outcome_of(answer, now=tx.now)
            return answer

        try:
            answer = await self.act(who, work, delivery=delivery)
            self._decided(verdict, outcome)
            return answer
        except AlreadyDone:
            self._decided(verdict, "repeated")
            async with self.reading(who) as (tx, _):
                request = await desk.load_request(tx, request_id)
                waiting = request.status_at(tx.now) is RequestStatus.WAITING
            return Waiting(request=request, approvers=()) if waiting else Ended(request=request)
        except Refusal as refusal:
            self._decided(verdict, "refused")
            if isinstance(refusal, NoSeatLeft):
                with suppress(Busy, StoreUnavailable):  # the refusal itself matters more
                    async with self._opened(who) as (tx, _):
                        await desk.lack_seat(tx, request_id)
            raise

    async def withdraw(self, who: Who, request_id: str, *, delivery: str = "") -> Ended:
        """Take back one's own request."""

        async def work(tx: Transaction, actor: Actor) -> Ended:
            return await desk.withdraw(tx, actor, request_id)

        return await self.act(who, work, delivery=delivery)

    async def ask(
        self, who: Who, refusal_id: str, *, reason: str = "", delivery: str = ""
    ) -> Waiting | Applied:
        """Ask those who may for what was refused (the button under a refusal)."""

        async def work(tx: Transaction, actor: Actor) -> Waiting | Applied:
            recorded = await tx.refusals.get(refusal_id)
            if (
                recorded is None
                or recorded.change is None
                or not recorded.can_ask
                or not own(recorded, actor)
            ):
                raise NotFound("There is nothing to ask for here any more.", remedy="Type the command again.")
            change = changes.from_json(recorded.change)
            return await desk.submit(tx, actor, change, reason=reason, asking=True)

        return await self.act(who, work, delivery=delivery)

    async def preview(self, who: Who, change: Change, *, asking: bool = False) -> Preview:
        """Return what submitting, or `asking` those who may, would bring about; nothing stays."""
        async with self._opened(who) as (tx, actor):
            return await desk.preview(tx, actor, change, asking=asking)

    async def set_up(self, who: SlackUser, form: founding.SetUp) -> Organization:
        """Create the workspace's organization with the sender as its owner."""
        try:
            async with self._store.transaction(who.team_id) as tx:
                person = await _person(tx, who)
                return await founding.set_up(tx, person, form)
        except AlreadySetUp:
            async with self._store.reading(who.team_id) as tx:
                raise await founding.already_set_up(tx, await identify(tx, who)) from None

    async def recognise(self, who: SlackUser) -> None:
        """Link a Slack user to the member who has their confirmed address, where that is safe.

        Raises:
            AccountNotLinked: it is not; says why and what to do.
        """
        async with self._store.reading(who.team_id) as tx:
            if not tx.is_set_up or await tx.members.by_user(who.user_id):
                return
            person = await tx.people.get(who.user_id) or _unknown(who)
            if not person.email_confirmed or await tx.members.by_email(person.email) is None:
                return

        async def work(tx: Transaction, actor: Actor) -> None:
            if isinstance(actor, Outsider):
                await joining.recognise(tx, actor.person)

        change = await self._link_of(who)
        await self.act(who, work, change=change)

    async def _link_of(self, who: SlackUser) -> Change | None:
        async with self._store.reading(who.team_id) as tx:
            person = await tx.people.get(who.user_id) or _unknown(who)
            member = await tx.members.by_email(person.email)
            if member is None:
                return None
            return changes.LinkMember(member_id=member.id, slack_user_id=who.user_id)

    async def send_link_code(self, who: SlackUser) -> None:
        """Mail the code by which the Slack user proves to own a member's address."""

        async def work(tx: Transaction, actor: Actor) -> None:
            if isinstance(actor, Member):
                raise AlreadySo(
                    "You are linked to your membership already.",
                    fact="No code is needed any more.",
                    remedy="See what you can do with /team help.",
                )
            await joining.send_code(tx, await _person(tx, who))

        await self.act(who, work, change=await self._link_of(who))

    async def link_with_code(self, who: SlackUser, code: str) -> Member:
        """Link the Slack user to their member with the code from the mail."""

        async def work(tx: Transaction, actor: Actor) -> Member:
            if isinstance(actor, Member):
                return actor  # delivered twice: the first one has linked them
            return await joining.link_with_code(tx, await _person(tx, who), code)

        return await self.act(who, work, change=await self._link_of(who))

    async def tick(self, team_id: str, notice: Notice) -> None:
        """A timer fell due: announce what the clock has made true."""
        async with self._store.transaction(team_id) as tx:
            match notice:
                case InvitationExpires(invitation_id=found, generation=generation, together=together):
                    await expire_invitation(tx, found, generation, actor=CLOCK, told=not together)
                case timer if isinstance(timer, deadlines.REQUEST_TIMERS):
                    await deadlines.fire(tx, timer, actor=CLOCK)
                case SeatsFreed():
                    await admit_waiting(tx)
                case _:
                    raise TypeError(f"{notice.tag} is no timer")

    async def undelivered(self, team_id: str, notice: Notice) -> None:
        """A notice will never arrive: what hangs on it goes another way."""
        if isinstance(notice, ChannelChosen):
            async with self._store.transaction(team_id) as tx:
                closed = ChannelClosed(
                    use=notice.use, channel=notice.to.partition(":")[2], to=to_member(notice.chosen_by)
                )
                await tx.outbox.add(closed)
        if not isinstance(notice, InvitationSent | InvitationMailed):
            return
        async with self._store.transaction(team_id) as tx:
            invitation = await tx.invitations.get(notice.invitation_id)
            if invitation is None:
                return
            by_slack = isinstance(notice, InvitationMailed) and invitation.slack_user_id is not None
            by_mail = isinstance(notice, InvitationSent) and tx.facilities.mail
            if not (by_slack or by_mail):  # the other way is still open
                await pass_on(tx, invitation.id, actor=CLOCK)

    async def learn(self, person: Person) -> None:
        """Keep what Slack says about one of its users."""
        async with self._store.transaction(person.team_id) as tx:
            await tx.people.save(person)

    async def saw_home(self, who: SlackUser) -> None:
        """Note that the Slack user has opened Home, so that it is kept up to date from now on."""
        async with self._store.reading(who.team_id) as tx:
            person = await tx.people.get(who.user_id)
        if person is None or not person.home_opened:
            async with self._store.transaction(who.team_id) as tx:
                await tx.people.save(replace(await _person(tx, who), home_opened=True))

    @asynccontextmanager
    async def snapshot(self, team_id: str) -> AsyncIterator[Transaction]:
        """Open a read-only snapshot of a workspace, set up or not."""
        async with self._store.reading(team_id) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self, who: Who) -> AsyncIterator[tuple[Transaction, Actor]]:
        """Open a read-only snapshot with the person who reads.

        Raises:
            NotSetUp: the workspace has no organization.
            NoSuchInvitation: no link of that token was ever sent.
        """
        async with self._store.reading(await self._team(who)) as tx:
            yield tx, await identify(tx, who)

    @asynccontextmanager
    async def _opened(self, who: Who) -> AsyncIterator[tuple[Transaction, Actor]]:
        async with self._store.transaction(await self._team(who)) as tx:
            yield tx, await identify(tx, who)

    async def _team(self, who: Who) -> str:
        if not isinstance(who, LinkHolder):
            return who.team_id
        team_id = await self._store.team_of_token(hash_token(who.token))
        if team_id is None:
            raise NoSuchInvitation(
                "This link is not known.", remedy="Check that it is complete, or ask for a new one."
            )
        return team_id

    async def act(
        self,
        who: Who,
        work: Work[Answer],
        *,
        change: Change | None = None,
        reason: str = "",
        delivery: str = "",
    ) -> Answer:
        """Do what a feature does in one transaction of its own; a refusal is kept, to be explained.

        Args:
            change: what the refusal is about, so that others can be asked for it.
            reason: why, in the actor's words.
            delivery: as for `submit`.
        """
        try:
            async with self._opened(who) as (tx, actor):
                if delivery and not await tx.first_time(delivery):
                    raise AlreadyDone(
                        "This was done already.",
                        fact="Slack delivered it twice, and it counts once.",
                        remedy="The Home tab of Steward shows what came of it.",
                    )
                return await work(tx, actor)
        except (AlreadyDone, NotSetUp, NoSuchInvitation):
            raise
        except Refusal as refusal:
            await self._record(who, refusal, change, reason=reason)
            raise

    async def remember(self, who: Who, refusal: Refusal) -> None:
        """Keep a refusal that was met while reading, so that it can be explained like any other."""
        await self._record(who, refusal, None)

    async def _record(self, who: Who, refusal: Refusal, change: Change | None, *, reason: str = "") -> None:
        """Keep the refusal so that it can be explained; the change itself was rolled back."""
        if isinstance(refusal, Busy) or not isinstance(who, SlackUser):
            return
        try:
            async with self._opened(who) as (tx, actor):
                recorded = recorded_of(tx, actor, refusal, change, reason)
                await tx.refusals.add(recorded)
        except (Busy, StoreUnavailable):
            return  # the refusal itself matters more than its record
        refusal.refusal_id, refusal.can_ask = recorded.id, recorded.can_ask


async def _person(tx: Transaction, who: SlackUser) -> Person:
    return await tx.people.get(who.user_id) or _unknown(who)


def _unknown(who: SlackUser) -> Person:
    return Person(team_id=who.team_id, user_id=who.user_id)


async def identify(tx: Transaction, who: Who) -> Actor:
    """Return who acts, read in this transaction.

    Raises:
        NotSetUp: the workspace has no organization.
        NoSuchInvitation: no link of that token was ever sent.
    """
    if not tx.is_set_up:
        raise NotSetUp("Steward is not set up in this workspace yet.", remedy="Type /team to set it up.")
    match who:
        case SlackUser(user_id=user_id):
            member = await tx.members.by_user(user_id)
            if member is not None and member.status is not MemberStatus.REMOVED:
                return member
            return Outsider(person=await tx.people.get(user_id) or _unknown(who))
        case LinkHolder(token=token):
            invitation = await tx.invitations.by_token(hash_token(token))
            if invitation is None:
                raise NoSuchInvitation("This link is not known.")
            return Invitee(invitation=invitation, token_hash=hash_token(token))
        case Operator():
            return OPERATOR
