"""Acting on one person: from the list, in a form, typed."""

from datetime import timedelta

import pytest

from bot.slack.screens.invite_lines import Choices
from bot.slack.screens.member_verbs import TypedRole, typed_role
from domain.changes import ChangeSubscription, RevokeInvitation
from domain.model import InvitationStatus, Member, MemberStatus, Plan, Preset
from domain.permissions import ROLES
from tests.slack.local import Local
from tests.slack.screens.filling import fill
from tests.slack.screens.reading import form_words, hears, title


async def member(local: Local, handle: str) -> Member:
    """Somebody as they are stored."""
    async with local.store.reading(local.team_id) as tx:
        found = await tx.members.by_user(local.person(handle).id)
    assert found is not None
    return found


async def test_an_owner_changes_a_role_from_the_list_and_the_list_says_so(northwind: Local) -> None:
    olivia, dana = northwind.person("olivia"), northwind.person("dana")
    await olivia.command("/team", "members Dana")
    await olivia.click("Change role")
    assert title(olivia) == "Change role"
    assert "Why" not in form_words(olivia)
    await olivia.select("New role", "Admin")
    assert "Role: Developer → Admin" in form_words(olivia)
    assert "*Decides:* you. It happens at once." in form_words(olivia)
    assert await olivia.submit() == {}
    assert title(olivia) == "Members"
    assert len(olivia.views) == 1
    assert f"*<@{dana.id}> is Admin now.*" in form_words(olivia)
    assert f"*<@{dana.id}>* · Admin" in form_words(olivia)
    await hears(dana, "You are Admin of Northwind now")


async def test_an_admin_asks_with_a_reason_for_what_the_owner_decides(northwind: Local) -> None:
    adam, olivia = northwind.person("adam"), northwind.person("olivia")
    await adam.command("/team", "members Dana")
    await adam.click("Ask to change role")
    await adam.select("New role", "Admin")
    assert f"*Decides:* <@{olivia.id}>." in form_words(adam)
    await adam.fill("Why", "She leads support")
    assert await adam.submit() == {}
    assert "*Asked:* change the role of Dana Diaz from Developer to Admin." in form_words(adam)
    await hears(olivia, "asks to change the role of Dana Diaz", "She leads support")
    assert (await member(northwind, "dana")).role == "developer"


async def test_a_role_that_was_not_chosen_is_asked_for_on_its_field(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "members Dana")
    await olivia.click("Change role")
    faults = await olivia.submit()
    assert list(faults) == ["New role"]


async def test_deactivating_says_what_happens_first(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    await dana.command("/team", "invite sam@elsewhere.example")
    await adam.command("/team", "members Dana")
    await adam.click("Deactivate")
    words = form_words(adam)
    assert "*Seats:* 3 of 5 used → 2 of 5 used." in words
    assert "Their open requests are withdrawn: 1." in words
    assert f"<@{dana.id}> hears of it." in words
    await adam.submit()
    assert f"*<@{dana.id}> is deactivated.*" in form_words(adam)
    assert (await member(northwind, "dana")).status is MemberStatus.DEACTIVATED
    await adam.select("members_status", "Deactivated")
    await adam.click("Activate")
    await adam.submit()
    assert f"*<@{dana.id}> is active again*, as Developer." in form_words(adam)
    assert (await member(northwind, "dana")).active


async def test_who_asks_to_be_deactivated_keeps_no_request_of_their_own(northwind: Local) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", "members")
    await dana.click("Ask to be deactivated")
    assert "Their open requests" not in form_words(dana)
    await dana.submit()
    assert "*Asked:* deactivate Dana Diaz" in form_words(dana)


async def test_activating_without_a_seat_is_refused_before_anything_is_sent(northwind: Local) -> None:
    gone, *_ = await fill(northwind, 1, seats=None)
    await northwind.person("olivia").command("/team", f"deactivate {gone.email}")
    olivia = northwind.person("olivia")
    fewer = ChangeSubscription(seat_limit=3, plan=Plan.STANDARD, invoice_email="")
    await northwind.front_desk.submit(northwind.who("olivia"), fewer)
    await olivia.command("/team", "members Person")
    await olivia.click("Activate")
    assert "Every member needs a seat of the licence." in form_words(olivia)
    assert olivia.view is not None
    assert not olivia.view.view.get("submit")


async def test_a_pending_invitation_is_sent_again_and_revoked_from_its_line(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "invite sam@elsewhere.example")
    await adam.command("/team", "members sam")
    await adam.click("Resend")
    assert "*The invitation of sam@elsewhere.example was sent again.*" in form_words(adam)
    await adam.click("Revoke")
    assert title(adam) == "Revoke invitation"
    assert "1 held by invitations → 3 of 5 used" in form_words(adam)
    await adam.submit()
    assert "*The invitation of sam@elsewhere.example is revoked.*" in form_words(adam)
    assert "Pending, until" not in form_words(adam)
    assert "3 active · 0 deactivated · 0 pending" in form_words(adam)


async def test_taking_an_invitation_back_foretells_what_the_invited_person_sees(northwind: Local) -> None:
    olivia, nora = northwind.person("olivia"), northwind.person("nora")
    await nora.command("/team", "join")  # from here on Slack has said who she is
    await olivia.command("/team", "invite nora@northwind.example")
    await olivia.command("/team", "members nora")
    await olivia.click("Revoke")
    assert f"<@{nora.id}> sees in Slack that the invitation was taken back." in form_words(olivia)
    assert "gets the invitation" not in form_words(olivia)


async def test_an_invitation_that_expired_meanwhile_is_sent_anew_in_one_click(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "invite sam@elsewhere.example")
    await adam.command("/team", "members sam")
    await northwind.clock.advance(timedelta(days=8))
    await adam.click("Resend")
    assert "It has expired" in form_words(adam)
    await adam.click("Invite again")
    assert "Invitation sent" in form_words(adam)
    async with northwind.store.reading(northwind.team_id) as tx:
        (open_one,) = (await tx.invitations.open_for(["sam@elsewhere.example"])).values()
    assert open_one.status is InvitationStatus.PENDING


async def test_admitting_without_a_seat_says_what_is_missing(local: Local) -> None:
    await local.set_up(**{"Kind of team": "analytics", "Seats": "2"})
    olivia = local.person("olivia")
    await local.member("adam", "Organization Administrator")
    await olivia.command("/team", "invite @dana")
    dana = local.person("dana")
    await hears(dana, "invites you", "Accept")
    await dana.click("Accept")
    await hears(olivia, "finds no seat")
    await olivia.command("/team", "members")
    assert "Accepted, waiting to be let in" in form_words(olivia)
    await olivia.click("Admit")
    assert title(olivia) == "That was not done"
    assert "2 of 2 seats are used" in form_words(olivia)


async def test_typed_roles_are_given_at_once(northwind: Local) -> None:
    olivia, dana = northwind.person("olivia"), northwind.person("dana")
    reply = await olivia.command("/team", "role @dana as admin because she leads support")
    assert reply.text == f"*<@{dana.id}> is Admin now.*"
    reply = await olivia.command("/team", "role Dana Diaz developers")
    assert reply.text == f"*<@{dana.id}> is Developer now.*"
    reply = await olivia.command("/team", "role admin dana@northwind.example")
    assert reply.text == f"*<@{dana.id}> is Admin now.*"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("role @dana wizard", "The role wizard cannot be given here. Choose one of: Admin, Developer."),
        ("role @dana super admin", "The role Super Admin is never given: its holder transfers it."),
        ("role @dana developer", "Dana Diaz is Developer already."),
        ("role @olivia admin", "cannot be demoted, deactivated or removed by anyone"),
        ("role @nora admin", "@nora is not a member here."),
        ("role Zoe admin", "Nobody here is called “Zoe”."),
        ("deactivate zoe@northwind.example", "zoe@northwind.example is not a member here."),
        ("deactivate @olivia", "cannot be demoted, deactivated or removed by anyone"),
        ("activate @dana", "Dana Diaz is active already."),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(northwind: Local, typed: str, words: str) -> None:
    assert words in (await northwind.person("adam").command("/team", typed)).text


async def test_a_name_that_two_have_names_both(northwind: Local) -> None:
    await fill(northwind, 3)
    reply = await northwind.person("adam").command("/team", "deactivate person")
    assert "More than one member is called “person”." in reply.text
    assert "Person 00000, Person 00002" in reply.text


async def test_typed_deactivation_and_return(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    reply = await adam.command("/team", "deactivate @dana because she left")
    assert reply.text == f"*<@{dana.id}> is deactivated.* The role is kept, and the seat is free."
    reply = await adam.command("/team", "activate @dana")
    assert reply.text == f"*<@{dana.id}> is active again*, as Developer."


async def test_a_developer_may_not_deactivate_others_and_hears_who_could(northwind: Local) -> None:
    reply = await northwind.person("dana").command("/team", "deactivate @adam")
    assert "The role Developer does not include: manage members and their roles." in reply.text
    assert f"Who could: <@{northwind.person('olivia').id}>" in reply.text


@pytest.mark.parametrize(
    ("verb", "heading"),
    [("role", "Change role"), ("deactivate", "Deactivate member"), ("activate", "Activate member")],
)
async def test_typed_alone_each_opens_its_form(northwind: Local, verb: str, heading: str) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", verb)
    assert title(adam) == heading
    assert "who?" in form_words(adam)


async def test_the_form_typed_alone_asks_who_then_which_role(northwind: Local) -> None:
    olivia, dana = northwind.person("olivia"), northwind.person("dana")
    await olivia.command("/team", "role")
    await olivia.select("Member", "Dana Diaz")
    await olivia.select("New role", "Admin")
    assert "Role: Developer → Admin" in form_words(olivia)
    assert await olivia.submit() == {}
    assert f"*<@{dana.id}> is Admin now.*" in form_words(olivia)


async def test_the_menu_offers_only_who_it_can_be_about(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "deactivate @dana")
    await adam.command("/team", "deactivate")
    assert await adam.options("Member", "") == ["Adam Adler · Admin", "Olivia Owens · Super Admin"]
    await adam.command("/team", "activate")
    assert await adam.options("Member", "") == ["Dana Diaz · Developer"]
    await adam.command("/team", "role")
    assert len(await adam.options("Member", "")) == 3
    assert await adam.options("Member", "dana@north") == ["Dana Diaz · Developer"]


async def test_the_menu_says_when_there_are_more_than_it_holds(northwind: Local) -> None:
    await fill(northwind, 130)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "deactivate")
    assert len(await olivia.options("Member", "person")) == 100


async def test_the_menu_shows_no_address_to_who_may_not_see_it(northwind: Local) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", "role")
    assert await dana.options("Member", "adam@") == []
    assert await dana.options("Member", "adam") == ["Adam Adler · Admin"]


async def test_an_admin_beyond_the_own_right_is_asked_for_with_the_form(local: Local) -> None:
    await local.set_up(**{"Kind of team": "analytics", "Seats": "9"})
    await local.member("adam", "Organization Administrator")
    await local.member("dana", "Organization Administrator")
    adam, olivia = local.person("adam"), local.person("olivia")
    await adam.command("/team", "members Dana")
    await adam.click("Ask to deactivate")
    assert "It would be refused" not in form_words(adam)
    await adam.fill("Why", "She left")
    assert await adam.submit() == {}
    assert "*Asked:* deactivate Dana Diaz" in form_words(adam)
    await hears(olivia, "asks to deactivate Dana Diaz", "She left")


async def test_what_happened_meanwhile_is_said_when_the_form_is_sent(northwind: Local) -> None:
    adam, olivia = northwind.person("adam"), northwind.person("olivia")
    await adam.command("/team", "invite sam@elsewhere.example")
    await adam.command("/team", "members sam")
    await adam.click("Revoke")
    async with northwind.store.reading(northwind.team_id) as tx:
        (invitation,) = (await tx.invitations.open_for(["sam@elsewhere.example"])).values()
    await northwind.front_desk.submit(northwind.who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    await adam.submit()
    assert title(adam) == "That was not done"
    assert "It was taken back." in form_words(adam)
    assert olivia.view is None


async def test_a_double_delivery_of_the_click_does_it_once(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite sam@elsewhere.example")
    await olivia.command("/team", "members sam")
    northwind.slack.faults.deliver_twice = 1
    await olivia.click("Resend")
    async with northwind.store.reading(northwind.team_id) as tx:
        (invitation,) = (await tx.invitations.open_for(["sam@elsewhere.example"])).values()
    assert invitation.generation == 2


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("<@U1|ann> admin", TypedRole("<@U1|ann>", "admin")),
        ("<@U1> as Admin", TypedRole("<@U1>", "admin")),
        ("admin <@U1|ann>", TypedRole("<@U1|ann>", "admin")),
        ("ann@example.com to developers", TypedRole("ann@example.com", "developer")),
        ("Ann Lee super admin", TypedRole("Ann Lee", "super_admin")),
        ("@ann admin", TypedRole("@ann", "admin")),
        ("Ann Lee", TypedRole("Ann Lee", "")),
        ("<@U1|ann>", TypedRole("<@U1|ann>", "")),
        ("<@U1|ann> wizard of the night", TypedRole("<@U1|ann>", "wizard of the night")),
    ],
)
def test_a_person_and_a_role_are_read_in_either_order(typed: str, expected: TypedRole) -> None:
    choices = Choices(roles=ROLES[Preset.PORTAL], departments=(), default_role="")
    assert typed_role(typed, choices) == expected
