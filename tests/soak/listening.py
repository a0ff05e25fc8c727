"""A payload for everything Steward listens to, so that no door is left out by a journey."""

import re
from collections.abc import Iterator

from bot.sandbox import payloads
from bot.sandbox.core import Workspace
from bot.sandbox.dispatch import Delivery
from bot.sandbox.ids import Json
from bot.sandbox.people import Account
from bot.sandbox.views import OpenView
from bot.slack import home
from bot.slack.listeners import SCREENS
from tests.soak.journey import Sent

_MEANT = {
    "home_open": ("invite", "members", "settings", "nothing"),
    "settings_open": ("settings_team", "departments", "nothing"),
    "invite_page": ("next", "previous"),
    "import_page": ("next", "previous"),
    "approvals_page": ("waiting:next", "nothing"),
    "members_page": ("next", "previous"),
    "departments_page": ("next", "previous"),
}
"""What follows the colon in the ids of buttons that are listened to by a pattern, and what nearly does."""


def names(key: str | re.Pattern[str]) -> list[str]:
    """Return ids that a listener is for; a new pattern wants its examples above."""
    if isinstance(key, str):
        return [key]
    stem = re.split(r"\W", key.pattern)[0]
    return [f"{stem}:{end}" for end in _MEANT[stem]]


BUTTONS = [name for screen in SCREENS for key in screen.actions for name in names(key)] + names(home.OPEN)
FORMS = [name for screen in SCREENS for key in screen.views for name in names(key)]
MENUS = [name for screen in SCREENS for key in screen.options for name in names(key)]


def every_door(workspace: Workspace, account: Account, view: OpenView, ids: list[str]) -> Iterator[Sent]:
    """Yield a click, a form or a search for each id listened to, by `account`, from `view`, about `ids`."""
    place = payloads.view_place(workspace, view, view.values)
    for number, action_id in enumerate(BUTTONS):
        value = ids[number % len(ids)]
        action: Json = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        yield _sent(
            payloads.actions_payload(workspace, account, action, place=place, values={}, view_id=view.id)
        )
    for callback_id in FORMS:
        payload = payloads.submission_payload(workspace, account, view, view.values)
        payload["view"] |= {"callback_id": callback_id}
        yield _sent(payload)
        closed = payloads.closed_payload(workspace, account, view, cleared=False)
        closed["view"] |= {"callback_id": callback_id}
        yield _sent(closed)
    for action_id in MENUS:
        yield _sent(
            payloads.suggestion_payload(
                workspace, account, block_id="b", action_id=action_id, value="ol", place=place
            )
        )


def _sent(payload: Json) -> Sent:
    return Sent(kind=Delivery.INTERACTIVE, payload=payload)
