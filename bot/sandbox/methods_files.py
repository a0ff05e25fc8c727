"""`files`: what people attached, and the app's own uploads in two steps."""

from bot.sandbox.conversations import Channel
from bot.sandbox.core import StoredFile
from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.files import file_json, keep_file
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.method import Call, Method


def _info(call: Call) -> Json:
    stored = call.workspace.files.get(call.needed("file"))
    if stored is None or not stored.complete:
        raise ApiError("file_not_found")
    return {
        "file": file_json(call.workspace, stored),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def _upload_address(call: Call) -> Json:
    workspace = call.workspace
    name, length = call.needed("filename"), call.needed("length")
    if not length.isdigit() or int(length) == 0:
        raise invalid_arguments("[ERROR] must be a positive integer [json-pointer:/length]")
    stored = keep_file(workspace, user=workspace.bot.user, name=name, content=b"")
    stored.complete = False
    return {"upload_url": f"{workspace.core.base_url}/upload/{stored.id}", "file_id": stored.id}


def _complete(call: Call) -> Json:
    workspace = call.workspace
    wanted = call.parsed("files", error="invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("[ERROR] missing required field: files")
    files = [_uploaded(call, each) for each in wanted]
    channel = _shared_in(call)
    for stored, entry in zip(files, wanted, strict=True):
        stored.complete = True
        stored.title = str(entry.get("title") or stored.name)
    shown = [file_json(workspace, stored) for stored in files]
    if channel is not None:
        _share(call, channel, files)
        shown = [file_json(workspace, stored) for stored in files]
    return {"files": shown}


def _uploaded(call: Call, entry: object) -> StoredFile:
    stored = call.workspace.files.get(str(entry.get("id", ""))) if isinstance(entry, dict) else None
    if stored is None or stored.complete or not stored.content:
        raise ApiError("file_not_found")
    return stored


def _shared_in(call: Call) -> Channel | None:
    if not call.text("channel_id"):
        return None
    channel = call.channel("channel_id")
    if not channel.app_in:
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("is_archived")
    return channel


def _share(call: Call, channel: Channel, files: list[StoredFile]) -> None:
    workspace = call.workspace
    for stored in files:
        stored.channels.append(channel.id)
    workspace.post(
        channel,
        text=call.text("initial_comment"),
        files=[file_json(workspace, stored) for stored in files],
        thread_ts=call.text("thread_ts") or None,
    )


METHODS = {
    "files.info": Method(run=_info, scopes=("files:read",), tier=Tier.FOUR),
    "files.getUploadURLExternal": Method(run=_upload_address, scopes=("files:write",), tier=Tier.FOUR),
    "files.completeUploadExternal": Method(run=_complete, scopes=("files:write",), tier=Tier.FOUR),
}
