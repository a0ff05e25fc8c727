"""`chat`: post, whisper, edit, delete."""

from bot.sandbox.checks import check_attachments, check_blocks, check_metadata
from bot.sandbox.conversations import Channel, Message
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.method import Call, Method, message_json, scope_for
from bot.sandbox.normal import normal_blocks
from bot.sandbox.schema_blocks import characters
from bot.sandbox.team import Kind

MOST_TEXT = 40_000
MOST_IN_BLOCKS = 12_000
"""All text of a message's blocks together: not documented, named by Slack in slackapi/bolt-js issue 2509."""


def read_content(call: Call) -> Json:
    """Text, blocks, attachments and metadata of a message, checked; raises ApiError as Slack words it."""
    text = call.text("text")
    blocks = check_blocks(call.parsed("blocks", error="invalid_blocks_format"))
    attachments = check_attachments(call.parsed("attachments", error="invalid_attachments"))
    if len(text) > MOST_TEXT:
        raise ApiError("msg_too_long")
    if characters(blocks) > MOST_IN_BLOCKS:
        raise ApiError("msg_blocks_too_long")
    return {
        "text": text,
        "blocks": normal_blocks(blocks),
        "attachments": attachments,
        "metadata": check_metadata(call.parsed("metadata", error="invalid_metadata_format")),
    }


def _content(call: Call) -> Json:
    content = read_content(call)
    if not (content["text"].strip() or content["blocks"] or content["attachments"]):
        raise ApiError("no_text")
    return content


def _author(call: Call) -> Json:
    icon = call.text("icon_url") or call.text("icon_emoji")
    if call.text("username") or icon:
        call.scope("chat:write.customize")
    return {"username": call.text("username") or None, "icon": icon or None}


def _destination(call: Call) -> Channel:
    """The conversation of a `channel` argument: a channel id or name, or a user id for a direct message."""
    workspace, name = call.workspace, call.text("channel")
    if name[:1] in ("U", "W"):
        return _direct(call, name)
    channel = workspace.conversations.get(name) or workspace.conversations.named(name or " ")
    if channel is None or (channel.is_im and not channel.app_in):
        raise ApiError("channel_not_found")
    if channel.archived:
        raise ApiError("is_archived")
    if channel.is_im:
        return _direct(call, channel.user)
    if not channel.app_in:
        if channel.is_private:
            raise ApiError("channel_not_found")
        if "chat:write.public" not in call.scopes:
            raise ApiError("not_in_channel")
    return channel


def _direct(call: Call, user_id: str) -> Channel:
    account = call.workspace.people.get(user_id)
    if account is None or not account.in_slack:
        raise ApiError("channel_not_found")
    if account.kind is Kind.BOT:
        raise ApiError("cannot_dm_bot")
    if not call.workspace.app.manifest.messages_tab:
        raise ApiError("messages_tab_disabled")
    return call.workspace.conversations.with_app(user_id)


def _post_message(call: Call) -> Json:
    channel = _destination(call)
    author, content = _author(call), _content(call)
    message = call.workspace.post(
        channel,
        subtype="bot_message" if author["username"] else None,
        thread_ts=call.text("thread_ts") or None,
        **content,
        **author,
    )
    shown = message_json(call.workspace, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _post_ephemeral(call: Call) -> Json:
    account, channel = call.person(), _destination(call)
    author, content = _author(call), _content(call)
    if account.id not in channel.members:
        raise ApiError("user_not_in_channel")
    content.pop("metadata")
    return {"message_ts": call.workspace.whisper(channel, account.id, **content, **author).ts}


def _own_message(call: Call, error: str) -> Message:
    """The app's own message that `channel` and `ts` name; raises ApiError `error` for somebody else's."""
    channel = call.channel()
    message = channel.find(call.needed("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if channel.archived:
        raise ApiError("is_archived")
    if not message.from_app:
        raise ApiError(error)
    return message


def _update(call: Call) -> Json:
    workspace = call.workspace
    message = _own_message(call, "cant_update_message")
    given = call.args.keys() & {"text", "blocks", "attachments", "metadata"}
    if not given:
        raise ApiError("no_text")
    content = read_content(call)
    for name in given:
        setattr(message, name, content[name])
    message.edited = workspace.stamps.next()
    workspace.changes.mark()
    shown = message_json(workspace, message, with_metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def _delete(call: Call) -> Json:
    message = _own_message(call, "cant_delete_message")
    channel = call.channel()
    channel.remove(message)
    call.workspace.changes.mark()
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    message = channel.find(call.needed("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    call.scope(scope_for(channel, "read"), scope_for(channel, "history"), "chat:write")
    place = f"{channel.id}/p{message.ts.replace('.', '')}"
    return {
        "channel": channel.id,
        "permalink": f"https://{call.workspace.team.domain}.slack.com/archives/{place}",
    }


METHODS = {
    "chat.postMessage": Method(run=_post_message, scopes=("chat:write",), tier=Tier.POST),
    "chat.postEphemeral": Method(run=_post_ephemeral, scopes=("chat:write",), tier=Tier.FOUR),
    "chat.update": Method(run=_update, scopes=("chat:write",)),
    "chat.delete": Method(run=_delete, scopes=("chat:write",)),
    "chat.getPermalink": Method(run=_permalink, tier=Tier.MANY),
}
