"""Which deliveries have the shape Slack documents; Bolt stumbles over the others before any listener runs."""

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Mapping[str, Any]], bool]


def documented(payload: Mapping[str, Any]) -> bool:
    """Return whether a delivery can be given to Bolt: whole, and of a feature apps still have."""
    if "command" in payload:
        return isinstance(payload["command"], str)
    kind = payload.get("type")
    if not isinstance(kind, str):
        return kind is None
    return _SHAPES.get(kind, _any)(payload)


def _any(_payload: Mapping[str, Any]) -> bool:
    return True


def _retired(_payload: Mapping[str, Any]) -> bool:
    return False


def _event(payload: Mapping[str, Any]) -> bool:
    event = payload.get("event")
    return isinstance(event, Mapping) and isinstance(event.get("type"), str)


def _actions(payload: Mapping[str, Any]) -> bool:
    acts = payload.get("actions")
    return bool(acts) and _objects(acts) and all(isinstance(act.get("action_id"), str) for act in acts or ())


def _view(payload: Mapping[str, Any]) -> bool:
    view = payload.get("view")
    if not isinstance(view, Mapping) or not isinstance(view.get("callback_id"), str):
        return False
    return view.get("type") == "modal" and _objects(view.get("blocks") or [])


def _named(field: str) -> Shape:
    return lambda payload: isinstance(payload.get(field), str)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


_SHAPES: Mapping[str, Shape] = {
    "event_callback": _event,
    "block_actions": _actions,
    "view_submission": _view,
    "view_closed": _view,
    "block_suggestion": _named("action_id"),
    "shortcut": _named("callback_id"),
    "message_action": _named("callback_id"),
    # Attachments' buttons, dialogs and steps of workflows, none of which this app can have.
    **dict.fromkeys(("interactive_message", "workflow_step_edit"), _retired),
    **dict.fromkeys(("dialog_submission", "dialog_cancellation", "dialog_suggestion"), _retired),
}
