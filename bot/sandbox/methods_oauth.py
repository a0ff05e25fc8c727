"""`oauth`, and what of `auth` and `apps` concerns tokens: given, renewed, revoked."""

import hmac

from bot.sandbox.core import Core
from bot.sandbox.errors import ApiError
from bot.sandbox.grants import TOKEN_SECONDS, Installation
from bot.sandbox.ids import Json
from bot.sandbox.installs import install, revoke, uninstall
from bot.sandbox.limits import Tier
from bot.sandbox.locating import About
from bot.sandbox.method import Call, Method
from bot.sandbox.paging import make_cursor, read_cursor

MOST_IN_A_PAGE = 1000


def _access(call: Call) -> Json:
    core = call.workspace.core
    _check_client(call)
    match call.text("grant_type") or "authorization_code":
        case "authorization_code":
            consent = core.grants.redeem(call.text("code"), call.text("redirect_uri"))
            return installation_json(core, install(core, consent))
        case "refresh_token":
            return installation_json(core, core.grants.rotate(call.text("refresh_token")))
    raise ApiError("invalid_grant_type")


def _check_client(call: Call) -> None:
    app = call.workspace.app
    if call.text("client_id") != app.client_id:
        raise ApiError("invalid_client_id")
    if not hmac.compare_digest(call.text("client_secret").encode(), app.client_secret.encode()):
        raise ApiError("bad_client_secret")


def installation_json(core: Core, installation: Installation) -> Json:
    """What `oauth.v2.access` answers."""
    team = core.workspaces[installation.team_id].team if installation.team_id else None
    org = core.enterprises.get(installation.enterprise_id or "")
    answer: Json = {
        "app_id": core.app.id,
        "authed_user": {"id": installation.installer},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": installation.bot_token,
        "bot_user_id": installation.bot_user,
        "team": {"id": team.id, "name": team.name} if team else None,
        "enterprise": {"id": org.id, "name": org.name} if org else None,
        "is_enterprise_install": installation.is_enterprise_install,
    }
    if installation.refresh_token:
        answer |= {"refresh_token": installation.refresh_token, "expires_in": TOKEN_SECONDS}
    return answer


def _revoke(call: Call) -> Json:
    if call.flag("test"):
        return {"revoked": False}
    revoke(call.workspace.core, call.token)
    return {"revoked": True}


def _uninstall(call: Call) -> Json:
    _check_client(call)
    core = call.workspace.core
    uninstall(core, core.grants.holder(call.token))
    return {}


def _teams(call: Call) -> Json:
    core = call.workspace.core
    holder = core.grants.holder(call.token)
    granted = [each.team for each in core.workspaces.values() if each.team.id in holder.teams]
    after = read_cursor("team", call.text("cursor"))
    ids = [team.id for team in granted]
    if after is not None and after not in ids:
        raise ApiError("invalid_cursor")
    start = 0 if after is None else ids.index(after) + 1
    limit = call.number("limit", 100, most=MOST_IN_A_PAGE)
    page = granted[start : start + limit]
    last = page[-1].id if start + limit < len(granted) else None
    icon: Json = {"icon": {"image_default": True}} if call.flag("include_icon") else {}
    return {
        "teams": [{"id": team.id, "name": team.name, **icon} for team in page],
        "response_metadata": make_cursor("team", last),
    }


METHODS = {
    "oauth.v2.access": Method(run=_access, tier=Tier.MANY, token="none"),
    "auth.revoke": Method(run=_revoke, about=About.INSTALLATION),
    "auth.teams.list": Method(run=_teams, tier=Tier.TWO, about=About.INSTALLATION),
    "apps.uninstall": Method(run=_uninstall, tier=Tier.ONE, about=About.INSTALLATION),
}
