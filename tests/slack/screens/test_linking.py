"""Finding out which member a Slack user is."""

from dataclasses import replace

from domain.changes import AcceptInvitation, DeactivateMember, InvitationLine
from domain.desk import Applied
from domain.front_desk import LinkHolder
from tests.slack.local import KEYS, Local
from tests.slack.screens.reading import form_words, hears, title


async def _unlinked(local: Local, handle: str, role: str) -> str:
    """Makes a member with the person's address who was invited before they came to Slack."""
    person = local.person(handle)
    line = InvitationLine(email=person.email, role=role)
    sending = await local.front_desk.invite(local.who("olivia"), [line])
    assert sending.sent is not None
    (invitation_id,) = sending.sent.made
    token = KEYS.invitation_token(invitation_id, 1)
    answer = await local.front_desk.submit(
        LinkHolder(token), AcceptInvitation(invitation_id=invitation_id, name=person.name)
    )
    assert isinstance(answer, Applied)
    return answer.made[0]


async def _linked(local: Local, handle: str) -> str | None:
    async with local.front_desk.reading(local.who(handle)) as (tx, _):
        member = await tx.members.by_email(local.person(handle).email)
        assert member is not None
        return member.slack_user_id


async def test_the_default_role_is_recognised_by_a_confirmed_address(local: Local) -> None:
    await local.set_up()
    await _unlinked(local, "nora", "developer")
    nora = local.person("nora")
    reply = await nora.command("/team", "invite bob@example.org because I need him")
    assert "Asked, not sent yet" in reply.text
    assert await _linked(local, "nora") == nora.id


async def test_more_than_the_default_role_takes_a_code_from_the_mail(local_with_mail: Local) -> None:
    local = local_with_mail
    await local.set_up()
    member_id = await _unlinked(local, "nora", "admin")
    nora = local.person("nora")
    reply = await nora.command("/team", "invite bob@example.org")
    assert "belongs to a member with more than the default role" in reply.text
    assert await _linked(local, "nora") is None
    await nora.click("Enter code", in_=reply.ephemeral[0])
    assert title(nora) == "Enter the code"
    await nora.until(lambda: any("code" in mail.subject.lower() for mail in local.slack.inbox(nora.email)))
    await nora.fill("Code", "WRONG123")
    assert "The code is wrong or too old." in (await nora.submit())["Code"]
    window = int(local.clock.now().timestamp() // 3600)
    code = KEYS.link_code(member_id, nora.id, window)
    assert any(f"{code[:4]} {code[4:]}" in mail.text for mail in local.slack.inbox(nora.email))
    await nora.fill("Code", f" {code[:4]} {code[4:].lower()} ")
    assert await nora.submit() == {}
    assert "You are Admin of Northwind." in form_words(nora)
    assert await _linked(local, "nora") == nora.id


async def test_an_admin_can_say_who_it_is(local: Local) -> None:
    await local.set_up()
    await _unlinked(local, "nora", "admin")
    nora = local.person("nora")
    reply = await nora.command("/team", "invite bob@example.org")
    assert "Enter code" not in reply.text
    await nora.click("Ask an admin", in_=reply.ephemeral[0])
    olivia = local.person("olivia")
    assert f"Will be asked:* <@{olivia.id}>" in form_words(nora)
    await nora.submit()
    await hears(olivia, "Approve")
    await olivia.click("Approve")
    await hears(nora, "Welcome to Northwind")
    assert await _linked(local, "nora") == nora.id


async def test_home_recognises_too(local: Local) -> None:
    await local.set_up()
    await _unlinked(local, "nora", "developer")
    nora = local.person("nora")
    await nora.open_home()
    assert await _linked(local, "nora") == nora.id
    assert nora.home is not None
    assert "Developer" in str(nora.home.view)


async def test_of_two_slack_users_with_one_address_none_is_sure(local: Local) -> None:
    await local.set_up()
    await _unlinked(local, "nora", "developer")
    known = await local.directory.ensure(local.team_id, local.person("nora").id)
    assert known is not None
    await local.front_desk.learn(replace(known, user_id="U0TWIN"))
    reply = await local.person("nora").command("/team", "invite bob@example.org")
    assert "More than one Slack user has the address nora@northwind.example." in reply.text
    assert await _linked(local, "nora") is None


async def test_an_old_click_on_enter_code_offers_nothing_that_cannot_be_asked(local_with_mail: Local) -> None:
    local = local_with_mail
    await local.set_up()
    member_id = await _unlinked(local, "nora", "admin")
    nora = local.person("nora")
    reply = await nora.command("/team", "invite bob@example.org")
    await local.front_desk.submit(local.who("olivia"), DeactivateMember(member_id=member_id))
    await nora.click("Enter code", in_=reply.ephemeral[0])
    assert nora.view is None
    said = nora.ephemerals[-1]
    assert "There is nobody to link you to any more." in said.words
    assert "Ask them" not in said.words


async def test_who_is_linked_already_hears_that_no_code_is_needed(local_with_mail: Local) -> None:
    local = local_with_mail
    await local.set_up()
    member_id = await _unlinked(local, "nora", "admin")
    nora = local.person("nora")
    reply = await nora.command("/team", "invite bob@example.org")
    window = int(local.clock.now().timestamp() // 3600)
    await local.front_desk.link_with_code(local.who("nora"), KEYS.link_code(member_id, nora.id, window))
    await nora.click("Enter code", in_=reply.ephemeral[0])
    said = nora.ephemerals[-1]
    assert "You are linked to your membership already." in said.words
    assert "Ask them" not in said.words
