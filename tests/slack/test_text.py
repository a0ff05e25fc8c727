"""Texts people read: nothing in them acts, and what is cut says so."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.limits import Surface
from bot.slack.rules import Check, markup
from bot.slack.text import (
    Mrkdwn,
    channel,
    clean,
    date,
    email,
    escape,
    lines,
    link,
    md,
    mention,
    name,
    person,
    plain,
    shorten,
    utc,
)

HOSTILE = "<!channel> & <https://evil.example|click> <@U1>"


def test_what_people_typed_cannot_act() -> None:
    assert escape(HOSTILE) == ("&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; &lt;@U1&gt;")


def test_markup_is_escaped_once() -> None:
    assert escape(escape("a & b")) == "a &amp; b"
    assert md("{who} & co", who=escape("a & b")) == "a &amp; b & co"


def test_a_template_escapes_its_values_and_keeps_its_own_signs() -> None:
    said = md("*{who}* has {seats} of {limit}", who=HOSTILE, seats=3, limit=mention("U0ANN"))
    assert said.startswith("*&lt;!channel&gt; &amp; ")
    assert said.endswith("* has 3 of <@U0ANN>")
    assert isinstance(said, Mrkdwn)


def test_adding_text_to_markup_escapes_it_on_either_side() -> None:
    assert Mrkdwn("*a*") + " <b>" == "*a* &lt;b&gt;"
    assert "<b> " + Mrkdwn("*a*") == "&lt;b&gt; *a*"
    assert isinstance("<b> " + Mrkdwn("*a*"), Mrkdwn)


def test_lines_leave_out_what_is_empty() -> None:
    assert lines("a<", None, "", Mrkdwn("*b*")) == "a&lt;\n*b*"


@given(st.text())
def test_escaped_text_is_always_acceptable_markup(text: str) -> None:
    check = Check(Surface.MESSAGE)
    markup(10_000)(check, escape(text) + "x", "text")
    assert check.faults == []


@given(st.text())
def test_clean_text_can_be_encoded_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    json.dumps(cleaned, ensure_ascii=False).encode()
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u202a", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\x07", "\x00"]
)
def test_signs_that_reorder_or_hide_are_taken_out(sign: str) -> None:
    assert clean(f"ann{sign}gpj.exe") == "anngpj.exe"


def test_unpaired_isolates_are_taken_out_and_pairs_stay() -> None:
    assert clean("a\u2068b\u2069c\u2068d") == "a\u2068b\u2069cd"
    assert clean("\u2069a") == "a"


def test_a_lone_surrogate_is_replaced() -> None:
    assert clean("a\ud800b") == "a\ufffdb"


def test_line_ends_of_every_kind_become_one() -> None:
    assert clean("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"


def test_emoji_and_joiners_stay() -> None:
    assert clean("👩‍👩‍👧 🇩🇪 می‌خواهم") == "👩‍👩‍👧 🇩🇪 می‌خواهم"


def test_a_name_stands_on_one_line() -> None:
    assert name("  Ann\n Lee\t ") == "Ann Lee"
    assert name("") == name(None) == name("\u200b") == "(no name)"


def test_a_right_to_left_name_cannot_reorder_what_follows() -> None:
    assert name("שלום") == "\u2068שלום\u2069"
    assert escape(name("\u202eשלום")) == "\u2068שלום\u2069"
    assert name("Ann \u202eeel") == "Ann eel"


def test_a_long_name_is_cut_visibly() -> None:
    assert name("n" * 100) == "n" * 79 + "…"


def test_an_address_shows_what_its_domain_really_is() -> None:
    assert email("ann@example.com") == "ann@example.com"
    assert email("ann@bücher.example") == "ann@bücher.example (xn--bcher-kva.example)"
    assert email("ann@gооgle.com").endswith("(xn--ggle-55da.com)")
    assert email(" ann\u202e@example .com\n") == "ann@example.com"
    assert email("ann@" + "ü" * 80) == "ann@" + "ü" * 80


def test_a_mention_is_made_of_ids_alone() -> None:
    assert mention("U0ANN") == "<@U0ANN>"
    assert channel("C0001") == "<#C0001>"
    for bad in ("!channel", "U1|x", "u1", "", "U1> <!here"):
        with pytest.raises(ValueError, match="id"):
            mention(bad)
        with pytest.raises(ValueError, match="id"):
            channel(bad)


def test_a_person_is_a_mention_or_else_a_name_or_an_address() -> None:
    assert person(user_id="U0ANN", named="Ann", address="ann@example.com") == "<@U0ANN>"
    assert person(user_id=None, named="<Ann>", address="ann@example.com") == "&lt;Ann&gt;"
    assert person(user_id=None, named=" ", address="ann@example.com") == "ann@example.com"
    assert person(user_id=None, named=None) == "(no name)"


def test_a_link_is_a_web_address_with_a_label() -> None:
    assert link("https://x.example/a?b=1&c=2", "see | <this>") == (
        "<https://x.example/a?b=1&amp;c=2|see ¦ &lt;this&gt;>"
    )
    for bad in ("javascript:alert(1)", "https://x|y", "https://x y", "https://x>"):
        with pytest.raises(ValueError, match="web address"):
            link(bad, "x")


def test_a_date_is_shown_in_the_readers_time_zone_with_utc_beside() -> None:
    moment = datetime(2025, 1, 3, 16, 5, tzinfo=timezone(timedelta(hours=2)))
    assert date(moment) == "<!date^1735913100^{date_short_pretty} at {time}|3 Jan 2025, 14:05 UTC>"
    assert date(moment, "<soon|ish>", "{date}") == "<!date^1735913100^{date}|&lt;soon¦ish&gt;>"
    assert utc(moment) == "3 Jan 2025, 14:05 UTC"
    with pytest.raises(ValueError, match="time zone"):
        date(datetime(2025, 1, 3))  # noqa: DTZ001


def test_short_text_is_left_alone_and_long_text_ends_in_an_ellipsis() -> None:
    assert shorten("seats", 5) == "seats"
    assert shorten("seats!", 5) == "seat…"
    assert shorten("two words", 5) == "two…"
    assert plain("a\x00b" * 10, 4) == "aba…"
    with pytest.raises(ValueError, match="limit"):
        shorten("a", 0)


@given(st.text(max_size=60), st.integers(1, 70))
def test_shortened_text_fits(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert (short == text) or short.endswith("…")


@given(
    st.lists(st.sampled_from(["a ", "&amp;", "<@U0ANN>", "<https://x.example|label>", "é", "👍🏽"])),
    st.integers(1, 60),
)
def test_shortened_markup_fits_and_no_entity_is_torn(parts: list[str], limit: int) -> None:
    short = shorten(Mrkdwn("".join(parts)), limit)
    assert len(short) <= limit
    assert isinstance(short, Mrkdwn)
    whole = re.sub(r"<@U0ANN>|<https://x\.example\|label>|&amp;", "", short)
    assert not set("<>&;@|") & set(whole)


@pytest.mark.parametrize("joined", ["👩‍👩‍👧", "👍🏽", "e\u0301", "❤️"])
def test_an_emoji_or_accent_is_not_torn(joined: str) -> None:
    for limit in range(3, 3 + len(joined)):
        assert shorten("ab" + joined + "cdef", limit).rstrip("…") in ("ab", "ab" + joined, "a")
