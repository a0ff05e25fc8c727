"""What people type, read; and the help that lists it."""

from dataclasses import replace

import pytest

from bot.slack import commands
from bot.slack.blocks import message, section
from bot.slack.commands import (
    COMMANDS,
    SHORTCUTS,
    VERBS,
    Email,
    Mention,
    Typed,
    Word,
    help_text,
    nearest,
    parse,
    split_reason,
    tokens,
    unescaped,
    unknown_text,
    verb,
)
from bot.slack.limits import MESSAGE_TEXT, SECTION_TEXT


@pytest.mark.parametrize(
    ("typed", "name", "rest"),
    [
        ("invite ann@example.com", "invite", "ann@example.com"),
        ("  INVITE   ann@example.com  ", "invite", "ann@example.com"),
        ("invite\u00a0ann@example.com", "invite", "ann@example.com"),
        ("members", "members", ""),
        ("who can transfer", "who", "can transfer"),
    ],
)
def test_a_verb_and_the_rest_after_it(typed: str, name: str, rest: str) -> None:
    found = parse(typed)
    assert found.verb is not None
    assert (found.verb.name, found.rest) == (name, rest)


def test_nothing_typed_is_no_verb_and_no_mistake() -> None:
    assert parse("   ") == Typed(None, "", "")
    assert parse("").nearest is None


def test_a_command_that_stands_for_a_verb_takes_everything_as_the_rest() -> None:
    found = parse("help@example.com", "/team-invite")
    assert found.verb == verb("invite")
    assert found.rest == "help@example.com"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("invte", "invite"),
        ("inv", "invite"),
        ("Approval", "approvals"),
        ("member", "members"),
        ("setings", "settings"),
    ],
)
def test_an_unknown_verb_has_a_nearest_one(typed: str, meant: str) -> None:
    found = parse(f"{typed} ann")
    assert (found.verb, found.word, found.rest) == (None, typed, "ann")
    assert found.nearest == verb(meant)


def test_a_word_like_no_verb_has_none() -> None:
    assert nearest("xyzzy") is None
    assert nearest("i") is None


def test_an_unknown_verb_is_answered_with_the_nearest_and_the_help() -> None:
    said = unknown_text(parse("<!channel>invte ann"))
    assert said.startswith("I don't know “&lt;!channel&gt;invte”.")
    assert "Did you mean `/team invite`?" in unknown_text(parse("invte ann"))
    assert said.endswith(help_text())


def test_the_help_lists_every_verb_with_an_example_and_fits_one_message() -> None:
    text = help_text()
    for each in VERBS:
        assert f"/team {each.name}" in text
        assert each.example in text
    assert len(text) < min(SECTION_TEXT, MESSAGE_TEXT)
    message(text, [section(text)])


def test_a_verb_that_is_not_reachable_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = tuple(replace(each, reachable=each.name != "preview") for each in VERBS)
    monkeypatch.setattr(commands, "VERBS", hidden)
    assert parse("preview x").verb is None
    assert "preview" not in help_text()
    found = nearest("previe")
    assert found is None or found.name != "preview"


def test_every_example_is_understood() -> None:
    for each in VERBS:
        command, _, text = each.example.partition(" ")
        assert command == "/team"
        assert parse(text).verb == each


def test_verbs_of_commands_and_shortcuts_exist() -> None:
    for each in (*COMMANDS, *SHORTCUTS):
        if each.verb is not None:
            assert verb(each.verb) is not None


def test_the_hint_of_the_team_command_names_verbs_that_exist() -> None:
    team = next(each for each in COMMANDS if each.command == "/team")
    assert all(verb(word) for word in team.usage_hint.split(" | "))


@pytest.mark.parametrize(
    ("typed", "before", "reason"),
    [
        ("ann@example.com because she leads", "ann@example.com", "she leads"),
        ("<@U1> as admin Because: she &amp; I agree", "<@U1> as admin", "she & I agree"),
        ("because I work there", "", "I work there"),
        ("ann because of this because of that", "ann", "of this because of that"),
        ("ann because", "ann", None),
        ("ann", "ann", None),
        ("becauseway@example.com", "becauseway@example.com", None),
        ("ann@because.example", "ann@because.example", None),
    ],
)
def test_a_reason_comes_after_because(typed: str, before: str, reason: str | None) -> None:
    assert split_reason(typed) == (before, reason)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("<@U0ANN|ann>", (Mention("U0ANN", "ann"),)),
        ("<@W0BEN>", (Mention("W0BEN"),)),
        ("<mailto:ann@example.com|ann@example.com>", (Email("ann@example.com"),)),
        ("<MAILTO:ann@example.com?subject=x|Ann>", (Email("ann@example.com"),)),
        (
            "ann@example.com,ben@example.com;cy@example.com",
            tuple(Email(f"{n}@example.com") for n in ("ann", "ben", "cy")),
        ),
        ("Ann &lt;ann@example.com&gt;", (Word("Ann"), Email("ann@example.com"))),
        ("Ann &lt;<mailto:ann@example.com|ann@example.com>&gt;", (Word("Ann"), Email("ann@example.com"))),
        ('"ann@example.com"', (Email("ann@example.com"),)),
        ("a&amp;b@example.com", (Email("a&b@example.com"),)),
        ("jörg@bücher.example", (Email("jörg@bücher.example"),)),
        ("ann@@example", (Email("ann@@example"),)),
        ("@ann", (Word("@ann"),)),
        ("<#C0001|general>", (Word("<#C0001|general>"),)),
        ("<!subteam^S1|@admins>", (Word("<!subteam^S1|@admins>"),)),
        ("<@U0ANN><@U0BEN> as admin", (Mention("U0ANN"), Mention("U0BEN"), Word("as"), Word("admin"))),
        ("&lt;b&gt;", (Word("&lt;b&gt;"),)),
        ("R&amp;D", (Word("R&amp;D"),)),
        ("mailto:<mailto:ann@example.com?subject=x|ann>", (Email("ann@example.com"),)),
        (" , ; ", ()),
    ],
)
def test_typed_text_is_split_into_people_addresses_and_words(typed: str, found: tuple[object, ...]) -> None:
    assert tokens(typed) == found


def test_slacks_entities_are_turned_back_once() -> None:
    assert unescaped("&lt;b&gt; &amp;amp;") == "<b> &amp;"
