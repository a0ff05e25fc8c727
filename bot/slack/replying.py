"""Brings a screen's answer to the person, whatever the delivery was."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.answers import (
    Answer,
    Close,
    Errors,
    Offer,
    Publish,
    Push,
    Refresh,
    Replace,
    Say,
    Several,
    Show,
    Update,
)
from bot.slack.blocks import Message, View, message, modal, section
from bot.slack.calls import NO_ANSWER
from bot.slack.forms import carrying
from bot.slack.text import Mrkdwn
from bot.slack.visit import Kind, Visit

log = structlog.get_logger("steward.slack")

Ack = Callable[..., Awaitable[Any]]

PATIENCE = 2.0
"""Seconds a call to Slack may take: the person waits, and Slack gives up on the answer after three."""

NOTICE = "notice"
DEEPEST = 3

LATE = "Slack's time to open a form ran out, and nothing was done. Please try again."
UNREACHED = "Slack did not let Steward open the form, and nothing was done. Please try again in a minute."
STALE = "Slack did not let Steward renew the form. Close it and open it again to see how things stand."
_TRIGGER_OVER = frozenset(
    {
        *("expired_trigger_id", "trigger_expired", "exchanged_trigger_id"),
        *("trigger_exchanged", "invalid_trigger_id", "invalid_trigger"),
    }
)

_AFTERWARDS = (Say, Replace, Publish)
"""What tells of something done: where Slack does not take it, nothing else is said in its place."""


class NotShown(Exception):
    """Slack did not do what the answer needs; says so in words for the person."""


def notice(said: Say) -> View:
    """A form of words; closing it closes those below, unless they are kept."""
    blocks = said.message.get("blocks") or [section(Mrkdwn(said.message["text"]))]
    return modal(said.title, blocks, callback_id=NOTICE, close="Close", clear_on_close=not said.keep)


async def reply(answer: Answer, visit: Visit, ack: Ack, client: AsyncWebClient) -> None:
    """Show the answer, then acknowledge the delivery."""
    answers = answer.answers if isinstance(answer, Several) else (answer,)
    body: dict[str, Any] = {}
    hashes = visit.hashes
    for each in sorted(answers, key=lambda each: _height(each, hashes)):
        try:
            body.update(await _shown(each, visit, client, hashes) or {})
        except NotShown as failed:
            if not isinstance(each, _AFTERWARDS):
                body.update(await _said(message(str(failed)), visit, client) or {})
    await ack(**body)


def _height(answer: Answer, hashes: Mapping[str, str]) -> int:
    """The place in the order: forms are renewed from the lowest up, as each has the hashes of those below."""
    if not isinstance(answer, Refresh):
        return len(hashes) + 1
    return list(hashes).index(answer.view_id) if answer.view_id in hashes else len(hashes)


async def _shown(
    answer: Answer, visit: Visit, client: AsyncWebClient, hashes: dict[str, str]
) -> dict[str, Any] | None:
    """Do what the answer needs of Slack; return what goes into the acknowledgement.

    Args:
        hashes: of the forms below; brought up to date as they are renewed.
    """
    if isinstance(answer, Refresh):
        await _refresh(answer, client, hashes)
        return None
    if visit.kind is Kind.SUBMISSION:
        return _after_submission(answer, visit, hashes)
    match answer:
        case Say():
            return await _say(answer, visit, client)
        case Show(view=view) | Push(view=view):
            await _open(visit, client, view, hashes)
        case Update(view=view):
            await _update(visit, client, view, hashes)
        case Replace(message=said) if visit.response_url:
            await _respond(visit, client, {**said, "replace_original": True})
        case Replace(message=said):
            return await _say(Say(said), visit, client)
        case Publish(view=view):
            await _call(client.views_publish, user_id=visit.who.user_id, view=view)
        case Offer(suggestions=suggestions):
            return dict(suggestions)
        case None:
            return None
        case _:
            raise TypeError(f"{type(answer).__name__} cannot answer {visit.kind}")
    return None


def _after_submission(answer: Answer, visit: Visit, hashes: Mapping[str, str]) -> dict[str, Any] | None:
    match answer:
        case Say():
            act = "push" if answer.keep else "update"
            return {"response_action": act, "view": notice(answer)}
        case Show(view=view) | Update(view=view):
            return {"response_action": "update", "view": carrying(view, hashes)}
        case Push(view=view):
            return {"response_action": "push", "view": carrying(view, _with_own(visit, hashes))}
        case Errors(errors=errors):
            return {"response_action": "errors", "errors": dict(errors)}
        case Close(everything=True):
            return {"response_action": "clear"}
        case Close() | None:
            return None
    raise TypeError(f"{type(answer).__name__} cannot answer a submission")


async def _say(said: Say, visit: Visit, client: AsyncWebClient) -> dict[str, Any] | None:
    if visit.kind is Kind.COMMAND:
        return {**said.message, "response_type": "ephemeral"}
    if visit.kind is Kind.ACTION and visit.response_url:
        await _respond(visit, client, {**said.message, "replace_original": False})
    elif visit.trigger_id:
        await _open(visit, client, notice(said), visit.hashes)
    return None


async def _said(words: Message, visit: Visit, client: AsyncWebClient) -> dict[str, Any] | None:
    """Words about a form that could not be shown, where they can be said without a form."""
    if visit.kind is Kind.COMMAND:
        return {**words, "response_type": "ephemeral"}
    if visit.response_url:
        try:
            await _respond(visit, client, {**words, "replace_original": False})
        except NotShown:
            log.warning("slack.could_not_tell", kind=str(visit.kind))
    return None


def _with_own(visit: Visit, hashes: Mapping[str, str]) -> dict[str, str]:
    """The hashes below a form that is laid above this one."""
    own = {str(visit.view["id"]): str(visit.view["hash"])} if visit.view.get("hash") else {}
    return {**hashes, **own}


async def _open(visit: Visit, client: AsyncWebClient, view: View, hashes: Mapping[str, str]) -> None:
    if visit.in_form and visit.depth < DEEPEST:
        above = carrying(view, _with_own(visit, hashes))
        await _call(client.views_push, trigger_id=visit.trigger_id, view=above)
    elif visit.in_form:
        await _update(visit, client, view, hashes)
    else:
        await _call(client.views_open, trigger_id=visit.trigger_id, view=view)


async def _update(visit: Visit, client: AsyncWebClient, view: View, hashes: Mapping[str, str]) -> None:
    if not visit.in_form:
        await _open(visit, client, view, hashes)
        return
    which = {"view_id": str(visit.view["id"]), "hash": str(visit.view.get("hash") or "") or None}
    try:
        await _call(client.views_update, view=carrying(view, hashes), **which)
    except NotShown as failed:
        raise NotShown(STALE) from failed


async def _refresh(answer: Refresh, client: AsyncWebClient, hashes: dict[str, str]) -> None:
    at = list(hashes).index(answer.view_id) if answer.view_id in hashes else len(hashes)
    view = carrying(answer.view, dict(list(hashes.items())[:at]))
    # A form that was open before this version of Steward ran has told no hash of those below.
    known = hashes.get(answer.view_id)
    try:
        renewed = await _call(client.views_update, view=view, view_id=answer.view_id, hash=known)
        if renewed is not None and known is not None:
            hashes[answer.view_id] = str(renewed["view"]["hash"])
    except NotShown:
        # What was done stands, and was said; the form below is closed by now, or stale until it is reopened.
        log.info("slack.form_below_not_renewed")


async def _call(method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
    """Return Slack's answer, None where a newer version of the form stands there."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await method(**arguments)
    except SlackApiError as error:
        data = getattr(error.response, "data", None)
        word = str(data.get("error")) if isinstance(data, dict) else "unreadable answer"
        if word == "hash_conflict":
            return None
        log.warning("slack.form_not_shown", error=word)
        raise NotShown(LATE if word in _TRIGGER_OVER else UNREACHED) from error
    except NO_ANSWER as error:
        log.warning("slack.form_not_shown", error=type(error).__name__)
        raise NotShown(UNREACHED) from error


async def _respond(visit: Visit, client: AsyncWebClient, said: Message) -> None:
    hook = AsyncWebhookClient(
        visit.response_url, session=client.session, timeout=client.timeout, retry_handlers=[]
    )
    content = {key: value for key, value in said.items() if not key.startswith("unfurl_")}
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await hook.send_dict({"response_type": "ephemeral", **content})
    except NO_ANSWER as error:
        log.warning("slack.response_not_taken", error=type(error).__name__)
        raise NotShown(UNREACHED) from error
    if answer.status_code >= 400:
        log.warning("slack.response_refused", status=answer.status_code)
        raise NotShown(UNREACHED)
