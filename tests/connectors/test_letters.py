"""Letters as they are rendered from a real database."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from bot.connectors.letter import Letter
from bot.connectors.letters import render_letter
from domain.changes import (
    AcceptInvitation,
    ChangeRole,
    ChangeSeatHolding,
    ChangeSettings,
    ChangeSubscription,
    CreateDepartment,
    DeactivateMember,
    DeclineInvitation,
    InvitationLine,
    ResendInvitation,
    RevokeInvitation,
)
from domain.front_desk import LinkHolder
from domain.model import Invitation, Member, Plan, Verdict
from domain.notices import (
    AccessChanged,
    ApprovalAsked,
    AuditPosted,
    HomeStale,
    InvitationAnswered,
    InvitationMailed,
    InvitationSent,
    LinkCodeMailed,
    LinkReady,
    MemberWelcomed,
    Notice,
    RequestDecided,
    RequestFiled,
    RoleChanged,
    SeatAwaited,
    to_member,
    to_user,
)
from tests.support.office import Office, open_office, person, user_id, who

HOSTILE = [
    "Eve\r\nBcc: all@example.com",
    '<!channel> <b>Eve</b> & "co" {{ 7*7 }}',
    "دانا \u202eשלום",
    "Ann 👩‍👩‍👧 🚀",
    "</title><script>alert(1)</script>",
]


@dataclass
class Team:
    """Northwind with mail: Olivia owns, Adam is admin, Dana develops; Mia joined by mail, not in Slack."""

    office: Office
    mia: Member

    async def letter(self, notice: Notice) -> Letter | None:
        async with self.office.reading() as tx:
            return await render_letter(tx, notice)

    async def link(self, invitation: Invitation) -> LinkHolder:
        current = await self.office.invitation(invitation.id)
        async with self.office.reading() as tx:
            return LinkHolder(tx.facilities.keys.invitation_token(current.id, current.generation))

    async def accepts(self, invitation: Invitation, name: str) -> None:
        await self.office.desk.submit(
            await self.link(invitation), AcceptInvitation(invitation_id=invitation.id, name=name)
        )


async def member_by_mail(office: Office, email: str, name: str, role: str = "developer") -> Member:
    invitation = await office.invites("olivia", email, role)
    async with office.reading() as tx:
        token = tx.facilities.keys.invitation_token(invitation.id, 1)
    await office.desk.submit(LinkHolder(token), AcceptInvitation(invitation_id=invitation.id, name=name))
    async with office.reading() as tx:
        member = await tx.members.by_email(email)
    assert member is not None
    assert member.slack_user_id is None
    return member


@pytest.fixture
async def team(sqlite_url: str) -> AsyncIterator[Team]:
    office = open_office(sqlite_url, mail=True)
    await office.set_up(seats=20)
    await office.joins("adam", "admin")
    await office.joins("dana", "developer")
    yield Team(office, await member_by_mail(office, "mia@elsewhere.example", "Mia Moss"))
    await office.store.close()


class Visible(HTMLParser):
    """Reads the text and the links of an HTML letter, as a person sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.links, self.tags = "", [""], set[str]()
        self._hidden = 0
        self.feed(html)
        self.links.pop(0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden += tag in ("style", "title")
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


def read(letter: Letter | None) -> tuple[str, Visible]:
    """Check what holds for every letter; return its text and what its HTML shows."""
    assert letter is not None
    seen = Visible(letter.html)
    words = " ".join(letter.text.replace("\n-- \n", " ").split())
    for word in words.split():
        assert word.rstrip(":") in seen.text or word in "".join(seen.links), word
    assert "script" not in seen.tags
    assert "img" not in seen.tags
    assert all(link.startswith("https://steward.example/invitations/") for link in seen.links)
    assert re.fullmatch(r"[0-9a-f]{40}@steward\.example", letter.message_id)
    message = letter.message("steward@northwind.example")
    assert isinstance(message, EmailMessage)
    assert not re.search(r"^Bcc:", bytes(message).decode("ascii").split("\r\n\r\n")[0], re.MULTILINE)
    return letter.text, seen


async def test_an_invitation_says_who_to_what_as_what_until_when_and_leads_to_the_page(team: Team) -> None:
    await team.office.desk.submit(who("olivia"), CreateDepartment(name="Field work"))
    async with team.office.reading() as tx:
        (department,) = await tx.departments.all()
    line = InvitationLine(
        email="bob@example.com", role="developer", name="Bob Ray", departments=(department.id,)
    )
    sending = await team.office.desk.invite(who("olivia"), [line])
    assert sending.sent is not None
    invitation = await team.office.invitation(sending.sent.made[0])
    letter = await team.letter(InvitationMailed(invitation_id=invitation.id, generation=1))
    text, seen = read(letter)
    assert letter is not None
    assert (letter.to, letter.to_name) == ("bob@example.com", "Bob Ray")
    assert letter.subject == "Olivia invites you to Northwind"
    assert letter.reply_to == "olivia@northwind.example"
    for fact in ("Olivia", "Northwind", "as Developer", "Field work", "Monday, 9 March 2026, 09:00 UTC"):
        assert fact in text
    link = f"https://steward.example/invitations/{(await team.link(invitation)).token}"
    assert link in text
    assert set(seen.links) == {link}
    assert "nothing happens unless you accept" in text


async def test_an_invitees_own_time_zone_is_used_where_slack_knows_it(team: Team) -> None:
    await team.office.knows(person("nepal", time_zone="Asia/Kathmandu"))
    invitation = await team.office.invites("olivia", "nepal@northwind.example", "developer")
    text, _ = read(await team.letter(InvitationMailed(invitation_id=invitation.id, generation=1)))
    assert "Monday, 9 March 2026, 14:45 +0545" in text


async def test_nothing_is_mailed_about_an_invitation_that_is_over(team: Team) -> None:
    office = team.office

    async def mailed(invitation: Invitation, generation: int = 1) -> Letter | None:
        return await team.letter(InvitationMailed(invitation_id=invitation.id, generation=generation))

    invitation = await office.invites("olivia", "one@example.com", "developer")
    await office.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    assert await mailed(invitation) is None
    assert await mailed(invitation, 2) is not None
    await office.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    assert await mailed(invitation, 2) is None
    accepted = await office.invites("olivia", "two@example.com", "developer")
    await team.accepts(accepted, "Two")
    assert await mailed(accepted) is None
    late = await office.invites("olivia", "three@example.com", "developer")
    office.clock.advance(days=7)
    assert await mailed(late) is None
    assert await team.letter(InvitationMailed(invitation_id="unknown", generation=1)) is None


async def test_a_resent_invitation_is_another_letter_and_a_repeated_one_is_the_same(team: Team) -> None:
    invitation = await team.office.invites("olivia", "bob@example.com", "developer")
    first = await team.letter(InvitationMailed(invitation_id=invitation.id, generation=1))
    again = await team.letter(InvitationMailed(invitation_id=invitation.id, generation=1))
    await team.office.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    second = await team.letter(InvitationMailed(invitation_id=invitation.id, generation=2))
    assert first is not None
    assert again is not None
    assert second is not None
    assert first.message_id == again.message_id != second.message_id


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_they_are_and_do_nothing(team: Team, name: str) -> None:
    change = ChangeSettings(name=" ".join(name.split()))
    await team.office.desk.submit(who("olivia"), change)
    line = InvitationLine(email="bob@example.com", role="developer", name=name)
    sending = await team.office.desk.invite(who("olivia"), [line])
    assert sending.sent is not None
    letter = await team.letter(InvitationMailed(invitation_id=sending.sent.made[0], generation=1))
    text, seen = read(letter)
    assert letter is not None
    sample = name.split()[0]
    assert sample in text
    assert sample in seen.text
    assert "\u202e" not in text + letter.html
    assert letter.to == "bob@example.com"
    headers = bytes(letter.message("s@northwind.example")).decode("ascii").split("\r\n\r\n")[0]
    assert headers.count("\nTo:") == 1


async def test_the_inviter_gets_the_link_to_pass_on(team: Team) -> None:
    invitation = await team.office.invites("olivia", "bob@example.com", "developer")
    notice = LinkReady(invitation_id=invitation.id, generation=1, to=to_member(team.mia.id))
    letter = await team.letter(notice)
    text, _ = read(letter)
    assert letter is not None
    assert letter.to == "mia@elsewhere.example"
    assert (await team.link(invitation)).token in text
    await team.office.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    assert await team.letter(notice) is None


async def test_the_inviter_hears_what_became_of_it_each_in_its_own_letter(team: Team) -> None:
    office = team.office
    told: dict[str, str] = {}
    ids = set()

    async def hears(invitation: Invitation, key: str) -> None:
        letter = await team.letter(InvitationAnswered(invitation_id=invitation.id, to=to_member(team.mia.id)))
        read(letter)
        assert letter is not None
        told[key] = letter.subject
        ids.add(letter.message_id)

    accepted = await office.invites("olivia", "a@example.com", "developer")
    notice = InvitationAnswered(invitation_id=accepted.id, to=to_member(team.mia.id))
    assert await team.letter(notice) is None
    await team.accepts(accepted, "Bob Ray")
    await hears(accepted, "accepted")
    declined = await office.invites("olivia", "b@example.com", "developer")
    await office.desk.submit(await team.link(declined), DeclineInvitation(invitation_id=declined.id))
    await hears(declined, "declined")
    expired = await office.invites("olivia", "c@example.com", "developer")
    office.clock.advance(days=8)
    await hears(expired, "expired")
    assert told == {
        "accepted": "Bob Ray accepted",
        "declined": "b@example.com declined",
        "expired": "The invitation of c@example.com expired",
    }
    assert len(ids) == 3


async def test_an_admin_hears_of_somebody_without_a_seat_until_they_have_one(team: Team) -> None:
    office = team.office
    await office.desk.submit(who("olivia"), ChangeSeatHolding(pending_holds_seat=False))
    full = ChangeSubscription(seat_limit=4, plan=Plan.STANDARD, invoice_email="")
    await office.desk.submit(who("olivia"), full)
    invitation = await office.invites("olivia", "bob@example.com", "developer")
    notice = SeatAwaited(invitation_id=invitation.id, to=to_member(team.mia.id))
    assert await team.letter(notice) is None
    await team.accepts(invitation, "Bob Ray")
    letter = await team.letter(notice)
    text, _ = read(letter)
    assert "every seat is taken" in text
    answered = await team.letter(InvitationAnswered(invitation_id=invitation.id, to=to_member(team.mia.id)))
    assert answered is not None
    assert answered.subject == "Bob Ray waits for a seat"
    more = ChangeSubscription(seat_limit=9, plan=Plan.STANDARD, invoice_email="")
    await office.desk.submit(who("olivia"), more)
    assert (await office.invitation(invitation.id)).status == "accepted"
    assert await team.letter(notice) is None


async def test_a_member_without_slack_is_welcomed_and_told_of_a_new_role(team: Team) -> None:
    to = to_member(team.mia.id)
    welcome = await team.letter(MemberWelcomed(member_id=team.mia.id, to=to))
    text, _ = read(welcome)
    assert "Welcome, Mia Moss" in text
    assert "as Developer" in text
    await team.office.desk.submit(who("olivia"), ChangeRole(member_id=team.mia.id, role="admin"))
    changed = RoleChanged(member_id=team.mia.id, role="admin", version=2, to=to)
    text, _ = read(await team.letter(changed))
    assert "now Admin" in text
    older = RoleChanged(member_id=team.mia.id, role="developer", version=1, to=to)
    assert await team.letter(older) is None


async def test_the_end_of_access_is_told_unless_it_came_back(team: Team) -> None:
    to = to_member(team.mia.id)
    await team.office.desk.submit(who("olivia"), DeactivateMember(member_id=team.mia.id))
    ended = AccessChanged(member_id=team.mia.id, active=False, version=2, to=to)
    returned = AccessChanged(member_id=team.mia.id, active=True, version=1, to=to)
    text, _ = read(await team.letter(ended))
    assert "Your access to Northwind has ended" in text
    assert await team.letter(returned) is None
    assert await team.letter(MemberWelcomed(member_id=team.mia.id, to=to)) is None


async def test_the_code_in_the_mail_links_the_slack_user_and_then_is_not_sent_again(team: Team) -> None:
    office = team.office
    await office.desk.submit(who("olivia"), ChangeRole(member_id=team.mia.id, role="admin"))
    await office.knows(person("mia", email="mia@elsewhere.example", name="Mia in Slack"))
    window = int(office.clock().timestamp() // 3600)
    notice = LinkCodeMailed(member_id=team.mia.id, slack_user_id=user_id("mia"), window=window)
    letter = await team.letter(notice)
    text, _ = read(letter)
    assert letter is not None
    assert letter.to == "mia@elsewhere.example"
    found = re.search(r"^    (\w{4} \w{4})$", text, re.MULTILINE)
    assert found is not None
    assert found[1] not in letter.subject
    assert "Mia in Slack" in text
    old = LinkCodeMailed(member_id=team.mia.id, slack_user_id=user_id("mia"), window=window - 2)
    assert await team.letter(old) is None
    linked = await office.desk.link_with_code(who("mia"), found[1])
    assert linked.slack_user_id == user_id("mia")
    assert await team.letter(notice) is None


async def test_the_requester_and_the_approver_read_of_a_request_and_its_end(team: Team) -> None:
    office = team.office
    waiting = await office.asks("dana", "bob@example.com", reason="He tests for us")
    dana = await office.member("dana")
    filed = RequestFiled(request_id=waiting.request.id, to=to_member(dana.id))
    asked = ApprovalAsked(request_id=waiting.request.id, to=to_member((await office.member("adam")).id))
    decided = RequestDecided(request_id=waiting.request.id, to=to_member(dana.id))
    assert await team.letter(decided) is None
    first = await team.letter(filed)
    text, _ = read(first)
    assert "You asked to invite bob@example.com as Developer." in text
    assert "He tests for us" in text
    card = await team.letter(asked)
    text, _ = read(card)
    assert card is not None
    assert card.to == "adam@northwind.example"
    assert "Dana asks to invite bob@example.com as Developer." in text
    assert "/team approvals" in text
    await office.desk.decide(who("adam"), waiting.request.id, Verdict.DECLINE, reason="Not this month")
    assert await team.letter(filed) is None
    ended = await team.letter(decided)
    text, _ = read(ended)
    assert first is not None
    assert ended is not None
    assert ended.subject.startswith("Your request was declined")
    assert "Not this month" in text
    assert ended.message_id != first.message_id
    assert await team.letter(asked) is None


async def test_who_may_not_decide_is_not_asked(team: Team) -> None:
    waiting = await team.office.asks("dana", "bob@example.com")
    assert await team.letter(ApprovalAsked(request_id=waiting.request.id, to=to_member(team.mia.id))) is None


async def test_what_is_no_letter_and_who_has_no_address_gets_none(team: Team) -> None:
    invitation = await team.office.invites("olivia", "bob@example.com", "developer")
    nothing: list[Notice] = [
        HomeStale(user_id="U1"),
        AuditPosted(first=1, last=2, channel="C1"),
        InvitationSent(invitation_id=invitation.id, generation=1, to=to_user("U1")),
        MemberWelcomed(member_id=team.mia.id, to=to_user("UNKNOWN")),
        MemberWelcomed(member_id="unknown", to=to_member("unknown")),
    ]
    for notice in nothing:
        assert await team.letter(notice) is None, notice
