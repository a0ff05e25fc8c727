"""Builders and the check: what is sent fits Slack, at its fullest and at its emptiest."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View as SlackView

from bot.slack import limits
from bot.slack.blocks import (
    Block,
    InvalidBlocks,
    Surface,
    actions,
    button,
    channel_select,
    checkboxes,
    checked,
    confirm,
    context,
    date_picker,
    divider,
    email_input,
    external_select,
    fields,
    file_input,
    header,
    home,
    image,
    input_block,
    message,
    modal,
    mrkdwn,
    multi_external_select,
    multi_static_select,
    number_input,
    option,
    overflow,
    plain_text,
    radio_buttons,
    section,
    static_select,
    suggestions,
    text_input,
    user_select,
    users_select,
)
from bot.slack.text import md, mention

THREE = [option("Owner", "r1"), option("Admin", "r2", "May do nearly all"), option("Developer", "r3")]
SURE = confirm("Remove Ann?", "She loses access at once.", yes="Remove", style="danger")

SHOWN: list[Block] = [
    header("Team"),
    section("Some <text>", accessory=button("Open", "open", value="m1"), block_id="s1"),
    section(md("{who} leads", who=mention("U0ANN")), accessory=overflow("more", THREE, confirm=SURE)),
    section("Pick", accessory=static_select("role", THREE, initial="r2", placeholder="Role", confirm=SURE)),
    section("Who", accessory=image("https://x.example/a.png", "Ann")),
    fields("*Seats*", "3 of 5", text="Overview", block_id="f1"),
    divider(),
    context("small", image("https://x.example/a.png", "Ann"), block_id="c1"),
    actions(
        button("Approve", "approve", value="q1", style="primary", confirm=SURE, label="Approve Ann"),
        button("Site", "site", url="https://x.example"),
        external_select("member", initial=THREE[0], placeholder="Type a name", min_query_length=2),
        users_select("users", initial=["U0ANN"], most=3),
        user_select("user", initial="U0ANN", placeholder="Who"),
        channel_select("channel", initial="C0001", placeholder="Where"),
        checkboxes("flags", THREE, initial=["r1", "r3"]),
        radio_buttons("one", THREE, initial="r1"),
        date_picker("day", initial="2025-01-31", placeholder="Day"),
        multi_static_select("roles", THREE, initial=["r1"], most=2, placeholder="Roles"),
        multi_external_select("members", initial=THREE[:1], most=2),
        block_id="a1",
    ),
]
ASKED: list[Block] = [
    input_block("Name", text_input("name", initial="Ann", placeholder="Name", focus=True), block_id="name"),
    input_block(
        "Why",
        text_input("why", multiline=True, min_length=1, max_length=300),
        block_id="why",
        hint="For the admins",
        optional=True,
        dispatch=True,
    ),
]
ONLY_IN_FORMS: list[Block] = [
    input_block("Address", email_input("mail", initial="ann@example.com", placeholder="x"), block_id="mail"),
    input_block("Seats", number_input("seats", initial=5, minimum=1, maximum=99), block_id="seats"),
    input_block("List", file_input("list", filetypes=["csv"], most=2), block_id="list"),
]


def form(*blocks: Block, **more: Any) -> dict[str, Any]:
    """A form as a plain object, unchecked."""
    return {
        "type": "modal",
        "title": plain_text("A form"),
        "submit": plain_text("Send"),
        "callback_id": "form",
        "blocks": list(blocks),
        **more,
    }


def faults(payload: dict[str, Any], surface: Surface = Surface.MODAL) -> str:
    """What is wrong with a payload."""
    with pytest.raises(InvalidBlocks) as found:
        checked(payload, surface)
    assert found.value.faults
    return str(found.value)


# Builders


def test_every_builder_makes_what_slack_takes() -> None:
    form = modal(
        "Everything",
        [*SHOWN, *ASKED, *ONLY_IN_FORMS],
        callback_id="all",
        submit="Send",
        private_metadata="{}",
    )
    unfocused = [{**block, "element": {**block["element"], "focus_on_load": False}} for block in ASKED]
    assert len(form["blocks"]) == len([*SHOWN, *ASKED, *ONLY_IN_FORMS])
    assert len(home([*SHOWN, *unfocused])["blocks"]) == len([*SHOWN, *ASKED])
    assert len(message("All of it", [*SHOWN, *ASKED])["blocks"]) == len([*SHOWN, *ASKED])


@pytest.mark.parametrize(
    "block", [*SHOWN, *ASKED, *ONLY_IN_FORMS], ids=lambda block: str(block.get("block_id"))
)
def test_slacks_own_models_agree_with_every_builder(block: Block) -> None:
    (parsed,) = SlackBlock.parse_all([copy.deepcopy(block)])
    assert json.loads(json.dumps(parsed.to_dict())) == block


def test_slacks_own_models_agree_with_a_form() -> None:
    view = modal(
        "Invite", ASKED, callback_id="invite", submit="Send", private_metadata="{}", external_id="e1"
    )
    assert SlackView(**copy.deepcopy(view)).to_dict() == view


def test_text_is_escaped_where_slack_reads_markup_and_only_there() -> None:
    assert section("<!channel> & co")["text"]["text"] == "&lt;!channel&gt; &amp; co"
    assert section(md("*{who}*", who=mention("U0ANN")))["text"]["text"] == "*<@U0ANN>*"
    assert header("R&D <x>")["text"]["text"] == "R&D <x>"
    assert button("R&D", "a")["text"]["text"] == "R&D"
    assert message("<!here> & all")["text"] == "&lt;!here&gt; &amp; all"


def test_markup_is_not_put_into_plain_text() -> None:
    with pytest.raises(InvalidBlocks, match="markup"):
        header(md("{who}", who=mention("U0ANN")))


def test_words_in_markup_are_not_made_into_links() -> None:
    assert mrkdwn("see example.com or @here")["verbatim"] is True


def test_messages_do_not_unfold_links() -> None:
    said = message("Hello", metadata={"event_type": "steward", "event_payload": {"key": "k1"}})
    assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)
    assert "blocks" not in said


def test_a_choice_begins_only_with_what_is_offered() -> None:
    with pytest.raises(InvalidBlocks, match="r9"):
        static_select("role", THREE, initial="r9")
    with pytest.raises(InvalidBlocks, match="r9"):
        checkboxes("role", THREE, initial=["r1", "r9"])


# Shortening

LONG = "x" * 5000


@pytest.mark.parametrize(
    ("block", "read", "limit"),
    [
        (section(LONG), lambda b: b["text"]["text"], 3000),
        (fields(LONG), lambda b: b["fields"][0]["text"], 2000),
        (header(LONG), lambda b: b["text"]["text"], 150),
        (context(LONG), lambda b: b["elements"][0]["text"], 2000),
        (actions(button(LONG, "a")), lambda b: b["elements"][0]["text"]["text"], 75),
        (actions(button("a", "a", label=LONG)), lambda b: b["elements"][0]["accessibility_label"], 75),
        (
            actions(static_select("a", [option(LONG, "v", LONG)])),
            lambda b: b["elements"][0]["options"][0]["text"]["text"],
            75,
        ),
        (
            actions(static_select("a", [option("a", "v", LONG)])),
            lambda b: b["elements"][0]["options"][0]["description"]["text"],
            75,
        ),
        (
            actions(static_select("a", THREE, placeholder=LONG)),
            lambda b: b["elements"][0]["placeholder"]["text"],
            150,
        ),
        (
            actions(button("a", "a", confirm=confirm(LONG, LONG, yes=LONG, no=LONG))),
            lambda b: b["elements"][0]["confirm"]["title"]["text"],
            100,
        ),
        (
            actions(button("a", "a", confirm=confirm(LONG, LONG, yes=LONG, no=LONG))),
            lambda b: b["elements"][0]["confirm"]["text"]["text"],
            300,
        ),
        (
            actions(button("a", "a", confirm=confirm(LONG, LONG, yes=LONG, no=LONG))),
            lambda b: b["elements"][0]["confirm"]["deny"]["text"],
            30,
        ),
        (input_block(LONG, text_input("a"), block_id="a"), lambda b: b["label"]["text"], 2000),
        (input_block("a", text_input("a"), block_id="a", hint=LONG), lambda b: b["hint"]["text"], 2000),
        (
            section("a", accessory=image("https://x.example/a.png", LONG)),
            lambda b: b["accessory"]["alt_text"],
            2000,
        ),
    ],
)
def test_words_that_are_too_long_end_in_an_ellipsis(
    block: Block, read: Callable[[Any], str], limit: int
) -> None:
    before = copy.deepcopy(block)
    view = checked(form(block), Surface.MODAL)
    words = read(view["blocks"][0])
    assert len(words) == limit
    assert words.endswith("…")
    assert block == before


def test_a_title_and_a_messages_text_are_shortened_too() -> None:
    assert modal("t" * 30, [divider()], callback_id="x")["title"]["text"] == "t" * 23 + "…"
    assert message("x" * 5000)["text"] == "x" * 3999 + "…"


def test_shortening_tears_no_entity() -> None:
    view = checked(form(fields("&" * 1000)), Surface.MODAL)
    words = view["blocks"][0]["fields"][0]["text"]
    assert words == "&amp;" * 399 + "…"


def test_a_chosen_option_stays_chosen_when_both_are_shortened() -> None:
    options = [option("r" * 100, "r1"), option("s", "r2")]
    view = modal("a", [actions(static_select("a", options, initial="r1"))], callback_id="x")
    menu = view["blocks"][0]["elements"][0]
    assert menu["initial_option"] == menu["options"][0]


# Faults


def rows(count: int, cells: int = 2, text: str = "x") -> list[list[dict[str, str]]]:
    return [[{"type": "raw_text", "text": text}] * cells for _ in range(count)]


def table(count: int, cells: int = 2, text: str = "x") -> Block:
    return {"type": "table", "rows": rows(count, cells, text)}


def many(count: int) -> list[dict[str, Any]]:
    return [option(str(number), str(number)) for number in range(count)]


ALERT = {"type": "alert", "text": mrkdwn("Careful"), "level": "warning"}
OVER = [
    (form(*[divider()] * 101), "101 items"),
    (form(), "0 items"),
    (form(divider(), private_metadata="x" * 3001), "private_metadata"),
    (form(divider(), callback_id="x" * 256), "callback_id"),
    (form(divider(), external_id="x" * 256), "external_id"),
    (form(divider(), submit=plain_text("s" * 25)), "longer than 24"),
    (form(divider(), close=plain_text("s" * 25)), "longer than 24"),
    (form(divider(), color="red"), "color"),
    (form(section("a", block_id="b" * 256)), "block_id"),
    (form(section("a", block_id="b"), section("b", block_id="b")), "uses the block_id b 2 times"),
    (form(actions(button("a", "x"), button("b", "x"))), "uses the action_id x 2 times"),
    (form(actions(button("a", "x" * 256))), "action_id"),
    (form(actions(button("a", "x", value="v" * 2001))), "value"),
    (form(actions(button("a", "x", url="https://x/" + "u" * 3000))), "url"),
    (form(actions(button("a", "x", style="loud"))), "style"),  # type: ignore[arg-type]
    (form(actions(*[button("a", f"b{number}") for number in range(26)])), "26 items"),
    (form(actions()), "0 items"),
    (form(context()), "0 items"),
    (form(context(*["a"] * 11)), "11 items"),
    (form(fields(*["a"] * 11)), "11 items"),
    (form({"type": "section"}), "needs text or fields"),
    (form(section("")), "has no words"),
    (form(header("")), "has no words"),
    (form({"type": "header", "text": mrkdwn("a")}), "plain_text"),
    (form({"type": "divider", "text": plain_text("a")}), "text, which Slack does not know"),
    (form({"type": "fancy"}), "does not know"),
    (form({"type": "section", "text": {"type": "mrkdwn", "text": "a", "size": 3}}), "size"),
    (form({"type": "section", "text": "a"}), "not a text object"),
    (form(actions(static_select("a", many(101)))), "101 items"),
    (form(actions(static_select("a", []))), "0 items"),
    (form(actions(static_select("a", [option("a", "v" * 151)]))), "value"),
    (form(actions(static_select("a", [option("a", "v"), option("b", "v")]))), "the same value"),
    (form(actions({"type": "static_select", "action_id": "a"})), "either options or option_groups"),
    (
        form(actions({**static_select("a", THREE), "initial_option": option("Other", "r9")})),
        "does not offer",
    ),
    (form(actions(checkboxes("a", many(11)))), "11 items"),
    (form(actions(radio_buttons("a", many(11)))), "11 items"),
    (form(actions(overflow("a", many(6)))), "6 items"),
    (form(input_block("a", text_input("a", max_length=3001), block_id="a")), "max_length"),
    (form(input_block("a", text_input("a", min_length=9, max_length=3), block_id="a")), "more than it takes"),
    (form(input_block("a", text_input("a", initial="x" * 3001), block_id="a")), "initial_value"),
    (form(input_block("a", file_input("a", most=11), block_id="a")), "max_files"),
    (form(input_block("a", date_picker("a", initial="31.1.2025"), block_id="a")), "wrong form"),
    (form(input_block("a", button("a", "a"), block_id="a")), "of type button cannot be there"),
    (form(actions(text_input("a"))), "of type plain_text_input cannot be there"),
    (form(section("a", accessory=text_input("a"))), "of type plain_text_input cannot be there"),
    (
        form(*[input_block("a", text_input("a", focus=True), block_id=str(n)) for n in range(2)]),
        "second focus",
    ),
    (form(*ASKED, submit=None) | {"submit": plain_text("")}, "has no words"),
    (form(table(1)), "cannot be in a modal"),
    (form({"type": "markdown", "text": "a"}), "cannot be in a modal"),
    (form({"type": "data_table"}), "cannot be in a modal"),
    (form({"type": "carousel"}), "cannot be in a modal"),
    (form({"type": "container"}), "cannot be in a modal"),
    (form({"type": "data_visualization"}), "cannot be in a modal"),
]


@pytest.mark.parametrize(
    ("payload", "fault"), OVER, ids=lambda part: part if isinstance(part, str) else "form"
)
def test_what_slack_would_refuse_in_a_form_is_a_mistake_of_ours(payload: dict[str, Any], fault: str) -> None:
    assert fault in faults(payload)


NO_TITLE = {key: value for key, value in form(divider()).items() if key != "title"}
NO_SUBMIT = {key: value for key, value in form(*ASKED).items() if key != "submit"}


def test_a_form_needs_a_title_and_with_inputs_a_submit() -> None:
    assert "has no title" in faults(NO_TITLE)
    assert "inputs but no submit" in faults(NO_SUBMIT)


def test_a_form_that_is_too_large_in_all_is_refused() -> None:
    large = form(*[section("ü" * 3000) for _ in range(60)])
    assert "takes 36" in faults(large)


HOME = {"type": "home"}


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        ([divider()] * 101, "101 items"),
        ([ALERT], "cannot be in a home"),
        ([ONLY_IN_FORMS[0]], "email_text_input cannot be in a home"),
        ([ONLY_IN_FORMS[1]], "number_input cannot be in a home"),
        ([ONLY_IN_FORMS[2]], "file_input cannot be in a home"),
        ([{"type": "markdown", "text": "a"}], "cannot be in a home"),
    ],
)
def test_what_slack_would_refuse_in_home_is_a_mistake_of_ours(blocks: list[Block], fault: str) -> None:
    assert fault in faults({**HOME, "blocks": blocks}, Surface.HOME)


RICH = {"type": "rich_text_input", "action_id": "rich"}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"text": "a", "blocks": [divider()] * 51}, "51 items"),
        ({"text": ""}, "has no words"),
        ({"blocks": [divider()]}, "has no text"),
        ({"text": "<!channel> wake up"}, "would notify everybody"),
        (
            {"text": "a", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}}]},
            "everybody",
        ),
        ({"text": "a < b"}, "is not escaped"),
        ({"text": "R&D"}, "is not escaped"),
        ({"text": "<javascript:alert(1)|x>"}, "is not escaped"),
        ({"text": "a", "link_names": True}, "link_names"),
        ({"text": "a", "blocks": [table(1), table(1)]}, "more than one table"),
        ({"text": "a", "blocks": [table(101)]}, "101 items"),
        ({"text": "a", "blocks": [table(1, 21)]}, "21 items"),
        ({"text": "a", "blocks": [table(100, 2, "x" * 51)]}, "more than 10000 characters"),
        ({"text": "a", "blocks": [{"type": "markdown", "text": "a" * 7000}] * 2}, "characters of markdown"),
        ({"text": "a", "blocks": [ALERT]}, "cannot be in a message"),
        ({"text": "a", "blocks": [input_block("a", RICH, block_id="a")]}, "cannot be in a message"),
        ({"text": "a", "metadata": {"event_type": "x"}}, "has no event_payload"),
    ],
)
def test_what_slack_would_refuse_in_a_message_is_a_mistake_of_ours(said: dict[str, Any], fault: str) -> None:
    assert fault in faults(said, Surface.MESSAGE)


@pytest.mark.parametrize(
    "markup",
    [
        "*bold* _it_ `code` <@U0ANN> <@W0ANN|ann> <#C0001|general> <!subteam^S0001>",
        "<https://x.example/a?b=1&amp;c=2|label> <mailto:ann@example.com|ann>",
        "<!date^1735913100^{date} at {time}|3 Jan> &lt;ok&gt; &amp;",
        "> quoted",
    ],
)
def test_slacks_own_markup_is_accepted(markup: str) -> None:
    assert checked({"text": markup}, Surface.MESSAGE) == {"text": markup}


def test_all_faults_are_named_at_once_with_their_places() -> None:
    broken = form(section("a", block_id="b" * 300), actions(), fields(*["a"] * 12))
    with pytest.raises(InvalidBlocks) as found:
        checked(broken, Surface.MODAL)
    assert found.value.faults == (
        "modal.blocks[0].block_id is not a string of 1 to 255 characters",
        "modal.blocks[1].elements has 0 items, not 1 to 25",
        "modal.blocks[2].fields has 12 items, not 1 to 10",
    )


def test_what_fits_is_returned_as_it_is() -> None:
    view = form(*SHOWN, *ASKED, *ONLY_IN_FORMS)
    assert checked(view, Surface.MODAL) == view


def test_the_fullest_form_fits() -> None:
    rows_of_people = [
        section("x" * 1500, accessory=overflow("act", many(5)), block_id=f"m{number}") for number in range(98)
    ]
    view = modal(
        "t" * 24,
        [*rows_of_people, *ASKED],
        callback_id="x" * 255,
        submit="s" * 24,
        close="c" * 24,
        private_metadata="p" * 3000,
    )
    assert len(view["blocks"]) == limits.BLOCKS[Surface.MODAL]


# What Slack's own models let through


LONG_FIELD = {**fields("a"), "fields": [mrkdwn("x" * 2001)]}
LONG_OPTION = actions({"type": "static_select", "action_id": "a", "options": [option("x" * 76, "v")]})
ELEVEN = actions(radio_buttons("a", many(11)))


@pytest.mark.parametrize("block", [LONG_FIELD, LONG_OPTION, ELEVEN], ids=["field", "option", "eleven"])
def test_slacks_models_still_miss_some_sizes(block: Block) -> None:
    (parsed,) = SlackBlock.parse_all([copy.deepcopy(block)])
    assert parsed.to_dict()["type"] == block["type"]


def test_the_sizes_they_miss_are_noticed_here() -> None:
    for block in (LONG_FIELD, LONG_OPTION):
        assert "…" in str(checked(form(block), Surface.MODAL))
    assert "11 items" in faults(form(ELEVEN))


def test_slacks_models_still_drop_unknown_keys_and_we_name_them() -> None:
    block = {**section("a"), "colour": "red"}
    (parsed,) = SlackBlock.parse_all([copy.deepcopy(block)])
    assert "colour" not in parsed.to_dict()
    assert "colour" in faults(form(block))


def test_slacks_models_still_take_a_form_without_title_or_submit() -> None:
    for view in (NO_TITLE, NO_SUBMIT):
        SlackView(**copy.deepcopy(view)).to_dict()
        assert faults(view)


def refused_by_slacks_models(payload: dict[str, Any]) -> bool:
    try:
        for block in SlackBlock.parse_all(copy.deepcopy(payload["blocks"])):
            if block is not None:
                block.to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError):
        return True
    return False


def test_whatever_slacks_models_refuse_we_refuse() -> None:
    refused = [payload for payload, _ in OVER if refused_by_slacks_models(payload)]
    assert len(refused) > 15
    assert all(faults(payload) for payload in refused)


# External selects


def test_few_suggestions_are_offered_as_they_are() -> None:
    assert suggestions(THREE) == {"options": THREE}
    assert suggestions([]) == {"options": []}


def test_many_suggestions_say_that_there_are_more() -> None:
    answer = suggestions(many(101))
    (group,) = answer["option_groups"]
    assert group["label"]["text"] == "The first 100: type more letters to find others"
    assert len(group["options"]) == 100
    assert suggestions(THREE, more=True)["option_groups"][0]["label"]["text"].startswith("The first 3:")


def test_suggestions_are_checked() -> None:
    with pytest.raises(InvalidBlocks, match="value"):
        suggestions([option("a", "v" * 151)])
    assert suggestions([option("n" * 100, "v")])["options"][0]["text"]["text"] == "n" * 74 + "…"
