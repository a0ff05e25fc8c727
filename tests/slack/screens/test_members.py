"""The list of members: who sees what, search, filters, pages."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox import Person
from bot.slack.screens.member_query import MOST_TURNS, Query, as_ids, query_of
from tests.slack.local import Local
from tests.slack.screens.filling import deactivated, fill
from tests.slack.screens.reading import form_words, title


def lines(person: Person) -> list[str]:
    """The lines of the list."""
    assert person.view is not None
    blocks: list[dict[str, Any]] = person.view.view["blocks"]
    return [block["text"]["text"] for block in blocks if block["type"] == "section"]


def menus(person: Person) -> dict[str, list[str]]:
    """What the menu of each line offers, by the line."""
    assert person.view is not None
    return {
        block["text"]["text"].split("\n")[0]: [each["text"]["text"] for each in block["accessory"]["options"]]
        for block in person.view.view["blocks"]
        if block["type"] == "section" and "accessory" in block
    }


async def test_an_admin_sees_everybody_with_status_role_and_address(northwind: Local) -> None:
    await northwind.person("adam").command("/team", "invite sam@elsewhere.example")
    adam = northwind.person("adam")
    await adam.command("/team", "members")
    assert title(adam) == "Members"
    words = form_words(adam)
    assert "3 active · 0 deactivated · 1 pending" in words
    assert "seats: 3 of 5 used, 1 held by invitations" in words
    assert f"*<@{adam.id}>* (you) · Admin\nActive · adam@northwind.example" in lines(adam)
    (sam,) = [line for line in lines(adam) if "sam@elsewhere.example" in line]
    assert sam.startswith("*sam@elsewhere.example* · Developer\nPending, until <!date^")


async def test_a_developer_sees_names_and_roles_and_their_own_address_alone(northwind: Local) -> None:
    await northwind.person("adam").command("/team", "invite sam@elsewhere.example")
    dana = northwind.person("dana")
    await dana.command("/team", "members")
    words = form_words(dana)
    assert "dana@northwind.example" in words
    assert "adam@northwind.example" not in words
    assert "sam@elsewhere.example" not in words
    assert "Pending" not in words
    assert list(menus(dana)) == [f"*<@{dana.id}>* (you) · Developer"]


@pytest.mark.parametrize("searched", ["adam@", "adam@northwind.example", "northwind"])
async def test_who_may_not_see_addresses_does_not_find_people_by_them(
    northwind: Local, searched: str
) -> None:
    dana = northwind.person("dana")
    await dana.command("/team", f"members {searched}")
    assert "Admin" not in "\n".join(lines(dana))
    adam = northwind.person("adam")
    await adam.command("/team", f"members {searched}")
    assert "Admin" in "\n".join(lines(adam))


async def test_acts_are_offered_as_they_would_go(northwind: Local) -> None:
    olivia, adam, dana = (northwind.person(handle) for handle in ("olivia", "adam", "dana"))
    await adam.command("/team", "invite sam@elsewhere.example")
    await olivia.command("/team", "members")
    assert menus(olivia) == {
        f"*<@{adam.id}>* · Admin": ["Change role", "Deactivate"],
        f"*<@{dana.id}>* · Developer": ["Change role", "Deactivate"],
        "*sam@elsewhere.example* · Developer": ["Resend", "Revoke"],
    }
    await adam.command("/team", "members")
    assert menus(adam) == {
        f"*<@{adam.id}>* (you) · Admin": ["Ask for another role", "Ask to be deactivated"],
        f"*<@{dana.id}>* · Developer": ["Ask to change role", "Deactivate"],
        "*sam@elsewhere.example* · Developer": ["Resend", "Revoke"],
    }


async def test_search_finds_by_the_beginning_of_any_word(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "members Diaz")
    assert len(lines(adam)) == 1
    await adam.fill("Search", "Adl")
    assert await adam.submit() == {}
    assert f"<@{adam.id}>" in lines(adam)[0]
    await adam.fill("Search", "nobody like that")
    await adam.submit()
    assert "Nobody here matches “nobody like that”" in form_words(adam)


async def test_a_mention_is_searched_by_name(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "members @dana")
    assert [line.split("\n")[0] for line in lines(adam)] == [
        f"*<@{northwind.person('dana').id}>* · Developer"
    ]


async def test_filters_narrow_and_are_taken_off_again(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "invite sam@elsewhere.example")
    await olivia.command("/team", "members")
    await olivia.select("members_status", "Pending")
    assert len(lines(olivia)) == 1
    await olivia.select("members_status", "Everyone")
    await olivia.select("members_role", "Admin")
    assert len(lines(olivia)) == 1
    await olivia.fill("Search", "dan")
    await olivia.submit()
    assert lines(olivia) == [
        "Nobody here matches “dan”. Try the beginning of a first name, a last name or an address."
    ]
    await olivia.click("Show everyone")
    assert len(lines(olivia)) == 4
    assert olivia.view is not None
    assert olivia.view.values.get("search:1", {}) in ({}, {"members_search": {}})


async def test_every_member_stands_on_exactly_one_page(northwind: Local) -> None:
    await fill(northwind, 47)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "members")
    seen = lines(olivia)
    assert len(seen) == 20
    await olivia.click("Next ›")
    assert "Page 2" in form_words(olivia)
    second = lines(olivia)
    await olivia.click("Next ›")
    third = lines(olivia)
    assert (len(second), len(third)) == (20, 10)
    with pytest.raises(LookupError):
        await olivia.click("Next ›")
    await olivia.click("‹ Previous")
    assert lines(olivia) == second
    await olivia.click("‹ Previous")
    assert lines(olivia) == seen


async def test_other_words_begin_at_their_first_page(northwind: Local) -> None:
    await fill(northwind, 30)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "members")
    await olivia.click("Next ›")
    await olivia.fill("Search", "Olivia")
    assert "Page" not in form_words(olivia)
    assert len(lines(olivia)) == 1


async def test_deactivated_members_are_listed_as_such(northwind: Local) -> None:
    member, *_ = await fill(northwind, 1)
    await deactivated(northwind, member)
    olivia = northwind.person("olivia")
    await olivia.command("/team", "members")
    await olivia.select("members_status", "Deactivated")
    assert lines(olivia) == ["*Person 00000* · Developer\nDeactivated · person00000@many.example"]
    assert list(menus(olivia).values()) == [["Change role", "Activate"]]


async def test_who_is_not_a_member_sees_no_list(northwind: Local) -> None:
    reply = await northwind.person("nora").command("/team", "members")
    assert "Only members of Northwind can do this." in reply.text


def test_a_long_way_back_is_forgotten_but_the_first_page_is_not() -> None:
    query = Query()
    for number in range(MOST_TURNS + 5):
        query = query.next(f"{number:026}")
    assert query.page == MOST_TURNS + 6
    for _ in range(MOST_TURNS - 1):
        query = query.previous()
    assert query.page == 7
    assert query.previous() == Query()


def test_a_query_is_read_as_it_was_written() -> None:
    query = Query(status="pending", role="admin", page=3, trail=("a", "b"), cleared=2)
    assert query_of(as_ids(query)) == query
    assert query_of({}) == Query()


async def test_what_is_searched_for_stands_in_its_field_alone(northwind: Local) -> None:
    adam = northwind.person("adam")
    await adam.command("/team", "members dana@")
    assert adam.view is not None
    assert "dana" not in adam.view.view["private_metadata"]
    dana = f"*<@{northwind.person('dana').id}>* · Developer"
    await adam.select("members_status", "Active")
    assert [line.split("\n")[0] for line in lines(adam)] == [dana]
    await adam.click("Deactivate")
    assert title(adam) == "Deactivate member"
    assert "dana" not in adam.view.view["private_metadata"]
    assert await adam.submit() == {}
    assert [line.split("\n")[0] for line in lines(adam)[1:]] == [dana]
    assert lines(adam)[1].split("\n")[1] == "Deactivated · dana@northwind.example"
    assert "dana" not in adam.view.view["private_metadata"]
    await adam.click("Show everyone")
    assert len(lines(adam)) == 3


async def test_expired_invitations_are_listed_and_sent_again_in_one_click(northwind: Local) -> None:
    adam, dana = northwind.person("adam"), northwind.person("dana")
    await adam.command("/team", "invite Sam Shaw <sam@elsewhere.example>")
    await northwind.clock.advance(timedelta(days=8))
    await adam.command("/team", "members")
    assert "Sam Shaw" not in form_words(adam)
    await adam.select("members_status", "Expired")
    (sam,) = [line for line in lines(adam) if "Sam Shaw" in line]
    assert "Expired <!date^" in sam
    await adam.click("Invite again")
    assert title(adam) == "Members"
    assert "Invitation sent" in form_words(adam)
    assert "No invitation of the last 30 days has expired" in form_words(adam)
    async with northwind.store.reading(northwind.team_id) as tx:
        (anew,) = (await tx.invitations.open_for(["sam@elsewhere.example"])).values()
    assert (anew.name, anew.role) == ("Sam Shaw", "developer")
    await dana.command("/team", "members")
    assert "Expired" not in form_words(dana)
