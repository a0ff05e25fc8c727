"""What is kept for good: reasons, sole owners, names as people write them, and no more than is needed."""

from collections.abc import Sequence

import pytest

from domain import audit
from domain.audit import AuditLine
from domain.changes import AcceptInvitation, ChangeRole, RevokeInvitation
from domain.errors import InvitationOver
from domain.front_desk import LinkHolder
from tests.support.office import KEYS, Office, run_sql, who

STRANGER = "sam@elsewhere.example"


async def lines_of(office: Office, tag: str) -> Sequence[AuditLine]:
    async with office.reading() as tx:
        return [line async for line in audit.lines(tx) if line.tag == tag]


async def test_the_reason_of_a_direct_change_is_in_the_audit(team: Office) -> None:
    dana = await team.member("dana")
    change = ChangeRole(member_id=dana.id, role="admin")
    await team.desk.submit(who("olivia"), change, reason="she leads support")
    line = (await lines_of(team, "change.noted"))[-1]
    assert (line.facts["change"], line.personal) == ("change_role", {"reason": "she leads support"})


async def test_the_audit_says_that_a_sole_owner_acted_alone(office: Office) -> None:
    await office.set_up()
    await office.invites("olivia", STRANGER, "admin")
    (line,) = await lines_of(office, "change.noted")
    assert line.facts == {"change": "invite_people", "owner_alone": True}


async def test_a_name_with_signs_no_database_keeps_is_cleaned(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id, name="Sa\x00m"))
    async with team.reading() as tx:
        sam = await tx.members.by_email(STRANGER)
    assert sam is not None
    assert sam.name == "Sam"


async def test_whoever_holds_a_link_does_not_fill_the_table_of_refusals(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    await team.desk.submit(who("olivia"), RevokeInvitation(invitation_id=invitation.id))
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    for _ in range(25):
        with pytest.raises(InvitationOver):
            await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    ((kept,),) = await run_sql(team.url, "SELECT count(*) FROM refusals")
    assert isinstance(kept, int)
    assert kept <= 20


async def test_an_invitee_too_late_is_not_sent_to_a_command_that_is_not_theirs(team: Office) -> None:
    invitation = await team.invites("olivia", STRANGER, "developer")
    team.clock.advance(days=7)
    link = LinkHolder(KEYS.invitation_token(invitation.id, 1))
    with pytest.raises(InvitationOver) as refused:
        await team.desk.submit(link, AcceptInvitation(invitation_id=invitation.id))
    assert "/team invite" not in str(refused.value)
