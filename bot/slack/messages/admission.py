"""What an admin hears of somebody who accepted and waits to be let in."""

from bot.slack import text
from bot.slack.blocks import Message, actions, button, context, section
from bot.slack.messages.rendering import Renderer, said
from bot.slack.screens.ids import INVITATION_ADMIT
from bot.slack.text import md
from domain.descriptions import role_name
from domain.model import InvitationStatus
from domain.notices import Notice, SeatAwaited
from domain.ports import Transaction
from domain.seats import seats_now


async def seat_awaited(tx: Transaction, notice: SeatAwaited) -> Message | None:
    """Somebody accepted and finds no seat, or no right to their role; nothing once they are in."""
    invitation = await tx.invitations.get(notice.invitation_id)
    if invitation is None or invitation.status_at(tx.now) is not InvitationStatus.WAITING:
        return None
    whom = text.person(user_id=invitation.slack_user_id, named=invitation.name, address=invitation.email)
    role = role_name(tx.organization, invitation.role)
    if invitation.waits_for == "seat":
        seats = await seats_now(tx)
        title = md(
            "*{whom} accepted the invitation as {role} and finds no seat.* {used} of {limit} are used.",
            whom=whom,
            role=role,
            used=seats.used,
            limit=seats.limit,
        )
        hint = "Deactivate somebody or raise the seat limit: whoever waits longest is let in by itself."
    else:
        title = md(
            "*{whom} accepted the invitation as {role}*, but whoever sent it may no longer give that role.",
            whom=whom,
            role=role,
        )
        hint = "Admit them if they should have it, or revoke the invitation in /team members."
    admit = actions(button("Admit", INVITATION_ADMIT, value=invitation.id, style="primary"))
    return said([title, text.escape(hint)], [section(title), admit, context(hint)])


RENDERERS: dict[type[Notice], Renderer] = {SeatAwaited: seat_awaited}
