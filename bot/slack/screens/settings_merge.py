"""Two people change the same settings at once: what the second one typed meets what the first one saved."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from bot.slack.screens.settings_forms import HOLDS, LABELS, PLANS, Switch
from bot.slack.text import Mrkdwn, lines, md
from domain.changes import ChangeSeatHolding, ChangeSettings, ChangeSubscription
from domain.model import Plan

AnyPart = TypeVar("AnyPart", ChangeSettings, ChangeSubscription, ChangeSeatHolding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Generic[AnyPart]):
    """Today's values with what was typed where nobody else changed it.

    Args:
        said: what happened, for the person who typed.
    """

    part: AnyPart
    said: Mrkdwn


def as_built(view: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it was shown, whatever was typed into it."""
    return {key: value for key, value in view.items() if key != "state"}


def merged(shown: AnyPart, typed: AnyPart, now: AnyPart) -> Merged[AnyPart]:
    """Bring together what the form showed, what was typed into it, and how things are now."""
    names = [field.name for field in fields(now) if field.name != "built_from"]
    mine = [name for name in names if getattr(typed, name) != getattr(shown, name)]
    kept = {name: getattr(typed, name) for name in mine if getattr(now, name) == getattr(shown, name)}
    lost = [name for name in mine if name not in kept and getattr(typed, name) != getattr(now, name)]
    what = "Below is how they are now, with what you changed besides" if kept else "Below is how they are now"
    said = lines(
        "*Somebody changed these settings while your form was open. Nothing was saved yet.*",
        f"{what}. Look at it, and save again.",
        *(_lost(name, getattr(typed, name)) for name in lost),
    )
    return Merged(part=replace(now, **kept), said=said)


def _lost(name: str, value: object) -> Mrkdwn:
    return md("• {label}: you had chosen {value}.", label=LABELS[name], value=_words(name, value))


def _words(name: str, value: object) -> Mrkdwn:
    """A value as people read it."""
    match value:
        case bool():
            return md("“{value}”", value=HOLDS[Switch.of(value)])
        case Plan():
            return md("“{value}”", value=PLANS[value])
        case None | "" | ():
            return Mrkdwn("nothing")
        case tuple():
            return md("{value}", value=", ".join(value))
        case str() if name.endswith("_channel"):
            return Mrkdwn(f"<#{value}>")
    return md("{value}", value=str(value))
