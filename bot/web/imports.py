"""The download of what became of a file of people, for who has its link."""

from aiohttp import web

from bot.web.errors import Problem
from bot.web.limits import RateLimit, client_address
from bot.web.pages import Pages
from domain import import_links
from domain.front_desk import FrontDesk
from domain.import_accounts import csv_of
from domain.keys import KeyRing

PATH = "/imports/{token}"


class ImportDoor:
    """The handler of `/imports/{token}`."""

    def __init__(self, *, front_desk: FrontDesk, keys: KeyRing, pages: Pages) -> None:
        self._front_desk, self._keys, self._pages = front_desk, keys, pages
        self._downloads = RateLimit(burst=20, per_minute=20)

    async def download(self, request: web.Request) -> web.Response:
        """Answer with the CSV while its sender is an active member; the link is void after an hour."""
        if wait := self._downloads.wait(client_address(request)):
            raise Problem(429, retry_after=wait)
        token = request.match_info["token"].encode("ascii", "replace").decode()
        link = import_links.read(self._keys, token)
        if link is None:
            raise Problem(404)
        async with self._front_desk.snapshot(link.team_id) as tx:
            job = await tx.imports.get(link.import_id)
            member = await tx.members.get(job.member_id) if job else None
            if link.over(tx.now) or job is None or member is None or not member.active:
                raise Problem(404)
            content = await csv_of(tx, job, problems=link.problems)
        name = "problems.csv" if link.problems else "summary.csv"
        response = web.Response(body=content, content_type="text/csv", charset="utf-8")
        self._pages.protect(response)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
