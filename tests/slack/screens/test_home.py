"""Home: what each person finds there, and that it follows what happens."""

from dataclasses import replace
from datetime import timedelta

from bot.sandbox import Person
from bot.sandbox.finding import words_of
from bot.slack.allowances import THEMES
from domain.changes import InvitationLine, ResendInvitation, RevokeInvitation
from domain.operations import OPERATION_NAMES, Operation
from domain.overview import allowed
from domain.permissions import owner_role
from tests.slack.local import Local
from tests.slack.screens.reading import form_words, hears, title


async def home(person: Person) -> str:
    """Every word of the opened Home tab."""
    await person.open_home()
    assert person.home is not None
    return words_of(person.home.view)


def shown(person: Person) -> str:
    """Every word of Home as it stands."""
    assert person.home is not None
    return words_of(person.home.view)


async def test_before_the_set_up_home_offers_it(local: Local) -> None:
    olivia = local.person("olivia")
    assert "Set up Steward" in await home(olivia)
    await olivia.click("Set up Steward", olivia.home)
    assert title(olivia) == "Set up Steward"


async def test_the_first_open_names_the_next_steps(local: Local) -> None:
    olivia = await local.set_up()
    words = await home(olivia)
    assert "*Next steps*" in words
    await local.member("adam", "Admin")
    assert "*Next steps*" not in await home(olivia)


async def test_a_member_finds_role_requests_and_what_the_role_allows(northwind: Local) -> None:
    olivia, dana = northwind.person("olivia"), northwind.person("dana")
    words = await home(dana)
    assert f"You are *Developer*.\nOwner: <@{olivia.id}>" in words
    assert "; invite people (by asking); " in words
    assert "Nothing waits for you." in words
    assert "The team at a glance" not in words
    assert "Settings" not in words.splitlines()


async def test_an_admin_finds_the_team_at_a_glance(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "invite sam@elsewhere.example")
    words = await home(adam)
    assert "*Members:* 3 active, 0 deactivated\n*Invitations:* 1 pending" in words
    assert "*Seats:* 3 of 5 used, 1 held by invitations\n*Free:* 1" in words
    assert "Settings" in words.splitlines()


async def test_what_waits_is_decided_on_home_and_home_follows_at_once(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    await home(dana)
    await dana.command("/team", "invite sam@elsewhere.example because we need him")
    words = await home(adam)
    assert f"<@{dana.id}>* asks to invite sam@elsewhere.example as Developer." in words
    await adam.click("Approve", adam.home)
    assert "Nothing waits for you." in shown(adam)
    await dana.until(lambda: "Approved by" in shown(dana))


async def test_a_request_is_withdrawn_on_home(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    await dana.command("/team", "invite sam@elsewhere.example")
    await home(adam)
    await home(dana)
    await dana.click("Withdraw", dana.home)
    assert "Withdrawn" in shown(dana)
    await adam.until(lambda: "Nothing waits for you." in shown(adam))


async def test_declining_on_home_opens_the_reason(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    await dana.command("/team", "invite sam@elsewhere.example")
    await home(adam)
    await adam.click("Decline", adam.home)
    await adam.fill("Reason", "Not now")
    assert await adam.submit() == {}
    await adam.until(lambda: "Nothing waits for you." in shown(adam))
    await hears(dana, f"Declined by <@{adam.id}>", "“Not now”")


async def test_a_click_on_what_was_decided_elsewhere_renews_home_and_says_so(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    await dana.command("/team", "invite sam@elsewhere.example")
    await home(adam)
    assert adam.home is not None
    old = [dict(block) for block in adam.home.view["blocks"]]
    await hears(olivia, "asks to invite", "Approve")
    await olivia.click("Approve")
    await adam.until(lambda: "Nothing waits for you." in shown(adam))
    adam.home.view["blocks"] = old
    await adam.click("Approve", adam.home)
    assert "Nothing waits for you." in shown(adam)
    assert "not open any more" in form_words(adam)


async def test_more_requests_than_home_shows_are_announced(northwind: Local) -> None:
    dana = northwind.person("dana")
    for number in range(7):
        await dana.command("/team", f"invite sam{number}@elsewhere.example")
    adam = northwind.person("adam")
    assert "Asked by you (7 open)" in await home(dana)
    words = await home(adam)
    assert "Waiting for you (7)" in words
    assert words.count("asks to invite") == 5
    await adam.click("See all", adam.home)
    assert title(adam) == "Approvals"
    assert form_words(adam).count("asks to invite") == 7
    assert "Asked by you" not in form_words(adam)


async def test_each_button_opens_its_form(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await home(olivia)
    for button, heading in (
        ("Invite people", "Invite people"),
        ("Members", "Members"),
        ("Approvals", "Approvals"),
        ("Who may do what", "Who may do what"),
        ("Settings", "Settings"),
        ("What you can type", "What you can type"),
    ):
        await olivia.click(button, olivia.home)
        assert title(olivia) == heading
        await olivia.close()


async def test_who_is_not_a_member_finds_who_can_let_them_in(northwind: Local) -> None:
    nora = northwind.person("nora")
    words = await home(nora)
    assert "*You are not a member of Northwind yet.*" in words
    assert f"These people can let you in: <@{northwind.person('olivia').id}>" in words
    await nora.click("Ask to join", nora.home)
    assert title(nora) == "Ask to join"


async def test_an_invited_person_accepts_on_home(northwind: Local) -> None:
    nora, adam = northwind.person("nora"), northwind.person("adam")
    await adam.command("/team", "invite @nora")
    words = await home(nora)
    assert f"*<@{adam.id}> invites you to Northwind as Developer.*" in words
    assert "Ask to join" not in words
    await nora.click("Accept", nora.home)
    await nora.until(lambda: "You are *Developer*." in shown(nora))


async def test_an_invitation_to_the_confirmed_address_is_declined_on_home(northwind: Local) -> None:
    nora, adam = northwind.person("nora"), northwind.person("adam")
    await adam.command("/team", f"invite {nora.email}")
    assert "Accept" in await home(nora)
    await nora.click("Decline", nora.home)
    assert "Accept" not in shown(nora)
    assert "Ask to join" in shown(nora)


async def test_an_expired_invitation_is_not_on_home(northwind: Local) -> None:
    nora = northwind.person("nora")
    await northwind.person("adam").command("/team", "invite @nora")
    await northwind.clock.advance(timedelta(days=8))
    words = await home(nora)
    assert "invites you" not in words
    assert "Ask to join" in words


async def test_who_has_accepted_and_waits_is_not_offered_to_join(northwind: Local) -> None:
    nora = northwind.person("nora")
    await northwind.person("adam").command("/team", "invite @nora")
    async with northwind.store.transaction(northwind.team_id) as tx:
        tx.update(replace(tx.organization, seat_limit=3, pending_holds_seat=False))
    await home(nora)
    await nora.click("Accept", nora.home)
    assert "You accepted. All seats are taken." in shown(nora)
    assert "Ask to join" not in shown(nora)
    assert "Accept" not in shown(nora).splitlines()


async def test_who_has_asked_to_join_follows_and_withdraws_it_on_home(northwind: Local) -> None:
    nora = northwind.person("nora")
    assert "Asked by you" not in await home(nora)
    await nora.command("/team", "join because I work here")
    words = await home(nora)
    assert "Asked by you" in words
    assert "Ask to join" not in words
    await nora.click("Withdraw", nora.home)
    assert "Withdrawn" in shown(nora)
    assert "Ask to join" in shown(nora)


def test_every_operation_stands_under_exactly_one_theme() -> None:
    named = [operation for operations in THEMES.values() for operation in operations]
    assert sorted(named) == sorted(Operation)


async def test_what_an_owner_may_is_grouped_in_short_lines(northwind: Local) -> None:
    words = (await home(northwind.person("olivia"))).partition("What your role allows")[2]
    told = words.strip().splitlines()
    assert [line.partition(":*")[0] for line in told] == [f"*{theme}" for theme in THEMES]
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        held = [operation for operation, _ in allowed(tx, owner_role(tx.organization))]
    assert [operation for operation in held if OPERATION_NAMES[operation] not in words] == []


async def test_a_deactivated_member_reads_who_can_activate_them(northwind: Local) -> None:
    dana = northwind.person("dana")
    await home(dana)
    await northwind.person("adam").command("/team", "deactivate @dana")
    await dana.until(lambda: "deactivated" in shown(dana))
    assert "Your membership of Northwind is deactivated." in shown(dana)
    assert f"activate it again: <@{northwind.person('olivia').id}>" in shown(dana)


async def test_a_guest_takes_no_part(northwind: Local) -> None:
    assert "take no part in Steward" in await home(northwind.person("gina"))


async def test_home_follows_a_change_of_role(northwind: Local) -> None:
    dana = northwind.person("dana")
    await home(dana)
    await northwind.person("olivia").command("/team", "role @dana admin")
    await dana.until(lambda: "You are *Admin*." in shown(dana))
    assert "The team at a glance" in shown(dana)


async def test_an_invitees_home_follows_their_invitation(northwind: Local) -> None:
    nora, olivia = northwind.person("nora"), northwind.person("olivia")
    assert "Ask to join" in await home(nora)
    await olivia.command("/team", "invite @nora")
    await nora.until(lambda: "Accept" in shown(nora))
    async with northwind.store.reading(northwind.team_id) as tx:
        (invitation,) = await tx.invitations.open_for_user(nora.id)
    before = shown(nora)
    await northwind.clock.advance(timedelta(days=2))
    change = ResendInvitation(invitation_id=invitation.id)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    await nora.until(lambda: shown(nora) != before and "Accept" in shown(nora))
    await northwind.front_desk.submit(northwind.who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    await nora.until(lambda: "Ask to join" in shown(nora))
    await olivia.command("/team", "invite @nora")
    await nora.until(lambda: "Accept" in shown(nora))
    await northwind.clock.advance(timedelta(days=8))
    await nora.until(lambda: "Ask to join" in shown(nora))
    await olivia.command("/team", "invite @nora")
    await nora.until(lambda: "Accept" in shown(nora))
    await nora.click("Decline")
    await nora.until(lambda: "Ask to join" in shown(nora))


async def test_home_follows_an_invitation_that_was_sent_to_the_address_alone(northwind: Local) -> None:
    line = InvitationLine(email=northwind.person("nora").email, role="developer")
    sending = await northwind.front_desk.invite(northwind.who("olivia"), [line])
    assert sending.sent is not None
    nora = northwind.person("nora")
    assert "Accept" in await home(nora)
    change = RevokeInvitation(invitation_id=sending.sent.made[0])
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    await nora.until(lambda: "Ask to join" in shown(nora))
