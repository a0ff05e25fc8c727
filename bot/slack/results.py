"""What became of a change, in words for the person who asked for it."""

from bot.slack.deciding import named
from bot.slack.text import Mrkdwn, md
from domain.descriptions import describe_request
from domain.desk import Applied, Waiting
from domain.ports import Transaction

SEE = "See `/team approvals`; you are told as soon as it is decided."


async def asked_words(tx: Transaction, waiting: Waiting) -> Mrkdwn:
    """Who was asked for what."""
    described = await describe_request(tx, waiting.request)
    return md(
        "*Asked:* {title}.\n{who} can decide it. {see}",
        title=described.title,
        who=named(waiting.approvers) if waiting.approvers else "An admin",
        see=Mrkdwn(SEE),
    )


async def result_words(tx: Transaction, answer: Applied | Waiting, *, done: Mrkdwn) -> Mrkdwn:
    """Who was asked, or `done` when the change is true already."""
    return await asked_words(tx, answer) if isinstance(answer, Waiting) else done
