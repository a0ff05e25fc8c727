"""What is offered about a line of the list is what the desk then does."""

from dataclasses import replace

import pytest

from domain.desk import Applied, Waiting
from domain.errors import Refusal
from domain.model import Member, Preset
from domain.offers import Act, Way, change_for, offers, roles_to_give, row_of_invitation, row_of_member
from domain.permissions import ROLES, Rank
from tests.support.office import Office, who

HANDLES = {Rank.OWNER: "olivia", Rank.ADMIN: "adam", Rank.ORDINARY: "dana"}


@pytest.fixture(params=list(Preset))
async def roles(office: Office, request: pytest.FixtureRequest) -> dict[Rank, str]:
    """An owner, two admins and two ordinary members of every preset; returns their roles by rank."""
    preset: Preset = request.param
    await office.set_up(preset, seats=20)
    found: dict[Rank, str] = {}
    for slug, role in ROLES[preset].items():
        found.setdefault(role.rank, slug)
    for handle, rank in (
        ("adam", Rank.ADMIN),
        ("anna", Rank.ADMIN),
        ("dana", Rank.ORDINARY),
        ("devi", Rank.ORDINARY),
    ):
        await office.joins(handle, found[rank])
    return found


@pytest.mark.parametrize("subject", ["olivia", "adam", "anna", "dana", "devi"])
@pytest.mark.parametrize("actor", ["olivia", "adam", "dana"])
async def test_the_desk_does_what_was_offered_and_refuses_the_rest(
    office: Office, roles: dict[Rank, str], actor: str, subject: str
) -> None:
    reader, member = await office.member(actor), await office.member(subject)
    async with office.reading() as tx:
        offered = {offer.act: offer.way for offer in offers(tx, reader, row_of_member(member))}
        given = {role.slug: way for role, way in roles_to_give(tx, reader, member.id, member.role)}
    assert await becomes(office, actor, Act.DEACTIVATE, member) == offered.get(Act.DEACTIVATE)
    for slug in {roles[Rank.ADMIN], roles[Rank.ORDINARY]} - {member.role}:
        offered_way = given.get(slug) if Act.CHANGE_ROLE in offered else None
        assert await becomes(office, actor, Act.CHANGE_ROLE, member, role=slug) == offered_way


async def becomes(office: Office, actor: str, act: Act, member: Member, *, role: str = "") -> Way | None:
    """How the desk would take an act: by the same code, rolled back."""
    change = change_for(act, member.id, role=role)
    result = await office.desk.preview(who(actor), change, asking=True)
    if result.refusal is not None:
        return None
    return Way.AT_ONCE if result.requirement is None else Way.BY_ASKING


async def test_invitations_are_offered_to_who_may_invite(office: Office) -> None:
    await office.set_up()
    await office.joins("adam", "admin")
    await office.joins("dana", "developer")
    pending = await office.invites("olivia", "sam@elsewhere.example", "developer")
    privileged = await office.invites("olivia", "zoe@elsewhere.example", "admin")
    async with office.reading() as tx:
        adam, dana = await office.member("adam"), await office.member("dana")
        row = row_of_invitation(pending, tx.now)
        found = {offer.act: offer.way for offer in offers(tx, adam, row)}
        assert found == {Act.RESEND: Way.AT_ONCE, Act.REVOKE: Way.AT_ONCE}
        above = offers(tx, adam, row_of_invitation(privileged, tx.now))
        assert {offer.act: offer.way for offer in above} == {
            Act.RESEND: Way.BY_ASKING,
            Act.REVOKE: Way.AT_ONCE,
        }
        assert offers(tx, dana, row) == ()
        waiting = offers(tx, adam, replace(row, status="waiting"))
        assert [offer.act for offer in waiting] == [Act.ADMIT, Act.REVOKE]
        assert offers(tx, adam, replace(row, status="expired")) == ()


async def test_what_is_offered_by_asking_becomes_a_request(team: Office) -> None:
    dana = await team.member("dana")
    async with team.reading() as tx:
        (role, status) = offers(tx, dana, row_of_member(dana))
    assert {role.way, status.way} == {Way.BY_ASKING}
    answer = await team.desk.submit(who("dana"), change_for(status.act, dana.id))
    assert isinstance(answer, Waiting)


async def test_a_deactivated_member_is_offered_to_be_activated(team: Office) -> None:
    dana = await team.member("dana")
    assert isinstance(await team.desk.submit(who("adam"), change_for(Act.DEACTIVATE, dana.id)), Applied)
    async with team.reading() as tx:
        known = await tx.members.get(dana.id)
        assert known is not None
        found = offers(tx, await team.member("adam"), row_of_member(known))
    assert [offer.act for offer in found] == [Act.CHANGE_ROLE, Act.ACTIVATE]


async def test_a_preview_does_not_meet_its_own_request(team: Office) -> None:
    dana = await team.member("dana")
    result = await team.desk.preview(who("dana"), change_for(Act.DEACTIVATE, dana.id))
    assert result.requirement is not None
    assert [notice.tag for notice in result.notices if notice.tag == "request_filed"] == []
    with pytest.raises(Refusal):
        await team.desk.submit(who("dana"), change_for(Act.DEACTIVATE, (await team.member("adam")).id))
