"""What became of every line of an invitation, in words."""

from collections.abc import Iterable, Mapping, Sequence

from bot.slack import text
from bot.slack.blocks import Message, message, section
from bot.slack.deciding import named
from bot.slack.screens.invite_review import problem_words, role_words
from bot.slack.text import Mrkdwn, lines, md
from domain.changes import InvitationLine, InvitePeople, from_json
from domain.desk import Applied, Waiting
from domain.inviting import Sending
from domain.reviews import Row

PIECE = 2900
MOST_PIECES = 40


def summary(sending: Sending, *, unknown: Sequence[Row], names: Mapping[str, str], mail: bool) -> Message:
    """An account of every line: sent, waiting for whom, or its problem.

    Args:
        unknown: picked Slack users without an address, who never reached the desk.
        names: of roles by slug and of departments by id.
    """
    problems = [*unknown, *sending.problems]
    parts = [
        *(_sent(sending.sent, names, mail=mail) if sending.sent else ()),
        *(part for waiting in sending.waiting for part in _waiting(waiting, names)),
        *(_problems(problems) if problems else ()),
    ]
    pieces = list(_pieces(parts))
    blocks = [section(piece) for piece in pieces[:MOST_PIECES]]
    if len(pieces) > MOST_PIECES:
        blocks.append(section("The rest is in /team members: who is listed there as Pending was invited."))
    return message(text.shorten(lines(*parts), 3900), blocks)


def _lines_of(answer: Applied | Waiting) -> tuple[InvitationLine, ...]:
    change = answer.change if isinstance(answer, Applied) else from_json(answer.request.change)
    assert isinstance(change, InvitePeople)  # the desk was handed nothing else
    return change.lines


def _sent(sent: Applied, names: Mapping[str, str], *, mail: bool) -> Iterable[Mrkdwn]:
    invited = _lines_of(sent)
    one = len(invited) == 1
    yield Mrkdwn("*Invitation sent:*") if one else md("*{count} invitations sent:*", count=len(invited))
    for line in invited:
        yield _line(line, names, "" if mail or line.slack_user_id else "; you get a link to pass on to them")
    yield Mrkdwn("They have 7 days to accept. Until then they are listed as Pending in `/team members`.")


def _waiting(waiting: Waiting, names: Mapping[str, str]) -> Iterable[Mrkdwn]:
    asked = _lines_of(waiting)
    head = "*Asked, not sent yet:*" if len(asked) == 1 else f"*{len(asked)} asked for, not sent yet:*"
    yield Mrkdwn(head)
    for line in asked:
        yield _line(line, names, "")
    who = named(waiting.approvers) if waiting.approvers else Mrkdwn("An admin")
    yield md("{who} can approve it. See `/team approvals`.", who=who)


def _problems(problems: Sequence[Row]) -> Iterable[Mrkdwn]:
    yield Mrkdwn("*Not sent:*") if len(problems) == 1 else md("*{count} not sent:*", count=len(problems))
    yield from (problem_words(row) for row in problems)


def _line(line: InvitationLine, names: Mapping[str, str], note: str) -> Mrkdwn:
    whom = text.escape(text.email(line.email))
    if line.slack_user_id:
        whom = md("{user} ({email})", user=text.mention(line.slack_user_id), email=whom)
    return md("• {whom} as {role}{note}", whom=whom, role=role_words(line, names), note=note)


def _pieces(parts: Iterable[Mrkdwn]) -> Iterable[Mrkdwn]:
    """The lines below each other, in pieces a section holds."""
    piece: list[Mrkdwn] = []
    size = 0
    for part in parts:
        if piece and size + len(part) + 1 > PIECE:
            yield lines(*piece)
            piece, size = [], 0
        piece.append(part)
        size += len(part) + 1
    if piece:
        yield lines(*piece)
