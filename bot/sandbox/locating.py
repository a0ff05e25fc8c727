"""Which workspace a call of the Web API is about: that of its token, or one of the org that owns it."""

from collections.abc import Iterable

from bot.sandbox.core import Core, Workspace
from bot.sandbox.errors import ApiError
from bot.sandbox.grants import Installation
from bot.sandbox.ids import Json


def workspace_for(core: Core, holder: Installation, args: Json, *, needs_team: bool) -> Workspace:
    """The workspace of a call whose token belongs to `holder`.

    A workspace's token ignores `team_id`. An org's token needs it where the method `needs_team`; elsewhere
    what the call names tells the workspace. Raises ApiError `missing_argument` or `team_access_not_granted`.
    """
    if holder.team_id is not None:
        return core.workspaces[holder.team_id]
    granted = [core.workspaces[team_id] for team_id in core.workspaces if team_id in holder.teams]
    wanted = str(args.get("team_id") or "")
    if needs_team and not wanted:
        raise ApiError("missing_argument")
    if wanted and wanted != holder.enterprise_id:
        granted = [each for each in granted if each.team.id == wanted]
    if not granted:
        raise ApiError("team_access_not_granted")
    return next((each for each in granted if _is_about(each, args)), granted[0])


def _is_about(workspace: Workspace, args: Json) -> bool:
    """Whether the first thing the arguments name belongs to the workspace."""
    if trigger := args.get("trigger_id"):
        return workspace.core.triggers.team(str(trigger)) == workspace.team.id
    if view := args.get("view_id"):
        opened = workspace.views.get(str(view))
        return opened is not None and workspace.people.get(opened.user) is not None
    if file := args.get("file"):
        return str(file) in workspace.files
    if address := args.get("email"):
        return workspace.people.email(str(address)) is not None
    return any(_knows(workspace, each) for each in _named(args))


def _named(args: Json) -> Iterable[str]:
    """The conversations and people named."""
    for name in ("channel", "channel_id", "user", "user_id", "team"):
        if value := args.get(name):
            yield str(value)
    users = args.get("users") or []
    yield from (str(each) for each in users) if isinstance(users, list) else str(users).split(",")


def _knows(workspace: Workspace, named: str) -> bool:
    channel = workspace.conversations.get(named)
    if channel is not None:
        return not channel.is_im or workspace.people.get(channel.user) is not None
    return workspace.team.id == named or workspace.people.get(named) is not None
