"""Rules for JSON in Slack's words: a rule looks at a value and reports what is wrong with it, and where."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox.ids import Json


class Report:
    """What was found, each fault with the place it is at."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def say(self, words: str, at: str) -> None:
        """Notes a fault at a JSON pointer."""
        self.faults.append(f"{words} [json-pointer:{at}]")


Rule = Callable[[Any, str, Report], None]
Check = Callable[[Json, str, Report], None]


def string(most: int, *, least: int = 0, pattern: str | None = None) -> Rule:
    """Text of so many characters."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str):
            report.say("must be a string", at)
        elif len(value) > most:
            report.say(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            report.say(f"must be more than {least - 1} characters", at)
        elif pattern and not re.fullmatch(pattern, value):
            report.say("does not match the required pattern", at)

    return rule


def whole(low: int, high: int) -> Rule:
    """A whole number in a range."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.say("must be an integer", at)
        elif not low <= value <= high:
            report.say(f"must be between {low} and {high}", at)

    return rule


def number(value: Any, at: str, report: Report) -> None:
    """A number."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        report.say("must be a number", at)


def flag(value: Any, at: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.say("must be a boolean", at)


def choice(*allowed: str) -> Rule:
    """One of a few words."""

    def rule(value: Any, at: str, report: Report) -> None:
        if value not in allowed:
            report.say("must be a valid enum value", at)

    return rule


def array(item: Rule, *, most: int, least: int = 0) -> Rule:
    """A list of so many items."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, list):
            report.say("must be an array", at)
            return
        if len(value) > most:
            report.say(f"no more than {most} items allowed", at)
        if len(value) < least:
            report.say(f"no fewer than {least} items allowed", at)
        for index, each in enumerate(value):
            item(each, f"{at}/{index}", report)

    return rule


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *checks: Check) -> Rule:
    """An object with these fields and no other; `checks` look at it as a whole once its fields are right."""
    rules = {**required, **(optional or {})}

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.say("must be an object", at)
            return
        before = len(report.faults)
        for name in required:
            if value.get(name) is None:
                report.say(f"missing required field: {name}", at)
        for name, each in value.items():
            if name not in rules:
                report.say(f"invalid additional property: {name}", at)
            elif each is not None:
                rules[name](each, f"{at}/{name}", report)
        if len(report.faults) == before:
            for check in checks:
                check(value, at, report)

    return rule


def by_type(rules: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which rule it follows."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.say("must be an object", at)
        elif not isinstance(value.get("type"), str):
            report.say("missing required field: type", at)
        elif value["type"] not in rules:
            report.say(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            rules[value["type"]](value, at, report)

    return rule


def any_of(*names: str) -> Check:
    """At least one of these fields is there."""

    def check(value: Json, at: str, report: Report) -> None:
        if not any(value.get(name) for name in names):
            report.say(f"missing required field: {names[0]}", at)

    return check


def one_of(*names: str) -> Check:
    """Exactly one of these fields is there."""

    def check(value: Json, at: str, report: Report) -> None:
        given = [name for name in names if value.get(name) is not None]
        if not given:
            report.say(f"missing required field: {names[0]}", at)
        elif len(given) > 1:
            report.say(f"only one of {', '.join(names)} is allowed", at)

    return check


def unique(values: Iterable[tuple[str | None, str]], name: str, report: Report) -> None:
    """Reports each value that came before; values are pairs of value and place."""
    seen: set[str] = set()
    for value, at in values:
        if value in seen:
            report.say(f'`{name}` "{value}" already exists', at)
        elif value:
            seen.add(value)


def plain(most: int, *, least: int = 1) -> Rule:
    """A `plain_text` object."""
    return record({"type": choice("plain_text"), "text": string(most, least=least)}, {"emoji": flag})


def formatted(most: int) -> Rule:
    """A `mrkdwn` object."""
    return record({"type": choice("mrkdwn"), "text": string(most, least=1)}, {"verbatim": flag})


def words(most: int) -> Rule:
    """A text object of either kind."""
    return by_type({"plain_text": plain(most), "mrkdwn": formatted(most)})
