"""What the bot answers: messages to a command, at a response address, and to a submitted form."""

from typing import Any

from bot.sandbox.checks import check_attachments, check_blocks, check_view
from bot.sandbox.conversations import Channel, Message
from bot.sandbox.core import Workspace
from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.ids import Json
from bot.sandbox.normal import normal_blocks, normal_view
from bot.sandbox.triggers import ResponseUrl
from bot.sandbox.views import OpenView

_REPLY_KEYS = frozenset(
    {
        "text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
        "unfurl_links", "unfurl_media", "thread_ts", "metadata", "mrkdwn", "parse", "link_names", "username",
        "icon_url", "icon_emoji",
    }
)  # fmt: skip
_ERRORS_ON = ("input",)


def post_reply(workspace: Workspace, channel: Channel, user: str, body: Any) -> None:
    """Shows what a command was answered with: to the person alone unless it says `in_channel`."""
    if body is None:
        return
    if isinstance(body, str):
        workspace.whisper(channel, user, text=body)
        return
    if not isinstance(body, dict):
        raise ApiError("invalid_payload")
    content = _content(body)
    if not (content["text"] or content["blocks"] or content["attachments"]):
        return
    if body.get("response_type") == "in_channel":
        workspace.post(channel, **content)
    else:
        workspace.whisper(channel, user, **content)


def answer_later(workspace: Workspace, response: ResponseUrl, body: Any) -> None:
    """What the bot posts to a response address: a new message, a replacement or a removal.

    Raises ApiError as Slack words it.
    """
    if not isinstance(body, dict):
        raise ApiError("invalid_payload", status=400)
    if unknown := body.keys() - _REPLY_KEYS:
        raise ApiError("invalid_payload", status=400, unknown=sorted(unknown))
    channel = workspace.conversations.get(response.channel)
    if channel is None:
        raise ApiError("channel_not_found", status=404)
    original = channel.find(response.message_ts, response.user) if response.message_ts else None
    if body.get("delete_original") and original:
        channel.remove(original)
    elif body.get("replace_original") and original:
        _replace(workspace, original, body)
    else:
        content = _content(body)
        if not (content["text"] or content["blocks"] or content["attachments"]):
            raise ApiError("no_text", status=400)
        post_reply(workspace, channel, response.user, body)
    workspace.changes.mark()


def _replace(workspace: Workspace, message: Message, body: Json) -> None:
    for name, value in _content(body).items():
        setattr(message, name, value)
    message.edited = workspace.stamps.next()


def _content(body: Json) -> Json:
    return {
        "text": str(body.get("text") or ""),
        "blocks": normal_blocks(check_blocks(body.get("blocks"))),
        "attachments": check_attachments(body.get("attachments")),
    }


def apply_response(workspace: Workspace, view: OpenView, body: Any) -> None:
    """Does what the bot answered to a submitted form; raises ApiError when Slack would refuse it."""
    views = workspace.views
    if body is None or body == {}:
        if views.get(view.id):
            views.close(view)
        return
    if not isinstance(body, dict):
        raise invalid_arguments("[ERROR] the answer to a view_submission must be empty or JSON")
    match body.get("response_action"):
        case "errors":
            view.errors = _field_errors(view, body.get("errors"))
        case "update":
            views.update(view, normal_view(check_view(body.get("view"), kind="modal")))
        case "push":
            views.push(view.user, normal_view(check_view(body.get("view"), kind="modal")))
        case "clear":
            views.close_all(view.user)
        case other:
            raise invalid_arguments(f"[ERROR] unknown response_action: {other}")


def _field_errors(view: OpenView, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.view["blocks"] if block["type"] in _ERRORS_ON}
    if not isinstance(errors, dict) or not errors:
        raise invalid_arguments("[ERROR] errors must name at least one block")
    for block_id, words in errors.items():
        if block_id not in inputs:
            raise invalid_arguments(f"[ERROR] {block_id} is not the block_id of an input block")
        if not isinstance(words, str) or not words:
            raise invalid_arguments(f"[ERROR] the error of {block_id} must be text")
    return dict(errors)
