"""What a value sent to Slack must be: words too long come back shortened, anything else is a fault."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.limits import Surface
from bot.slack.text import Mrkdwn, shorten

_ENTITY = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CDG][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^<>|]+|(?:https?://|mailto:)[^<>|]+)"
    r"(?:\|[^<>]*)?>"
)
_BROADCAST = re.compile(r"<!(?:channel|here|everyone)\b")
_BARE = re.compile(r"<|&(?!(?:amp|lt|gt);)")


class InvalidBlocks(ValueError):
    """A view or message that Slack would refuse: a mistake in the code that built it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(slots=True)
class Check:
    """One look at one view or message."""

    surface: Surface
    faults: list[str] = field(default_factory=list)
    focused: int = 0

    def fault(self, path: str, words: str) -> None:
        """Notes what is wrong and where."""
        self.faults.append(f"{path} {words}")


Rule = Callable[[Check, Any, str], Any]
Also = Callable[[Check, dict[str, Any], str], None]


def anything(_check: Check, value: Any, _path: str) -> Any:
    """What is not looked at."""
    return value


class Shape:
    """The keys an object must and may have, with a rule for each, and what they must be together."""

    __slots__ = ("_also", "_required", "_rules")

    def __init__(
        self,
        required: Mapping[str, Rule] | None = None,
        optional: Mapping[str, Rule] | None = None,
        also: tuple[Also, ...] = (),
    ) -> None:
        self._required = tuple(required or ())
        self._rules = {"type": anything, **(optional or {}), **(required or {})}
        self._also = also

    def __call__(self, check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            check.fault(path, "is not an object")
            return value
        for key in self._required:
            if key not in value:
                check.fault(path, f"has no {key}")
        result: dict[str, Any] = {}
        for key, item in value.items():
            rule = self._rules.get(key)
            if rule is None:
                check.fault(path, f"has {key}, which Slack does not know there")
                continue
            result[key] = item if rule is anything else rule(check, item, f"{path}.{key}")
        for also in self._also:
            also(check, result, path)
        return result


def flag(check: Check, value: Any, path: str) -> Any:
    """True or false."""
    if not isinstance(value, bool):
        check.fault(path, "is neither true nor false")
    return value


def choice(*values: str) -> Rule:
    """One of these."""

    def rule(check: Check, value: Any, path: str) -> Any:
        if value not in values:
            check.fault(path, f"is none of {', '.join(values)}")
        return value

    return rule


def whole(low: int, high: int) -> Rule:
    """A whole number in this range."""

    def rule(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            check.fault(path, f"is not a whole number from {low} to {high}")
        return value

    return rule


def matching(pattern: str) -> Rule:
    """A string of this form."""
    form = re.compile(pattern)

    def rule(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, str) or not form.fullmatch(value):
            check.fault(path, "has the wrong form")
        return value

    return rule


def exact(limit: int, least: int = 1) -> Rule:
    """A string that means something to a program, such as an id: it cannot be shortened."""

    def rule(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, str) or not least <= len(value) <= limit:
            check.fault(path, f"is not a string of {least} to {limit} characters")
        return value

    return rule


def shown(limit: int, least: int = 1) -> Rule:
    """A string people read."""

    def rule(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, str) or len(value) < least:
            check.fault(path, "has no words")
            return value
        return shorten(value, limit)

    return rule


def markup(limit: int) -> Rule:
    """A string people read in which Slack's markup counts."""

    def rule(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, str) or not value:
            check.fault(path, "has no words")
            return value
        if _BROADCAST.search(value):
            check.fault(path, "would notify everybody")
        elif _BARE.search(_ENTITY.sub("", value)):
            check.fault(path, "is not escaped")
        return str(shorten(Mrkdwn(value), limit))

    return rule


def plain_text(limit: int) -> Rule:
    """A plain_text object."""
    return _text_object({"plain_text": Shape({"text": shown(limit)}, {"emoji": flag})})


def any_text(limit: int) -> Rule:
    """A plain_text or mrkdwn object."""
    return _text_object(
        {
            "plain_text": Shape({"text": shown(limit)}, {"emoji": flag}),
            "mrkdwn": Shape({"text": markup(limit)}, {"verbatim": flag}),
        }
    )


def _text_object(shapes: Mapping[str, Shape]) -> Rule:
    def rule(check: Check, value: Any, path: str) -> Any:
        shape = shapes.get(value.get("type", "")) if isinstance(value, Mapping) else None
        if shape is None:
            check.fault(path, f"is not a text object of type {' or '.join(shapes)}")
            return value
        return shape(check, value, path)

    return rule


def many(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of this length whose items all follow the rule."""

    def rules(check: Check, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            check.fault(path, "is not a list")
            return value
        if not least <= len(value) <= most:
            check.fault(path, f"has {len(value)} items, not {least} to {most}")
        return [rule(check, item, f"{path}[{number}]") for number, item in enumerate(value)]

    return rules
