"""`conversations`: channels, direct messages and their history."""

from itertools import islice

from bot.sandbox.conversations import Channel
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.locating import About
from bot.sandbox.method import Call, Method, message_json, scope_for
from bot.sandbox.paging import make_cursor, read_cursor
from bot.sandbox.team import Kind

MOST_IN_A_PAGE = 1000
_KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
_END_OF_TIME = "9999999999.999999"


def _open(call: Call) -> Json:
    workspace = call.workspace
    if call.text("channel"):
        channel = call.channel()
        return {"channel": _short(call, channel), "no_op": True, "already_open": True}
    users = call.args.get("users")
    wanted = users if isinstance(users, list) else call.text("users").split(",")
    names = [str(each).strip() for each in wanted if str(each).strip()]
    if not names:
        raise ApiError("users_list_not_supplied")
    if len(names) > 1:
        call.scope("mpim:write")
        raise ApiError("restricted_action")
    account = workspace.people.get(names[0])
    if account is None or not account.in_slack:
        raise ApiError("user_not_found")
    if account.deleted:
        raise ApiError("user_disabled")
    if account.kind is Kind.BOT:
        raise ApiError("cannot_dm_bot")
    return {"channel": _short(call, workspace.conversations.with_app(account.id))}


def _short(call: Call, channel: Channel) -> Json:
    return channel_json(call, channel) if call.flag("return_im") else {"id": channel.id}


def channel_json(call: Call, channel: Channel) -> Json:
    """The `channel` object, shorter for a direct conversation."""
    team = call.workspace.team.id
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": team,
        "updated": channel.created * 1000,
    }
    if channel.is_im:
        return {**common, "user": channel.user, "is_user_deleted": _is_deleted(call, channel), "priority": 0}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_mpim": False,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": channel.app_in,
        "creator": next(iter(sorted(channel.members)), ""),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


def _is_deleted(call: Call, channel: Channel) -> bool:
    account = call.workspace.people.get(channel.user)
    return account is None or account.deleted


def _seen(call: Call, verb: str) -> Channel:
    channel = call.channel()
    call.scope(scope_for(channel, verb))
    return channel


def _history(call: Call) -> Json:
    workspace = call.workspace
    channel = _seen(call, "history")
    if not channel.app_in:
        raise ApiError("not_in_channel")
    after = call.text("oldest") or "0"
    before = read_cursor("next_ts", call.text("cursor")) or call.text("latest") or _END_OF_TIME
    inclusive = call.flag("inclusive") and not call.text("cursor")
    limit = call.number("limit", 100, most=999)
    newest = channel.between(after=_full(after), before=_full(before), inclusive=inclusive)
    found = list(islice(newest, limit + 1))
    shown, more = found[:limit], len(found) > limit
    with_metadata = call.flag("include_all_metadata")
    messages = [message_json(workspace, message, with_metadata=with_metadata) for message in shown]
    answer: Json = {"messages": messages, "has_more": more, "pin_count": 0}
    if more:
        answer["response_metadata"] = make_cursor("next_ts", shown[-1].ts)
    return answer


def _full(ts: str) -> str:
    """A stamp in the width all stamps have, so that they compare as text."""
    seconds, _, micros = ts.partition(".")
    if not seconds.isdigit() or (micros and not micros.isdigit()):
        raise ApiError("invalid_ts_latest")
    return f"{seconds:0>10}.{micros:0<6}"


def _info(call: Call) -> Json:
    channel = _seen(call, "read")
    shown = channel_json(call, channel)
    if call.flag("include_num_members") and not channel.is_im:
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def _list(call: Call) -> Json:
    kinds = [each.strip() for each in (call.text("types") or "public_channel").split(",")]
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise ApiError("invalid_types", types=unknown)
    for kind in kinds:
        call.scope(f"{_KINDS[kind]}:read")
    shown = [channel for channel in call.workspace.conversations if _listed(call, channel, kinds)]
    limit = call.number("limit", 100, most=MOST_IN_A_PAGE)
    start = _start(call, [channel.id for channel in shown])
    page = shown[start : start + limit]
    last = page[-1].id if start + limit < len(shown) else None
    return {
        "channels": [channel_json(call, channel) for channel in page],
        "response_metadata": make_cursor("channel", last),
    }


def _listed(call: Call, channel: Channel, kinds: list[str]) -> bool:
    if channel.archived and call.flag("exclude_archived"):
        return False
    if channel.is_im:
        return "im" in kinds and channel.app_in
    if channel.is_private:
        return "private_channel" in kinds and channel.app_in
    return "public_channel" in kinds


def _members(call: Call) -> Json:
    channel = _seen(call, "read")
    members = sorted(channel.members)
    limit = call.number("limit", 100, most=MOST_IN_A_PAGE)
    start = _start(call, members)
    page = members[start : start + limit]
    last = page[-1] if start + limit < len(members) else None
    return {"members": page, "response_metadata": make_cursor("channel", last)}


def _start(call: Call, ids: list[str]) -> int:
    after = read_cursor("channel", call.text("cursor"))
    if after is None:
        return 0
    if after not in ids:
        raise ApiError("invalid_cursor")
    return ids.index(after) + 1


def _join(call: Call) -> Json:
    workspace = call.workspace
    channel = workspace.conversations.get(call.needed("channel"))
    if channel is None or channel.is_private:
        raise ApiError("channel_not_found")
    if channel.is_im:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    if not channel.app_in:
        channel.app_in = True
        workspace.conversations.join(channel, workspace.bot.user)
        workspace.changes.mark()
    return {"channel": channel_json(call, channel)}


METHODS = {
    "conversations.open": Method(run=_open, scopes=("im:write",)),
    "conversations.history": Method(run=_history),
    "conversations.info": Method(run=_info),
    "conversations.list": Method(run=_list, tier=Tier.TWO, about=About.TEAM),
    "conversations.members": Method(run=_members, tier=Tier.FOUR),
    "conversations.join": Method(run=_join, scopes=("channels:join",)),
}
