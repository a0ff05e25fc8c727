"""Which workspace a call of the Web API is about: that of its token, or one of the org that owns it."""

from collections.abc import Iterable
from enum import StrEnum

from bot.sandbox.core import Core, Workspace
from bot.sandbox.errors import ApiError
from bot.sandbox.grants import Installation
from bot.sandbox.ids import Json


class About(StrEnum):
    """What a method is about, and so how the workspace of a call with an org's token is found."""

    WHAT_IS_NAMED = "by what the arguments name"
    TEAM = "by team_id, which is needed"
    INSTALLATION = "the same in all of them"


def workspace_for(core: Core, holder: Installation, args: Json, *, about: About) -> Workspace:
    """The workspace of a call whose token belongs to `holder`; a workspace's token ignores `team_id`.

    Raises ApiError `missing_argument` or `team_access_not_granted`.
    """
    if holder.team_id is not None:
        return core.workspaces[holder.team_id]
    if about is About.INSTALLATION:
        return core.workspaces[core.enterprises[str(holder.enterprise_id)].org.teams[0]]
    granted = [core.workspaces[team_id] for team_id in core.workspaces if team_id in holder.teams]
    wanted = str(args.get("team_id") or "")
    if about is About.TEAM and not wanted:
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
    known = workspace.conversations.get(named) or workspace.people.get(named)
    return known is not None or workspace.team.id == named
