"""Inviting: typed, in the form, reviewed when there are several."""

from datetime import timedelta

import pytest

from domain.changes import CreateDepartment, DeactivateMember
from domain.model import InvitationStatus
from tests.slack.local import Local
from tests.slack.screens.reading import form_words, hears, title


async def test_one_typed_address_is_invited_at_once(northwind: Local) -> None:
    reply = await northwind.person("adam").command("/team", "invite bob@example.org because he helps")
    assert "Invitation sent" in reply.text
    assert "bob@example.org as Developer; you get a link to pass on to them" in reply.text
    await hears(northwind.person("adam"), "Please pass this link on to bob@example.org")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ann Lee <ann@example.com>", "Ann Lee"),
        ('"Lee, Ann" <ann@example.com> as developer', "Lee, Ann"),
        ("mailto:ann@example.com?subject=x", ""),
    ],
)
async def test_an_address_as_mail_programs_copy_it_is_one_person_invited_at_once(
    northwind: Local, typed: str, name: str
) -> None:
    reply = await northwind.person("adam").command("/team", f"invite {typed}")
    assert "Invitation sent" in reply.text
    async with northwind.store.reading(northwind.team_id) as tx:
        (invitation,) = (await tx.invitations.open_for(["ann@example.com"])).values()
    assert (invitation.email, invitation.name) == ("ann@example.com", name)


async def test_a_mention_is_invited_in_slack_even_before_the_directory_was_read(northwind: Local) -> None:
    reply = await northwind.person("olivia").command("/team-invite", "@nora as admins")
    nora = northwind.person("nora")
    assert f"<@{nora.id}> (nora@northwind.example) as Admin" in reply.text
    await hears(nora, "invites you to Northwind as Admin", "Accept", "Decline")


async def test_who_may_only_ask_hears_who_was_asked(northwind: Local) -> None:
    reply = await northwind.person("dana").command("/team", "invite bob@example.org because I need him")
    assert "Asked, not sent yet" in reply.text
    both = f"<@{northwind.person('olivia').id}> and <@{northwind.person('adam').id}>"
    assert f"{both} can approve it." in reply.text
    assert reply.ephemeral[0].text.startswith("*Asked, not sent yet:*")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("bob", "“bob” is not an e-mail address."),
        (
            "bob@example.org as wizard",
            "The role wizard cannot be given here. Choose one of: Admin, Developer.",
        ),
        ("bob@example.org as Super Admin", "The role Super Admin is never given: its holder transfers it."),
        ("olivia@northwind.example", "olivia@northwind.example is a member already."),
        ("@gina", "Only full members of this Slack workspace can be invited through Slack."),
    ],
)
async def test_what_is_wrong_with_a_typed_address_is_said_in_words(
    northwind: Local, typed: str, words: str
) -> None:
    reply = await northwind.person("adam").command("/team", f"invite {typed}")
    assert words in reply.text


async def test_the_verb_alone_and_a_role_alone_open_the_form(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "invite")
    assert title(adam) == "Invite people"
    await adam.close()
    await adam.command("/team-invite", "as admin")
    assert adam.view is not None
    (role,) = [block for block in adam.view.view["blocks"] if block["block_id"] == "role"]
    assert role["element"]["initial_option"]["text"]["text"] == "Admin"


async def test_the_reason_is_asked_for_where_somebody_has_to_approve(northwind: Local) -> None:
    for handle, expected in (("olivia", False), ("adam", True), ("dana", True)):
        person = northwind.person(handle)
        await person.shortcut("invite_people")
        assert ("Why" in form_words(person).splitlines()) is expected
        await person.close()


async def test_one_invitee_of_the_form_is_sent_at_once_and_the_form_says_so(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    await olivia.fill("Slack users", ["nora"])
    await olivia.fill("Role", "Admin")
    assert await olivia.submit() == {}
    assert "Invitation sent" in form_words(olivia)
    await hears(northwind.person("nora"), "invites you to Northwind as Admin")


async def test_faults_of_a_single_invitee_stand_on_their_field(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    assert "Nobody is named." in (await olivia.submit())["E-mail addresses"]
    await olivia.fill("E-mail addresses", "adam@northwind.example")
    assert "is a member already" in (await olivia.submit())["E-mail addresses"]
    await olivia.fill("E-mail addresses", None)
    await olivia.fill("Slack users", ["gina"])
    assert "Only full members" in (await olivia.submit())["Slack users"]
    await olivia.fill("Slack users", ["nora"])
    assert await olivia.submit() == {}


async def test_several_are_reviewed_and_the_summary_accounts_for_every_line(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team-invite", "bob@example.org, foo, olivia@northwind.example as developer")
    assert title(adam) == "Review invitations"
    words = form_words(adam)
    assert "1 ready to send, 2 with a problem" in words
    assert "✓ *bob@example.org* as Developer" in words
    assert "✗ “foo” is not an e-mail address." in words
    assert "✗ olivia@northwind.example is a member already." in words
    assert await adam.submit() == {}
    said = form_words(adam)
    assert "Invitation sent" in said
    assert "bob@example.org as Developer" in said
    assert "2 not sent" in said
    assert "“foo” is not an e-mail address." in said
    await adam.close()
    assert adam.views == []


async def test_lines_may_differ_and_each_goes_its_own_way(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "invite")
    await adam.fill("E-mail addresses", "bob@example.org\neve@example.org, Admin\nbob@example.org")
    assert await adam.submit() == {}
    assert "eve@example.org* as Admin · somebody has to approve it" in form_words(adam)
    await adam.fill("Why", "They join us")
    assert await adam.submit() == {}
    words = form_words(adam)
    assert "Invitation sent" in words
    assert "Asked, not sent yet" in words
    assert f"<@{northwind.person('olivia').id}> can approve it." in words
    assert "stands in the list more than once" in words
    await hears(northwind.person("olivia"), "invite eve@example.org as Admin", "They join us")


async def test_a_list_changed_after_the_review_is_reviewed_again(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team-invite", "bob@example.org eve@example.org")
    await olivia.fill("E-mail addresses", "bob@example.org\nmallory@example.org")
    assert await olivia.submit() == {}
    assert "You changed the list" in form_words(olivia)
    assert "mallory@example.org" in form_words(olivia)
    assert await olivia.submit() == {}
    assert "2 invitations sent" in form_words(olivia)


async def test_a_list_without_a_good_line_is_checked_again_until_it_has_one(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team-invite", "foo bar")
    assert "Check again" in form_words(olivia)
    await olivia.fill("E-mail addresses", "foo\nbob@example.org")
    assert await olivia.submit() == {}
    assert "1 ready to send, 1 with a problem" in form_words(olivia)


async def test_the_last_lines_find_no_seat(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team-invite", "a@example.org b@example.org c@example.org")
    words = form_words(olivia)
    assert "2 ready to send, 1 with a problem" in words
    assert "Every member needs a seat of the licence." in words


async def test_the_review_is_paged(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    await olivia.fill("E-mail addresses", "\n".join(f"bad{n}" for n in range(45)))
    await olivia.submit()
    assert "Shown: 1–20 of 45" in form_words(olivia)
    await olivia.click("Next ›")
    await olivia.click("Next ›")
    assert "Shown: 41–45 of 45" in form_words(olivia)
    assert "“bad44” is not an e-mail address." in form_words(olivia)
    await olivia.click("‹ Previous")
    assert "Shown: 21–40 of 45" in form_words(olivia)
    assert title(olivia) == "Review invitations"


async def test_departments_are_offered_where_there_are_any(northwind: Local) -> None:
    owner = northwind.who("olivia")
    await northwind.front_desk.submit(owner, CreateDepartment(name="Field Sales"))
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    await olivia.fill("Departments", ["Field Sales"])
    await olivia.fill("E-mail addresses", "bob@example.org")
    assert await olivia.submit() == {}
    assert "bob@example.org as Developer (Field Sales)" in form_words(olivia)


async def test_a_deactivated_member_can_be_activated_from_the_answer(northwind: Local) -> None:
    await _deactivate(northwind, "dana")
    adam = northwind.person("adam")
    reply = await adam.command("/team", "invite @dana")
    assert "dana@northwind.example is a deactivated member." in reply.text
    await adam.click("Activate", in_=reply.ephemeral[0])
    assert await _active(northwind, "dana")
    assert "is active again" in adam.ephemerals[-1].words


async def test_a_deactivated_member_can_be_activated_from_the_review(northwind: Local) -> None:
    await _deactivate(northwind, "dana")
    adam = northwind.person("adam")
    await adam.command("/team-invite", "@dana bob@example.org")
    await adam.click("Activate")
    assert await _active(northwind, "dana")
    assert "dana@northwind.example is a member already." in form_words(adam)


async def test_who_may_not_activate_is_not_offered_it(northwind: Local) -> None:
    await northwind.member("devi", "Developer")
    await _deactivate(northwind, "dana")
    reply = await northwind.person("devi").command("/team", "invite @dana")
    assert "is a deactivated member" in reply.text
    assert "Activate\n" not in reply.text + "\n"


async def test_a_form_sent_twice_invites_once(northwind: Local) -> None:
    northwind.slack.faults.deliver_twice = 1
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite")
    await olivia.fill("E-mail addresses", "bob@example.org")
    await olivia.submit()
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        assert (await tx.roster.counts())["pending"] == 1


async def test_names_cannot_ping_a_channel_or_break_the_markup(northwind: Local) -> None:
    await northwind.person("olivia").command("/team", "invite @max")
    assert northwind.person("max").name == "Max <!channel> & Söhne"
    await northwind.person("max").until(lambda: northwind.person("max").messages())
    await northwind.person("max").click("Accept")
    await hears(northwind.person("max"), "Welcome to Northwind")
    for call in northwind.slack.calls:
        assert "<!channel>" not in str(call.args)


async def test_an_outsider_is_told_how_to_join(northwind: Local) -> None:
    reply = await northwind.person("nora").command("/team", "invite bob@example.org")
    assert "Only members of Northwind can do this." in reply.text
    assert "/team join" in reply.text


async def test_invite_again_repeats_an_expired_invitation(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite bob@example.org as admin")
    await northwind.clock.advance(timedelta(days=7, minutes=1))
    await hears(olivia, "Your invitation to bob@example.org has expired")
    await olivia.click("Invite again")
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        found = (await tx.invitations.open_for(["bob@example.org"]))["bob@example.org"]
    assert (found.role, found.status) == ("admin", InvitationStatus.PENDING)


async def _deactivate(local: Local, handle: str) -> None:
    member = await local.member_of(handle)
    await local.front_desk.submit(local.who("olivia"), DeactivateMember(member_id=member.id))


async def _active(local: Local, handle: str) -> bool:
    return (await local.member_of(handle)).active
