"""A state machine drives the desk on a database; what must always hold is asked after every step."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.changes import (
    AcceptInvitation,
    ActivateMember,
    ChangeApprovalRules,
    ChangeRole,
    ChangeSeatHolding,
    ChangeSubscription,
    DeactivateMember,
    DeclineInvitation,
    InvitationLine,
    ResendInvitation,
    RevokeInvitation,
)
from domain.desk import Applied, Waiting
from domain.errors import Refusal
from domain.founding import SetUp
from domain.front_desk import LinkHolder, Who
from domain.inviting import Sending
from domain.model import Kind, Plan, Preset, Rule, Verdict
from domain.notices import InvitationExpires, InvitationSent, RequestExpires
from domain.permissions import ROLES, Rank
from tests.soak.promises import decided_by_who_may, everything_holds
from tests.support.databases import Databases
from tests.support.office import CODE, KEYS, TEAM, Office, open_office, person, user_id, who

Answer = TypeVar("Answer")
Act = Callable[[str], Coroutine[Any, Any, Any]]
"""Something a person does, given the id of its delivery."""

HANDLES = ("olivia", "adam", "dana", "devi", "nora", "gina")
"""An owner, an admin, one who may ask, two newcomers, and a guest who may nothing."""
people = st.sampled_from(HANDLES)
positions = st.integers(0, 30)
"""From the newest back: what is new is what most can be done with."""
comings = st.sampled_from(["once", "once", "twice", "late"])


class Team(RuleBasedStateMachine):
    """People of a small organization do anything in any order; refusals are fine, broken promises are not.

    What they do arrives once, twice, or after what they did later.
    """

    databases: Databases
    tried = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).tried += 1
        self.runner = asyncio.Runner()
        self.office: Office = open_office(self.databases.fresh())
        self.invitations: list[str] = []
        self.requests: list[str] = []
        self.refusals: list[str] = []
        self.late: list[tuple[Act, str]] = []
        self.deliveries = 0

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.office.store.close())
        self.runner.close()

    @initialize(preset=st.sampled_from([Preset.PORTAL, Preset.ANALYTICS]), intruder=people)
    def founded(self, preset: Preset, intruder: str) -> None:
        self.run(self.office.knows(*HANDLES[:-1], person("gina", guest=True)))
        self.run(self.attempt(self.office.desk.set_up(who(intruder), _form(preset, "guessed"))))
        self.run(self.attempt(self.office.desk.set_up(who("gina"), _form(preset, CODE))))
        self.run(self.office.set_up(preset, seats=4))
        admin, ordinary = (
            ("admin", "developer") if preset is Preset.PORTAL else ("organization_administrator", "user")
        )
        owner = next(slug for slug, role in ROLES[preset].items() if role.rank is Rank.OWNER)
        self.roles = [admin, ordinary, owner]
        self.run(self.office.joins("adam", admin))
        self.run(self.office.joins("dana", ordinary))
        for by, to in {"adam": "nora", "dana": "devi"}.items():
            line = InvitationLine(email=f"{to}@northwind.example", role=ordinary)
            self.run(self.attempt(self.office.desk.invite(who(by), [line])))

    async def attempt(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            answer = await work
        except Refusal as refusal:
            if refusal.refusal_id and refusal.can_ask:
                self.refusals.append(refusal.refusal_id)
            return None
        if isinstance(answer, Waiting):
            self.requests.append(answer.request.id)
        if isinstance(answer, Applied) and answer.change.tag == "invite_people":
            self.invitations.extend(answer.made)
        if isinstance(answer, Sending):
            self.invitations.extend(answer.sent.made if answer.sent else ())
            self.requests.extend(waiting.request.id for waiting in answer.waiting)
        return answer

    def comes(self, how: str, act: Act) -> None:
        """Let an act arrive."""
        self.deliveries += 1
        delivery = f"d{self.deliveries}"
        if how == "late":
            self.late.append((act, delivery))
        else:
            self.run(self.arrives(act, delivery, twice=how == "twice"))

    async def arrives(self, act: Act, delivery: str, *, twice: bool) -> None:
        await self.attempt(act(delivery))
        if twice:
            before = await self.head()
            await self.attempt(act(delivery))
            assert await self.head() == before, "what arrives twice changes nothing the second time"

    async def head(self) -> str:
        async with self.office.reading() as tx:
            return tx.organization.audit_head

    @precondition(lambda self: self.late)
    @rule(position=positions, twice=st.booleans())
    def what_was_late_arrives(self, position: int, twice: bool) -> None:
        act, delivery = self.late.pop(position % len(self.late))
        self.run(self.arrives(act, delivery, twice=twice))

    @rule(by=people, code=st.sampled_from([CODE, "guessed"]), preset=st.sampled_from(Preset))
    def set_up_again(self, by: str, code: str, preset: Preset) -> None:
        before = self.run(self.head())
        answer = self.run(self.attempt(self.office.desk.set_up(who(by), _form(preset, code))))
        assert answer is None, "an organization is set up once"
        assert self.run(self.head()) == before

    @rule(how=comings, by=people, to=st.lists(people, min_size=1, max_size=3), role=st.integers(0, 2))
    def invite(self, how: str, by: str, to: list[str], role: int) -> None:
        lines = [InvitationLine(email=f"{one}@northwind.example", role=self.roles[role]) for one in to]
        self.comes(how, lambda delivery: self.office.desk.invite(who(by), lines, delivery=delivery))

    @precondition(lambda self: self.invitations)
    @rule(how=comings, position=positions, by=people, by_link=st.booleans(), yes=st.booleans())
    def answer(self, how: str, position: int, by: str, by_link: bool, yes: bool) -> None:
        chosen = self.invitations[-1 - position % len(self.invitations)]
        change = (AcceptInvitation if yes else DeclineInvitation)(invitation_id=chosen)
        holder = self.holder(chosen, by, by_link)
        self.comes(how, lambda delivery: self.office.desk.submit(holder, change, delivery=delivery))

    def holder(self, invitation_id: str, by: str, by_link: bool) -> Who:
        if not by_link:
            return who(by)
        invitation = self.run(self.office.invitation(invitation_id))
        return LinkHolder(KEYS.invitation_token(invitation.id, invitation.generation))

    @precondition(lambda self: self.invitations)
    @rule(how=comings, position=positions, by=people, again=st.booleans())
    def resend_or_revoke(self, how: str, position: int, by: str, again: bool) -> None:
        chosen = self.invitations[-1 - position % len(self.invitations)]
        change = (ResendInvitation if again else RevokeInvitation)(invitation_id=chosen)
        self.comes(how, lambda delivery: self.office.desk.submit(who(by), change, delivery=delivery))

    @precondition(lambda self: self.requests)
    @rule(how=comings, position=positions, by=people, yes=st.booleans())
    def decide(self, how: str, position: int, by: str, yes: bool) -> None:
        chosen = self.requests[-1 - position % len(self.requests)]
        verdict = Verdict.APPROVE if yes else Verdict.DECLINE
        self.comes(how, lambda delivery: self.decided(by, chosen, verdict, delivery))

    async def decided(self, by: str, request_id: str, verdict: Verdict, delivery: str) -> Any:
        async with self.office.reading() as tx:
            voter = await tx.members.by_user(user_id(by))
        before = await self.office.request(request_id)
        answer = await self.office.desk.decide(who(by), request_id, verdict, delivery=delivery)
        async with self.office.reading() as tx:
            await decided_by_who_may(tx, before, await self.office.request(request_id), voter)
        return answer

    @precondition(lambda self: self.requests)
    @rule(how=comings, position=positions, by=people)
    def withdraw(self, how: str, position: int, by: str) -> None:
        chosen = self.requests[-1 - position % len(self.requests)]
        self.comes(how, lambda delivery: self.office.desk.withdraw(who(by), chosen, delivery=delivery))

    @rule(how=comings, by=people)
    def join(self, how: str, by: str) -> None:
        self.comes(how, lambda delivery: self.office.desk.join(who(by), delivery=delivery))

    @precondition(lambda self: self.refusals)
    @rule(how=comings, position=positions, by=people)
    def ask_for_what_was_refused(self, how: str, position: int, by: str) -> None:
        chosen = self.refusals[position % len(self.refusals)]
        self.comes(how, lambda delivery: self.office.desk.ask(who(by), chosen, delivery=delivery))

    @rule(
        how=comings,
        by=people,
        whom=people,
        what=st.sampled_from(["off", "on", "role"]),
        role=st.integers(0, 2),
    )
    def manage(self, how: str, by: str, whom: str, what: str, role: int) -> None:
        async def found() -> str | None:
            async with self.office.reading() as tx:
                member = await tx.members.by_email(f"{whom}@northwind.example")
            return member.id if member else None

        if (member_id := self.run(found())) is None:
            return
        change = {
            "off": DeactivateMember(member_id=member_id),
            "on": ActivateMember(member_id=member_id),
            "role": ChangeRole(member_id=member_id, role=self.roles[role]),
        }[what]
        self.comes(how, lambda delivery: self.office.desk.submit(who(by), change, delivery=delivery))

    @rule(how=comings, by=people, seats=st.integers(1, 6))
    def licence(self, how: str, by: str, seats: int) -> None:
        change = ChangeSubscription(seat_limit=seats, plan=Plan.STANDARD, invoice_email="")
        self.comes(how, lambda delivery: self.office.desk.submit(who(by), change, delivery=delivery))

    @rule(direct=st.booleans(), holds=st.booleans())
    def policy(self, direct: bool, holds: bool) -> None:
        change = ChangeSeatHolding(pending_holds_seat=holds)
        self.run(self.attempt(self.office.desk.submit(who("olivia"), change)))
        self.run(self.attempt(self.sets((Rule(kind=Kind.ADMIN_ROLE),) if direct else ())))

    async def sets(self, rules: tuple[Rule, ...]) -> object:
        """Set the rules, from a form made now."""
        async with self.office.reading() as tx:
            basis = tx.organization.policy_version
        return await self.office.desk.submit(who("olivia"), ChangeApprovalRules(rules=rules, basis=basis))

    @rule(hours=st.sampled_from([1, 24, 24 * 7]), timers=st.booleans())
    def time_passes(self, hours: int, timers: bool) -> None:
        self.office.clock.advance(hours=hours)
        if timers:
            self.run(self.office.settle())

    @rule(position=positions)
    def timers_come_at_the_wrong_time(self, position: int) -> None:
        async def tick() -> None:
            if self.invitations:
                chosen = self.invitations[-1 - position % len(self.invitations)]
                generation = (await self.office.invitation(chosen)).generation
                notice = InvitationExpires(invitation_id=chosen, generation=generation - position % 2)
                await self.office.desk.tick(TEAM, notice)
            if self.requests:
                chosen = self.requests[-1 - position % len(self.requests)]
                await self.office.desk.tick(TEAM, RequestExpires(request_id=chosen))

        self.run(tick())

    @precondition(lambda self: self.invitations)
    @rule(position=positions)
    def an_invitation_cannot_be_delivered(self, position: int) -> None:
        chosen = self.invitations[-1 - position % len(self.invitations)]
        notice = InvitationSent(invitation_id=chosen, generation=1, to=f"user:{user_id('nora')}")
        self.run(self.office.desk.undelivered(TEAM, notice))

    @rule()
    def restart(self) -> None:
        async def reopen() -> None:
            url, clock = self.office.url, self.office.clock
            await self.office.store.close()
            self.office = open_office(url, clock=clock)

        self.run(reopen())

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "roles"):
            found = self.run(everything_holds(self.office, self.roles, set(self.requests)))
            self.requests.extend(sorted(found - set(self.requests)))


def _form(preset: Preset, code: str) -> SetUp:
    return SetUp(name="Northwind", preset=preset, plan=Plan.STANDARD, seat_limit=4, code=code)


def drive(databases: Databases, *, examples: int, steps: int = 30, shrink: bool = False) -> int:
    """Let people do so many things in a row, so many times; return how often they did.

    Args:
        shrink: when a promise breaks, look for the shortest way to break it, which takes minutes.
    """
    given = databases

    class TeamHere(Team):
        databases = given
        tried = 0

    run_state_machine_as_test(
        TeamHere,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[phase for phase in Phase if shrink or phase not in (Phase.shrink, Phase.explain)],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return TeamHere.tried
