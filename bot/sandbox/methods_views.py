"""`views` and `blocks`: forms, Home tabs, and asking whether they are valid."""

from bot.sandbox.checks import check_blocks, check_view
from bot.sandbox.errors import ApiError, invalid_arguments
from bot.sandbox.ids import Json
from bot.sandbox.limits import Tier
from bot.sandbox.method import Call, Method
from bot.sandbox.normal import normal_view
from bot.sandbox.payloads import view_json


def _view(call: Call, kind: str) -> Json:
    view = call.parsed("view", error="invalid_arguments")
    if view is None:
        raise invalid_arguments("[ERROR] missing required field: view")
    return normal_view(check_view(view, kind=kind))


def _trigger_user(call: Call) -> tuple[str, str | None]:
    if not call.text("trigger_id"):
        raise invalid_arguments("[ERROR] missing required field: trigger_id")
    trigger = call.workspace.core.triggers.exchange(call.text("trigger_id"), team=call.workspace.team.id)
    return trigger.user, trigger.view_id


def _open(call: Call) -> Json:
    view = _view(call, "modal")
    user, _ = _trigger_user(call)
    opened = call.workspace.views.open(user, view, team=call.workspace.team.id)
    call.workspace.changes.mark()
    return {"view": view_json(call.workspace, opened)}


def _push(call: Call) -> Json:
    view = _view(call, "modal")
    user, from_view = _trigger_user(call)
    if from_view is None:
        raise ApiError("not_found")
    opened = call.workspace.views.push(user, view)
    call.workspace.changes.mark()
    return {"view": view_json(call.workspace, opened)}


def _update(call: Call) -> Json:
    workspace = call.workspace
    if not call.text("view_id") and not call.text("external_id"):
        raise invalid_arguments("[ERROR] missing required field: view_id")
    names = {name: call.text(name) or None for name in ("view_id", "external_id")}
    opened = workspace.views.named(**names)
    if workspace.people.get(opened.user) is None:
        raise ApiError("not_found")
    view = _view(call, opened.view["type"])
    workspace.views.update(opened, view, expected=call.text("hash") or None)
    workspace.changes.mark()
    return {"view": view_json(workspace, opened)}


def _publish(call: Call) -> Json:
    workspace = call.workspace
    view = _view(call, "home")
    if not workspace.app.manifest.home_tab:
        raise ApiError("not_enabled")
    account = call.workspace.people.get(call.needed("user_id"))
    if account is None or not account.in_slack:
        raise invalid_arguments("[ERROR] no such user [json-pointer:/user_id]")
    opened = workspace.views.publish(
        account.id, view, expected=call.text("hash") or None, team=workspace.team.id
    )
    workspace.changes.mark()
    return {"view": view_json(workspace, opened)}


def _validate(call: Call) -> Json:
    given = [name for name in ("blocks", "message", "view") if call.args.get(name) is not None]
    if len(given) != 1:
        raise invalid_arguments("[ERROR] provide exactly one of: blocks, message, view")
    body = call.parsed(given[0], error="invalid_arguments")
    if given[0] == "view":
        check_view(body, kind=str(body.get("type", "modal")) if isinstance(body, dict) else "modal")
    else:
        check_blocks(body.get("blocks") if isinstance(body, dict) else body)
    return {}


METHODS = {
    "views.open": Method(run=_open, tier=Tier.FOUR),
    "views.push": Method(run=_push, tier=Tier.FOUR),
    "views.update": Method(run=_update, tier=Tier.FOUR),
    "views.publish": Method(run=_publish, tier=Tier.FOUR),
    "blocks.validate": Method(run=_validate, tier=Tier.FOUR),
}
