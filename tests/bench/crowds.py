"""Organizations of any size, written as rows: members, invitations, open requests, many small neighbours."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Table

from domain import changes, notices
from domain.changes import InvitationLine, InvitePeople
from domain.keys import hash_token
from domain.model import (
    Approvers,
    Invitation,
    Member,
    Organization,
    Person,
    Preset,
    Request,
    Requirement,
    Step,
)
from domain.notices import InvitationSent, to_user
from storage import mapping, tables
from storage.words import terms
from tests.bench.databases import Databases
from tests.bench.traffic import Workspace

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
RULE = "Whoever may do this themselves can approve it."
ALIKE, ALIKE_MEMBERS = "quincy", 10
"""A first name, and how many have it in every organization that is large enough."""
_FIRST = ("ada", "anna", "ben", "bjorn", "carla", "dev", "elif", "femi", "gil", "hana", "igor", "jo", "mia")
_LAST = ("abbot", "baker", "cohen", "diaz", "evans", "fischer", "garcia", "haas", "ito", "jones", "khan")

Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """One organization.

    Args:
        workspace: whose Slack; its owner owns the organization.
        pending: invitations nobody has answered, to the workspace's other people as far as there are some.
        requests: open requests to invite somebody, which the owner may decide.
        announced: whether each invitation's message is still to be delivered.
    """

    workspace: Workspace
    members: int
    admins: int = 2
    pending: int = 0
    requests: int = 0
    announced: bool = False

    @property
    def id(self) -> str:
        return named("organization", self.workspace.team_id, 0)

    async def settle_in(self, databases: Databases, url: str) -> None:
        """Write the organization into a database."""
        for table, rows in self._everything():
            await databases.fill(url, table, rows)

    def _everything(self) -> Iterator[tuple[Table, Rows]]:
        yield tables.organizations, iter([mapping.organization_values(self._organization())])
        yield tables.people, (mapping.person_values(person) for person in self._people())
        yield tables.members, (mapping.member_values(member) for member in self._members())
        yield tables.search_terms, self._terms()
        yield tables.invitations, (mapping.invitation_values(one) for one in self._invitations())
        yield tables.requests, (mapping.request_values(request) for request in self._requests())
        yield tables.request_asked, self._asked()
        yield tables.outbox, self._outbox()

    def _organization(self) -> Organization:
        return Organization(
            id=self.id,
            team_id=self.workspace.team_id,
            name="Bench",
            preset=Preset.PORTAL,
            seat_limit=1_000_000,
            active_members=self.members,
            invoice_email="owner@bench.example",
            created_at=BEGAN,
        )

    def member(self, number: int) -> Member:
        """Return one member: the owner, then the admins, then everybody else."""
        role = "developer" if number > self.admins else "admin" if number else "super_admin"
        first = ALIKE if self._alike(number) else _FIRST[number % len(_FIRST)]
        last = _LAST[number // len(_FIRST) % len(_LAST)]
        return Member(
            id=named("member", self.workspace.team_id, number),
            organization_id=self.id,
            email=f"{first}.{last}.{number}@crowd.example",
            name=f"{first} {last}".title(),
            role=role,
            slack_user_id=self._user_id(number),
            joined_at=BEGAN + timedelta(milliseconds=number),
            status_at=BEGAN,
        )

    def _alike(self, number: int) -> bool:
        return self.members >= 10 * ALIKE_MEMBERS and number % (self.members // ALIKE_MEMBERS) == 1

    def _user_id(self, number: int) -> str:
        return f"UMEMBER{number:06d}" if number else self.workspace.owner_id

    def _members(self) -> Iterator[Member]:
        return map(self.member, range(self.members))

    def _people(self) -> Iterator[Person]:
        for member in self._members():
            yield Person(
                team_id=self.workspace.team_id,
                user_id=member.slack_user_id or "",
                email=member.email,
                name=member.name,
                email_confirmed=True,
                home_opened=True,
            )
        for user_id, email in self.workspace.people:
            yield Person(
                team_id=self.workspace.team_id,
                user_id=user_id,
                email=email,
                name=email.partition("@")[0].capitalize(),
                time_zone="Europe/London",
                email_confirmed=True,
            )

    def _terms(self) -> Rows:
        everyone: Iterator[Member | Invitation] = chain(self._members(), self._invitations())
        for one in everyone:
            for term in terms(one.name, one.email):
                yield {
                    "organization_id": self.id,
                    "subject_id": one.id,
                    "term": term,
                    "status": str(one.status),
                    "role": one.role,
                }

    def _invitations(self) -> Iterator[Invitation]:
        for number in range(self.pending):
            known = self.workspace.people[number : number + 1]
            user_id, email = known[0] if known else (None, f"pending-{number}@far.example")
            invitation_id = named("invitation", self.workspace.team_id, number)
            yield Invitation(
                id=invitation_id,
                organization_id=self.id,
                email=email,
                role="developer",
                slack_user_id=user_id,
                inviter_id=self.member(0).id,
                authority_id=self.member(0).id,
                token_hash=hash_token(invitation_id),
                sent_at=BEGAN,
                expires_at=BEGAN + timedelta(days=7),
            )

    def request_id(self, number: int) -> str:
        """Return the id of one open request."""
        return named("request", self.workspace.team_id, number)

    def _requests(self) -> Iterator[Request]:
        step = Step(approvers=Approvers.ANYONE_WHO_MAY)
        for number in range(self.requests):
            line = InvitationLine(email=f"asked-{number}@far.example", role="developer")
            change = InvitePeople(lines=(line,))
            yield Request(
                id=self.request_id(number),
                organization_id=self.id,
                change=changes.to_json(change),
                tag=change.tag,
                requester_id=self.member(self.members - 1).id,
                requirement=Requirement(steps=(step,), policy_version=1, rule=RULE),
                asked=self._approvers(),
                created_at=BEGAN,
                expires_at=BEGAN + timedelta(days=7),
            )

    def _approvers(self) -> tuple[str, ...]:
        return tuple(self.member(number).id for number in range(3))

    def _asked(self) -> Rows:
        for number in range(self.requests):
            for member_id in self._approvers():
                yield {
                    "organization_id": self.id,
                    "member_id": member_id,
                    "request_id": self.request_id(number),
                }

    def _outbox(self) -> Rows:
        for invitation in self._invitations() if self.announced else ():
            to = to_user(invitation.slack_user_id or "")
            notice = InvitationSent(invitation_id=invitation.id, generation=1, to=to)
            yield {
                "team_id": self.workspace.team_id,
                "key": notice.key,
                "lane": notice.lane,
                "tag": notice.tag,
                "body": notices.to_json(notice),
                "state": "queued",
                "run_at": BEGAN,
                "attempts": 0,
                "error": "",
                "created_at": BEGAN,
                "bulk": False,
            }


def named(kind: str, team_id: str, number: int) -> str:
    """Return an id of 26 characters that is the same each time; ids of one kind are in order."""
    return f"{hash_token(f'{kind}:{team_id}')[:16]}{number:010d}"


async def neighbours(databases: Databases, url: str, number: int) -> None:
    """Write so many organizations of one member each."""
    crowds = [Crowd(workspace=_somewhere(each), members=1, admins=0) for each in range(number)]
    parts = [list(crowd._everything()) for crowd in crowds]
    for place, (table, _) in enumerate(parts[0]):
        rows = (row for part in parts for row in part[place][1])
        await databases.fill(url, table, rows)


def _somewhere(number: int) -> Workspace:
    return Workspace(
        team_id=f"T1NEAR{number:06d}",
        owner_id=f"U1NEAR{number:06d}",
        app_id="",
        bot_token="",
        signing_secret="",
        api_url="",
        smtp_url="",
    )


def workspace_of(answer: dict[str, Any]) -> Workspace:
    """Return the workspace a local Slack told of."""
    return Workspace(**answer | {"people": tuple((user, email) for user, email in answer["people"])})


def as_json(workspace: Workspace) -> dict[str, Any]:
    """Return the workspace for another process."""
    return asdict(workspace)
