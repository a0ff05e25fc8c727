"""`auth`, `api`, `apps`, `team` and `bots`: who the app is and where."""

from bot.sandbox.core import Workspace
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.limits import Tier
from bot.sandbox.locating import About
from bot.sandbox.method import Call, Method, bot_json


def _auth_test(call: Call) -> Json:
    workspace = call.workspace
    org_wide = call.holder is not None and call.holder.is_enterprise_install
    return {
        **_where(workspace, org_wide=org_wide),
        "user": workspace.app.manifest.bot_name.lower().replace(" ", ""),
        "user_id": workspace.bot.user,
        "bot_id": workspace.bot.id,
        "is_enterprise_install": org_wide,
    }


def _where(workspace: Workspace, *, org_wide: bool) -> Json:
    """What the token stands for: the workspace, or the org that installed the app."""
    team, org = workspace.team, workspace.enterprise
    if org and org_wide:
        address = f"https://{org.org.domain}.enterprise.slack.com/"
        return {"url": address, "team": org.name, "team_id": org.id, "enterprise_id": org.id}
    where = {"url": f"https://{team.domain}.slack.com/", "team": team.name, "team_id": team.id}
    return {**where, "enterprise_id": org.id} if org else where


def _api_test(call: Call) -> Json:
    if error := call.text("error"):
        raise ApiError(error, args=call.args)
    return {"args": call.args}


def _connections_open(call: Call) -> Json:
    ticket = fresh_id("", 24).lower()
    call.workspace.core.tickets.add(ticket)
    address = call.workspace.core.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.workspace.app.id}"}


def _team_info(call: Call) -> Json:
    team, org = call.workspace.team, call.workspace.enterprise
    if call.text("team") not in ("", team.id):
        raise ApiError("team_not_found")
    shown = {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "email_domain": team.email_domain,
        "url": f"https://{team.domain}.slack.com/",
        "icon": {"image_default": True},
    }
    if org:
        shown |= {"enterprise_id": org.id, "enterprise_name": org.name}
    return {"team": shown}


def _bots_info(call: Call) -> Json:
    if call.text("bot") not in ("", call.workspace.bot.id):
        raise ApiError("bot_not_found")
    return {"bot": bot_json(call.workspace)}


METHODS = {
    "auth.test": Method(run=_auth_test, tier=Tier.MANY, about=About.INSTALLATION),
    "api.test": Method(run=_api_test, tier=Tier.FOUR, token="none"),
    "apps.connections.open": Method(run=_connections_open, tier=Tier.ONE, token="app"),
    "team.info": Method(run=_team_info, scopes=("team:read",)),
    "bots.info": Method(run=_bots_info, scopes=("users:read",), about=About.TEAM),
}
