"""Turns what a screen answers or refuses into an answer for the very delivery it came by."""

from contextlib import suppress

from bot.slack.answers import Answer, Errors, Handler, Say
from bot.slack.blocks import Message
from bot.slack.entering import STRANGERS
from bot.slack.refusals import field_errors, plain_words, refusal_message
from bot.slack.replying import DEEPEST
from bot.slack.screens.setup import form_for
from bot.slack.visit import Kind, Visit
from domain.errors import AlreadyDone, Busy, Invalid, NotSetUp, OutsidersNever, Refusal

_NOT_KEPT = (AlreadyDone, Busy, Invalid)
"""What explains itself where it is read, and needs no `/team why` afterwards."""


async def answer_of(visit: Visit, handler: Handler) -> Answer:
    """Return what the handler answers, or its refusal in words."""
    try:
        if visit.stranger:
            raise OutsidersNever(STRANGERS)
        return await handler(visit)
    except NotSetUp:
        if visit.kind is Kind.EVENT:
            return None
        return await form_for(visit)
    except Refusal as refusal:
        return await refused(visit, refusal)


async def refused(visit: Visit, refusal: Refusal) -> Answer:
    """Return a refusal as the delivery can show it: on the field, above the form, or as a message.

    Raises:
        Refusal: to an external select or an event, which have no place for words.
    """
    if visit.kind in (Kind.OPTIONS, Kind.EVENT, Kind.CLOSED):
        raise refusal
    if refusal.refusal_id is None and not isinstance(refusal, _NOT_KEPT):
        with suppress(NotSetUp, Busy):
            await visit.services.front_desk.remember(visit.who, refusal)
    on_form = visit.kind is Kind.SUBMISSION
    if on_form and (errors := _on_field(visit, refusal)):
        return errors
    said = await _message(visit, refusal)
    return Say(said, title="That was not done", keep=on_form and visit.depth < DEEPEST)


def _on_field(visit: Visit, refusal: Refusal) -> Errors | None:
    """The refusal on its field; on the first one where no form fits above; None when it needs a button."""
    fields = visit.form.fields
    if refusal.can_ask and refusal.refusal_id and visit.depth < DEEPEST:
        return None
    errors = field_errors(refusal, {name: name for name in fields})
    if errors is None and visit.depth >= DEEPEST and fields:
        errors = {fields[0]: plain_words(refusal)}
    return Errors(errors) if errors else None


async def _message(visit: Visit, refusal: Refusal) -> Message:
    if isinstance(refusal, Busy):
        return await refusal_message(None, refusal)  # whoever waited once has no time to wait again
    try:
        async with visit.reading() as (tx, _):
            return await refusal_message(tx, refusal)
    except NotSetUp:
        return await refusal_message(None, refusal)
