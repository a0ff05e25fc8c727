"""Addresses as people type and paste them."""

import time

import pytest

from bot.addresses import address_name, normalise_email, split_addresses

WRITTEN = {
    "ann@example.com": "ann@example.com",
    "  Ann@Example.COM ": "Ann@example.com",
    "Ann Lee <ann@example.com>": "ann@example.com",
    '"Lee, Ann" <ann@example.com>;': "ann@example.com",
    "mailto:ann%2Bwork@example.com?subject=hello": "ann+work@example.com",
    "<mailto:ann@example.com|ann@example.com>": "ann@example.com",
    "(ann@example.com),": "ann@example.com",
    "“ann@example.com”.": "ann@example.com",
    "'ann@example.com'": "ann@example.com",
    "<ann@example.com": "ann@example.com",
    "o'brien@example.com": "o'brien@example.com",
    "ann@exämple.org": "ann@exämple.org",
    "ann@xn--exmple-cua.org": "ann@exämple.org",
    "ann@EXÄMPLE.org": "ann@exämple.org",
    "ann@faß.example": "ann@faß.example",
    "дмитрий@пример.рф": "дмитрий@пример.рф",
    "u\u0308ser@example.com": "üser@example.com",
    "ann＠example.com": "ann@example.com",
    "ann@例え。jp": "ann@例え.jp",
    "\u202aann@example.com\u202c": "ann@example.com",
    "\u200bann@example.com\u00a0": "ann@example.com",
    "ann@mail.local": "ann@mail.local",
    "ann@team.test": "ann@team.test",
}

REFUSED = {
    "": "no address",
    " \n ": "no address",
    "ann": "no @",
    "ann@": "nothing after the @",
    "@example.com": "nothing before the @",
    "ann@b@example.com": "more than one @",
    "ann lee@example.com": "a space",
    "ann@example": "lacks an ending",
    "ann@localhost": "lacks an ending",
    "ann@example..com": "two periods in a row",
    "ann..lee@example.com": "two periods in a row",
    ".ann@example.com": "a period at the edge",
    "ann.@example.com": "a period at the edge",
    "ann(c)@example.com": "characters an address cannot have",
    "a\u202ebc@example.com": "an invisible character",
    "ann\u200blee@example.com": "an invisible character",
    "ann\x00lee@example.com": "an invisible character",
    "ann\ufffdlee@example.com": "an invisible character",
    "\ufffdann@example.com": "an invisible character",
    "ann@example.com\ufffd": "an invisible character",
    "<mailto:ann%00lee@example.com|ann>": "an invisible character",
    "<mailto:ann%ffb@example.com|ann>": "an invisible character",
    "ann@exa_mple.com": "not the name of a mail domain",
    "ann@-example.com": "not the name of a mail domain",
    "ann@☕.example": "not the name of a mail domain",
    "ann@[127.0.0.1]": "not the name of a mail domain",
    "ann@127.0.0.1": "not the name of a mail domain",
    "ann@nowhere.invalid": "not the name of a mail domain",
    "x" * 65 + "@example.com": "over 64 characters",
    "ann@" + "long." * 60 + "com": "longer than 254 characters",
    "ann@example.com\nBcc: eve@example.com": "more than one @",
}


@pytest.mark.parametrize(("typed", "address"), WRITTEN.items())
def test_an_address_comes_out_in_its_one_form(typed: str, address: str) -> None:
    assert normalise_email(typed) == address
    assert normalise_email(address) == address


@pytest.mark.parametrize(("typed", "words"), REFUSED.items())
def test_each_defect_has_its_own_plain_words(typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        normalise_email(typed)
    message = str(refused.value)
    assert message.endswith(".")
    assert len(message) < 160
    assert message.isprintable()


@pytest.mark.parametrize(
    ("pasted", "entries"),
    [
        (
            "a@x.org, b@x.org;c@x.org\nd@x.org e@x.org",
            ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"],
        ),
        ("Ann Lee <a@x.org>, bob@x.org", ["Ann Lee <a@x.org>", "bob@x.org"]),
        ('"Lee, Ann" <a@x.org>; Bob <b@x.org>', ['"Lee, Ann" <a@x.org>', "Bob <b@x.org>"]),
        ("Lee, Ann <a@x.org>; Ray, Bob <b@x.org>", ["Lee, Ann <a@x.org>", "Ray, Bob <b@x.org>"]),
        ("a@x.org Ann Lee <b@x.org> c@x.org", ["a@x.org", "Ann Lee <b@x.org>", "c@x.org"]),
        (
            "<mailto:a@x.org|a@x.org> <mailto:b@x.org|b@x.org>",
            ["<mailto:a@x.org|a@x.org>", "<mailto:b@x.org|b@x.org>"],
        ),
        ("a@x.org,,\n ; a@x.org", ["a@x.org", "a@x.org"]),
        ("bob a@x.org", ["bob", "a@x.org"]),
        ('a "@x.org\nb@x.org', ["a", '"@x.org', "b@x.org"]),
        ("", []),
    ],
)
def test_a_pasted_list_comes_apart_and_loses_nothing(pasted: str, entries: list[str]) -> None:
    assert split_addresses(pasted) == entries


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("Ann Lee <a@x.org>", "Ann Lee"),
        ('"Lee, Ann" <a@x.org>', "Lee, Ann"),
        ('"Ann \\"A\\" Lee" <a@x.org>', 'Ann "A" Lee'),
        ("<a@x.org>", ""),
        ("a@x.org", ""),
    ],
)
def test_the_name_before_an_address_is_known(entry: str, name: str) -> None:
    assert address_name(entry) == name


def test_ten_thousand_lines_come_apart_in_order() -> None:
    lines = [f'"Person, {number}" <p{number}@example.com>' for number in range(10_000)]
    assert split_addresses("\n".join(lines)) == lines


@pytest.mark.parametrize("sign", ['"', "<", '"\\', ",", "@", "< "])
def test_senseless_input_takes_no_long_time(sign: str) -> None:
    started = time.process_time()
    split_addresses(sign * 20_000)
    assert time.process_time() - started < 5
