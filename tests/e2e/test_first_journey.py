"""The first whole journey, as each person concerned: set up, invite, ask, approve, accept."""

import re
from functools import partial

import aiohttp

from bot.sandbox.person import Person
from domain.audit import lines, verify
from tests.support.whole import Whole, buttons, has_button, has_no_button


def last(person: Person) -> str:
    """The newest message of Steward to somebody."""
    return person.messages()[-1].text


async def test_ask_approve_accept_in_slack(whole: Whole) -> None:
    await whole.team()
    dana, adam, olivia, nora = (whole.person(name) for name in ("dana", "adam", "olivia", "nora"))

    reply = await dana.command("/team", f"invite {nora.email} because she helps with support")
    assert "Waiting" in reply.text or "asked" in reply.text.lower(), reply.text
    for approver in (adam, olivia):
        await approver.until(partial(has_button, approver, "Approve"))
        assert "she helps with support" in last(approver)
    await adam.click("Approve")
    for approver in (adam, olivia):
        await approver.until(partial(has_no_button, approver, "Approve"))
        assert "Approved by" in last(approver)
    await dana.until(lambda: any("Approved by" in message.text for message in dana.messages()))

    await nora.until(lambda: has_button(nora, "Accept"))
    await nora.click("Accept")
    await nora.until(lambda: not has_button(nora, "Accept"))
    await dana.until(lambda: any("accepted" in message.text for message in dana.messages()))
    async with whole.reading() as tx:
        member = await tx.members.by_email(nora.email)
        assert member is not None
        assert (member.role, member.slack_user_id) == ("developer", nora.id)
        assert tx.organization.active_members == 5
        assert (await verify(tx)).fault is None
        tags = [line.tag async for line in lines(tx)]
    assert tags[-5:] == [
        "request.filed",
        "request.applied",
        "invitation.sent",
        "invitation.accepted",
        "member.joined",
    ]


async def test_a_stranger_accepts_from_the_mail(whole: Whole) -> None:
    await whole.team()
    olivia = whole.person("olivia")
    await olivia.command("/team-invite", "sam@elsewhere.example")
    mail = await whole.slack.until(lambda: whole.slack.inbox("sam@elsewhere.example"))
    link = next(link for link in mail[0].links if "/invitations/" in link)
    page = await get(link)
    assert "Northwind Labs" in page
    assert "Developer" in page
    token = re.search(r'name="csrf" value="([^"]+)"', page) or re.search(r'value="([^"]+)" name="csrf"', page)
    assert token or "csrf" not in page
    async with whole.reading() as tx:
        counts = await tx.roster.counts()
    assert counts["pending"] == 1


async def test_every_home_tells_the_truth(whole: Whole) -> None:
    nora = whole.person("nora")
    assert "Nobody has set it up" in str(await nora.open_home())
    await whole.team()
    olivia, dana = whole.person("olivia"), whole.person("dana")
    home = str(await olivia.open_home())
    assert "Super Admin" in home
    assert "4 of 5" in home
    assert "Invite people" in buttons(await olivia.open_home())
    assert "not a member" in str(await nora.open_home())
    await dana.command("/team", "invite sam@elsewhere.example")
    await olivia.until(lambda: olivia.home is not None and "sam@elsewhere.example" in str(olivia.home.view))
    assert "sam@elsewhere.example" in str(await dana.open_home())


async def get(link: str) -> str:
    """What the page behind a link says."""
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        assert answer.status == 200
        return await answer.text()
