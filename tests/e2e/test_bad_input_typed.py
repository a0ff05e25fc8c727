"""Every verb typed with nonsense by everybody: an answer in words or a form, in time, and nothing is done."""

import time
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.person import Reply
from bot.slack.commands import reachable
from tests.support.attack import INCIDENT, Watched, form, harmful_tokens, shown, watched_steward

NONSENSE = [
    "", "   ", "<!channel>", "*bold* _x_ `y`", "@nobody", "@@@", "'; DROP TABLE members; --", "💥🏴‍☠️",
    "שלום עולם", "\u202egnp.exe", "\u0000\u0007", "x" * 3000, "because", "because because because", "as",
    "as admin", "%s %d {0} {name}", "../../etc/passwd", "<@U0NOBODY|ghost>", "<#C123|general>",
    "&lt;!here&gt;", "-1",
    "9" * 30, "null", ",,,;;;", "<", ">", "&", "|", "\\", "/team", "@slackbot", "@steward", "“smart” ‘x’ …",
]  # fmt: skip
VERBS = ["", "nonsense", *(verb.name for verb in reachable())]


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        await started.set_up(seats="50")
        await started.staff(adam="admin", dana="developer", devi="developer")
        yield started


def answered(whole: Watched, handle: str, reply: Reply) -> str:
    """What somebody was told or shown; closes the form."""
    person = whole.person(handle)
    assert reply.error is None, reply
    said = reply.text + shown(person)
    if person.view:
        assert form(person).view["title"]["text"]
        whole.slack.workspace.views.close_all(person.id)
    return said


@pytest.mark.parametrize("handle", ["olivia", "dana", "nora"])
async def test_every_verb_with_every_nonsense_is_answered_in_words_and_does_nothing(
    whole: Watched, handle: str
) -> None:
    person, before = whole.person(handle), await whole.tags()
    harmless = {"join"} if handle == "nora" else set()  # whatever follows is the reason
    for verb in VERBS:
        for nonsense in NONSENSE if verb not in harmless else ("", "   "):
            begun = time.monotonic()
            reply = await person.command("/team", f"{verb} {nonsense}")
            said = answered(whole, handle, reply)
            assert said.strip(), (verb, nonsense)
            assert INCIDENT not in said, (verb, nonsense)
            assert "“”" not in said, (verb, nonsense, said)
            assert time.monotonic() - begun < 3, (verb, nonsense)
    assert await whole.tags() == before


@pytest.mark.parametrize(
    "typed",
    ["deactivate @dana @devi", "activate @dana @devi", "role @dana @devi admin", "role @dana admin @devi",
     "preview deactivate @dana @devi"],
)  # fmt: skip
async def test_two_people_where_one_is_meant_are_not_taken_for_the_first(whole: Watched, typed: str) -> None:
    before = await whole.tags()
    reply = await whole.person("olivia").command("/team", typed)
    assert await whole.tags() == before, reply.text
    assert "one" in reply.text.casefold(), reply.text


async def test_words_behind_a_person_are_not_swallowed(whole: Watched) -> None:
    before = await whole.tags()
    reply = await whole.person("olivia").command("/team", "deactivate @devi next monday")
    assert await whole.tags() == before, reply.text


async def test_what_is_so_already_is_said_before_who_may_change_it(whole: Watched) -> None:
    for handle in ("olivia", "adam", "dana"):
        reply = await whole.person(handle).command("/team", "activate @olivia")
        assert "active already" in reply.text, reply.text


async def test_strange_spaces_cases_and_commas_still_name_the_verb_and_the_people(whole: Watched) -> None:
    olivia = whole.person("olivia")
    for typed in ("\u00a0HELP\u2003", "Help", "  help  "):
        assert "What you can type" in (await olivia.command("/team", typed)).text
    typed = "InViTe\u00a0\u2003pat@elsewhere.example;  As  DEVELOPER  BECAUSE: yes"
    reply = await olivia.command("/team", typed)
    assert "Invitation sent" in reply.text, reply.text


def test_the_check_of_what_is_said_finds_what_would_ping_and_nothing_else() -> None:
    for harmful in ("<!channel>", "hi <!here|x>", "<!subteam^S1>", "<mailto:a@b.c>", "<javascript:x>", "<b"):
        assert list(harmful_tokens({"type": "mrkdwn", "text": harmful})), harmful
    for text in ("<@U1AB>", "<#C1>", "<!date^1^{date}|x>", "<https://a.b/c|d>", "&lt;!channel&gt;", "a > b"):
        assert not list(harmful_tokens({"blocks": [{"text": {"type": "mrkdwn", "text": text}}]})), text
    assert not list(harmful_tokens({"text": {"type": "plain_text", "text": "<!channel>"}}))
