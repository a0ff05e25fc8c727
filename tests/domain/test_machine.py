"""A state machine drives the desk on both databases; what must always hold is asked after every step."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.audit import verify
from domain.changes import (
    AcceptInvitation,
    ActivateMember,
    ChangePolicy,
    ChangeRole,
    ChangeSubscription,
    DeactivateMember,
    DeclineInvitation,
    InvitationLine,
    ResendInvitation,
    RevokeInvitation,
)
from domain.desk import Applied, Waiting
from domain.errors import Refusal
from domain.front_desk import LinkHolder, Who
from domain.model import Plan, Preset, Verdict
from domain.notices import InvitationExpires, RequestExpires
from domain.permissions import ROLES, Rank, owner_role
from tests.support.databases import Databases
from tests.support.office import KEYS, TEAM, Office, open_office, run_sql, who

Answer = TypeVar("Answer")
HANDLES = ("olivia", "adam", "dana", "devi", "nora")
people = st.sampled_from(HANDLES)
positions = st.integers(0, 30)


class Team(RuleBasedStateMachine):
    """People of a small portal do anything in any order; refusals are fine, broken promises are not."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.office: Office = open_office(self.databases.fresh())
        self.invitations: list[str] = []
        self.requests: list[str] = []
        self.deliveries = 0

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.office.store.close())
        self.runner.close()

    @initialize(preset=st.sampled_from([Preset.PORTAL, Preset.ANALYTICS]))
    def founded(self, preset: Preset) -> None:
        self.run(self.office.set_up(preset, seats=4))
        self.run(self.office.knows(*HANDLES))
        admin, ordinary = (
            ("admin", "developer") if preset is Preset.PORTAL else ("organization_administrator", "user")
        )
        self.roles = [
            admin,
            ordinary,
            next(slug for slug, role in ROLES[preset].items() if role.rank is Rank.OWNER),
        ]
        self.run(self.office.joins("adam", admin))
        self.run(self.office.joins("dana", ordinary))

    async def attempt(self, work: Coroutine[Any, Any, Answer]) -> Answer | None:
        try:
            answer = await work
        except Refusal:
            return None
        if isinstance(answer, Waiting):
            self.requests.append(answer.request.id)
        if isinstance(answer, Applied) and answer.change.tag == "invite_people":
            self.invitations.extend(answer.made)
        return answer

    @rule(by=people, to=people, role=st.integers(0, 2))
    def invite(self, by: str, to: str, role: int) -> None:
        line = InvitationLine(email=f"{to}@northwind.example", role=self.roles[role])

        async def send() -> None:
            sending = await self.attempt(self.office.desk.invite(who(by), [line]))
            if sending is not None:
                self.invitations.extend(sending.sent.made if sending.sent else ())
                self.requests.extend(waiting.request.id for waiting in sending.waiting)

        self.run(send())

    @rule(position=positions, by=people, by_link=st.booleans(), yes=st.booleans())
    def answer(self, position: int, by: str, by_link: bool, yes: bool) -> None:
        if not self.invitations:
            return
        chosen = self.invitations[position % len(self.invitations)]
        kind = AcceptInvitation if yes else DeclineInvitation
        self.run(
            self.attempt(
                self.office.desk.submit(self.holder(chosen, by, by_link), kind(invitation_id=chosen))
            )
        )

    def holder(self, invitation_id: str, by: str, by_link: bool) -> Who:
        if not by_link:
            return who(by)
        invitation = self.run(self.office.invitation(invitation_id))
        return LinkHolder(KEYS.invitation_token(invitation.id, invitation.generation))

    @rule(position=positions, by=people, again=st.booleans())
    def resend_or_revoke(self, position: int, by: str, again: bool) -> None:
        if self.invitations:
            chosen = self.invitations[position % len(self.invitations)]
            kind = ResendInvitation if again else RevokeInvitation
            self.run(self.attempt(self.office.desk.submit(who(by), kind(invitation_id=chosen))))

    @rule(position=positions, by=people, yes=st.booleans(), twice=st.booleans())
    def decide(self, position: int, by: str, yes: bool, twice: bool) -> None:
        if not self.requests:
            return
        chosen = self.requests[position % len(self.requests)]
        self.deliveries += 1
        before = self.run(self.office.request(chosen))
        for _ in range(2 if twice else 1):
            verdict = Verdict.APPROVE if yes else Verdict.DECLINE
            decided = self.office.desk.decide(who(by), chosen, verdict, delivery=f"d{self.deliveries}")
            answer = self.run(self.attempt(decided))
            if isinstance(answer, Applied) and before.tag == "invite_people":
                assert before.requester_id != answer.request.decided_by  # type: ignore[union-attr]

    @rule(position=positions, by=people)
    def withdraw(self, position: int, by: str) -> None:
        if self.requests:
            chosen = self.requests[position % len(self.requests)]
            self.run(self.attempt(self.office.desk.withdraw(who(by), chosen)))

    @rule(by=people)
    def join(self, by: str) -> None:
        self.run(self.attempt(self.office.desk.join(who(by))))

    @rule(by=people, whom=people, what=st.sampled_from(["off", "on", "role"]), role=st.integers(0, 2))
    def manage(self, by: str, whom: str, what: str, role: int) -> None:
        async def act() -> None:
            async with self.office.reading() as tx:
                member = await tx.members.by_email(f"{whom}@northwind.example")
            if member is None:
                return
            change = {
                "off": DeactivateMember(member_id=member.id),
                "on": ActivateMember(member_id=member.id),
                "role": ChangeRole(member_id=member.id, role=self.roles[role]),
            }[what]
            await self.attempt(self.office.desk.submit(who(by), change))

        self.run(act())

    @rule(by=people, seats=st.integers(1, 6))
    def licence(self, by: str, seats: int) -> None:
        change = ChangeSubscription(seat_limit=seats, plan=Plan.STANDARD, invoice_email="")
        self.run(self.attempt(self.office.desk.submit(who(by), change)))

    @rule(direct=st.booleans(), holds=st.booleans())
    def policy(self, direct: bool, holds: bool) -> None:
        change = ChangePolicy(admin_roles_direct=direct, pending_holds_seat=holds)
        self.run(self.attempt(self.office.desk.submit(who("olivia"), change)))

    @rule(hours=st.sampled_from([1, 24, 24 * 7]), timers=st.booleans())
    def time_passes(self, hours: int, timers: bool) -> None:
        self.office.clock.advance(hours=hours)

        async def tick() -> None:
            for invitation_id in self.invitations:
                generation = (await self.office.invitation(invitation_id)).generation
                notice = InvitationExpires(invitation_id=invitation_id, generation=generation)
                await self.office.desk.tick(TEAM, notice)
            for request_id in self.requests:
                await self.office.desk.tick(TEAM, RequestExpires(request_id=request_id))

        if timers:
            self.run(tick())

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
            self.run(self.check())

    async def check(self) -> None:
        async with self.office.reading() as tx:
            team = tx.organization
            owners = await tx.members.holding([owner_role(team).slug], limit=5)
            assert len(owners) == 1, "exactly one active owner"
            active = len(await tx.members.holding(self.roles, limit=100))
            assert active == team.active_members, "the counter tells the truth"
            held = await tx.invitations.held() if team.pending_holds_seat else 0
            assert team.seat_limit is not None
            assert active + held <= team.seat_limit, "seats within the limit"
            found = await verify(tx)
            assert found.fault is None, found
            waiting = {request.id for request in await tx.requests.open(limit=100)}
            assert waiting <= set(self.requests) | await self.filed_by_steward(), "no request from nowhere"

    async def filed_by_steward(self) -> set[str]:
        rows = await run_sql(self.office.url, "SELECT id FROM requests WHERE tag = 'admit_invitee'")
        found = {str(row[0]) for row in rows}
        self.requests.extend(sorted(found - set(self.requests)))
        return found


EXAMPLES = int(os.environ.get("STEWARD_EXAMPLES", "12"))


def test_whatever_people_do_the_promises_hold(databases: Databases) -> None:
    machine = type("TeamOnThisDatabase", (Team,), {"databases": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
