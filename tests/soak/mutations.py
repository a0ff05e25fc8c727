"""Payloads with something wrong in them: other types, missing parts, other people, other ids."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]

CANARY = "canary-that-must-not-sing"
"""A word that people typed, so to speak: it must be in no log."""

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**70, float("inf"), "", " ", CANARY, f"{CANARY}@elsewhere.example",
    "x" * 5000, "<!channel>", "\x00", "²", "\ud800", [], {}, [None], [[]], [{}], {"id": None}, {"id": {}},
    {"value": None}, {"type": []}, ["a", 1], {"": ""},
)  # fmt: skip


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the way to every part of a payload, the whole left out."""
    if at:
        yield at
    steps: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, each in steps:
        yield from paths(each, (*at, step))


def garbled(payload: Mapping[str, Any], chance: random.Random, *, of: Sequence[Any] = JUNK) -> dict[str, Any]:
    """Return the payload with one to three of its parts replaced by junk, doubled or left out."""
    made = deepcopy(dict(payload))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        where = chance.choice(list(paths(made)) or [("type",)])
        chance.choice(_WAYS)(made, where, chance.choice(of))
    return made


def with_junk_at(payload: Mapping[str, Any], where: Path, junk: Any) -> dict[str, Any]:
    """Return the payload with junk in one place."""
    made = deepcopy(dict(payload))
    _replaced(made, where, junk)
    return made


def _holder(made: Any, where: Path) -> Any:
    for step in where[:-1]:
        made = made[step]
    return made


def _replaced(made: Any, where: Path, junk: Any) -> None:
    _holder(made, where)[where[-1]] = deepcopy(junk)


def _left_out(made: Any, where: Path, _junk: Any) -> None:
    del _holder(made, where)[where[-1]]


def _wrapped(made: Any, where: Path, _junk: Any) -> None:
    holder = _holder(made, where)
    holder[where[-1]] = [deepcopy(holder[where[-1]])]


def _renamed(made: Any, where: Path, junk: Any) -> None:
    holder = _holder(made, where)
    if isinstance(holder, dict):
        holder[f"{where[-1]}_"] = holder.pop(str(where[-1]))
    else:
        holder.append(deepcopy(junk))


_WAYS: tuple[Callable[[Any, Path, Any], None], ...] = (
    _replaced,
    _replaced,
    _replaced,
    _left_out,
    _wrapped,
    _renamed,
)


def replaced(value: Any, change: Callable[[str], str]) -> Any:
    """Return a payload with every text of it changed, also those within `private_metadata`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: replaced(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, change) for each in value]
    return value


def swapping(pairs: Mapping[str, str]) -> Callable[[str], str]:
    """Return a change of texts that puts one id in another's place wherever it stands."""

    def swap(text: str) -> str:
        for one, other in pairs.items():
            text = text.replace(one, other)
        return text

    return swap


def by_another(payload: Mapping[str, Any], user: Mapping[str, str]) -> dict[str, Any]:
    """Return the payload as if somebody else had acted; `user` has `id` and `team_id`."""
    made = deepcopy(dict(payload))
    if "command" in made:
        made["user_id"] = user["id"]
    if isinstance(made.get("user"), dict):
        made["user"] |= user
    event = made.get("event")
    if isinstance(event, dict) and isinstance(event.get("user"), str):
        event["user"] = user["id"]
    return made
