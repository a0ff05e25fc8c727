"""The page of an invitation: each state in its own words, and answers that count."""

import asyncio
from datetime import timedelta

import pytest

from bot.web.pages import breakable, remaining
from domain.changes import (
    ChangeRole,
    CreateDepartment,
    DeactivateMember,
    InvitationLine,
    ResendInvitation,
    RevokeInvitation,
)
from domain.model import InvitationStatus, Via
from tests.support.office import START, TEAM, person, who
from tests.web.conftest import Site, northwind


async def test_the_page_says_who_to_what_as_what_and_until_when(site: Site) -> None:
    await site.office.desk.submit(who("olivia"), CreateDepartment(name="Field work"))
    async with site.office.reading() as tx:
        (department,) = await tx.departments.all()
    line = InvitationLine(email="bob@example.com", role="developer", departments=(department.id,))
    sending = await site.office.desk.invite(who("olivia"), [line])
    assert sending.sent is not None
    page = await site.get(await site.path(await site.office.invitation(sending.sent.made[0])))
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for words in (
        "Join Northwind",
        "Olivia invites you to become a member of Northwind as Developer.",
        "olivia@northwind.example",
        "bob@example.com",
        "Field work",
        "Monday, 9 March 2026, 09:00 UTC",
        "7 days left",
        "view API key information",
        "nothing happens unless you accept",
    ):
        assert words in page.text
    assert 'value="Bob"' in page.body


async def test_accepting_makes_a_member_and_the_page_welcomes_them(site_on_each: Site) -> None:
    site = site_on_each
    _, path = await site.invited()
    answer = await site.answers(path, name="  Bob   Ray ")
    assert (answer.status, answer.headers["Location"]) == (303, "?answered")
    page = await site.get(path + "?answered")
    assert page.status == 200
    assert "Welcome to Northwind, Bob Ray" in page.text
    assert "<form" not in page.body
    async with site.office.reading() as tx:
        member = await tx.members.by_email("bob@example.com")
    assert member is not None
    assert (member.name, member.role, member.active, member.joined_via) == (
        "Bob Ray",
        "developer",
        True,
        Via.MAIL,
    )
    assert member.slack_user_id is None


async def test_a_used_link_says_when_it_was_used_and_what_to_do_if_by_somebody_else(site: Site) -> None:
    _, path = await site.invited()
    await site.answers(path)
    page = await site.get(path)
    assert page.status == 200
    assert "This invitation was accepted already" in page.text
    assert "on Monday, 2 March 2026, 09:00 UTC" in page.text
    assert "If it was not, tell Olivia at once." in page.text


async def test_declining_is_told_and_frees_the_seat(site_on_each: Site) -> None:
    site = site_on_each
    await site.limit_seats(2)
    invitation, path = await site.invited()
    answer = await site.answers(path, "decline", name="")
    assert answer.status == 303
    page = await site.get(path + "?answered")
    assert "You declined this invitation" in page.text
    assert "Ask Olivia for a new invitation" in page.text
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.DECLINED
    await site.invites("carol@example.com")


async def test_an_expired_link_says_so_and_who_can_help(site: Site) -> None:
    _, path = await site.invited()
    site.office.clock.advance(days=7)
    page = await site.get(path)
    assert page.status == 410
    assert "This invitation has expired" in page.text
    assert "Ask Olivia to invite you again" in page.text
    assert "<form" not in page.body


async def test_a_revoked_link_says_so(site: Site) -> None:
    invitation, path = await site.invited()
    await site.office.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    page = await site.get(path)
    assert page.status == 410
    assert "This invitation was taken back" in page.text
    assert "olivia@northwind.example" not in page.body


async def test_an_old_link_says_that_a_newer_one_was_sent(site: Site) -> None:
    invitation, old = await site.invited()
    await site.office.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    page = await site.get(old)
    assert page.status == 410
    assert "A newer link was sent" in page.text
    assert "newest mail from Steward to bob@example.com" in page.text
    assert "Join Northwind" in (await site.get(await site.path(invitation))).text


async def test_an_old_link_accepts_nothing(site: Site) -> None:
    invitation, old = await site.invited()
    page = await site.get(old)
    await site.office.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
    fields = {"form_key": page.form_key, "name": "Bob", "answer": "accept"}
    answer = await site.post(old, fields, Cookie=page.cookie, Origin=site.url)
    assert answer.status == 409
    assert "A newer link was sent" in answer.text
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING


@pytest.mark.parametrize("token", ["x" * 43, "short", "a.b", "%2e%2e%2f" * 5, "x" * 300, "é" * 20])
async def test_an_unknown_link_says_what_to_check(site: Site, token: str) -> None:
    page = await site.get(f"/invitations/{token}")
    assert page.status == 404
    assert "This link is not known" in page.text
    assert "ask the person who invited you" in page.text


async def test_without_a_free_seat_the_page_says_so_before_and_after(site: Site) -> None:
    await site.limit_seats(1, held=False)
    _, path = await site.invited()
    before = await site.get(path)
    assert "Every seat is taken at the moment. You can accept all the same" in before.text
    await site.answers(path)
    after = await site.get(path + "?answered")
    assert after.status == 200
    assert "You accepted. One seat is missing" in after.text
    assert "hear of it at bob@example.com" in after.text
    await site.limit_seats(2, held=False)
    assert "Welcome to Northwind, Bob Ray" in (await site.get(path + "?answered")).text


async def test_a_held_seat_is_there_for_whom_it_is_held(site: Site) -> None:
    await site.limit_seats(2)
    _, path = await site.invited()
    assert "Every seat is taken" not in (await site.get(path)).text
    await site.answers(path)
    assert "Welcome to Northwind" in (await site.get(path + "?answered")).text


async def test_an_inviter_who_may_no_longer_grant_makes_the_invitee_wait(site: Site) -> None:
    adam = await site.office.joins("adam", "admin")
    invitation = await site.office.invites("adam", "bob@example.com", "developer")
    await site.office.desk.submit(who("olivia"), ChangeRole(member_id=adam.id, role="developer"))
    path = await site.path(invitation)
    await site.answers(path)
    page = await site.get(path + "?answered")
    assert page.status == 200
    assert "You accepted. An approval is missing" in page.text


async def test_the_last_seat_goes_to_one_of_eight_who_accept_at_once(site_on_each: Site) -> None:
    site = site_on_each
    await site.limit_seats(2, held=False)
    paths = [(await site.invited(f"p{number}@example.com"))[1] for number in range(8)]
    answers = await asyncio.gather(*(_answers_until_taken(site, path) for path in paths))
    assert answers == [303] * 8
    pages = [(await site.get(path + "?answered")).text for path in paths]
    assert sum("Welcome to Northwind" in text for text in pages) == 1
    assert sum("One seat is missing" in text for text in pages) == 7


async def _answers_until_taken(site: Site, path: str) -> int:
    """On a machine with other work the team may be busy for longer than a page waits; it says so."""
    while (answer := await site.answers(path)).status == 503:
        assert "Steward is busy" in answer.text
    return answer.status


async def test_a_second_click_changes_nothing_and_shows_what_is(site: Site) -> None:
    invitation, path = await site.invited()
    page = await site.get(path)
    fields = {"form_key": page.form_key, "name": "Bob", "answer": "accept"}
    clicks = await asyncio.gather(
        *(site.post(path, fields, Cookie=page.cookie, Origin=site.url) for _ in range(3))
    )
    assert sorted(click.status for click in clicks) == [303, 409, 409]
    declined = await site.post(path, fields | {"answer": "decline"}, Cookie=page.cookie, Origin=site.url)
    assert declined.status == 409
    assert "accepted already" in declined.text
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.ACCEPTED


async def test_a_name_is_asked_for_in_place_and_what_was_typed_stays(site: Site) -> None:
    invitation, path = await site.invited()
    empty = await site.answers(path, name="   ")
    assert empty.status == 422
    assert "Write your name to accept." in empty.text
    assert 'aria-invalid="true"' in empty.body
    long = await site.answers(path, name="x" * 81)
    assert "at most 80 characters" in long.text
    assert "x" * 81 in long.body
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "<!channel>", "דנה 👩‍👩‍👧", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"],
)
async def test_hostile_names_are_text_and_nothing_else(site: Site, name: str) -> None:
    _, path = await site.invited()
    await site.answers(path, name=name)
    page = await site.get(path + "?answered")
    assert f"Welcome to Northwind, {name}" in page.text
    assert "<script" not in page.body
    assert "<img" not in page.body
    async with site.office.reading() as tx:
        member = await tx.members.by_email("bob@example.com")
    assert member is not None
    assert member.name == name


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(site_on_each: Site, method: str) -> None:
    site = site_on_each
    invitation, path = await site.invited()
    before = await site.state(invitation)
    for query in ("", "?answered", "?answer=accept&name=Eve", "?_method=POST"):
        page = await site.get(path + query, method=method)
        assert page.status == 200
        assert method == "GET" or page.body == ""
    assert await site.state(invitation) == before


async def test_mail_scanners_that_follow_and_probe_a_link_change_nothing(site: Site) -> None:
    invitation, path = await site.invited()
    before = await site.state(invitation)
    for method in ("HEAD", "GET", "OPTIONS", "PUT", "DELETE", "PATCH"):
        await site.get(path, method=method, User_Agent="SafeLinks/1.0", Sec_Purpose="prefetch")
    for fields in ({}, {"answer": "accept"}, {"answer": "accept", "name": "Scanner", "form_key": "x"}):
        refused = await site.post(path, fields)
        assert refused.status in (400, 403)
    assert await site.state(invitation) == before


async def test_a_name_is_offered_from_slack_or_from_the_address(site: Site) -> None:
    await site.office.knows(person("grace", name="Grace Hopper"))
    _, path = await site.invited("grace@northwind.example")
    assert 'value="Grace Hopper"' in (await site.get(path)).body
    _, path = await site.invited("jean-luc.picard2@example.com")
    assert 'value="Jean Luc Picard"' in (await site.get(path)).body


async def test_a_busy_team_is_told_and_nothing_is_done(site: Site) -> None:
    invitation, path = await site.invited()
    page = await site.get(path)
    fields = {"form_key": page.form_key, "name": "Bob", "answer": "accept"}
    async with site.office.store.transaction(TEAM):
        answer = await site.post(path, fields, Cookie=page.cookie, Origin=site.url)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Steward is busy" in answer.text
    assert (await site.office.invitation(invitation.id)).status is InvitationStatus.PENDING


async def test_without_mail_nothing_is_promised_by_mail_and_the_link_proves_no_address(
    sqlite_url: str,
) -> None:
    async with northwind(sqlite_url, mail=False) as site:
        invitation, old = await site.invited()
        await site.office.desk.submit(who("olivia"), ResendInvitation(invitation_id=invitation.id))
        assert "Ask Olivia for the newest link." in (await site.get(old)).text
        path = await site.path(invitation)
        await site.answers(path)
        assert "reaches you at" not in (await site.get(path + "?answered")).text
        async with site.office.reading() as tx:
            member = await tx.members.by_email("bob@example.com")
        assert member is not None
        assert member.joined_via is Via.LINK


async def test_a_deactivated_inviter_is_still_named(site: Site) -> None:
    adam = await site.office.joins("adam", "admin")
    invitation = await site.office.invites("adam", "bob@example.com", "developer")
    await site.office.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    assert "Adam invites you" in (await site.get(await site.path(invitation))).text


def test_what_is_left_is_rounded_down() -> None:
    now = START
    for left, words in (
        ({"days": 6, "hours": 23, "minutes": 59}, "6 days 23 hours"),
        ({"hours": 25}, "1 day 1 hour"),
        ({"hours": 2, "minutes": 59}, "2 hours 59 minutes"),
        ({"days": 7}, "7 days"),
        ({"seconds": 61}, "1 minute"),
        ({"seconds": 59}, "less than a minute"),
    ):
        assert remaining(now + timedelta(**left), now) == words


def test_an_address_is_escaped_before_it_is_made_breakable() -> None:
    assert breakable("<b>@x.org") == '<bdi dir="ltr">&lt;b&gt;@<wbr>x.org</bdi>'
