"""Forms and Home tabs: the stack of open views of each person, their hashes and what was typed."""

import time
from dataclasses import dataclass, field

from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json, fresh_id
from bot.sandbox.inputs import stateful

STACK = 3


@dataclass(slots=True, kw_only=True)
class OpenView:
    """One form or Home tab as one person has it before them; `team` is whose app it came from."""

    id: str
    user: str
    view: Json
    hash: str
    root: str
    team: str = ""
    previous: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    busy: bool = False


class Views:
    """Every open form and every published Home tab."""

    def __init__(self) -> None:
        self._open: dict[str, OpenView] = {}
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}
        self._external: dict[str, str] = {}

    def stack(self, user: str) -> list[OpenView]:
        """The open forms of somebody, the newest last."""
        return self._stacks.get(user, [])

    def top(self, user: str) -> OpenView | None:
        """The form somebody sees."""
        stack = self.stack(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> OpenView | None:
        """The Home tab the app gave somebody."""
        return self._homes.get(user)

    def get(self, view_id: str) -> OpenView | None:
        """An open form or a Home tab by its id."""
        return self._open.get(view_id)

    def open(self, user: str, view: Json, *, team: str = "") -> OpenView:
        """Opens a form as the first of a new stack."""
        self._check_external_id(view)
        self.close_all(user)
        return self._put(user, view, team=team, previous=None)

    def push(self, user: str, view: Json) -> OpenView:
        """Puts a form on top of somebody's stack; raises ApiError when there is none, or no room."""
        stack = self.stack(user)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= STACK:
            raise ApiError("push_limit_reached")
        self._check_external_id(view)
        return self._put(user, view, team=stack[-1].team, previous=stack[-1])

    def _put(self, user: str, view: Json, *, team: str, previous: OpenView | None) -> OpenView:
        view_id = fresh_id("V")
        opened = OpenView(
            id=view_id,
            user=user,
            view=view,
            hash=_fresh_hash(),
            root=previous.root if previous else view_id,
            team=team,
            previous=previous.id if previous else None,
        )
        self._remember(opened)
        self._stacks.setdefault(user, []).append(opened)
        return opened

    def named(self, *, view_id: str | None, external_id: str | None) -> OpenView:
        """The open view an app means; raises ApiError `not_found`."""
        found = self._open.get(view_id or self._external.get(external_id or "", ""))
        if found is None:
            raise ApiError("not_found")
        return found

    def update(self, opened: OpenView, view: Json, *, expected: str | None = None) -> OpenView:
        """Shows another view in place; what was typed stays where block and action ids stay.

        Raises ApiError `hash_conflict` when the `expected` hash is not that of what is shown now.
        """
        if expected and expected != opened.hash:
            raise ApiError("hash_conflict")
        self._check_external_id(view, owner=opened.id)
        self._external.pop(opened.view.get("external_id", ""), None)
        opened.view = view
        opened.hash = _fresh_hash()
        opened.errors = {}
        self._remember(opened)
        kept: Json = {}
        for block, element in stateful(view["blocks"]):
            block_id, action_id = block["block_id"], element["action_id"]
            if action_id in opened.values.get(block_id, {}):
                kept.setdefault(block_id, {})[action_id] = opened.values[block_id][action_id]
        opened.values = kept
        return opened

    def publish(self, user: str, view: Json, *, expected: str | None, team: str = "") -> OpenView:
        """Gives somebody a Home tab; raises ApiError `hash_conflict` when the `expected` hash is stale."""
        home = self._homes.get(user)
        if home is not None:
            home.team = team
            return self.update(home, view, expected=expected)
        if expected:
            raise ApiError("hash_conflict")
        self._check_external_id(view)
        view_id = fresh_id("V")
        home = OpenView(id=view_id, user=user, view=view, hash=_fresh_hash(), root=view_id, team=team)
        self._homes[user] = home
        self._remember(home)
        return home

    def close(self, opened: OpenView) -> None:
        """Takes one form off its stack."""
        self._stacks[opened.user].remove(opened)
        self._forget(opened)

    def close_all(self, user: str) -> list[OpenView]:
        """Takes the whole stack away; returns what was open."""
        closed = self._stacks.pop(user, [])
        for opened in closed:
            self._forget(opened)
        return closed

    def _forget(self, opened: OpenView) -> None:
        self._open.pop(opened.id, None)
        self._external.pop(opened.view.get("external_id", ""), None)

    def _check_external_id(self, view: Json, owner: str | None = None) -> None:
        if self._external.get(view.get("external_id", ""), owner) != owner:
            raise ApiError("duplicate_external_id")

    def _remember(self, opened: OpenView) -> None:
        self._open[opened.id] = opened
        if external_id := opened.view.get("external_id"):
            self._external[external_id] = opened.id


def _fresh_hash() -> str:
    return f"{int(time.time())}.{fresh_id('', 8)}"
