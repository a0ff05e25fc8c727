"""The download of what became of a file: for who has its link, for an hour, while its sender is a member."""

from domain import import_links, imports
from domain.changes import DeactivateMember, InvitationLine
from domain.front_desk import identify
from domain.reviews import Row
from tests.support.office import KEYS, TEAM, who
from tests.web.conftest import Site


async def link(site: Site, handle: str = "olivia", *, problems: bool = False) -> str:
    """The path of a link to a file of one line with a problem and one without."""
    async with site.office.store.transaction(TEAM) as tx:
        actor = await identify(tx, who(handle))
        job = await imports.begin(
            tx,
            actor,
            file_id="F1",
            file_name="people.csv",
            view_id="",
            role="developer",
            departments=(),
            reason="",
        )
        member = await tx.members.get(job.member_id)
        assert member is not None
        row = Row(line=InvitationLine(email="a@example.org", role="developer"))
        rows = [(1, row), (2, row)]
        piece = await imports.review_piece(tx, member, rows, set())
        await imports.keep_review(tx, job, [piece], ignored=())
        url = import_links.address(tx, job, problems=problems)
    return "/imports/" + url.rpartition("/")[2]


async def test_a_link_downloads_the_csv(site: Site) -> None:
    answer = await site.get(await link(site))
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="summary.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert [line.split(",")[1] for line in answer.body.splitlines()] == [
        "email",
        "a@example.org",
        "a@example.org",
    ]
    answer = await site.get(await link(site, problems=True))
    assert len(answer.body.splitlines()) == 2


async def test_a_link_is_void_after_an_hour(site: Site) -> None:
    path = await link(site)
    site.office.clock.advance(minutes=61)
    assert (await site.get(path)).status == 404


async def test_a_link_of_somebody_deactivated_is_void(site: Site) -> None:
    adam = await site.office.joins("adam", "admin")
    path = await link(site, "adam")
    await site.office.desk.submit(who("olivia"), DeactivateMember(member_id=adam.id))
    assert (await site.get(path)).status == 404


async def test_a_link_that_was_changed_leads_nowhere(site: Site) -> None:
    path = await link(site)
    for changed in (path[:-1], path + "x", path.replace(".", ""), path.replace("/imports/", "/imports/A")):
        assert (await site.get(changed)).status == 404, changed
    assert (await site.get("/imports/ü.x")).status == 404


def test_a_link_of_another_server_is_not_read() -> None:
    assert import_links.read(KEYS, "abc.def") is None
