"""`auth`, `api`, `apps`, `team` and `bots`: who the app is and where."""

from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.limits import Tier
from bot.sandbox.method import Call, Method, bot_json


def _auth_test(call: Call) -> Json:
    core = call.core
    return {
        "url": f"https://{core.team.domain}.slack.com/",
        "team": core.team.name,
        "user": core.app.manifest.bot_name.lower().replace(" ", ""),
        "team_id": core.team.id,
        "user_id": core.app.user,
        "bot_id": core.app.bot_id,
        "is_enterprise_install": False,
    }


def _api_test(call: Call) -> Json:
    if error := call.text("error"):
        raise ApiError(error, args=call.args)
    return {"args": call.args}


def _connections_open(call: Call) -> Json:
    ticket = fresh_id("", 24).lower()
    call.core.tickets.add(ticket)
    address = call.core.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.core.app.id}"}


def _team_info(call: Call) -> Json:
    team = call.core.team
    if call.text("team") not in ("", team.id):
        raise ApiError("team_not_found")
    return {
        "team": {
            "id": team.id,
            "name": team.name,
            "domain": team.domain,
            "email_domain": team.email_domain,
            "url": f"https://{team.domain}.slack.com/",
            "icon": {"image_default": True},
        }
    }


def _bots_info(call: Call) -> Json:
    if call.text("bot") not in ("", call.core.app.bot_id):
        raise ApiError("bot_not_found")
    return {"bot": bot_json(call.core)}


METHODS = {
    "auth.test": Method(run=_auth_test, tier=Tier.MANY),
    "api.test": Method(run=_api_test, tier=Tier.FOUR, token="none"),
    "apps.connections.open": Method(run=_connections_open, tier=Tier.ONE, token="app"),
    "team.info": Method(run=_team_info, scopes=("team:read",)),
    "bots.info": Method(run=_bots_info, scopes=("users:read",)),
}
