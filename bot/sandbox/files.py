"""Files people and the app upload, and the address they are downloaded from."""

import time

from aiohttp import web

from bot.sandbox.core import Core, StoredFile
from bot.sandbox.ids import Json, fresh_id

MOST_ATTACHED = 10 * 1024 * 1024
TOO_LARGE = "A file in a form can be at most 10 MB."


def keep_file(
    core: Core, *, user: str, name: str, content: bytes, mimetype: str = "application/octet-stream"
) -> StoredFile:
    """Stores a file of somebody."""
    stored = StoredFile(
        id=fresh_id("F"),
        user=user,
        name=name,
        title=name,
        mimetype=mimetype,
        content=content,
        created=int(time.time()),
    )
    core.files[stored.id] = stored
    return stored


def file_json(core: Core, stored: StoredFile) -> Json:
    """The `file` object."""
    address = f"{core.base_url}/files/{core.team.id}-{stored.id}"
    kind = stored.name.rpartition(".")[2].lower() if "." in stored.name else "binary"
    return {
        "id": stored.id,
        "created": stored.created,
        "timestamp": stored.created,
        "name": stored.name,
        "title": stored.title,
        "mimetype": stored.mimetype,
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": stored.user,
        "user_team": core.team.id,
        "editable": False,
        "size": len(stored.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{stored.name}",
        "url_private_download": f"{address}/download/{stored.name}",
        "channels": stored.channels,
        "groups": [],
        "ims": [],
        "comments_count": 0,
    }


class Files:
    """Up- and downloads beside the Web API."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """Where files come and go."""
        return [
            web.get("/files/{place}/{name}", self._download),
            web.get("/files/{place}/download/{name}", self._download),
            web.post("/upload/{file}", self._upload),
        ]

    async def _download(self, request: web.Request) -> web.Response:
        core = self._core
        stored = core.files.get(request.match_info["place"].partition("-")[2])
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if token != core.app.bot_token or "files:read" not in core.app.manifest.bot_scopes:
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        if stored is None or not stored.complete:
            return web.Response(status=404)
        return web.Response(body=stored.content, content_type=stored.mimetype)

    async def _upload(self, request: web.Request) -> web.Response:
        stored = self._core.files.get(request.match_info["file"])
        if stored is None or stored.complete:
            return web.Response(status=404)
        if request.content_type == "multipart/form-data":
            fields = (await request.post()).values()
            content = next((each.file.read() for each in fields if isinstance(each, web.FileField)), b"")
        else:
            content = await request.read()
        stored.content = content
        return web.Response(text=f"OK - {len(content)}")
