"""A mail server that is down: what was done stands, is said at once, and the mail follows when it returns."""

from collections.abc import AsyncIterator

import pytest

from tests.support.attack import (
    Watched,
    accept_on_the_page,
    eventually,
    hears,
    link_for,
    said_to,
    watched_steward,
)
from tests.support.whole import has_button

SAM = "sam@elsewhere.example"


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.crew()
        yield started


async def test_an_invitation_is_made_while_the_mail_server_is_down_and_its_mail_follows_once(
    whole: Watched,
) -> None:
    olivia = whole.person("olivia")
    whole.slack.faults.smtp_down = True
    reply = await olivia.command("/team", f"invite {SAM}")
    assert "Invitation sent" in reply.text
    assert await whole.invitation(SAM)
    await eventually(lambda: whole.events("worker.later"))
    assert whole.slack.inbox(SAM) == []
    whole.slack.faults.smtp_down = False
    await whole.slack.until(lambda: whole.slack.inbox(SAM), timeout=15)
    await accept_on_the_page(whole, SAM, "Sam Stone")
    await hears(olivia, "accepted your invitation")
    assert [mail.subject for mail in whole.slack.inbox(SAM)].count(whole.slack.inbox(SAM)[0].subject) == 1


async def test_a_mail_that_waited_is_not_sent_for_an_invitation_that_was_taken_back_meanwhile(
    whole: Watched,
) -> None:
    olivia = whole.person("olivia")
    whole.slack.faults.smtp_down = True
    await olivia.command("/team", f"invite {SAM}")
    await eventually(lambda: whole.events("worker.later"))
    await olivia.command("/team", "members sam")
    await olivia.click("Revoke")
    await olivia.submit()
    await olivia.close(everything=True)
    whole.slack.faults.smtp_down = False
    await olivia.command("/team", "invite pat@elsewhere.example")
    await whole.slack.until(lambda: whole.slack.inbox("pat@elsewhere.example"), timeout=15)
    assert whole.slack.inbox(SAM) == []


async def test_of_two_mails_that_waited_only_the_newest_link_is_sent(whole: Watched) -> None:
    olivia = whole.person("olivia")
    whole.slack.faults.smtp_down = True
    await olivia.command("/team", f"invite {SAM}")
    await eventually(lambda: whole.events("worker.later"))
    await olivia.command("/team", "members sam")
    await olivia.click("Resend")
    await olivia.close(everything=True)
    whole.slack.faults.smtp_down = False
    await whole.slack.until(lambda: whole.slack.inbox(SAM), timeout=15)
    page = await accept_on_the_page(whole, SAM, "Sam Stone")
    assert "newer" not in page
    assert (await whole.tags())[-1] == "member.joined"
    assert await link_for(whole, SAM)


async def test_slack_and_the_web_go_on_while_the_mail_server_is_down(whole: Watched) -> None:
    olivia, nora, dana = (whole.person(name) for name in ("olivia", "nora", "dana"))
    whole.slack.faults.smtp_down = True
    await dana.command("/team", f"invite {nora.email}")
    await olivia.until(lambda: has_button(olivia, "Approve"))
    await olivia.click("Approve")
    await nora.until(lambda: has_button(nora, "Accept"))
    await nora.click("Accept")
    await hears(nora, "Welcome to")
    assert not any("mail" in said.casefold() for said in said_to(nora))
    whole.slack.faults.smtp_down = False


async def test_an_address_outside_ascii_is_mailed_to(whole: Watched) -> None:
    olivia = whole.person("olivia")
    boxes = {"dörte@example.com": "dörte@example.com", "用户@例子.公司": "用户@xn--fsqu00a.xn--55qx5d"}
    for address, box in boxes.items():
        reply = await olivia.command("/team", f"invite {address}")
        assert "Invitation sent" in reply.text
        page = await accept_on_the_page(whole, box, "Zoë")
        assert "Welcome" in page or "member" in page
        async with whole.reading() as tx:
            assert await tx.members.by_email(address), address
