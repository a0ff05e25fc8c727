"""Files people and the app upload, and the address they are downloaded from."""

import time

from aiohttp import web

from bot.sandbox.core import Core, StoredFile, Workspace
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Json, fresh_id

MOST_ATTACHED = 10 * 1024 * 1024
TOO_LARGE = "A file in a form can be at most 10 MB."


def keep_file(
    workspace: Workspace, *, user: str, name: str, content: bytes, mimetype: str = "application/octet-stream"
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
    workspace.files[stored.id] = stored
    return stored


def file_json(workspace: Workspace, stored: StoredFile) -> Json:
    """The `file` object."""
    address = f"{workspace.core.base_url}/files/{workspace.team.id}-{stored.id}"
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
        "user_team": workspace.team.id,
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
        team_id, _, file_id = request.match_info["place"].partition("-")
        workspace = self._core.workspaces.get(team_id)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if workspace is None or not self._may_read(workspace, token):
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        stored = workspace.files.get(file_id)
        if stored is None or not stored.complete:
            return web.Response(status=404)
        return web.Response(body=stored.content, content_type=stored.mimetype)

    def _may_read(self, workspace: Workspace, token: str) -> bool:
        try:
            holder = self._core.grants.holder(token)
        except ApiError:
            return False
        return workspace.team.id in holder.teams and "files:read" in holder.scopes

    async def _upload(self, request: web.Request) -> web.Response:
        places = (
            workspace.files.get(request.match_info["file"]) for workspace in self._core.workspaces.values()
        )
        stored = next((found for found in places if found), None)
        if stored is None or stored.complete:
            return web.Response(status=404)
        if request.content_type == "multipart/form-data":
            fields = (await request.post()).values()
            content = next((each.file.read() for each in fields if isinstance(each, web.FileField)), b"")
        else:
            content = await request.read()
        stored.content = content
        return web.Response(text=f"OK - {len(content)}")
