"""Forms: what may be opened, when, how many, and what becomes of what was typed."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from bot.sandbox.checks import check_view
from bot.sandbox.errors import ApiError
from bot.sandbox.triggers import TRIGGER_SECONDS
from tests.sandbox.bots import RecordingBot, button, field, modal, plain, section

Json = dict[str, Any]


@pytest.fixture
async def trigger(slack: LocalSlack, bot: RecordingBot) -> str:
    """The trigger of a command Dana typed just now."""
    await slack.person("dana").command("/help-me")
    return bot.forms[0]["trigger_id"]


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


REFUSED_VIEWS: dict[str, tuple[Json, str]] = {
    "no title": (
        {"type": "modal", "blocks": [section("x")]},
        "missing required field: title [json-pointer:/view]",
    ),
    "title too long": (
        modal(section("x"), title="t" * 25),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "submit too long": (
        {**modal(section("x")), "submit": plain("s" * 25)},
        "must be less than 25 characters [json-pointer:/view/submit/text]",
    ),
    "an input without submit": (
        {"type": "modal", "title": plain("t"), "blocks": [field("Name", "n")]},
        "`submit` is required when an `input` is within the `blocks` array [json-pointer:/view]",
    ),
    "too many blocks": (
        modal(*[section("x")] * 101),
        "no more than 100 items allowed [json-pointer:/view/blocks]",
    ),
    "private_metadata too long": (
        modal(section("x"), private_metadata="m" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    "an unknown key": (
        modal(section("x"), colour="red"),
        "invalid additional property: colour [json-pointer:/view]",
    ),
    "block_id twice": (
        modal(field("A", "same"), field("B", "same")),
        '`block_id` "same" already exists [json-pointer:/view/blocks/1/block_id]',
    ),
    "two that want the focus": (
        modal(field("A", "a", {"focus_on_load": True}), field("B", "b", {"focus_on_load": True})),
        "only one element may set focus_on_load [json-pointer:/view/blocks]",
    ),
}


@pytest.mark.parametrize(("view", "fault"), REFUSED_VIEWS.values(), ids=REFUSED_VIEWS.keys())
def test_a_form_slack_would_refuse_is_refused(view: Json, fault: str) -> None:
    with pytest.raises(ApiError, match="invalid_arguments") as caught:
        check_view(view, kind="modal")
    assert caught.value.extra["response_metadata"]["messages"] == [f"[ERROR] {fault}"]


def test_a_form_of_more_than_250_kilobytes_is_too_large() -> None:
    big = modal(*(section("x" * 2900) for _ in range(90)))
    with pytest.raises(ApiError, match="view_too_large"):
        check_view(big, kind="modal")


async def test_a_trigger_opens_one_form(slack: LocalSlack, api: AsyncWebClient, trigger: str) -> None:
    opened = await api.views_open(trigger_id=trigger, view=modal(section("x")))
    assert opened["view"]["id"] == opened["view"]["root_view_id"]
    assert (
        await refused(api.views_open(trigger_id=trigger, view=modal(section("x")))) == "exchanged_trigger_id"
    )


async def test_a_refused_form_leaves_the_trigger_usable(api: AsyncWebClient, trigger: str) -> None:
    assert await refused(api.views_open(trigger_id=trigger, view={"type": "modal"})) == "invalid_arguments"
    assert (await api.views_open(trigger_id=trigger, view=modal(section("x"))))["ok"]


async def test_a_trigger_lives_three_seconds(api: AsyncWebClient, trigger: str) -> None:
    assert TRIGGER_SECONDS == 3
    await asyncio.sleep(TRIGGER_SECONDS + 0.05)
    assert await refused(api.views_open(trigger_id=trigger, view=modal(section("x")))) == "expired_trigger_id"


async def test_a_made_up_trigger_opens_nothing(api: AsyncWebClient, slack: LocalSlack) -> None:
    assert await refused(api.views_open(trigger_id="1.2.3", view=modal(section("x")))) == "invalid_trigger_id"


async def test_three_forms_stack_and_no_more(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, trigger: str
) -> None:
    dana = slack.person("dana")
    more = {"type": "actions", "elements": [button("More", "more")]}
    await api.views_open(trigger_id=trigger, view=modal(more, title="1"))
    for title in ("2", "3"):
        await dana.click("More")
        await api.views_push(trigger_id=bot.payloads[-1]["trigger_id"], view=modal(more, title=title))
    await dana.click("More")
    last = bot.payloads[-1]["trigger_id"]
    assert await refused(api.views_push(trigger_id=last, view=modal(more, title="4"))) == "push_limit_reached"
    assert [view.view["title"]["text"] for view in dana.views] == ["1", "2", "3"]
    await dana.close()
    assert dana.view is not None
    assert dana.view.view["title"]["text"] == "2"


async def test_a_form_is_pushed_only_from_a_form(api: AsyncWebClient, trigger: str) -> None:
    assert await refused(api.views_push(trigger_id=trigger, view=modal(section("x")))) == "not_found"


async def test_a_stale_hash_conflicts(api: AsyncWebClient, trigger: str) -> None:
    view = (await api.views_open(trigger_id=trigger, view=modal(section("x"))))["view"]
    await api.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("y")))
    late = api.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("z")))
    assert await refused(late) == "hash_conflict"
    assert (await api.views_update(view_id=view["id"], view=modal(section("z"))))["ok"]


async def test_an_update_keeps_what_was_typed_where_the_ids_stay(
    slack: LocalSlack, api: AsyncWebClient, trigger: str
) -> None:
    dana = slack.person("dana")
    view = (await api.views_open(trigger_id=trigger, view=modal(field("A", "a"), field("B", "b"))))["view"]
    await dana.fill("A", "kept")
    await dana.fill("B", "lost")
    after = (await api.views_update(view_id=view["id"], view=modal(field("A", "a"), field("B", "c"))))["view"]
    assert after["state"]["values"] == {"a": {"typed": {"type": "plain_text_input", "value": "kept"}}}


async def test_a_closed_form_cannot_be_updated(slack: LocalSlack, api: AsyncWebClient, trigger: str) -> None:
    view = (await api.views_open(trigger_id=trigger, view=modal(section("x"))))["view"]
    await slack.person("dana").close()
    assert await refused(api.views_update(view_id=view["id"], view=modal(section("y")))) == "not_found"


async def test_an_external_id_is_used_once(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, trigger: str
) -> None:
    named = modal(section("x"), external_id="mine")
    await api.views_open(trigger_id=trigger, view=named)
    await slack.person("devi").command("/help-me")
    second = bot.forms[-1]["trigger_id"]
    assert await refused(api.views_open(trigger_id=second, view=named)) == "duplicate_external_id"
    updated = await api.views_update(external_id="mine", view=modal(section("y"), external_id="mine"))
    assert updated["view"]["external_id"] == "mine"


async def test_closing_is_told_only_where_the_form_asked(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot, trigger: str
) -> None:
    dana = slack.person("dana")
    await api.views_open(trigger_id=trigger, view=modal(section("x"), notify_on_close=True, callback_id="f"))
    await dana.close(everything=True)
    closed = bot.payloads[-1]
    assert (closed["type"], closed["is_cleared"], closed["view"]["callback_id"]) == ("view_closed", True, "f")
    await dana.command("/help-me")
    await api.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=modal(section("x")))
    before = len(bot.requests)
    await dana.close()
    assert len(bot.requests) == before


async def test_a_home_tab_has_no_title_and_its_own_hash(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    home = {"type": "home", "blocks": [section("x")]}
    first = (await api.views_publish(user_id=dana.id, view=home))["view"]
    titled = api.views_publish(user_id=dana.id, view={**home, "title": plain("t")})
    assert await refused(titled) == "invalid_arguments"
    await api.views_publish(user_id=dana.id, hash=first["hash"], view=home)
    stale = api.views_publish(user_id=dana.id, hash=first["hash"], view=home)
    assert await refused(stale) == "hash_conflict"


async def test_blocks_can_be_checked_without_sending_them(api: AsyncWebClient, slack: LocalSlack) -> None:
    assert (await api.blocks_validate(view=modal(section("x"))))["ok"]
    assert (await api.blocks_validate(blocks=[section("x")]))["ok"]
    assert await refused(api.blocks_validate(blocks=[{"type": "poem"}])) == "invalid_blocks"
