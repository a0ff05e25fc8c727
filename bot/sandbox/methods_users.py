"""`users`: who is in the workspace."""

from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.locating import About
from bot.sandbox.method import Call, Method
from bot.sandbox.paging import make_cursor, read_cursor

MOST_IN_A_PAGE = 1000


def _with_email(call: Call) -> bool:
    return "users:read.email" in call.scopes


def _info(call: Call) -> Json:
    return {"user": call.person().to_json(with_email=_with_email(call))}


def _list(call: Call) -> Json:
    people = call.workspace.people
    after = read_cursor("user", call.text("cursor"))
    if after is not None and people.get(after) is None:
        raise ApiError("invalid_cursor")
    limit = call.number("limit", MOST_IN_A_PAGE, most=MOST_IN_A_PAGE)
    found, last = people.page(after=after, limit=limit)
    return {
        "members": [account.to_json(with_email=_with_email(call)) for account in found],
        "cache_ts": int(float(call.workspace.stamps.next())),
        "response_metadata": make_cursor("user", last),
    }


def _lookup_by_email(call: Call) -> Json:
    account = call.workspace.people.email(call.needed("email"))
    if (
        account is None
        or not account.in_slack
        or account.deleted
        or call.workspace.team.id not in account.teams
    ):
        raise ApiError("users_not_found")
    return {"user": account.to_json(with_email=True)}


def _profile(call: Call) -> Json:
    return {"profile": call.person().profile(with_email=_with_email(call))}


METHODS = {
    "users.info": Method(run=_info, scopes=("users:read",), tier=Tier.FOUR),
    "users.list": Method(run=_list, scopes=("users:read",), tier=Tier.TWO, about=About.TEAM),
    "users.lookupByEmail": Method(run=_lookup_by_email, scopes=("users:read.email",)),
    "users.profile.get": Method(run=_profile, scopes=("users.profile:read",), tier=Tier.FOUR),
}
