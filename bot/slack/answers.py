"""What a screen answers with, whatever it was called from: words, a form, faults on fields, nothing."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.slack.blocks import Message, View
from bot.slack.visit import Visit


@dataclass(frozen=True, slots=True)
class Say:
    """Words for this person alone: an ephemeral message, or a form of words where there is no conversation.

    `title` heads the form of words. After a submission it takes the place of the form; with `keep` it is
    laid above the form, so that nothing typed is lost.
    """

    message: Message
    title: str = "Steward"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """A form: opened; laid above the open one after a click in it; in its place after a submission."""

    view: View


@dataclass(frozen=True, slots=True)
class Update:
    """A form in the place of the one that was clicked or submitted."""

    view: View


@dataclass(frozen=True, slots=True)
class Push:
    """A form above the one that was clicked or submitted."""

    view: View


@dataclass(frozen=True, slots=True)
class Refresh:
    """A form that lies below the one clicked or submitted, as it should read now.

    Args:
        view_id: Slack's id of the form to renew; one that is closed by now is left alone.
    """

    view: View
    view_id: str


@dataclass(frozen=True, slots=True)
class Errors:
    """Faults of a submitted form, plain words by block_id of an input."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Close:
    """Closes the submitted form, or `everything` that is open."""

    everything: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """The clicked message as it should read now."""

    message: Message


@dataclass(frozen=True, slots=True)
class Offer:
    """What an external select offers, made by `blocks.suggestions`."""

    suggestions: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Publish:
    """The person's Home tab."""

    view: View


@dataclass(frozen=True, slots=True)
class Several:
    """More than one of these, in order."""

    answers: tuple["Answer", ...]


Answer: TypeAlias = (
    Say | Show | Update | Push | Refresh | Errors | Close | Replace | Offer | Publish | Several | None
)
"""None acknowledges: a submitted form closes, a click changes nothing by itself."""

Handler = Callable[[Visit], Awaitable[Answer]]
Id = str | re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What one feature listens to, each with what it does.

    Args:
        verbs: by the name of the verb in `bot.slack.commands`; shortcuts open the form of their verb.
        actions: by action_id, or a pattern of it.
        views: submissions by callback_id.
        closed: forms that were closed, by callback_id.
        options: external selects by action_id.
        events: by type.
        open_to_all: verbs that people who are no active members may use.
        before_set_up: verbs that answer by themselves where there is no organization yet.
    """

    verbs: Mapping[str, Handler] = field(default_factory=dict)
    actions: Mapping[Id, Handler] = field(default_factory=dict)
    views: Mapping[Id, Handler] = field(default_factory=dict)
    closed: Mapping[Id, Handler] = field(default_factory=dict)
    options: Mapping[Id, Handler] = field(default_factory=dict)
    events: Mapping[str, Handler] = field(default_factory=dict)
    open_to_all: frozenset[str] = frozenset()
    before_set_up: frozenset[str] = frozenset()
