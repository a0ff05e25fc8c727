"""The messages that notices become in Slack, rendered from what is true at the moment of delivery."""

from bot.slack.blocks import Message
from bot.slack.messages.admission import RENDERERS as ADMISSION
from bot.slack.messages.approvals import RENDERERS as APPROVALS
from bot.slack.messages.channels import RENDERERS as CHANNELS
from bot.slack.messages.imports import RENDERERS as IMPORTS
from bot.slack.messages.invitation import RENDERERS as INVITATION
from bot.slack.messages.membership import RENDERERS as MEMBERSHIP
from bot.slack.messages.rendering import Renderer
from bot.slack.messages.trail import RENDERERS as TRAIL
from domain.notices import Notice
from domain.ports import Transaction

RENDERERS: dict[type[Notice], Renderer] = {
    **INVITATION,
    **ADMISSION,
    **APPROVALS,
    **CHANNELS,
    **IMPORTS,
    **MEMBERSHIP,
    **TRAIL,
}
"""How each kind of notice reads; mails, timers and Home are not among them."""


async def render(tx: Transaction, notice: Notice) -> Message | None:
    """Return the message for a notice, None when there is nothing left to say."""
    renderer = RENDERERS.get(type(notice))
    if renderer is None:
        raise TypeError(f"{notice.tag} is not a message in Slack")
    return await renderer(tx, notice)
