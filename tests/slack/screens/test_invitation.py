"""The invitee's card, what the inviter hears, and those who wait to be let in."""

from dataclasses import replace
from datetime import timedelta

from domain.changes import (
    AcceptInvitation,
    ChangeRole,
    ChangeSubscription,
    DeactivateMember,
    InvitationLine,
    RevokeInvitation,
)
from domain.front_desk import LinkHolder
from domain.model import Plan
from tests.slack.local import KEYS, Local
from tests.slack.screens.reading import hears


async def _invited(local: Local, handle: str = "nora", role: str = "developer", *, by: str = "olivia") -> str:
    person = local.person(handle)
    line = InvitationLine(email=person.email, role=role, slack_user_id=person.id)
    sending = await local.front_desk.invite(local.who(by), [line])
    assert sending.sent is not None
    await hears(person, "Accept", "Decline")
    return sending.sent.made[0]


async def test_accepting_makes_a_member_and_everybody_hears(northwind: Local) -> None:
    await _invited(northwind)
    nora = northwind.person("nora")
    await nora.click("Accept")
    card = nora.messages()[0].words
    assert "You accepted this invitation" in card
    assert "Decline" not in card
    await hears(nora, "Welcome to Northwind", "You are Developer", "*You may ask to:* invite people")
    await hears(northwind.person("olivia"), f"<@{nora.id}> accepted your invitation")
    assert (await northwind.member_of("nora")).active


async def test_declining_frees_the_seat_and_the_inviter_may_invite_again(northwind: Local) -> None:
    await _invited(northwind)
    nora = northwind.person("nora")
    await nora.click("Decline")
    assert "You declined this invitation" in nora.messages()[0].words
    olivia = northwind.person("olivia")
    await hears(olivia, f"<@{nora.id}> (nora@northwind.example) declined your invitation", "Invite again")
    await olivia.click("Invite again")
    await nora.until(lambda: sum("Accept" in message.words for message in nora.messages()) == 1)


async def test_a_second_click_is_answered_by_the_card(northwind: Local) -> None:
    await _invited(northwind)
    nora = northwind.person("nora")
    card = nora.messages()[0]
    northwind.slack.faults.deliver_twice = 1
    reply = await nora.click("Accept", in_=card)
    assert reply.error is None
    assert "You accepted this invitation" in nora.messages()[0].words
    await hears(nora, "Welcome to Northwind")
    assert sum("Welcome" in message.words for message in nora.messages()) == 2  # the card says it too


async def test_an_old_card_answers_with_what_happened(northwind: Local) -> None:
    invitation_id = await _invited(northwind)
    nora = northwind.person("nora")
    northwind.slack.faults.api_429 = 50  # the edit of the card is late
    await northwind.front_desk.submit(northwind.who("olivia"), RevokeInvitation(invitation_id=invitation_id))
    await nora.click("Accept")
    assert "It was taken back." in nora.ephemerals[-1].words
    assert "This invitation was taken back." in nora.messages()[0].words


async def test_an_expired_card_says_so(northwind: Local) -> None:
    await _invited(northwind)
    nora = northwind.person("nora")
    await northwind.clock.advance(timedelta(days=7, minutes=1))
    await hears(nora, "This invitation has expired.")
    assert "Accept" not in nora.messages()[0].words


async def test_nobody_else_can_answer_an_invitation(northwind: Local) -> None:
    await _invited(northwind)
    card = northwind.person("nora").messages()[0]
    somebody = northwind.person("max")
    assert (await somebody.click("Accept", in_=card)).error is None
    channel = northwind.slack.workspace.conversations.get(card.channel)
    assert channel is not None
    heard = channel.whispers[somebody.id][-1].words
    assert "Only the person invited can answer an invitation." in heard
    assert "Accept" in card.words


async def test_a_demoted_inviter_leads_to_a_request_and_an_admission(northwind: Local) -> None:
    await _invited(northwind, by="adam")
    adam = await northwind.member_of("adam")
    await northwind.front_desk.submit(
        northwind.who("olivia"), ChangeRole(member_id=adam.id, role="developer")
    )
    nora = northwind.person("nora")
    await nora.click("Accept")
    assert "Somebody still has to approve your role" in nora.messages()[0].words
    await hears(northwind.person("adam"), "but you may no longer give the role Developer")
    await hears(northwind.person("adam"), "You are Developer of Northwind now.")


async def test_without_a_seat_the_admins_hear_and_can_admit_later(northwind: Local) -> None:
    invitation_id = await _invited(northwind)
    async with northwind.store.transaction(northwind.team_id) as tx:
        tx.update(replace(tx.organization, pending_holds_seat=False, seat_limit=3))
    nora = northwind.person("nora")
    await nora.click("Accept")
    assert "All seats are taken." in nora.messages()[0].words
    adam = northwind.person("adam")
    await hears(adam, "finds no seat", "3 of 3 are used", "Admit")
    await adam.click("Admit")
    assert "Every member needs a seat of the licence." in adam.ephemerals[-1].words
    async with northwind.store.transaction(northwind.team_id) as tx:
        tx.update(replace(tx.organization, seat_limit=4))
    await adam.click("Admit")
    assert f"<@{nora.id}> is a member now." in adam.messages()[-1].words
    await hears(nora, "Welcome to Northwind")
    async with northwind.front_desk.reading(northwind.who("adam")) as (tx, _):
        invitation = await tx.invitations.get(invitation_id)
        assert invitation is not None
        assert str(invitation.status) == "accepted"


async def test_a_raised_limit_lets_who_waits_in_by_itself(northwind: Local) -> None:
    await _invited(northwind)
    async with northwind.store.transaction(northwind.team_id) as tx:
        tx.update(replace(tx.organization, pending_holds_seat=False, seat_limit=3))
    nora = northwind.person("nora")
    await nora.click("Accept")
    await hears(northwind.person("adam"), "finds no seat")
    await northwind.front_desk.submit(
        northwind.who("olivia"), ChangeSubscription(seat_limit=9, plan=Plan.STANDARD, invoice_email="")
    )
    await hears(nora, "Welcome to Northwind")
    assert (await northwind.member_of("nora")).active


async def test_the_link_that_was_passed_on_is_marked_so(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite bob@example.org")
    words = await hears(olivia, "Please pass this link on to bob@example.org")
    token = words.split("/invitations/")[1].split("|")[0]
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        invitation = (await tx.invitations.open_for(["bob@example.org"]))["bob@example.org"]
    assert token == KEYS.invitation_token(invitation.id, 1)
    change = AcceptInvitation(invitation_id=invitation.id, name="Bob")
    await northwind.front_desk.submit(LinkHolder(token), change)
    await hears(olivia, "Bob accepted your invitation* with the link that was passed on")


async def test_a_deactivated_member_hears_who_could_help(northwind: Local) -> None:
    dana = await northwind.member_of("dana")
    await northwind.front_desk.submit(northwind.who("olivia"), DeactivateMember(member_id=dana.id))
    words = await hears(northwind.person("dana"), "Your membership of Northwind was deactivated.")
    assert f"<@{northwind.person('olivia').id}>" in words
    reply = await northwind.person("dana").command("/team", "invite bob@example.org")
    assert "Your membership is deactivated." in reply.text
