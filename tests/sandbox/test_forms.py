"""Forms from both sides: what is sent, what the client refuses, and what becomes of the bot's answer."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.acts import NO_CHOICES, TROUBLE
from tests.sandbox.acting import ACTION_FIELDS, COMMON_FIELDS, open_form
from tests.sandbox.bots import RecordingBot, button, field, modal, plain, section

Json = dict[str, Any]

VIEW_FIELDS = {
    *("id", "team_id", "type", "blocks", "private_metadata", "callback_id", "state", "hash", "title"),
    *("clear_on_close", "notify_on_close", "close", "submit", "previous_view_id", "root_view_id", "app_id"),
    *("external_id", "app_installed_team_id", "bot_id"),
}


async def test_a_submission_has_the_documented_fields(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(field("Name", "name"), field("More", "more", optional=True)))
    await dana.fill("Name", "Ann")
    assert await dana.submit() == {}
    payload = bot.payloads[-1]
    assert set(payload) == COMMON_FIELDS | {"api_app_id", "trigger_id", "view", "response_urls"}
    assert set(payload["view"]) == VIEW_FIELDS
    assert payload["view"]["state"]["values"] == {
        "name": {"typed": {"type": "plain_text_input", "value": "Ann"}},
        "more": {"typed": {"type": "plain_text_input", "value": None}},
    }
    assert dana.view is None


async def test_a_click_in_a_form_carries_the_state_of_the_form(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    more = {"type": "actions", "elements": [button("More", "more")]}
    await open_form(slack, api, bot, modal(field("Name", "name"), more))
    await dana.fill("Name", "Ann")
    await dana.click("More")
    payload = bot.payloads[-1]
    assert set(payload) == ACTION_FIELDS | {"view"}
    assert payload["view"]["state"]["values"]["name"]["typed"]["value"] == "Ann"


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"section": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
        {"response_action": "shout"},
        "words",
    ],
)
async def test_a_wrong_answer_to_a_form_is_trouble_and_leaves_it_open(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, body: Any
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(section("x", block_id="section"), field("Name", "name")))
    bot.answer(body)
    await dana.fill("Name", "Ann")
    with pytest.raises(ConnectionError, match=TROUBLE.replace("?", r"\?")):
        await dana.submit()
    assert dana.view is not None
    assert dana.notice == TROUBLE


async def test_faults_are_shown_on_their_field(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(field("Name", "name")))
    bot.answer({"response_action": "errors", "errors": {"name": "Taken."}})
    await dana.fill("Name", "Ann")
    assert await dana.submit() == {"Name": "Taken."}
    assert dana.view is not None
    assert dana.view.errors == {"name": "Taken."}


@pytest.mark.parametrize(
    ("action", "titles"), [("update", ["Next"]), ("push", ["Form", "Next"]), ("clear", [])]
)
async def test_a_form_can_be_replaced_covered_or_cleared(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, action: str, titles: list[str]
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(field("Name", "name", optional=True)))
    bot.answer({"response_action": action, "view": modal(section("x"), title="Next")})
    assert await dana.submit() == {}
    assert [view.view["title"]["text"] for view in dana.views] == titles


@pytest.mark.parametrize("trouble", ["slow", "status", "gone"])
async def test_a_form_the_bot_does_not_answer_stays_open_with_words(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, trouble: str
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(field("Name", "name", optional=True)))
    slack.dispatcher.answer_seconds = 0.1
    bot.answer(after=0.3 if trouble == "slow" else 0, status=500 if trouble == "status" else 200)
    if trouble == "gone":
        await bot.stop()
    with pytest.raises(ConnectionError, match="We had some trouble connecting"):
        await dana.submit()
    assert dana.view is not None
    assert not dana.view.busy


async def test_the_client_checks_inputs_before_it_sends(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    form = modal(
        field("Mail", "mail", {"type": "email_text_input"}),
        field("Link", "link", {"type": "url_text_input"}),
        field("Seats", "seats", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
        field("Short", "short", {"max_length": 3}),
    )
    await open_form(slack, api, bot, form)
    before = len(bot.requests)
    for label, value in {"Mail": "x", "Link": "x", "Seats": "0", "Short": "long"}.items():
        await dana.fill(label, value)
    assert await dana.submit() == {
        "Mail": "Please enter a valid email address.",
        "Link": "Please enter a valid URL.",
        "Seats": "Please enter a number of at least 1.",
        "Short": "Please enter at most 3 characters.",
    }
    assert len(bot.requests) == before


async def test_choices_beyond_the_limits_are_not_shown(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await open_form(slack, api, bot, modal(field("Who", "who", {"type": "external_select"})))
    before = len(bot.requests)
    assert await dana.options("Who", "an") == []
    assert len(bot.requests) == before
    bot.answer({"options": [{"text": plain(f"{n}"), "value": f"{n}"} for n in range(101)]})
    with pytest.raises(ConnectionError, match=NO_CHOICES):
        await dana.options("Who", "ann")
    payload = bot.payloads[-1]
    assert set(payload) == COMMON_FIELDS | {
        "api_app_id",
        "action_id",
        "block_id",
        "value",
        "container",
        "view",
    }
    assert payload["value"] == "ann"


async def test_every_kind_of_element_holds_its_value(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana, devi = slack.person("dana"), slack.person("devi")
    options = [{"text": {**plain(text), "emoji": True}, "value": text.lower()} for text in ("One", "Two")]
    kinds: dict[str, tuple[Json, Any, Json]] = {
        "static_select": ({"options": options}, "Two", {"selected_option": options[1]}),
        "multi_static_select": ({"options": options}, ["One", "Two"], {"selected_options": options}),
        "checkboxes": ({"options": options}, ["one"], {"selected_options": options[:1]}),
        "radio_buttons": ({"options": options}, "One", {"selected_option": options[0]}),
        "users_select": ({}, devi, {"selected_user": devi.id}),
        "multi_users_select": ({}, ["devi", dana], {"selected_users": [devi.id, dana.id]}),
        "channels_select": ({}, "general", {"selected_channel": slack.channel("general").id}),
        "datepicker": ({}, "2026-01-31", {"selected_date": "2026-01-31"}),
        "timepicker": ({}, "10:30", {"selected_time": "10:30"}),
        "number_input": ({"is_decimal_allowed": True}, 1.5, {"value": "1.5"}),
    }
    blocks = [field(kind, kind, {"type": kind, **fields}) for kind, (fields, _, _) in kinds.items()]
    await open_form(slack, api, bot, modal(*blocks))
    for kind, (_, value, _) in kinds.items():
        await dana.fill(kind, value)
    assert await dana.submit() == {}
    values = bot.payloads[-1]["view"]["state"]["values"]
    for kind, (_, _, expected) in kinds.items():
        assert values[kind]["typed"] == {"type": kind, **expected}
    assert bot.payloads[-1]["type"] == "view_submission"
