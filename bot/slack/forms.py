"""Reads forms: what was typed and chosen in them, and the ids they carry."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from domain.errors import BadValue

LONGEST_REASON = 1000
Choice = TypeVar("Choice", bound=StrEnum)
HASHES = "hashes"
"""Where the metadata of a form keeps Slack's hashes of the forms below it."""

_USER = re.compile(r"[UW][A-Z0-9]+")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]+")
_FILE = re.compile(r"F[A-Z0-9]+")
_INITIAL = {
    "initial_value": "value",
    "initial_option": "selected_option",
    "initial_options": "selected_options",
    "initial_user": "selected_user",
    "initial_users": "selected_users",
    "initial_conversation": "selected_conversation",
    "initial_date": "selected_date",
}


class Form:
    """The values of a form by block_id; what Slack does not report stands as the form was built.

    A view that was only built can be read too, so that `parse(build(x)) == x` can be tried.
    """

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._values = {
            str(block["block_id"]): _as_built(block["element"])
            for block in view.get("blocks") or ()
            if block.get("type") == "input" and block.get("block_id")
        }
        state = view.get("state")
        reported = (state or {}).get("values") or {}
        for block_id, values in reported.items():
            for value in values.values():
                self._values[block_id] = value
        self._arrived = frozenset(self._values if state is None else reported)

    def __contains__(self, block_id: str) -> bool:
        return block_id in self._values

    @property
    def fields(self) -> tuple[str, ...]:
        """The block_ids of the form's fields, in order."""
        return tuple(self._values)

    def require(self, *block_ids: str) -> None:
        """Check that Slack reports these fields: one that is missing never means that it is empty or off.

        Raises:
            BadValue: one is missing.
        """
        for block_id in block_ids:
            if block_id not in self._arrived:
                raise BadValue(
                    "What stands here did not arrive.",
                    remedy="Close the form, open it again and repeat the change.",
                    field=block_id,
                )

    def text(self, block_id: str) -> str:
        """What was typed, without blanks around it; empty for nothing."""
        return str(self._value(block_id, "value") or "").strip()

    def number(self, block_id: str, *, label: str) -> int | None:
        """The whole number that was typed, None for nothing.

        Raises:
            BadValue: it is not one.
        """
        typed = self.text(block_id)
        if not typed:
            return None
        try:
            return int(typed)
        except ValueError as error:
            raise BadValue(
                f"{label} is a whole number.", fact=f"“{typed}” is not.", field=block_id
            ) from error

    def choice(self, block_id: str) -> str | None:
        """The value of the option chosen in a select or among radio buttons."""
        chosen = self._value(block_id, "selected_option")
        return str(chosen["value"]) if chosen else None

    def chosen(self, block_id: str, kind: type[Choice]) -> Choice:
        """What must be chosen in a select or among radio buttons.

        Raises:
            BadValue: nothing is chosen, or nothing that is offered.
        """
        self.require(block_id)
        value = self.choice(block_id)
        if value is None:
            raise BadValue("Choose one of these.", field=block_id)
        try:
            return kind(value)
        except ValueError as error:
            raise BadValue("Choose one of these.", fact="Something else arrived.", field=block_id) from error

    def choices(self, block_id: str) -> tuple[str, ...]:
        """The values of the options chosen or ticked."""
        return tuple(str(option["value"]) for option in self._value(block_id, "selected_options") or ())

    def user(self, block_id: str) -> str | None:
        """The Slack user picked."""
        return self._value(block_id, "selected_user") or None

    def users(self, block_id: str) -> tuple[str, ...]:
        """The Slack users picked."""
        picked = tuple(str(user_id) for user_id in self._value(block_id, "selected_users") or ())
        if not all(_USER.fullmatch(user_id) for user_id in picked):
            raise outdated()
        return picked

    def files(self, block_id: str) -> tuple[tuple[str, str], ...]:
        """Id and name of the files attached."""
        attached = self._value(block_id, "files") or ()
        if not all(isinstance(file, Mapping) and _FILE.fullmatch(str(file.get("id"))) for file in attached):
            raise outdated()
        return tuple((str(file["id"]), str(file.get("name") or "")) for file in attached)

    def channel(self, block_id: str) -> str | None:
        """The conversation picked."""
        picked = self._value(block_id, "selected_conversation") or None
        if picked is not None and not _CHANNEL.fullmatch(str(picked)):
            raise outdated()
        return picked

    def date(self, block_id: str) -> str | None:
        """The day picked, as 2025-01-31."""
        return self._value(block_id, "selected_date") or None

    def _value(self, block_id: str, name: str) -> Any:
        return self._values.get(block_id, {}).get(name)


def _as_built(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: element[initial] for initial, name in _INITIAL.items() if initial in element}


def reason_of(text: str, *, field: str = "reason") -> str:
    """A reason as it is kept.

    Raises:
        BadValue: it is longer than what is kept.
    """
    reason = text.strip()
    if len(reason) > LONGEST_REASON:
        raise BadValue(
            f"A reason has at most {LONGEST_REASON} characters.",
            fact=f"This one has {len(reason)}.",
            field=field,
        )
    return reason


def outdated() -> BadValue:
    """The refusal of what another version of Steward, or nobody, put into a button or form."""
    return BadValue("This no longer works here.", remedy="Type the command again to see how it is now.")


def one_of(kind: type[Choice], value: object) -> Choice:
    """One of our own choices, as a button or form carries it.

    Raises:
        BadValue: it is none of them.
    """
    try:
        return kind(str(value))
    except ValueError as error:
        raise outdated() from error


def number_in(ids: Mapping[str, Any], name: str, default: int) -> int:
    """A number that a form carries.

    Raises:
        BadValue: it is none.
    """
    found = ids.get(name, default)
    if not isinstance(found, int):
        raise outdated()
    return found


def texts_in(ids: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts that a form carries.

    Raises:
        BadValue: it is none.
    """
    found = ids.get(name, ())
    if not isinstance(found, list | tuple):
        raise outdated()
    return tuple(str(text) for text in found)


def metadata(**ids: object) -> str:
    """The ids and numbers a form carries, for `private_metadata`."""
    return json.dumps(ids, separators=(",", ":"), ensure_ascii=False) if ids else ""


def carrying(view: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The form with the hashes of those below in its metadata, so that a newer one is not overwritten."""
    if not hashes:
        return dict(view)
    return {**view, "private_metadata": metadata(**(metadata_of(view) | {HASHES: dict(hashes)}))}


def metadata_of(view: Mapping[str, Any]) -> dict[str, Any]:
    """What `metadata` wrote into a view; empty when there is nothing, or nothing of ours."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
