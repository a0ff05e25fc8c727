"""What becomes of an error no listener expected: words and a number for the person, a line in the log."""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import structlog
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.incidents import incident_number
from bot.slack.blocks import message, modal, section
from bot.slack.calls import NO_ANSWER
from bot.slack.lines import NotInstalled, NotRenewed
from domain.errors import Busy
from domain.ports import StoreUnavailable

log = structlog.get_logger("steward.slack")

Explain = Callable[[Exception], str | None]
"""The words for an error that people may read as they are; None for an incident."""

LISTENED = "steward_listened"
"""Key in Bolt's context: a listener ran for this delivery."""

PATIENCE = 1.5
"""Seconds to tell the person where the answer itself cannot carry words."""

_PASSING = (Busy, StoreUnavailable, NotRenewed)
"""What is over by itself soon: the same delivery succeeds then."""
_INTERACTIONS = (
    *("block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action"),
    *("event_callback", "url_verification", "app_rate_limited"),
)
_EVENTS = ("app_home_opened", "app_uninstalled", "team_join", "tokens_revoked", "user_change", "message")
_OWN_ID = re.compile(r"/[a-z]+(?:-[a-z]+)*|[a-z][a-z0-9_]*(?::\w+)?")
_TOKENS = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+|v0=[0-9a-f]{64}")
_ADDRESSES = re.compile(r"[^\s@'\"<>]+@[^\s@'\"<>]+")

NOT_INSTALLED = "Steward is not connected to this workspace. Ask whoever runs it to install it here again."
NOT_RENEWED = "Slack has not renewed Steward's access to this workspace yet. Please try again in a minute."
_OF_ACCESS = {NotInstalled: NOT_INSTALLED, NotRenewed: NOT_RENEWED}
UNKNOWN_COMMAND = "Steward does not know this command. Type `/team help` to see what it can do."
OUTDATED = "This no longer works here. Type `/team help` to see what you can do instead."


def kind_of(body: Mapping[str, Any]) -> str:
    """What kind of delivery this is, one of a few: `command`, an interaction's type, `event` and its type."""
    if "command" in body:
        return "command"
    event = body.get("event")
    if body.get("type") == "event_callback" and isinstance(event, Mapping):
        return f"event {_one_of(_EVENTS, event.get('type'))}"
    return _one_of(_INTERACTIONS, body.get("type"))


def _one_of(known: tuple[str, ...], told: object) -> str:
    return told if isinstance(told, str) and told in known else "unknown"


class Incidents:
    """Answers deliveries whose listener failed, or that no listener is for."""

    def __init__(self, explain: Explain | None = None, *, count: Callable[[], None] | None = None) -> None:
        self._explain = explain or (lambda _error: None)
        self._count = count or (lambda: None)

    def listener(self) -> Callable[..., Awaitable[BoltResponse]]:
        """The function for `app.error`."""

        async def answer_error(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
            return await self.answer(error, request)

        return answer_error

    async def answer(self, error: Exception, request: AsyncBoltRequest) -> BoltResponse:
        """The answer to `request`, whose listener raised `error`."""
        if isinstance(error, BoltUnhandledRequestError):
            return await self._unhandled(request)
        words = _OF_ACCESS.get(type(error)) or self._explain(error)
        if words is None:
            self._count()
            return await _reply(request, _incident(error, request.body), failed=True)
        log.info("slack.refused", kind=kind_of(request.body), error=type(error).__name__)
        return await _reply(request, words, failed=isinstance(error, _PASSING))

    async def _unhandled(self, request: AsyncBoltRequest) -> BoltResponse:
        kind = kind_of(request.body)
        if request.context.get(LISTENED):
            log.warning("slack.not_acknowledged", kind=kind)
            return BoltResponse(status=200)
        log.warning("slack.nobody_listens", kind=kind, ids=_ids(request.body))
        if kind == "command":
            return await _reply(request, UNKNOWN_COMMAND, failed=False)
        if _expects_words(request.body):
            return await _reply(request, OUTDATED, failed=False)
        return nothing(request.body)


def _incident(error: Exception, body: Mapping[str, Any]) -> str:
    number = incident_number()
    log.error(
        "slack.incident",
        incident=number,
        kind=kind_of(body),
        error=type(error).__qualname__,
        says=_harmless(error, body),
        where=_frames(error),
    )
    return (
        "Something went wrong and Steward could not finish this. Please try again in a minute. "
        f"If it happens again, give whoever runs Steward this number: {number}"
    )


def _frames(error: BaseException) -> list[str]:
    """The places an error came through, its causes first; never what was in the variables."""
    cause = error.__cause__ or error.__context__
    earlier = _frames(cause) if cause is not None else []
    own = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in own]
    return [*earlier, *places, type(error).__qualname__][-40:]


def _harmless(error: Exception, body: Mapping[str, Any]) -> str:
    """The first line of an error's message, without secrets, addresses and anything the delivery carried."""
    line = (str(error).splitlines() or [""])[0][:1000]
    line = _ADDRESSES.sub("[address]", _TOKENS.sub("[secret]", line))
    for typed in sorted({text for text in _texts(body) if len(text) > 3}, key=len, reverse=True):
        line = line.replace(typed, "[typed]")
    return line[:200]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _ids(body: Mapping[str, Any]) -> list[str]:
    """Our own ids in a delivery, to find out which listener is missing."""
    view = body.get("view") or {}
    acts = body.get("actions") or [{}]
    ids = (body.get("command"), body.get("callback_id"), body.get("action_id"), view.get("callback_id"))
    found = [str(each)[:100] for each in (*ids, acts[0].get("action_id")) if each]
    # What has not the form of ours was typed by somebody, or forged.
    return [each if _OWN_ID.fullmatch(each) else "(not ours)" for each in found]


def _expects_words(body: Mapping[str, Any]) -> bool:
    """Whether a person waits for something to happen; a button that opens a link only reports the click."""
    if body.get("type") == "block_actions":
        return any(act.get("type") != "button" or act.get("value") for act in body.get("actions") or [])
    return body.get("type") in ("view_submission", "shortcut", "message_action")


async def _reply(request: AsyncBoltRequest, words: str, *, failed: bool) -> BoltResponse:
    body = request.body
    kind = body.get("type")
    if "command" in body:
        return BoltResponse(status=200, body=message(words, response_type="ephemeral"))
    if kind == "view_submission":
        return BoltResponse(status=200, body=on_form(body.get("view") or {}, words))
    if kind in ("event_callback", "block_suggestion"):
        # Slack delivers a failed event again; an empty list would claim that nothing was found.
        return BoltResponse(status=500) if failed else nothing(body)
    if kind in ("block_actions", "shortcut", "message_action"):
        await _tell(request, words)
    return BoltResponse(status=200)


def nothing(body: Mapping[str, Any]) -> BoltResponse:
    """The answer to a delivery that brings about nothing; what is typed into a select still gets its list."""
    if body.get("type") in ("block_suggestion", "dialog_suggestion"):
        return BoltResponse(status=200, body={"options": []})
    return BoltResponse(status=200)


def on_form(view: Mapping[str, Any], words: str) -> dict[str, Any]:
    """Words on the form's first field, so that nothing typed is lost; in its place if it has no field."""
    inputs = (block for block in view.get("blocks") or [] if block.get("type") == "input")
    field = next((block["block_id"] for block in inputs if block.get("block_id")), None)
    if field is not None:
        return {"response_action": "errors", "errors": {field: words}}
    return {"response_action": "update", "view": _notice(words)}


def _notice(words: str) -> dict[str, Any]:
    return modal("That did not work", [section(words)], callback_id="notice", close="Close")


async def _tell(request: AsyncBoltRequest, words: str) -> None:
    """Shows the words beside the message that was clicked, or in a form of their own."""
    body, client = request.body, request.context.client
    try:
        async with asyncio.timeout(PATIENCE):
            if body.get("response_url"):
                await _respond(client, str(body["response_url"]), words)
            elif body.get("trigger_id"):
                in_form = (body.get("view") or {}).get("type") == "modal"
                show = client.views_push if in_form else client.views_open
                await show(trigger_id=str(body["trigger_id"]), view=_notice(words))
    except (SlackApiError, NotInstalled, *NO_ANSWER) as error:
        log.warning("slack.could_not_tell", kind=kind_of(body), error=type(error).__name__)


async def _respond(client: AsyncWebClient, url: str, words: str) -> None:
    hook = AsyncWebhookClient(url, session=client.session, timeout=client.timeout, retry_handlers=[])
    answer = message(words, response_type="ephemeral", replace_original=False)
    await hook.send_dict(answer)
