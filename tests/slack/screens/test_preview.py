"""What would happen: typed and in the form, and nothing happens."""

import pytest

from tests.slack.local import Local
from tests.slack.screens.reading import form_words

NOTHING = "_Nothing was done._"


@pytest.mark.parametrize(
    ("who", "typed", "parts"),
    [
        (
            "adam",
            "invite sam@elsewhere.example as admin",
            [
                "*If you invite sam@elsewhere.example as Admin:*",
                "*Decides:* {olivia}. Giving, taking or suspending an admin role needs a yes from the owner ",
                "*Seats:* 3 of 5 used → 3 of 5 used, 1 held by invitations.",
                "The inviter gets a link to pass on",
            ],
        ),
        (
            "olivia",
            "invite @nora",
            ["*Decides:* you. It happens at once.", "{nora} gets the invitation in Slack"],
        ),
        (
            "dana",
            "invite sam@elsewhere.example",
            ["*Decides:* {olivia} and {adam}. This needs a yes from anyone who may do it."],
        ),
        ("adam", "role @dana admin", ["• Role: Developer → Admin", "{dana} hears of the new role."]),
        ("adam", "/team role @dana admin", ["• Role: Developer → Admin"]),
        ("adam", "deactivate Dana", ["*Seats:* 3 of 5 used → 2 of 5 used.", "{dana} hears of it."]),
        ("adam", "activate @dana", ["*It would be refused:*", "Dana Diaz is active already."]),
        ("dana", "deactivate @adam", ["*It would be refused:*", "The role Developer does not include"]),
        ("nora", "join", ["*If you ask to become a member:*", "*Decides:* {olivia} and {adam}."]),
        (
            "adam",
            "invite a@b.example bob.example dana@northwind.example as developer",
            [
                "*If you invite a@b.example as Developer:*",
                "*Not invited:*",
                "• bob.example: “bob.example” is not an",
            ],
        ),
    ],
)
async def test_a_preview_says_what_would_happen(
    northwind: Local, who: str, typed: str, parts: list[str]
) -> None:
    people = ("olivia", "adam", "dana", "nora")
    mentions = {handle: f"<@{northwind.person(handle).id}>" for handle in people}
    before = await state(northwind)
    reply = await northwind.person(who).command("/team", f"preview {typed}")
    for part in [*parts, NOTHING]:
        assert part.format(**mentions) in reply.text
    assert await state(northwind) == before


async def state(local: Local) -> tuple[object, ...]:
    """What a preview must not change."""
    async with local.store.reading(local.team_id) as tx:
        page = await tx.roster.page(limit=100)
        timers = (await local.store.queue.depth())["scheduled"]
        return tx.organization, page, await tx.requests.open(limit=100), timers


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("fly", "Only invite, role, deactivate, activate and join can be previewed."),
        ("role @dana", "Type the role too."),
        ("deactivate", "Type whom it is about after deactivate."),
        ("invite as admin", "Nobody is named."),
        ("settings", "Only invite, role, deactivate, activate and join can be previewed."),
    ],
)
async def test_what_cannot_be_previewed_is_said(northwind: Local, typed: str, words: str) -> None:
    assert words in (await northwind.person("adam").command("/team", f"preview {typed}")).text


async def test_a_preview_meets_requests_that_would_end_or_be_looked_at_again(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    await dana.command("/team", "invite sam@elsewhere.example")
    reply = await olivia.command("/team", "preview deactivate @dana")
    assert "Their open requests are withdrawn: 1." in reply.text
    reply = await olivia.command("/team", "preview role @adam developer")
    assert "Requests that waited for them are looked at again: 1." in reply.text
    assert f"<@{adam.id}> hears of the new role." in reply.text


async def test_the_form_shows_the_preview_above_itself(northwind: Local) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", "preview")
    await dana.fill("What you would type after /team", "deactivate Dana Diaz")
    assert await dana.submit() == {}
    assert "*If you deactivate Dana Diaz (Developer):*" in form_words(dana)
    await dana.fill("What you would type after /team", "fly")
    faults = await dana.submit()
    assert "Only invite, role" in faults["What you would type after /team"]


async def test_with_mail_the_preview_says_who_gets_one(local_with_mail: Local) -> None:
    await local_with_mail.set_up()
    reply = await local_with_mail.person("olivia").command("/team", "preview invite sam@elsewhere.example")
    assert "sam@elsewhere.example gets the invitation by mail." in reply.text
    reply = await local_with_mail.person("olivia").command("/team", "preview invite a@b.example c@d.example")
    assert "2 people get the invitation by mail." in reply.text
