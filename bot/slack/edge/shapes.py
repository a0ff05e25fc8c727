"""Which deliveries have the shape Slack documents; Bolt stumbles over the others before any listener runs."""

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Mapping[str, Any]], bool]


def documented(payload: Mapping[str, Any]) -> bool:
    """Return whether a delivery can be given to Bolt: whole, and of a feature apps still have."""
    if not isinstance(payload.get("event", {}), Mapping):
        return False
    if "command" in payload:
        return isinstance(payload["command"], str) and _texts(payload, *_TYPED)
    kind = payload.get("type")
    if not isinstance(kind, str | None):
        return False
    return _envelope(payload) and _SHAPES.get(kind or "", _any)(payload)


def _envelope(payload: Mapping[str, Any]) -> bool:
    """Whether who acts and where is told in objects with texts for ids."""
    parties = (payload.get(name) for name in _PARTIES)
    return _texts(payload, *_SAID) and all(party is None or _party(party) for party in parties)


def _party(value: object) -> bool:
    return isinstance(value, Mapping) and _texts(value, *_IDS)


def _texts(value: Mapping[str, Any], *names: str) -> bool:
    return all(value.get(name) is None or isinstance(value[name], str) for name in names)


def _any(payload: Mapping[str, Any]) -> bool:
    """Whether it can at least be told what nobody listens to."""
    view, acts = payload.get("view"), payload.get("actions")
    return (not view or isinstance(view, Mapping)) and (not acts or _objects(acts))


def _retired(_payload: Mapping[str, Any]) -> bool:
    return False


def _event(payload: Mapping[str, Any]) -> bool:
    event, grants = payload.get("event"), payload.get("authorizations")
    if not isinstance(event, Mapping) or not isinstance(event.get("type"), str):
        return False
    return all(event.get(name) is None or isinstance(event[name], str | Mapping) for name in _NAMED) and (
        grants is None or (_objects(grants) and all(_party(grant) for grant in grants))
    )


def _actions(payload: Mapping[str, Any]) -> bool:
    acts = payload.get("actions")
    return bool(acts) and _objects(acts) and all(map(_act, acts or ())) and _anywhere(payload)


def _act(act: Mapping[str, Any]) -> bool:
    option = act.get("selected_option")
    chosen = option is None or (isinstance(option, Mapping) and _texts(option, "value"))
    return isinstance(act.get("action_id"), str) and chosen and _texts(act, *_CHOSEN)


def _submitted(payload: Mapping[str, Any]) -> bool:
    view = payload.get("view")
    return _view(view) and view.get("type") == "modal"  # type: ignore[union-attr]


def _suggestion(payload: Mapping[str, Any]) -> bool:
    return isinstance(payload.get("action_id"), str) and _anywhere(payload)


def _anywhere(payload: Mapping[str, Any]) -> bool:
    return payload.get("view") is None or _view(payload["view"])


def _view(view: object) -> bool:
    if not isinstance(view, Mapping) or not all(isinstance(view.get(name), str) for name in _NAMES_A_VIEW):
        return False
    if not view["id"]:
        return False
    blocks, state = view.get("blocks") or [], view.get("state")
    return (
        _texts(view, *_OF_VIEWS)
        and _objects(blocks)
        and all(map(_block, blocks))
        and (state is None or (isinstance(state, Mapping) and _values(state.get("values"))))
    )


def _block(block: Mapping[str, Any]) -> bool:
    element = block.get("element")
    there = isinstance(element, Mapping) or ("element" not in block and block.get("type") != "input")
    return there and _texts(block, "type", "block_id")


def _values(values: object) -> bool:
    """Whether a form's values are objects by block and by element, as far as they are told."""
    if values is None:
        return True
    held = values.values() if isinstance(values, Mapping) else (None,)
    return all(isinstance(each, Mapping) and all(map(_value, each.values())) for each in held)


def _value(value: object) -> bool:
    if not isinstance(value, Mapping) or not _texts(value, *_CHOSEN):
        return False
    option, options = value.get("selected_option"), value.get("selected_options")
    users = value.get("selected_users")
    return (
        (option is None or _option(option))
        and (options is None or (isinstance(options, list) and all(map(_option, options))))
        and (users is None or (isinstance(users, list) and all(isinstance(user, str) for user in users)))
    )


def _option(option: object) -> bool:
    return isinstance(option, Mapping) and isinstance(option.get("value"), str)


def _named(field: str) -> Shape:
    return lambda payload: isinstance(payload.get(field), str)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


_PARTIES = ("user", "team", "enterprise", "channel", "container", "message")
_IDS = ("id", "team_id", "enterprise_id", "user_id")
_SAID = ("team_id", "enterprise_id", "context_team_id", "trigger_id", "response_url", "event_id", "value")
_TYPED = ("text", "user_id", "channel_id", *_SAID)
_NAMED = ("user", "channel", "view")
_CHOSEN = ("type", "value", "selected_user", "selected_date", "selected_conversation", "action_ts")
_NAMES_A_VIEW = ("id", "type", "callback_id")
_OF_VIEWS = (
    *("hash", "private_metadata", "external_id"),
    *("root_view_id", "previous_view_id", "team_id", "app_installed_team_id"),
)
_SHAPES: Mapping[str, Shape] = {
    "event_callback": _event,
    "block_actions": _actions,
    "view_submission": _submitted,
    "view_closed": _submitted,
    "block_suggestion": _suggestion,
    "shortcut": _named("callback_id"),
    "message_action": _named("callback_id"),
    # Attachments' buttons, dialogs and steps of workflows, none of which this app can have.
    **dict.fromkeys(("interactive_message", "workflow_step_edit"), _retired),
    **dict.fromkeys(("dialog_submission", "dialog_cancellation", "dialog_suggestion"), _retired),
}
