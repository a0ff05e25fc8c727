"""Addresses as clumsy and as hostile people write them: each gets its own words, and nothing good is lost."""

from collections.abc import AsyncIterator

import pytest

from tests.support.attack import Watched, form, shown, watched_steward


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        yield started


WRONG = {
    "plain": "has no @",
    "@example.com": "has nothing before the @",
    "ann@": "has nothing after the @",
    "ann@@example.com": "more than one @",
    "ann@example": "lacks an ending",
    "ann..lee@example.com": "two periods in a row",
    ".ann@example.com": "period at the edge",
    "ann@exa_mple.com": "not the name of a mail domain",
    "ann@-example.com": "not the name of a mail domain",
    "ann(home)@example.com": "characters an address cannot have",
    "ann@192.168.0.1": "not the name of a mail domain",
    "<!channel>": "has no @",
    "💥🏴‍☠️": "has no @",
    f"{'a' * 65}@example.com": "over 64 characters before the @",
    f"ann@{'b' * 250}.com": "longer than 254",
    "x" * 2900: "has no @",
}


async def test_every_malformed_address_is_refused_in_its_own_words(whole: Watched) -> None:
    await whole.team()
    olivia, before = whole.person("olivia"), await whole.tags()
    for address, words in WRONG.items():
        reply = await olivia.command("/team", f"invite {address}")
        assert words in reply.text, (address, reply.text)
        assert "\\" not in reply.text, (address, reply.text)
    assert await whole.tags() == before


RIGHT = {
    "用户@例子.公司": "用户@例子.公司",
    "ann@exämple.com": "ann@exämple.com",
    "ann@EXÄMPLE.com": "ann@exämple.com",
    "ann@xn--exmple-cua.com": "ann@exämple.com",
    "dörte@example.com": "dörte@example.com",
    "شخص@مثال.إختبار": "شخص@مثال.إختبار",
    "O'Neill@Example.com": "O'Neill@example.com",
    "ann+team@example.com": "ann+team@example.com",
}


async def test_internationalized_addresses_are_invited_in_one_written_form(whole: Watched) -> None:
    await whole.set_up(seats="50")
    olivia = whole.person("olivia")
    invited: set[str] = set()
    for typed, written in RIGHT.items():
        reply = await olivia.command("/team", f"invite {typed}")
        words = "invited already" if written in invited else "Invitation sent"
        assert words in reply.text, (typed, reply.text)
        assert await whole.invitation(written), typed
        invited.add(written)
    assert (await whole.tags()).count("invitation.sent") == len(invited)


async def test_a_domain_that_looks_like_another_is_shown_in_ascii_too(whole: Watched) -> None:
    await whole.set_up()
    reply = await whole.person("olivia").command("/team", "invite ann@еxample.com")  # a Cyrillic е
    assert "xn--" in reply.text


MIXED = """ann@example.com
Ann Lee <ANN@example.com>
not an address
bob@example.com, Admin
bob@example.com, Developer
cem@example.com, Super Admin
dee@example.com, Emperor
eve@example.com, Developer, Nowhere
olivia@northwind.example
用户@例子.公司
fay@example.com; gus@example.com, hal@example.com
"""


async def test_a_list_with_every_kind_of_mistake_sends_the_good_lines_and_names_the_others(
    whole: Watched,
) -> None:
    await whole.set_up(seats="50")
    olivia = whole.person("olivia")
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", MIXED)
    assert await olivia.submit() == {}
    review = shown(olivia)
    for words in (
        "ANN@example.com stands in the list more than once",
        "“not” has no @",
        "bob@example.com stands in the list more than once",
        "never given",
        "The role Emperor cannot be given here",
        "There is no department “Nowhere” here",
        "olivia@northwind.example is a member already",
    ):
        assert words in review, (words, review)
    assert form(olivia).view["submit"]["text"] == "Send"
    assert await olivia.submit() == {}
    summary = shown(olivia)
    sent = ["ann@example.com", "bob@example.com", "fay@example.com", "gus@example.com", "hal@example.com"]
    for address in [*sent, "用户@例子.公司"]:
        assert await whole.invitation(address), (address, summary)
        assert address in summary
    assert await whole.invitation("cem@example.com") is None
    assert (await whole.tags()).count("invitation.sent") == 6


async def test_a_list_of_nothing_but_mistakes_sends_nothing_and_keeps_what_was_typed(whole: Watched) -> None:
    await whole.set_up()
    olivia = whole.person("olivia")
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", "nonsense\n<!channel>\n;;;,,,\n@\n")
    await olivia.submit()
    for _ in range(2):
        assert form(olivia).view["submit"]["text"] == "Check again"
        assert "0 ready" in shown(olivia)
        assert await olivia.submit() == {}
    assert form(olivia).values["email"]["email"]["value"].startswith("nonsense")
    assert "invitation.sent" not in await whole.tags()


async def test_a_list_with_nobody_in_it_is_said_on_its_field(whole: Watched) -> None:
    await whole.set_up()
    olivia = whole.person("olivia")
    await olivia.command("/team-invite")
    for empty in ("   ", ",;,;", "\n\n"):
        await olivia.fill("E-mail addresses", empty)
        assert "Nobody is named" in (await olivia.submit())["E-mail addresses"], empty


async def test_six_hundred_addresses_are_too_many_and_none_is_sent(whole: Watched) -> None:
    await whole.set_up()
    olivia = whole.person("olivia")
    await olivia.command("/team-invite")
    await olivia.fill("E-mail addresses", " ".join(f"{n}@a.io" for n in range(300)))
    assert await olivia.submit() == {}
    assert "4 ready to send, 296 with a problem" in shown(olivia)
    await olivia.fill("E-mail addresses", " ".join(f"@{n}" for n in range(501)))
    faults = await olivia.submit()
    assert "At most 500 people" in faults.get("E-mail addresses", ""), faults
    assert "invitation.sent" not in await whole.tags()


async def test_only_allowed_domains_are_invited_whatever_their_case_and_script(whole: Watched) -> None:
    await whole.set_up()
    olivia = whole.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click("Change")
    await olivia.fill("Domains invitations may go to", "Example.COM; exämple.com\n@third.example")
    assert await olivia.submit() == {}
    refused = await olivia.command("/team", "invite ann@evil.example")
    assert "invites only addresses at" in refused.text
    assert "evil.example" in refused.text
    sneaky = await olivia.command("/team", "invite ann@notexample.com")
    assert "invites only addresses at" in sneaky.text
    for address in ("ann@EXAMPLE.com", "ann@EXÄMPLE.com", "ann@xn--exmple-cua.com"):
        reply = await olivia.command("/team", f"invite {address}")
        assert "sent" in reply.text or "invited already" in reply.text, (address, reply.text)


async def test_nonsense_is_no_domain(whole: Watched) -> None:
    await whole.set_up()
    olivia = whole.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click("Change")
    for nonsense in ("<!channel>", "http://example.com", "example", "-example.com", "exa mple!", "💥.com"):
        await olivia.fill("Domains invitations may go to", nonsense)
        faults = await olivia.submit()
        assert "is not a domain" in faults.get("Domains invitations may go to", ""), (nonsense, faults)
    assert "organization.settings_changed" not in await whole.tags()
