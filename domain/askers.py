"""Who asks for an approval, and where they are told of it."""

from dataclasses import dataclass

from domain.model import Actor, Member, Outsider
from domain.notices import to_member, to_user


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: a member, or a Slack user outside the organization."""

    member_id: str | None
    user_id: str | None

    @property
    def address(self) -> str:
        return to_member(self.member_id) if self.member_id else to_user(self.user_id or "")


def asker(actor: Actor) -> Asker:
    """Return how a request names its requester."""
    match actor:
        case Member(id=member_id):
            return Asker(member_id=member_id, user_id=None)
        case Outsider(person=person):
            return Asker(member_id=None, user_id=person.user_id)
        case _:
            raise TypeError(f"{actor!r} files no requests")
