"""A process that waits at the line, then does one thing at the desk: `python -m tests.support.racer`."""

import asyncio
import json
import sys

from domain.changes import AcceptInvitation, InvitationLine
from domain.errors import Busy, Refusal
from domain.founding import SetUp
from domain.model import Preset, Verdict
from tests.support.office import CODE, open_office, who


async def act(office_url: str, what: str, handle: str, subject: str) -> str:
    """Do it, again where somebody else was just at it, and return what came of it in a word."""
    answer, tries = Busy.__name__, 20
    while answer == Busy.__name__ and tries:
        answer, tries = await _act(office_url, what, handle, subject), tries - 1
    return answer


async def _act(office_url: str, what: str, handle: str, subject: str) -> str:
    office = open_office(office_url)
    try:
        match what:
            case "accept":
                await office.desk.submit(who(handle), AcceptInvitation(invitation_id=subject))
                return str((await office.invitation(subject)).status)
            case "invite":
                line = InvitationLine(email=subject, role="developer")
                sending = await office.desk.invite(who(handle), [line])
                return "sent" if sending.sent else "waiting"
            case "approve" | "decline":
                return type(await office.desk.decide(who(handle), subject, Verdict(what))).__name__
            case "set_up":
                form = SetUp(name=subject, preset=Preset.PORTAL, seat_limit=5, code=CODE)
                await office.desk.set_up(who(handle), form)
                return "founded"
        raise ValueError(what)
    except Refusal as refusal:
        return refusal.code
    finally:
        await office.store.close()


def main() -> None:
    """Read one job from the first line, start at the second."""
    job = json.loads(sys.stdin.readline())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(asyncio.run(act(**job)) + "\n")


if __name__ == "__main__":
    main()
